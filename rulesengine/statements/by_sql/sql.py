"""Names, types and tables as DuckDB has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rulesengine.diagnostics import Diagnostic, InternalError, Rejected

if TYPE_CHECKING:
    import duckdb
    from duckdb.sqltypes import DuckDBPyType

_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.date32(): "DATE",
    pa.decimal128(38, 12): "DECIMAL(38,12)",
}

FEW, MANY = "few", "many"
_MOST_FEW = 500
"""Each group of rows of a file lists all texts of a column that is one of a few."""


def name(identifier: str) -> str:
    """Return a name, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text, quoted; a NUL, which no literal can hold, is put together."""
    return "||chr(0)||".join("'" + part.replace("'", "''") + "'" for part in value.split("\0"))


def type_of(type_: pa.DataType) -> str:
    """Return the type of a column of a run folder."""
    return _TYPES[type_]


def create(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Create a table of this connection, or replace it, with the rows of an Arrow table."""
    connection.register("rows_of_a_table", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(table)} AS SELECT * FROM rows_of_a_table")
    connection.unregister("rows_of_a_table")


def check_columns(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema) -> dict[str, str]:
    """INVARIANT: a table has the columns that the run folder has; texts may be one of a few, counts wider.

    Returns their types.

    Raises:
        InternalError: it has others. A HUGEINT would become a binary float in Parquet.
    """
    found = described(connection, name(table))
    wrong = [
        f"{field.name} {found.get(field.name, 'missing')}"
        for field in schema
        if not _may_become(found.get(field.name, ""), type_of(field.type))
    ]
    if wrong:
        raise InternalError(f"columns of `{table}` are not those of a run folder: {', '.join(wrong)}")
    return {field.name: found[field.name] for field in schema}


def described(connection: duckdb.DuckDBPyConnection, rows: str) -> dict[str, str]:
    """Return the types of the columns of a table or a query in brackets.

    Those that are one of a few texts are `FEW`, of many `MANY`: written out, they would name all of them.
    """
    found = connection.sql(f"FROM {rows}")
    return {
        column: str(type_) if type_.id != "enum" else _few(column, type_)
        for column, type_ in zip(found.columns, found.types, strict=True)
    }


def _few(column: str, type_: DuckDBPyType) -> str:
    # The engine makes no such type for payees where it does not pay.
    if column == "payee":
        return FEW
    _, texts = type_.children[0]
    assert isinstance(texts, list)
    return FEW if len(texts) <= _MOST_FEW else MANY


def single(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """Return the one value that a query asks for."""
    # A result that is not fetched to its end keeps the connection from what comes next.
    ((value, *_),) = connection.execute(query).fetchall()
    return value


def columns(names: Iterable[str], table: str = "") -> str:
    """Return a list of columns, each quoted."""
    before = f"{table}." if table else ""
    return ", ".join(before + name(each) for each in names)


def _may_become(found: str, wanted: str) -> bool:
    """Return whether a column of an answer becomes one of a run folder without loss, or not at all."""
    return found == wanted or (found, wanted) in ((FEW, "VARCHAR"), (MANY, "VARCHAR"), ("BIGINT", "INTEGER"))


@contextmanager
def sums_that_fit() -> Iterator[None]:
    """Refuse sums that are too large for their column.

    Raises:
        Rejected: R1205.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfRangeException as error:
        message = "a sum of amounts has more digits than a run folder can hold"
        hint = "at most 26 before the point; look for facts with amounts that are far too large"
        raise Rejected([Diagnostic(code="R1205", message=message, hint=hint)]) from error
