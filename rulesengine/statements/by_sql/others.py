"""The tables of a run folder besides the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.model.book import Reject
from rulesengine.model.change import replace
from rulesengine.model.schema import Schema
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql import sorted_table
from rulesengine.statements.by_sql.cuts import EVERY_PAYEE, every_payee
from rulesengine.statements.by_sql.kept_parts import KeptParts, write_cut
from rulesengine.statements.by_sql.lines import day_number
from rulesengine.statements.by_sql.lookups import DAY_BITS, RULES
from rulesengine.statements.by_sql.sorted_table import Sorting, write_sorted
from rulesengine.statements.by_sql.sql import columns, text
from rulesengine.statements.by_sql.statements import STATEMENT_ORDER, STATEMENTS, WITH_FILES
from rulesengine.statements.tables import NOT_EARNING, PAYEES, REJECTS
from rulesengine.statements.tables import STATEMENTS as STATEMENTS_SCHEMA

if TYPE_CHECKING:
    import duckdb

_REJECT = columns(REJECTS.names)
ALL_REJECTS = f"SELECT {_REJECT} FROM rejects UNION ALL SELECT {_REJECT} FROM engine_rejects"
_LAST_PLACES = ("fact", "fact_id", "reason", "detail")
_OUTCOMES_OF_PAYEES = "run_outcomes_of_payees"
_NTH = "coalesce(e.nth + 1, 0)"
Wrote = Callable[[int], None]


def write_statements(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    constants: Mapping[str, str],
    wrote: Wrote,
    kept: KeptParts | None = None,
) -> int:
    """Write `statements.parquet`; returns how many there are, but for those of parts that stand.

    Args:
        connection: to the database that has the statements.
        folder: the run folder.
        constants: columns that hold one value in all statements, as expressions.
        wrote: is told how many there are by now.
        kept: parts of an earlier run, where not all statements are in the database.
    """
    sorting = Sorting(
        schema=STATEMENTS_SCHEMA,
        # The lines have payees as texts or as one of a few, by the road that they came.
        values={"payee": "f.payee", "file": "f.file"},
        source=WITH_FILES,
        order=STATEMENT_ORDER,
        constants=constants,
    )
    counted = f"SELECT payee_kind, payee, count(*) AS rows FROM {STATEMENTS} GROUP BY ALL"
    return write_cut(connection, folder / "statements.parquet", sorting, counted, wrote, kept)


def write_not_earning(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    constants: Mapping[str, str],
    wrote: Wrote,
    *,
    is_sorted: bool,
    kept: KeptParts | None = None,
) -> int:
    """Write `not_earning.parquet`; returns how many there are.

    Args:
        connection: to the database that has the rows.
        folder: the run folder.
        constants: columns that hold one value in all rows, as expressions.
        wrote: is told how many rows there are by now.
        is_sorted: whether they come by payee, rule in plan order, date, fact.
        kept: parts of an earlier run; rows of those that stand are not counted.
    """
    file = folder / "not_earning.parquet"
    sorting = Sorting(
        schema=NOT_EARNING,
        values={},
        source="FROM outcomes t WHERE true",
        order="",
        constants=constants,
    )
    if not is_sorted:
        rows = write_sorted(connection, file, sorting)
        wrote(rows)
        return rows
    counted = "SELECT payee_kind, payee, count(*) AS rows FROM outcomes GROUP BY ALL"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_OUTCOMES_OF_PAYEES} AS {counted}")
    last = [f"t.{each}" for each in _LAST_PLACES if each not in constants]
    sorting = replace(
        sorting,
        source=f"FROM outcomes t JOIN {RULES} r ON t.rule = r.rule"
        f" LEFT JOIN {EVERY_PAYEE} e ON t.payee_kind = e.payee_kind AND t.payee = e.payee WHERE true",
        # Rows that nobody is credited for stand first; rule and date are one number.
        order=f"{_NTH}, (r.place << {DAY_BITS}) + {day_number('t.dated')}, {', '.join(last)}",
        ranges=_payee_ranges(connection),
    )
    return write_cut(connection, file, sorting, f"FROM {_OUTCOMES_OF_PAYEES}", wrote, kept)


def _payee_ranges(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the conditions of ranges of payees that have some millions of outcomes together."""
    placed = (
        f"SELECT {_NTH} AS place, t.payee, rows FROM {_OUTCOMES_OF_PAYEES} t"
        f" LEFT JOIN {EVERY_PAYEE} e ON t.payee_kind = e.payee_kind AND t.payee = e.payee"
    )
    found = connection.execute(
        "SELECT min(place), max(place), min(payee), max(payee) FROM (SELECT place, payee,"
        f" (sum(rows) OVER (ORDER BY place) - rows) // {sorted_table.MOST_ROWS} AS range FROM ({placed}))"
        " GROUP BY range ORDER BY range"
    ).fetchall()
    if len(found) <= 1:
        return ["true"]
    # The keys are said as well: rows of other payees are left out before anything is worked out of them.
    return [
        f"{_NTH} BETWEEN {first} AND {last} AND t.payee BETWEEN {text(least)} AND {text(most)}"
        for first, last, least, most in found
    ]


def write_rejects(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Write `rejects.parquet`, by kind, file and row; returns how many there are."""
    sorting = Sorting(
        schema=REJECTS,
        values={},
        source=f"FROM ({ALL_REJECTS}) t WHERE true",
        order=columns(REJECTS.names, "t"),
    )
    return write_sorted(connection, folder / "rejects.parquet", sorting)


def write_payees(
    connection: duckdb.DuckDBPyConnection, folder: Path, book: StoredBook, schema: Schema
) -> int:
    """Write `payees.parquet`: every payee, by kind and key; returns how many there are.

    Args:
        connection: to the database.
        folder: the run folder.
        book: what there is.
        schema: of the plan.
    """
    sorting = Sorting(
        schema=PAYEES,
        values={},
        source=f"FROM ({every_payee(book, schema)}) t WHERE true",
        order="t.payee_kind, t.payee",
    )
    return write_sorted(connection, folder / "payees.parquet", sorting)


def first_rejects(connection: duckdb.DuckDBPyConnection, most: int) -> tuple[Reject, ...]:
    """Return the first rows that were not taken, those of intake first."""
    names = REJECTS.names
    found: list[Reject] = []
    for table in ("rejects", "engine_rejects"):
        query = f"SELECT {_REJECT} FROM {table} ORDER BY ALL LIMIT {most - len(found)}"
        rows = connection.execute(query).fetchall()
        found += [Reject(**dict(zip(names, row, strict=True))) for row in rows]
    return tuple(found)
