"""Where the tables of a run folder are cut into part files: between payees, at places that facts do not move.

How many parts there are is a power of two that follows from how many rows there are; between which payees
they are cut follows from the payees that the run knows, whether they have rows or not. So a few rows more, of
whatever payee, leave nearly all parts as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulesengine.model.schema import Schema
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql.sql import name, single, text

if TYPE_CHECKING:
    import duckdb

EVERY_PAYEE = "run_every_payee"
"""All payees of the run: `payee_kind`, `payee`, and `nth` in the order of these, counted from 0."""
ROWS_OF_A_PART = 1 << 14
"""A part has so many rows on average, or up to twice as many."""
MOST_PARTS = 1 << 10


def every_payee(book: StoredBook, schema: Schema) -> str:
    """Return the query for kind and key of all payees of a run."""
    keys = {kind: name(schema.kinds[kind].key.name) for kind in book.payees}
    rows = " UNION ALL ".join(
        f"SELECT {text(kind)} AS payee_kind, {keys[kind]} AS payee FROM {name(table.name)}"
        for kind, table in book.payees.items()
    )
    return rows or "SELECT '' AS payee_kind, '' AS payee WHERE false"


def make_every_payee(connection: duckdb.DuckDBPyConnection, book: StoredBook, schema: Schema) -> None:
    """Make the table of all payees."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {EVERY_PAYEE} AS"
        " SELECT *, row_number() OVER (ORDER BY payee_kind, payee) - 1 AS nth"
        f" FROM ({every_payee(book, schema)})"
    )


def number_of_parts(connection: duckdb.DuckDBPyConnection, rows: int) -> int:
    """Return into how many parts a table of so many rows is cut."""
    payees = int(single(connection, f"SELECT count(*) FROM {EVERY_PAYEE}"))
    most = min(rows // ROWS_OF_A_PART, MOST_PARTS, payees)
    return 1 << max(most.bit_length() - 1, 0)


def part_of(parts: int) -> str:
    """Return the part that a row of `EVERY_PAYEE` belongs to, as an expression; rows of nobody come first."""
    return f"coalesce(nth, 0) * {parts} // (SELECT count(*) FROM {EVERY_PAYEE})"


def rows_of_parts(connection: duckdb.DuckDBPyConnection, counted: str, parts: int | None = None) -> list[int]:
    """Return how many rows each part of a table has.

    Args:
        connection: to the database.
        counted: a query for `payee_kind`, `payee` and their `rows`.
        parts: how many there are, where these are not all rows of the table.
    """
    rows = int(single(connection, f"SELECT coalesce(sum(rows), 0) FROM ({counted})"))
    parts = number_of_parts(connection, rows) if parts is None else parts
    if parts == 1:
        return [rows]
    found = dict(
        connection.execute(
            f"SELECT {part_of(parts)} AS part, CAST(sum(rows) AS BIGINT) FROM ({counted}) c"
            f" LEFT JOIN {EVERY_PAYEE} e ON CAST(c.payee_kind AS VARCHAR) = e.payee_kind"
            " AND CAST(c.payee AS VARCHAR) = e.payee GROUP BY ALL"
        ).fetchall()
    )
    return [found.get(part) or 0 for part in range(parts)]
