"""Tables as they stand in files or in memory, before any value is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Protocol

from rulesengine.diagnostics import Diagnostic
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import Type


@dataclass(frozen=True, slots=True)
class Broken:
    """A row whose values cannot be told apart."""

    reason: str
    names: tuple[str, ...] = ()
    """Of a record: what it has values for."""

    @classmethod
    def of_width(cls, expected: int, found: int) -> Broken:
        """Return a row with another number of values than the header."""
        return cls(f"expected {expected} values as in the header, found {found}")


Cells = Sequence[object] | Broken


class Unopened(Exception):
    """A table that cannot be read as a whole."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)

    def of(self, place: str) -> Diagnostic:
        """Return it as said of a file or table."""
        return Diagnostic(code="R1004", message=self.message, place=place, hint=self.hint)


class Table(Protocol):
    """Rows under named columns."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names as found, trimmed; a name may occur twice."""

    def rows(self, wanted: tuple[str, ...]) -> Iterable[Cells]:
        """Return each row's values in the order of `wanted`, all of which are in `columns`."""

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:
        """Say why a column can hold no value of a type, empty if it can."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts, from CSV."""

    columns: tuple[str, ...]
    lines: list[list[str]]

    def rows(self, wanted: tuple[str, ...]) -> Iterator[Cells]:
        """Pick values by position; a row of another width cannot be trusted to be in line."""
        width = len(self.columns)
        places = [self.columns.index(name) for name in wanted]
        # itemgetter returns a bare value for a single place.
        pick = itemgetter(*places) if len(places) > 1 else None
        for line in self.lines:
            if len(line) != width:
                yield Broken.of_width(width, len(line))
            elif pick is not None:
                yield pick(line)
            else:
                yield [line[place] for place in places]

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:  # noqa: ARG002
        """Text may hold anything."""
        return ""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table of records with named values, from JSONL, YAML or the Python API."""

    columns: tuple[str, ...]
    """Every name that occurs in any record."""
    records: list[dict[str, object] | Broken]

    def rows(self, wanted: tuple[str, ...]) -> Iterator[Cells]:
        """Pick values by name; a name that a record does not have is a blank."""
        for record in self.records:
            yield record if isinstance(record, Broken) else [record.get(name) for name in wanted]

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:  # noqa: ARG002
        """Each record has its own types."""
        return ""
