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

from rulesengine.model.twin import has_twin, opened_copy

if TYPE_CHECKING:
    # So that the type checker knows which fields there are, and of what types.
    from dataclasses import replace as replace
else:

    def replace(value, /, **changes):
        """Return a copy with the named fields changed; for dataclasses with slots, without `__post_init__`.

        Raises:
            KeyError: there is no such field.
        """
        return _replacer(value.__class__)(value, changes)


@cache
def _replacer(kind: Any) -> Callable[[Any, dict[str, Any]], Any]:
    """Return what makes a changed copy of values of a class."""
    if hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} is made by more than its fields")
    return _by_twin(kind) if has_twin(kind) else _by_slots(kind)


def _by_twin(kind: type[Any]) -> Callable[[Any, dict[str, Any]], Any]:
    """Return what copies values of a class that has all of its fields itself."""
    of: Any = kind
    opened, names = opened_copy(of), frozenset(field.name for field in fields(of))

    def changed(value: Any, changes: dict[str, Any]) -> Any:
        copy = opened(value)
        for name, content in changes.items():
            if name not in names:
                raise KeyError(name)
            setattr(copy, name, content)
        copy.__class__ = kind
        return copy

    return changed


def _by_slots(kind: type[Any]) -> Callable[[Any, dict[str, Any]], Any]:
    """Return what copies values of a class that has fields of a base class too."""
    names = [field.name for field in fields(kind)]
    read: Callable[[Any], Any] = attrgetter(*names, "__class__")
    places = {name: place for place, name in enumerate(names)}
    writers = tuple(vars(_owner(kind, name))[name].__set__ for name in names)

    def changed(value: Any, changes: dict[str, Any]) -> Any:
        contents = list(read(value))[:-1]
        for name, content in changes.items():
            contents[places[name]] = content
        copy = object.__new__(kind)
        for write, content in zip(writers, contents, strict=True):
            write(copy, content)
        return copy

    return changed


def _owner(kind: type[Any], name: str) -> type[Any]:
    """Return the class that has the slot of a field."""
    return next(each for each in kind.__mro__ if name in vars(each))
