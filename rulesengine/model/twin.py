"""Frozen values are filled while they are of a twin class: one with the same slots that is not frozen.

A frozen value refuses assignments, so its fields have to be set by a road around its own guard, which
takes several times as long. Engines make millions of values with up to eighty fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any


def has_twin(kind: Any) -> bool:
    """Return whether a class has all of its slots itself, so that a twin can have the same."""
    return len(kind.__mro__) == 2 and "__slots__" in vars(kind)


@cache
def twin_of(kind: Any) -> type[Any]:
    """Return a class with the same slots whose fields can be assigned.

    Whoever makes a value of it assigns all fields, then the right class to `__class__`.
    """
    return type(f"Open{kind.__name__}", (), {"__slots__": vars(kind)["__slots__"]})


@cache
def opened_copy(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a copy of a value as its twin."""
    copies = [f"    copy.{field.name} = value.{field.name}" for field in fields(kind)]
    source = ["def opened(value):", "    copy = make(Open)", *copies, "    return copy"]
    known: dict[str, Any] = {"make": object.__new__, "Open": twin_of(kind)}
    exec("\n".join(source), known)
    made: Callable[[Any], Any] = known["opened"]
    return made
