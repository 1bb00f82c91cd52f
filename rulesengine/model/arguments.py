"""What a function of the Python API says of an argument that is of another sort than it takes."""

from __future__ import annotations

import os
from collections.abc import Mapping


def a(value: object) -> str:
    """Return what sort of value was given instead of the right one."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return f"`{shown}`, of type {type(value).__name__}"


def check_path(what: str, value: object) -> None:
    """Refuse what is no path.

    Raises:
        TypeError: it says what was expected; `what` begins the sentence.
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{what}, found {a(value)}")


def check_facts(value: object) -> None:
    """Refuse what facts cannot be read from.

    Raises:
        TypeError: it is neither a path nor a mapping.
    """
    if not isinstance(value, Mapping):
        check_path("facts are a path, or files and tables by the name of their kind", value)
