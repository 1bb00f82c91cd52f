"""The tables of a run folder besides the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.model.book import Reject
from rulesengine.model.change import replace
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql import sorted_table
from rulesengine.statements.by_sql.lines import day_number
from rulesengine.statements.by_sql.lookups import DAY_BITS, RULES
from rulesengine.statements.by_sql.sorted_table import Sorting, write_sorted
from rulesengine.statements.by_sql.sql import columns, name, text
from rulesengine.statements.by_sql.statements import STATEMENT_ORDER, WITH_FILES
from rulesengine.statements.tables import NOT_EARNING, PAYEES, REJECTS
from rulesengine.statements.tables import STATEMENTS as STATEMENTS_SCHEMA

if TYPE_CHECKING:
    import duckdb

_REJECT = columns(REJECTS.names)
ALL_REJECTS = f"SELECT {_REJECT} FROM rejects UNION ALL SELECT {_REJECT} FROM engine_rejects"
_OUTCOME_ORDER = ("fact", "fact_id", "payee_kind", "payee", "reason", "detail")
Wrote = Callable[[int], None]


def write_statements(
    connection: duckdb.DuckDBPyConnection, folder: Path, constants: Mapping[str, str], wrote: Wrote
) -> int:
    """Write `statements.parquet`; returns how many there are."""
    sorting = Sorting(
        schema=STATEMENTS_SCHEMA,
        # The lines have payees as texts or as one of a few, by the road that they came.
        values={"payee": "f.payee", "file": "f.file"},
        source=WITH_FILES,
        order=STATEMENT_ORDER,
        constants=constants,
        given="file",
    )
    return write_sorted(connection, folder / "statements.parquet", sorting, wrote)


def write_not_earning(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    constants: Mapping[str, str],
    wrote: Wrote,
    *,
    is_sorted: bool,
) -> int:
    """Write `not_earning.parquet`; returns how many there are.

    Args:
        connection: to the database that has the rows.
        folder: the run folder.
        constants: columns that hold one value in all rows, as expressions.
        wrote: is told how many rows there are by now.
        is_sorted: whether they come by rule in plan order, date, fact, payee.
    """
    file = folder / "not_earning.parquet"
    sorting = Sorting(
        schema=NOT_EARNING,
        values={},
        source="FROM outcomes t WHERE true",
        order="",
        constants=constants,
        given="fact_id",
    )
    if not is_sorted:
        return write_sorted(connection, file, sorting, wrote)
    key = f"((r.place << {DAY_BITS}) + {day_number('t.dated')})"
    counted = (
        f"SELECT {key} AS key, count(*) AS rows FROM outcomes t JOIN {RULES} r USING (rule) GROUP BY ALL"
    )
    placed = f"SELECT key, (sum(rows) OVER (ORDER BY key) - rows) // {sorted_table.MOST_ROWS} AS range"
    found = connection.execute(
        f"SELECT min(key), max(key) FROM ({placed} FROM ({counted})) GROUP BY range ORDER BY range"
    ).fetchall()
    is_one = len(found) <= 1
    last = [f"t.{each}" for each in _OUTCOME_ORDER if each not in constants]
    sorting = replace(
        sorting,
        source=f"FROM outcomes t JOIN {RULES} r ON t.rule = r.rule WHERE true",
        order=", ".join([key, *last]),
        ranges=["true"] if is_one else [f"{key} BETWEEN {first} AND {last}" for first, last in found],
    )
    return write_sorted(connection, file, sorting, wrote)


def write_rejects(connection: duckdb.DuckDBPyConnection, folder: Path, wrote: Wrote) -> int:
    """Write `rejects.parquet`, by kind, file and row; returns how many there are."""
    sorting = Sorting(
        schema=REJECTS,
        values={},
        source=f"FROM ({ALL_REJECTS}) t WHERE true",
        order=columns(REJECTS.names, "t"),
    )
    return write_sorted(connection, folder / "rejects.parquet", sorting, wrote)


def write_payees(
    connection: duckdb.DuckDBPyConnection, folder: Path, book: StoredBook, keys: Mapping[str, str]
) -> int:
    """Write `payees.parquet`: every payee, by kind and key; returns how many there are.

    Args:
        connection: to the database.
        folder: the run folder.
        book: what there is.
        keys: the key field of each payee kind.
    """
    rows = " UNION ALL ".join(
        f"SELECT {text(kind)} AS payee_kind, {name(keys[kind])} AS payee FROM {name(table.name)}"
        for kind, table in book.payees.items()
    )
    nobody = "SELECT '' AS payee_kind, '' AS payee WHERE false"
    sorting = Sorting(
        schema=PAYEES,
        values={},
        source=f"FROM ({rows or nobody}) t WHERE true",
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
