"""A table has an answer for every input."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic
from rulesengine.plan import nodes
from rulesengine.plan.checks.table_inputs import inputs_of


def tables_cover_inputs(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0210 for each table with inputs that no row matches, with the first of them.

    A deal without a row would have no rate, and no rate is not a rate of zero. A row of `any`
    covers the rest; so does a row for each value of a `one of` field, and a lower end at zero
    for what cannot be below it: `table_inputs._lowest` says why it cannot.

    Source: language reference, "Tables".
    """
    for table in plan.tables.values():
        gaps = inputs_of(table, plan.schema.kinds, plan.measures).uncovered
        if not gaps:
            continue
        example = " and ".join(
            f"`{key.text}` is {value}"
            for key, value in zip(table.keys, gaps[0], strict=True)
            if value != "anything"
        )
        where = f" where {example}" if example else ""
        yield Diagnostic(
            code="R0210",
            message=f"table `{table.name}` must have a row for every input, found none{where}",
            span=table.origin,
            hint=_hint(table, gaps[0]),
        )


def _hint(table: nodes.Table, gap: tuple[str, ...]) -> str:
    """Return what to write; below the lowest end that is its row, not one more with another answer."""
    for column, value in enumerate(gap):
        if value.startswith("below ") or value.endswith(" or less"):
            lowest = _lowest_row(table, column)
            instead = f" (`row any gives {lowest.value.text}`)" if len(table.keys) == 1 else ""
            return f"write `any` instead of the lowest end of `{table.keys[column].text}`{instead}"
    last = ", ".join("any" for _ in table.keys)
    return f"add a last row for the rest, such as `row {last} gives {table.rows[-1].value.text}`"


def _lowest_row(table: nodes.Table, column: int) -> nodes.TableRow:
    """Return the row whose end is the lowest in a column that has some."""
    ends = [
        (cell.start, not cell.is_included, position)
        for position, row in enumerate(table.rows)
        if isinstance(cell := row.cells[column], nodes.FromCell)
    ]
    return table.rows[min(ends)[-1]]
