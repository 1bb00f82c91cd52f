"""Every row of a table can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.plan import nodes
from rulesengine.plan.checks.table_inputs import inputs_of


def table_rows_reached(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0209 for each table row that never answers, because rows before it answer first.

    Its rate would stand in the plan and never be paid. Rows with texts are tried from the top, so
    an `any` row stands below the rows that it leaves the rest to.

    Source: language reference, "Tables".
    """
    for table in plan.tables.values():
        reached = inputs_of(table, plan.schema.kinds, plan.measures).reached
        for index, row in enumerate(table.rows):
            if index in reached:
                continue
            covering = next((r for r in table.rows[:index] if _covers(r.cells, row.cells)), None)
            yield Diagnostic(
                code="R0209",
                message=f"row of `{table.name}` is never reached, rows before it answer first",
                span=row.origin,
                related=(Related(covering.origin, "this row answers instead"),) if covering else (),
                hint="move it above the row that answers, or take it out",
            )


def _covers(one: tuple[nodes.Cell, ...], other: tuple[nodes.Cell, ...]) -> bool:
    """Return whether every input that the other cells match is matched by these as well."""
    return all(isinstance(a, nodes.AnyCell) or _same(a, b) for a, b in zip(one, other, strict=True))


def _same(one: nodes.Cell, other: nodes.Cell) -> bool:
    match one, other:
        case nodes.EqualsCell(), nodes.EqualsCell():
            return one.value == other.value
        case nodes.FromCell(), nodes.FromCell():
            return (one.start, one.is_included) == (other.start, other.is_included)
        case _:
            return False
