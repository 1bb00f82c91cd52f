"""The lines, in the one order of `assemble.order_key`, as lines payable in the period and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.engines.sql.answer import PAYEE_TEXT
from rulesengine.model.change import replace
from rulesengine.statements.by_sql import sorted_table
from rulesengine.statements.by_sql.kept_parts import Kept, KeptParts, write_cut
from rulesengine.statements.by_sql.lookups import (
    CALENDAR,
    DAY_BITS,
    PARTS,
    PAYEES,
    RULES,
    SPANS,
    count_others,
    few_of,
)
from rulesengine.statements.by_sql.sorted_table import Sorting, write_sorted
from rulesengine.statements.by_sql.sql import described, name, single, text
from rulesengine.statements.control import Due
from rulesengine.statements.tables import LINES, OTHER_LINES

if TYPE_CHECKING:
    import duckdb

_NO_DAY = (1 << DAY_BITS) - 1
# A text that is none of few would make what it is chosen from none either.
_DUE = f"coalesce(c.due, '{Due.WAITING}'::{few_of('due')})"
_PERIOD = f"coalesce(c.period, ''::{few_of('period')})"


def day_number(column: str) -> str:
    """Return the days since 0001-01-01, as an expression; missing dates come last."""
    return f"coalesce(CAST({column} - DATE '0001-01-01' AS BIGINT), {_NO_DAY})"


Wrote = Callable[[int], None]
Constants = Mapping[str, str]
"""Columns of the lines that hold one value in all of them, as expressions."""


def write_lines(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    constants: Constants,
    wrote: Wrote,
    kept: KeptParts | None = None,
) -> int:
    """Write `lines.parquet` in order; returns how many there are, but for those of parts that stand."""
    sorting = _sorting(LINES, f"{_SOURCE}{_PLACES} WHERE {_IN_PERIOD}", constants)
    sorting = replace(sorting, ranges=_payee_ranges(connection, "in_period"))
    counted = f"SELECT payee_kind, payee, in_period AS rows FROM {PAYEES}"
    return write_cut(connection, folder / "lines.parquet", sorting, counted, wrote, kept)


def write_other_lines(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    constants: Constants,
    wrote: Wrote,
    kept: KeptParts | None = None,
) -> int:
    """Write `other_lines.parquet` in order; returns how many there are, but for those of parts that stand."""
    # Where there are none, lines that are worked out as they are read are not looked through for them.
    source = f"{_SOURCE}{_PLACES} WHERE {_OTHERS if count_others(connection) else 'false'}"
    sorting = _sorting(OTHER_LINES, source, constants)
    sorting = replace(sorting, ranges=_payee_ranges(connection, "rows - in_period"))
    counted = f"SELECT payee_kind, payee, rows - in_period AS rows FROM {PAYEES}"
    return write_cut(connection, folder / "other_lines.parquet", sorting, counted, wrote, kept)


def write_in_order(
    connection: duckdb.DuckDBPyConnection, folder: Path, constants: Constants, wrote: Wrote, kept: Kept
) -> int:
    """Write both tables of lines in order; returns how many there are, but for those of parts that stand."""
    rows = write_lines(connection, folder, constants, wrote, kept.get("lines"))
    return rows + write_other_lines(
        connection, folder, constants, lambda others: wrote(rows + others), kept.get("other_lines")
    )


def write_in_any_order(
    connection: duckdb.DuckDBPyConnection, folder: Path, constants: Constants, wrote: Wrote
) -> int:
    """Write both tables of lines as they are found; returns how many there are."""
    has_others = count_others(connection) > 0
    rows = 0
    for table, schema, test in (
        ("lines", LINES, _IN_PERIOD),
        ("other_lines", OTHER_LINES, _OTHERS if has_others else "false"),
    ):
        sorting = replace(_sorting(schema, f"{_SOURCE} WHERE {test}", constants), order="")
        rows += write_sorted(connection, folder / f"{table}.parquet", sorting)
        wrote(rows)
    return rows


_SOURCE = f"FROM lines t JOIN {SPANS} s ON t.span = s.span LEFT JOIN {CALENDAR} c ON t.payable_on = c.day"
_PLACES = (
    f" JOIN {PAYEES} p ON t.payee_kind = p.payee_kind AND t.payee = p.payee"
    f" JOIN {RULES} r ON t.rule = r.rule JOIN {PARTS} q ON t.part = q.part"
)
_IN_PERIOD = f"c.due = '{Due.IN_PERIOD}'::{few_of('due')}"
_OTHERS = f"{_DUE} <> '{Due.IN_PERIOD}'::{few_of('due')}"
_LAST_PLACES = {
    "earned_on": "t.earned_on",
    "fact": "t.fact",
    "fact_id": "t.fact_id",
    "step": "t.step * 64 + q.place",
    "part_number": "t.part_number",
    "sequence": "t.sequence",
}
LAST_PLACES = ", ".join(_LAST_PLACES.values())
"""The end of the order: what tells apart the lines of a rule that are payable on one day."""


def _sorting(schema: pa.Schema, source: str, constants: Constants) -> Sorting:
    # Payee, payable date and rule in one number: sorting by it takes three quarters of the time.
    first = f"((p.place << {DAY_BITS}) + {day_number('t.payable_on')})"
    last = ", ".join(value for each, value in _LAST_PLACES.items() if each == "step" or each not in constants)
    return Sorting(
        schema=schema,
        values={"period": _PERIOD, "span": "s.short", "due": _DUE},
        source=source,
        constants=constants,
        order=f"{first} * (SELECT count(*) FROM {RULES}) + r.place, {last}",
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
    types = described(connection, "lines")
    key, type_ = "t.payee", "" if types["payee"] == "VARCHAR" else '::"payee"'
    if PAYEE_TEXT in types:
        key, type_ = f"t.{name(PAYEE_TEXT)}", ""
    return [
        f"p.place BETWEEN {first} AND {last} AND {key} BETWEEN {text(least)}{type_} AND {text(most)}{type_}"
        for first, last, least, most in found
    ]


def check_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """INVARIANT: each line has an id of its own.

    Raises:
        InternalError: two lines have the same id.
    """
    # Where each number but the first is larger than the one before, no two are the same, in whatever way they
    # were put in order. That takes less time and memory than to gather numbers, and they can go to disk.
    numbers = "SELECT hash(line_id) AS number FROM lines ORDER BY number"
    pairs = f"SELECT number, lag(number) OVER () AS before FROM ({numbers})"
    not_rising = single(connection, f"SELECT count(*) - count(*) FILTER (number > before) FROM ({pairs})")
    # The ids themselves decide where two should ever have the same number of 64 bits.
    if not_rising > 1 and not single(connection, "SELECT count(*) = count(DISTINCT line_id) FROM lines"):
        raise InternalError("two lines have the same id")
