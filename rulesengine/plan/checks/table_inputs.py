"""Which rows of a table some input reaches, and which inputs no row covers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never

from rulesengine.model.exact import as_text
from rulesengine.model.schema import RecordKind, Role
from rulesengine.model.types import FlagType, MoneyType, NumberType, PercentType, TextType
from rulesengine.plan import nodes

_At = tuple[Decimal | date, bool]
"""A point between values: a lower end, and whether it lies just above its value."""
_Nearness = tuple[int, Decimal, bool]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a table answers to: rows reached by some input, and examples of inputs left out."""

    reached: frozenset[int]
    uncovered: tuple[tuple[str, ...], ...]
    """For each gap, what stands in each key: `"silver"`, `below 25`, `anything else`, `anything`."""


@dataclass(frozen=True, slots=True)
class _Lined:
    """A row as the search compares it: its cells without their places."""

    nearness: tuple[_Nearness, ...]
    texts: tuple[Hashable, ...]
    """The cells of the columns without lower ends."""
    cells: tuple[Hashable, ...]


@dataclass(slots=True)
class _Search:
    table: nodes.Table
    lowest: tuple[Decimal | None, ...]
    lines: tuple[_Lined, ...]
    reached: set[int] = field(default_factory=set)
    uncovered: list[tuple[str, ...]] = field(default_factory=list)
    seen: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def visit(self, column: int, rows: tuple[int, ...], path: tuple[str, ...]) -> None:
        """Split the inputs by one key after the other, keeping the rows that still match.

        Inputs that match the same rows so far lead to the same answers, so each set of rows is
        visited once a column; this keeps the cost near the size of the table.
        """
        if (column, rows) in self.seen:
            return
        self.seen.add((column, rows))
        if not rows:
            rest = ("anything",) * (len(self.table.keys) - column)
            self.uncovered.append((*path, *rest))
        elif column == len(self.table.keys):
            # The first row decides the texts; among rows with the same texts the nearest lower
            # ends from the left answer, among equals the first row written.
            texts = self.lines[min(rows)].texts
            same = [row for row in rows if self.lines[row].texts == texts]
            self.reached.add(max(same, key=lambda row: (self.lines[row].nearness, -row)))
        else:
            for label, matching in self._classes(column, rows):
                self.visit(column + 1, tuple(sorted(matching)), (*path, label))

    def _classes(self, column: int, rows: tuple[int, ...]) -> Iterator[tuple[str, Iterable[int]]]:
        """Yield the kinds of value that rows tell apart in a column, with the rows that match each."""
        wild = [row for row in rows if isinstance(self._cell(row, column), nodes.AnyCell)]
        named: dict[Decimal | str | bool, list[int]] = {}
        ends: dict[_At, list[int]] = {}
        for row in rows:
            match self._cell(row, column):
                case nodes.EqualsCell(value=value):
                    named.setdefault(value, []).append(row)
                case nodes.FromCell(start=start, is_included=is_included):
                    ends.setdefault((start, not is_included), []).append(row)
                case nodes.AnyCell():
                    pass
        if ends:
            yield from self._ranges(column, wild, named, ends)
        else:
            domain = _domain(self.table.keys[column])
            values: Iterable[Decimal | str | bool] = domain or named
            for value in values:
                yield _quoted(value), (*wild, *named.get(value, ()))
            if domain is None:
                yield "anything else" if named else "anything", wild
        key = self.table.keys[column]
        if isinstance(key, nodes.FieldRead) and key.may_be_missing:
            yield "missing", wild

    def _ranges(
        self,
        column: int,
        wild: list[int],
        named: dict[Decimal | str | bool, list[int]],
        ends: dict[_At, list[int]],
    ) -> Iterator[tuple[str, Iterable[int]]]:
        """Cut a column of values in order at its lower ends, and out of it the values named alone."""
        points = {value for value in named if isinstance(value, Decimal)}
        cuts = {*ends, *((value, False) for value in points), *((value, True) for value in points)}
        ordered = sorted(cuts)
        first, is_above = ordered[0]
        lowest = self.lowest[column]
        if lowest is None or is_above or (isinstance(first, Decimal) and first > lowest):
            yield f"{_plain(first)} or less" if is_above else f"below {_plain(first)}", wild
        # Of rows that differ in this column only, all but the nearest are out from here on; the
        # first of them stays too, because the first matching row decides the texts.
        nearest = {self._rest(row, column): row for row in reversed(wild)}
        first_of = dict(nearest)
        for start, is_above in ordered:
            here = {self._rest(row, column): row for row in reversed(ends.get((start, is_above), []))}
            nearest |= here
            first_of |= {rest: min(row, first_of.get(rest, row)) for rest, row in here.items()}
            exact = named.get(start, []) if isinstance(start, Decimal) and not is_above else []
            matching = {*nearest.values(), *first_of.values(), *exact}
            yield f"above {_plain(start)}" if is_above else _plain(start), matching

    def _cell(self, row: int, column: int) -> nodes.Cell:
        return self.table.rows[row].cells[column]

    def _rest(self, row: int, column: int) -> Hashable:
        line = self.lines[row]
        return line.nearness[:column], line.cells[column + 1 :]


def inputs_of(
    table: nodes.Table,
    kinds: Mapping[str, RecordKind],
    measures: Mapping[str, nodes.Measure] = MappingProxyType({}),
) -> Inputs:
    """Return which rows are reached, and what is not covered.

    Args:
        table: its rows have one cell for each key.
        kinds: record kinds by name; what cannot be below zero starts at zero.
        measures: by name; those that only count up start at zero too.
    """
    lowest = tuple(_lowest(table, key, kinds, measures) for key in table.keys)
    plain = [
        column
        for column in range(len(table.keys))
        if not any(isinstance(row.cells[column], nodes.FromCell) for row in table.rows)
    ]
    lines = tuple(
        _Lined(
            tuple(_nearness(cell) for cell in row.cells),
            tuple(_bare(row.cells[column]) for column in plain),
            tuple(_bare(cell) for cell in row.cells),
        )
        for row in table.rows
    )
    search = _Search(table, lowest, lines)
    search.visit(0, tuple(range(len(table.rows))), ())
    return Inputs(frozenset(search.reached), tuple(search.uncovered))


def _nearness(cell: nodes.Cell) -> _Nearness:
    """Return how near a row is in a column: the value itself, then higher lower ends, then any."""
    match cell:
        case nodes.FromCell(start=start, is_included=is_included):
            number = start if isinstance(start, Decimal) else Decimal(start.toordinal())
            return (1, number, not is_included)
        case nodes.EqualsCell():
            return (2, Decimal(0), False)
        case nodes.AnyCell():
            return (0, Decimal(0), False)
        case _:
            assert_never(cell)


def _bare(cell: nodes.Cell) -> Hashable:
    match cell:
        case nodes.FromCell(start=start, is_included=is_included):
            return ("from", start, is_included)
        case nodes.EqualsCell(value=value):
            return ("is", value)
        case nodes.AnyCell():
            return "any"
        case _:
            assert_never(cell)


def _domain(key: nodes.FieldRead | nodes.MeasureRead) -> tuple[str | bool, ...] | None:
    """Return every value a key can have where they are few and known, None where they are not."""
    if isinstance(key.type, TextType) and key.type.one_of:
        return key.type.one_of
    return (True, False) if isinstance(key.type, FlagType) else None


def _lowest(
    table: nodes.Table,
    key: nodes.FieldRead | nodes.MeasureRead,
    kinds: Mapping[str, RecordKind],
    measures: Mapping[str, nodes.Measure],
) -> Decimal | None:
    """Return the least that a key can be: one for a level, zero for what never is below it; None where
    that cannot be told.

    - A field of the row itself that is not `signed`. Intake rejects it below zero (R1108), but for
      rows that undo others; those are judged by the row that they undo in the end, which undoes
      nothing itself, and their own amounts are read as magnitudes.
    - A field of a payee that is not `signed`, in every kind of payee that has it: no payee undoes
      anything, so intake takes none below zero.
    - A count of rows of a kind of which none undoes another: each adds one or nothing. Where rows
      undo others, a refund of January's only deal makes February's count minus one.

    Of records behind a reference nothing is said: the row referred to may be one that undoes.
    """
    if isinstance(key, nodes.MeasureRead):
        return Decimal(0) if _only_counts_up(measures.get(key.measure), kinds) else None
    if key.root is nodes.Root.LEVEL:
        return Decimal(1)
    if len(key.names) != 1:
        return None
    match key.root:
        case nodes.Root.ROW:
            owners = [kinds[table.kind]] if table.kind in kinds else []
        case nodes.Root.PAYEE:
            owners = [kind for kind in kinds.values() if kind.role is Role.PAYEE]
        case _:
            return None
    found = [field for owner in owners if (field := owner.field(key.names[0])) is not None]
    numbers = MoneyType | NumberType | PercentType
    is_unsigned = bool(found) and all(
        isinstance(field.type, numbers) and not field.is_signed for field in found
    )
    return Decimal(0) if is_unsigned else None


def _only_counts_up(measure: nodes.Measure | None, kinds: Mapping[str, RecordKind]) -> bool:
    if measure is None or measure.rows is None or measure.against is not None:
        return False
    kind = kinds.get(measure.rows.source.kind)
    is_count = measure.aggregate.kind in (nodes.AggregateKind.COUNT, nodes.AggregateKind.COUNT_DISTINCT)
    return is_count and kind is not None and kind.reverses is None


def _quoted(value: Decimal | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"' if isinstance(value, str) else as_text(value)


def _plain(value: Decimal | date) -> str:
    return as_text(value) if isinstance(value, Decimal) else value.isoformat()
