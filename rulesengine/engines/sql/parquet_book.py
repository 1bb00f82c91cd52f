"""The stored book as Parquet files: what another engine than DuckDB reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import InternalError
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.stored_book import StoredBook, StoredTable

if TYPE_CHECKING:
    import duckdb

_TYPES = {
    "VARCHAR": "string",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "BIGINT": "bigint",
    "HUGEINT": "decimal(38, 0)",
    "VARCHAR[]": "array<string>",
}
"""What a stored column is called in Spark, by its type in DuckDB."""


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A table of the book in a file."""

    name: str
    path: Path
    columns: tuple[tuple[str, str], ...]
    """Names and types."""


def write_book(
    connection: duckdb.DuckDBPyConnection, book: StoredBook, folder: Path
) -> tuple[ParquetTable, ...]:
    """Write every table of a stored book into a folder, which is made.

    Integers of 128 bits become decimals: DuckDB would write them as binary floats.
    """
    folder.mkdir(parents=True)
    made = []
    for number, table in enumerate(_tables(book), start=1):
        path = folder / f"{number}.parquet"
        columns = tuple(_columns(connection, table))
        _write(connection, table, columns, path)
        made.append(ParquetTable(table.name, path, columns))
    return tuple(made)


def _tables(book: StoredBook) -> Iterable[StoredTable]:
    for tables in (book.facts, book.payees, book.histories, book.quotas, book.rates):
        yield from tables.values()


def _columns(connection: duckdb.DuckDBPyConnection, table: StoredTable) -> Iterator[tuple[str, str]]:
    for name, kind, *_ in connection.execute(f"describe {DuckDB().identifier(table.name)}").fetchall():
        if name not in table.columns:
            continue
        plain = "VARCHAR" if kind.startswith("ENUM(") else kind
        if plain not in _TYPES:
            raise InternalError(f"`{table.name}` has a column {name} of type {kind}")
        yield name, _TYPES[plain]


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: StoredTable,
    columns: Iterable[tuple[str, str]],
    path: Path,
) -> None:
    dialect = DuckDB()
    written = {"string": "varchar", "array<string>": "varchar[]"}
    listed = ", ".join(
        f"cast({dialect.identifier(name)} as {written.get(kind, kind)}) as {dialect.identifier(name)}"
        for name, kind in columns
    )
    source, target = dialect.identifier(table.name), dialect.quoted(str(path))
    connection.execute(f"copy (select {listed} from {source}) to {target} (format parquet, compression zstd)")
