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
    for money that cannot be below it.

    Source: language reference, "Tables".
    """
    for table in plan.tables.values():
        gaps = inputs_of(table, dict(plan.schema.kinds)).uncovered
        if not gaps:
            continue
        example = " and ".join(
            f"`{key.text}` is {value}"
            for key, value in zip(table.keys, gaps[0], strict=True)
            if value != "anything"
        )
        where = f" where {example}" if example else ""
        last = ", ".join("any" for _ in table.keys)
        yield Diagnostic(
            code="R0210",
            message=f"table `{table.name}` must have a row for every input, found none{where}",
            span=table.origin,
            hint=f"add a last row for the rest, such as `row {last} gives {_example(table)}`",
        )


def _example(table: nodes.Table) -> str:
    value = table.rows[-1].value if table.rows else None
    return value.text if value is not None else "0%"
