"""Writes rows in order, range by range, so that memory stays bounded however many there are.

A range holds some millions of rows; it is sorted by DuckDB and becomes one file. Columns that hold one value
throughout do not go through the sort: most of a line's columns are empty in most runs, and each would
weigh as much as an amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql.sql import name, single, text, type_of
from rulesengine.statements.parts import Parts, same_columns

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 4_000_000
"""Of a range; two ranges begin where more rows than that belong together."""
WORTH_A_LOOK = 500_000
"""From so many rows on, columns of one value are looked for."""
_COPY = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"


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
    """The total order: expressions over the source."""
    table: str = ""
    """Of which columns of one value are looked for; for tables that may be large."""
    ranges: Sequence[str] = ("true",)
    """A condition for each range, in order."""


def write_sorted(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    sorting: Sorting,
    wrote: Callable[[int], None] | None = None,
) -> int:
    """Write a table of a run folder, as one file or as a folder of part files; returns how many rows.

    Args:
        connection: to the database that has the rows.
        file: to write.
        sorting: which rows, in which order.
        wrote: is told after each range how many rows there are by now.
    """
    constants = _constants(connection, sorting)
    # One column at least is there to be sorted.
    constants.pop(sorting.schema.names[0], None)
    moved = [field.name for field in sorting.schema if field.name not in constants]
    inner = ", ".join(f"{sorting.values.get(each, f't.{name(each)}')} AS {name(each)}" for each in moved)
    # Texts that are one of a few stay numbers while they are sorted.
    plain = ((field.name, type_of(field.type)) for field in sorting.schema)
    outer = ", ".join(
        f"{constants.get(each, f'CAST({name(each)} AS {type_})')} AS {name(each)}" for each, type_ in plain
    )
    is_one = len(sorting.ranges) <= 1
    if not is_one:
        file.mkdir()
    rows = 0
    for number, condition in enumerate(sorting.ranges, start=1):
        target = file if is_one else file / f"part-{number:05}.parquet"
        query = (
            f"SELECT {outer} FROM (SELECT {inner} {sorting.source} AND {condition} ORDER BY {sorting.order})"
        )
        rows += single(connection, f"COPY ({query}) TO {text(str(target))} {_COPY}")
        if wrote is not None:
            wrote(rows)
    _check(file, sorting.schema)
    return rows


def _constants(connection: duckdb.DuckDBPyConnection, sorting: Sorting) -> dict[str, str]:
    """Return the columns that hold one value throughout, each with that value as an expression."""
    if not sorting.table or single(connection, f"SELECT count(*) FROM {sorting.table}") < WORTH_A_LOOK:
        return {}
    plain = [field for field in sorting.schema if field.name not in sorting.values]
    likely = _of_one_value(connection, f"{sorting.table} USING SAMPLE 1 PERCENT (system)", plain)
    found = _of_one_value(connection, sorting.table, [field for field in plain if field.name in likely])
    return {
        field.name: f"CAST({'NULL' if value is None else text(value)} AS {type_of(field.type)})"
        for field in plain
        for value in (found.get(field.name),)
        if field.name in found
    }


def _of_one_value(
    connection: duckdb.DuckDBPyConnection, rows: str, fields: Sequence[pa.Field]
) -> dict[str, str | None]:
    if not fields:
        return {}
    asked = ", ".join(
        f"count({column}), min({column}) = max({column}), CAST(min({column}) AS VARCHAR)"
        for column in (name(field.name) for field in fields)
    )
    row = connection.execute(f"SELECT count(*), {asked} FROM {rows}").fetchone()
    assert row is not None
    count = row[0]
    found: dict[str, str | None] = {}
    for at, field in enumerate(fields):
        filled, is_same, value = row[1 + 3 * at : 4 + 3 * at]
        if filled == 0:
            found[field.name] = None
        elif filled == count and is_same:
            found[field.name] = value
    return found


def _check(file: Path, schema: pa.Schema) -> None:
    """INVARIANT: what was written has the stated columns, amounts as decimals."""
    import pyarrow.parquet as parquet

    for part in Parts(file, schema).files:
        with parquet.ParquetFile(part) as written:
            if not same_columns(written.schema_arrow, schema):
                raise InternalError(f"`{file.name}` was written with other columns")
