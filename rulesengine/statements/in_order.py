"""The order of tables that were written in any order, put right where they are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rulesengine.engines.results import Part

if TYPE_CHECKING:
    import pyarrow as pa

    from rulesengine.statements.terms import Terms

SORTED = "sorted"
"""In run.json, false where lines and rows that earned nothing are in any order."""


def in_order(name: str, rows: pa.Table, terms: Terms) -> pa.Table:
    """Return the rows of a table of a run folder in the order that the table has elsewhere.

    Args:
        name: of the table; those that are never in another order are returned as they are.
        rows: some of its rows.
        terms: of the plan.
    """
    keys = _ORDERS.get(name)
    if keys is None or not rows.num_rows:
        return rows
    ranks: Mapping[str, Mapping[object, int]] = {
        "rule": {rule.name: at for at, rule in enumerate(terms.rules)},
        "part": {part.value: at for at, part in enumerate(Part)},
    }

    def column(key: str) -> list[Any]:
        values = rows.column(key).to_pylist()
        if key in ranks:
            # A rule that there is not is told where the rows are made lines of.
            return [ranks[key].get(value, -1) for value in values]
        # Dates that are still missing come last.
        return [(value is None, value or date.max) for value in values] if key == "payable_on" else values

    found: list[Any] = list(zip(*map(column, keys), strict=True))
    return rows.take(sorted(range(rows.num_rows), key=found.__getitem__))


_LINES = (
    "payee_kind",
    "payee",
    "payable_on",
    "rule",
    "earned_on",
    "fact",
    "fact_id",
    "step",
    "part",
    "part_number",
    "sequence",
)
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "lines": _LINES,
    "other_lines": _LINES,
    "not_earning": ("payee_kind", "payee", "rule", "dated", "fact", "fact_id", "reason", "detail"),
}
"""As `assemble.order_key` and `by_sql` say it."""
