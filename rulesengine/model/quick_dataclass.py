"""`dataclass` for modules that are long lists of frozen classes, which every command loads.

The standard one writes and compiles six methods a class. Three of them say the same of every class
(compare, hash and show the fields), so that those are shared here: two hundred classes load in
two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # So that the type checker knows the fields; what is made below behaves the same.
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(*, frozen, slots, kw_only):
        """Return a decorator like the standard one; classes are frozen, with slots and named fields."""

        def decorate(cls):
            made = dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only, eq=False, repr=False)(
                cls
            )
            made.__eq__, made.__hash__, made.__repr__ = _equals, _hash, _shown
            return made

        return decorate


@cache
def _contents(kind: Any) -> Callable[[Any], Any]:
    """Return what reads all fields of a class at once."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if names else lambda _: ()


def _equals(self: Any, other: object) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    kind: Any = self.__class__
    read = _contents(kind)
    return read(self) == read(other)


def _hash(self: Any) -> int:
    kind: Any = self.__class__
    return hash(_contents(kind)(self))


def _shown(self: Any) -> str:
    contents = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
    return f"{type(self).__qualname__}({contents})"
