"""The lines, in the one order of `assemble.order_key`, as lines payable in the period and others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql import sorted_table
from rulesengine.statements.by_sql.lookups import CALENDAR, DAY_BITS, PARTS, PAYEES, RULES, SPANS
from rulesengine.statements.by_sql.sorted_table import Sorting, write_sorted
from rulesengine.statements.by_sql.sql import single, text
from rulesengine.statements.control import Due
from rulesengine.statements.tables import LINES, OTHER_LINES

if TYPE_CHECKING:
    import duckdb

_NO_DAY = (1 << DAY_BITS) - 1
_DUE = f"coalesce(c.due, '{Due.WAITING}')"


def day_number(column: str) -> str:
    """Return the days since 0001-01-01, as an expression; missing dates come last."""
    return f"coalesce(CAST({column} - DATE '0001-01-01' AS BIGINT), {_NO_DAY})"


def write_lines(connection: duckdb.DuckDBPyConnection, folder: Path, wrote: Callable[[int], None]) -> int:
    """Write `lines.parquet`; returns how many there are.

    Raises:
        InternalError: two lines have the same id.
    """
    _check_ids(connection)
    source = f"{_SOURCE} WHERE c.due = '{Due.IN_PERIOD}'"
    ranges = _payee_ranges(connection, "in_period")
    return write_sorted(connection, folder / "lines.parquet", _sorting(LINES, source, ranges), wrote)


def write_other_lines(
    connection: duckdb.DuckDBPyConnection, folder: Path, wrote: Callable[[int], None]
) -> int:
    """Write `other_lines.parquet`; returns how many there are."""
    source = f"{_SOURCE} WHERE {_DUE} <> '{Due.IN_PERIOD}'"
    ranges = _payee_ranges(connection, "rows - in_period")
    sorting = _sorting(OTHER_LINES, source, ranges)
    return write_sorted(connection, folder / "other_lines.parquet", sorting, wrote)


_SOURCE = (
    f"FROM lines t JOIN {PAYEES} p ON t.payee_kind = p.payee_kind AND t.payee = p.payee"
    f" JOIN {RULES} r ON t.rule = r.rule JOIN {PARTS} q ON t.part = q.part"
    f" JOIN {SPANS} s ON t.span = s.span LEFT JOIN {CALENDAR} c ON t.payable_on = c.day"
)
LAST_PLACES = (
    "t.earned_on, CAST(t.fact AS VARCHAR), t.fact_id, t.step * 64 + q.place, t.part_number, t.sequence"
)
"""The end of the order: what tells apart the lines of a rule that are payable on one day."""


def _sorting(schema: object, source: str, ranges: Sequence[str]) -> Sorting:
    # Payee, payable date and rule in one number: sorting by it takes three quarters of the time.
    first = f"((p.place << {DAY_BITS}) + {day_number('t.payable_on')})"
    return Sorting(
        schema=schema,
        values={"period": "coalesce(c.period, '')", "span": "s.short", "due": _DUE},
        source=source,
        table="lines",
        order=f"{first} * (SELECT count(*) FROM {RULES}) + r.place, {LAST_PLACES}",
        ranges=ranges,
    )


def _payee_ranges(connection: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
    """Return the conditions of ranges of payees that have some millions of lines together."""
    found = connection.execute(
        "SELECT min(place), max(place), min(payee), max(payee)"
        f" FROM (SELECT *, (sum({rows}) OVER (ORDER BY place) - ({rows}))"
        f" // {sorted_table.MOST_ROWS} AS range FROM {PAYEES}) GROUP BY range ORDER BY range"
    ).fetchall()
    if len(found) <= 1:
        return ["true"]
    # The keys are said as well: they are in the table of lines, so that others are never joined.
    return [
        f"p.place BETWEEN {first} AND {last} AND t.payee BETWEEN {text(least)} AND {text(most)}"
        for first, last, least, most in found
    ]


def _check_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """INVARIANT: each line has an id of its own."""
    # Numbers of 64 bits first: they are counted several times faster than texts.
    count = single(connection, "SELECT count(*) FROM lines")
    if single(connection, "SELECT count(DISTINCT hash(line_id)) FROM lines") == count:
        return
    if single(connection, "SELECT count(DISTINCT line_id) FROM lines") != count:
        raise InternalError("two lines have the same id")
