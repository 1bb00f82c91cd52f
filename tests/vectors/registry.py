"""Which translator a kind of row has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from tests.vectors import kinds
from tests.vectors.rows import Row
from tests.vectors.scenario import Scenario

Translator = Callable[[Row], Scenario]
_TRANSLATORS: dict[str, Translator] = {}


class CannotSay(Exception):
    """The language has no clause for this row of a kind that it can say otherwise."""


def requires(given: Mapping[str, Any], **values: object) -> None:
    """Go on only if terms or facts are as a translator takes them to be.

    Raises:
        CannotSay: one is something else.
    """
    for name, value in values.items():
        if given.get(name) != value:
            raise CannotSay


def contiguous(bands: Sequence[Mapping[str, Any]], last: Sequence[str | None] = (None,)) -> None:
    """Go on only if each band ends where the next one begins, so that lower ends say it all.

    Raises:
        CannotSay: there is a gap, or the last one ends somewhere.
    """
    ends = [band["to"] for band in bands]
    if ends[:-1] != [band["from"] for band in bands[1:]] or ends[-1] not in last:
        raise CannotSay


def kind(*names: str) -> Callable[[Translator], Translator]:
    """Register a translator for kinds of rows."""

    def register(translator: Translator) -> Translator:
        for name in names:
            if name in _TRANSLATORS:
                raise ValueError(f"`{name}` has two translators")
            _TRANSLATORS[name] = translator
        return translator

    return register


def translators() -> dict[str, Translator]:
    """Return every translator by the kind it is for."""
    for module in iter_modules(kinds.__path__, f"{kinds.__name__}."):
        import_module(module.name)
    return _TRANSLATORS


def translate(row: Row) -> Scenario | None:
    """Return a row as a scenario, None where nobody translates it."""
    translator = translators().get(row.kind)
    try:
        return None if translator is None else translator(row)
    except CannotSay:
        return None
