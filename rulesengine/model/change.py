"""Copies of frozen values with some fields changed, made quickly.

`dataclasses.replace` runs the constructor, which sets each field of a frozen class by a slow road. The
engines copy a line in the making at every step, and lines have some sixty fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # So that the type checker knows which fields there are, and of what types.
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """Return a copy with the named fields changed; for dataclasses with slots, without `__post_init__`.

        Raises:
            KeyError: there is no such field.
        """
        kind = type(value)
        read, places, writers = _access(kind)
        contents = list(read(value))
        for name, content in changes.items():
            contents[places[name]] = content
        copy = object.__new__(kind)
        for write, content in zip(writers, contents, strict=True):
            write(copy, content)
        return copy


@cache
def _access(
    kind: type[Any],
) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int], tuple[Callable[..., None], ...]]:
    """Return what reads all fields of a class at once, the place of each, and what writes each."""
    if hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} is made by more than its fields")
    names = [field.name for field in fields(kind)]
    read: Callable[[Any], Any] = attrgetter(*names)
    writers = tuple(vars(_owner(kind, name))[name].__set__ for name in names)
    if len(names) == 1:
        return (lambda value: (read(value),)), {names[0]: 0}, writers
    return read, {name: place for place, name in enumerate(names)}, writers


def _owner(kind: type[Any], name: str) -> type[Any]:
    """Return the class that has the slot of a field."""
    return next(each for each in kind.__mro__ if name in vars(each))
