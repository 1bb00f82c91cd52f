"""Writes rows in order, range by range, so that memory stays bounded however many there are.

A range holds some millions of rows; it is sorted by DuckDB, and `part_files.py` writes what comes. Columns
that hold one value throughout do not go through the sort: most of a line's columns are empty in most runs,
and each would weigh as much as an amount. Texts that are one of a few are small numbers in the database, and
go to the file as such, where they are texts all the same, at a tenth of the price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql.part_files import is_few, part_file, write_parts
from rulesengine.statements.by_sql.rows_that_stay import RowsThatStay
from rulesengine.statements.by_sql.sql import FEW, described, name, single, text, type_of
from rulesengine.statements.parts import Parts, same_columns

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 4_000_000
"""Of a range; two ranges begin where more rows than that belong together."""
_PIECE = 1 << 15
_COPY = (
    "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 100,"
    " ROW_GROUP_SIZE 122880)"
)
# Ids, nearly each of which is another, are not first gathered into a dictionary that is thrown away.


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """How the rows of a table come to be a file."""

    schema: pa.Schema
    """Columns of the file."""
    values: Mapping[str, str]
    """Columns that are no plain column of the table: the expression, by name."""
    source: str
    """`FROM … WHERE …`; the table itself is `t` there."""
    order: str
    """The total order: expressions over the source; empty for rows in any order."""
    constants: Mapping[str, str] = with_default(default_factory=dict)
    """Columns that hold one value throughout, as expressions, by name."""
    ranges: Sequence[str] = ("true",)
    """A condition for each range, in order: what is sorted at once."""


def write_sorted(connection: duckdb.DuckDBPyConnection, file: Path, sorting: Sorting) -> int:
    """Write a small table of a run folder, or one in any order, as one file; returns how many rows."""
    constants = _constants(sorting)
    inner, types = _moved(connection, sorting, constants)
    values = {
        each.name: _as_written(each, constants.get(each.name, name(each.name)), types[each.name])
        for each in sorting.schema
    }
    outer = ", ".join(f"{value} AS {name(each)}" for each, value in values.items())
    order = f" ORDER BY {sorting.order}" if sorting.order else ""
    query = f"SELECT {outer} FROM (SELECT {inner} {sorting.source}{order})"
    rows = single(connection, f"COPY ({query}) TO {text(str(file))} {_COPY}")
    check_columns_of_file(file, sorting.schema)
    return int(rows)


def write_in_parts(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    sorting: Sorting,
    parts: Sequence[int],
    wrote: Callable[[int], None],
    stay: RowsThatStay | None = None,
) -> int:
    """Write a table of a run folder in order, as one file or as a folder of part files.

    Returns how many rows there are.

    Args:
        connection: to the database that has the rows.
        file: to write.
        sorting: which rows, in which order.
        parts: how many rows each part has.
        wrote: is told how many rows there are by now.
        stay: rows of other payees, which are not in the database.
    """
    constants = _constants(sorting)
    inner, types = _moved(connection, sorting, constants)
    moved = [each.name for each in sorting.schema if each.name not in constants]
    coded = len(parts) > 1
    outer = ", ".join(
        f"{_as_written(sorting.schema.field(each), name(each), types[each], coded)} AS {name(each)}"
        for each in moved
    )
    files = {file: parts[0]}
    if len(parts) > 1:
        file.mkdir()
        files = {part_file(file, number): rows for number, rows in enumerate(parts) if rows}

    def pieces() -> Iterator[pa.RecordBatch]:
        for condition in sorting.ranges:
            where = f"{sorting.source} AND {condition} ORDER BY {sorting.order}"
            found = connection.sql(f"SELECT {outer} FROM (SELECT {inner} {where})")
            yield from found.to_arrow_reader(_PIECE)

    def told(pieces: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = 0
        for piece in pieces:
            yield piece
            rows += piece.num_rows
            wrote(rows)

    found = pieces()
    if stay is not None:
        few = [each for each in moved if coded and is_few(sorting.schema.field(each))]
        found = stay.with_new(moved, few, found)
    values = _values(connection, sorting, constants)
    rows = write_parts(file, sorting.schema, values, files, told(found), coded=coded)
    check_columns_of_file(file, sorting.schema)
    return rows


def _constants(sorting: Sorting) -> dict[str, str]:
    constants = {each: value for each, value in sorting.constants.items() if each not in sorting.values}
    # One column at least is there to be sorted.
    constants.pop(sorting.schema.names[0], None)
    return constants


def _moved(
    connection: duckdb.DuckDBPyConnection, sorting: Sorting, constants: Mapping[str, str]
) -> tuple[str, Mapping[str, str]]:
    """Return the columns that differ from row to row, as a select has them, and the types of all."""
    moved = [each.name for each in sorting.schema if each.name not in constants]
    inner = ", ".join(f"{sorting.values.get(each, f't.{name(each)}')} AS {name(each)}" for each in moved)
    outer = ", ".join(f"{constants.get(each, name(each))} AS {name(each)}" for each in sorting.schema.names)
    return inner, described(connection, f"(SELECT {outer} FROM (SELECT {inner} {sorting.source}))")


def _values(
    connection: duckdb.DuckDBPyConnection, sorting: Sorting, constants: Mapping[str, str]
) -> dict[str, pa.Scalar]:
    """Return the values of columns that hold one in all rows."""
    if not constants:
        return {}
    asked = ", ".join(
        f"CAST({value} AS {type_of(sorting.schema.field(each).type)}) AS {name(each)}"
        for each, value in constants.items()
    )
    row = connection.sql(f"SELECT {asked}").to_arrow_table()
    return {each: row.column(each)[0] for each in constants}


def _as_written(field: pa.Field, value: str, found: str, coded: bool = True) -> str:
    """Return a column as it goes to the file, from an expression and its type.

    Args:
        coded: whether texts that are one of a few go there as numbers.
    """
    wanted = type_of(field.type)
    is_as_wanted = found == wanted or (coded and wanted == "VARCHAR" and found == FEW)
    return value if is_as_wanted else f"CAST({value} AS {wanted})"


def check_columns_of_file(file: Path, schema: pa.Schema) -> None:
    """INVARIANT: what was written has the stated columns, amounts as decimals."""
    import pyarrow.parquet as parquet

    for part in Parts(file, schema).files:
        with parquet.ParquetFile(part) as written:
            if not same_columns(written.schema_arrow, schema):
                raise InternalError(f"`{file.name}` was written with other columns")
