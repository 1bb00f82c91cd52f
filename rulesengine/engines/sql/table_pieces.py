"""Columns of tables with lower ends, cut into pieces that do not overlap.

Which row of a table answers is decided when it is compiled: all rows with the same texts are cut at every end
that occurs, column by column, and for each combination of pieces the row that answers there is picked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise, product

from rulesengine.engines.table_rows import nearness
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes

End = Decimal | date | str | bool


@dataclass(frozen=True, slots=True)
class Span:
    """Values of a column from one end to the next; None for no end."""

    low: End | None
    low_in: bool
    high: End | None
    high_in: bool
    is_any: bool
    """Whether a missing value lies in it: only `any` matches there, as below all ends."""

    def is_in(self, cell: nodes.Cell) -> bool:
        """Whether a cell matches all values of the span; it matches all of them or none."""
        match cell:
            case nodes.AnyCell():
                return True
            case nodes.EqualsCell(value=value):
                return self.low == value == self.high
            case nodes.FromCell(start=start, is_included=is_included):
                if self.low is None:
                    return False
                return (self.low, not self.low_in) >= (start, not is_included)


@dataclass(frozen=True, slots=True)
class Piece:
    """A combination of spans, one for each column with lower ends."""

    row: int
    """The row of the table that answers."""
    first: int
    """The first row with these texts that matches: of several texts, the one whose first row stands first
    answers."""
    spans: tuple[Span, ...]


def pieces_of(table: nodes.Table, group: list[int], ranged: list[int]) -> Iterator[Piece]:
    """Yield the pieces of the rows of a table that ask for the same texts.

    Args:
        group: places of these rows.
        ranged: the columns with lower ends.
    """
    columns = [list(_spans([table.rows[place].cells[column] for place in group])) for column in ranged]
    for spans in product(*columns):
        matching = [
            place
            for place in group
            if all(
                span.is_in(table.rows[place].cells[column])
                for span, column in zip(spans, ranged, strict=True)
            )
        ]
        if matching:
            # `max` keeps the first among equals.
            best = max(
                matching,
                key=lambda place: tuple(nearness(table.rows[place].cells[column]) for column in ranged),
            )
            yield Piece(best, matching[0], spans)


def _spans(cells: list[nodes.Cell]) -> Iterator[Span]:
    """Yield the spans between all ends of the cells, the one below the first end too."""
    ends: set[tuple[End, bool]] = set()
    for cell in cells:
        match cell:
            case nodes.FromCell(start=start, is_included=is_included):
                ends.add((start, not is_included))
            case nodes.EqualsCell(value=value):
                ends |= {(value, False), (value, True)}
            case nodes.AnyCell():
                continue
    order = sorted(ends)
    first = order[0] if order else None
    yield Span(None, False, first[0] if first else None, bool(first and first[1]), True)
    for (low, is_above), (high, is_through) in pairwise(order):
        yield Span(low, not is_above, high, is_through, False)
    if order:
        low, is_above = order[-1]
        yield Span(low, not is_above, None, False, False)
