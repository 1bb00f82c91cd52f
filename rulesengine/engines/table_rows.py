"""Tables: the row that answers for some keys."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.diagnostics import InternalError
from rulesengine.engines.values import Scalar, number
from rulesengine.plan import nodes


def best_row(table: nodes.Table, keys: tuple[Scalar | None, ...]) -> nodes.TableRow:
    """Return the row that answers: texts from the top, then the nearest lower ends.

    The first row that matches decides the texts. Among the matching rows with the same texts, the
    one whose lower ends are nearest wins, column by column from the left.
    """
    matching = [
        row
        for row in table.rows
        if all(_cell_matches(cell, key) for cell, key in zip(row.cells, keys, strict=True))
    ]
    if not matching:
        raise InternalError(f"table {table.name} has no row for {keys}")
    has_ends = [
        any(isinstance(row.cells[column], nodes.FromCell) for row in table.rows)
        for column in range(len(table.keys))
    ]
    texts = _texts(matching[0], has_ends)
    # `max` keeps the first among equals.
    same = [row for row in matching if _texts(row, has_ends) == texts]
    return max(same, key=lambda row: tuple(nearness(cell) for cell in row.cells))


def _texts(row: nodes.TableRow, has_ends: list[bool]) -> tuple[object, ...]:
    """Return the cells of the columns without lower ends, None for `any`."""
    return tuple(
        cell.value if isinstance(cell, nodes.EqualsCell) else None
        for cell, ends in zip(row.cells, has_ends, strict=True)
        if not ends
    )


def _cell_matches(cell: nodes.Cell, value: Scalar | None) -> bool:
    match cell:
        case nodes.AnyCell():
            return True
        case nodes.EqualsCell(value=wanted):
            return value == wanted
        case nodes.FromCell(start=start, is_included=is_included):
            if value is None:
                return False
            if isinstance(start, date):
                return isinstance(value, date) and (value >= start if is_included else value > start)
            return number(value) >= start if is_included else number(value) > start
        case _:
            assert_never(cell)


def nearness(cell: nodes.Cell) -> tuple[int, object, bool]:
    """Return what is largest for the cell of a column with lower ends that is nearest to the value."""
    # The value itself is nearest, then higher lower ends (`above X` before `from X`), then any.
    match cell:
        case nodes.FromCell(start=start, is_included=is_included):
            return (1, start, not is_included)
        case nodes.EqualsCell():
            return (2, Decimal(0), False)
        case nodes.AnyCell():
            return (0, Decimal(0), False)
        case _:
            assert_never(cell)
