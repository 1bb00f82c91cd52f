"""Writes rows in order, range by range, so that memory stays bounded however many there are.

A range holds some millions of rows; it is sorted by DuckDB and becomes one file. Columns that hold one value
throughout do not go through the sort: most of a line's columns are empty in most runs, and each would
weigh as much as an amount. Texts that are one of a few are small numbers in the database; they go to the
file as such, where they are texts all the same, at a tenth of the price.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql.sql import FEW, described, name, single, text, type_of
from rulesengine.statements.parts import Parts, same_columns

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 4_000_000
"""Of a range; two ranges begin where more rows than that belong together."""
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
    """A condition for each range, in order."""
    given: str = ""
    """A column of texts without a null. The file then says of the others that differ that they may be null,
    whatever the database knows of the rows and of what they are worked out from: the same bytes. Rows in any
    order promise no bytes, and do without."""


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
    constants = {each: value for each, value in sorting.constants.items() if each not in sorting.values}
    # One column at least is there to be sorted.
    constants.pop(sorting.schema.names[0], None)
    moved = [each.name for each in sorting.schema if each.name not in constants]
    inner = ", ".join(f"{sorting.values.get(each, f't.{name(each)}')} AS {name(each)}" for each in moved)
    outer = ", ".join(f"{constants.get(each, name(each))} AS {name(each)}" for each in sorting.schema.names)
    types = described(connection, f"(SELECT {outer} FROM (SELECT {inner} {sorting.source}))")
    written = {
        each.name: _as_written(each, constants.get(each.name, name(each.name)), types[each.name])
        for each in sorting.schema
    }
    if sorting.given and sorting.order:
        # What holds for every row, and costs nothing; no database can know that it does.
        may_be_null = f"CASE WHEN ascii({name(sorting.given)}) >= 0 THEN {{}} END"
        written |= {each: may_be_null.format(written[each]) for each in moved}
    outer = ", ".join(f"{value} AS {name(each)}" for each, value in written.items())
    order = f" ORDER BY {sorting.order}" if sorting.order else ""
    is_one = len(sorting.ranges) <= 1
    if not is_one:
        file.mkdir()
    rows = 0
    for number, condition in enumerate(sorting.ranges, start=1):
        target = file if is_one else file / f"part-{number:05}.parquet"
        query = f"SELECT {outer} FROM (SELECT {inner} {sorting.source} AND {condition}{order})"
        rows += single(connection, f"COPY ({query}) TO {text(str(target))} {_COPY}")
        if wrote is not None:
            wrote(rows)
    check_columns_of_file(file, sorting.schema)
    return rows


def _as_written(field: pa.Field, value: str, found: str) -> str:
    """Return a column as it goes to the file, from an expression and its type."""
    wanted = type_of(field.type)
    return (
        value if found == wanted or (wanted == "VARCHAR" and found == FEW) else f"CAST({value} AS {wanted})"
    )


def check_columns_of_file(file: Path, schema: pa.Schema) -> None:
    """INVARIANT: what was written has the stated columns, amounts as decimals."""
    import pyarrow.parquet as parquet

    for part in Parts(file, schema).files:
        with parquet.ParquetFile(part) as written:
            if not same_columns(written.schema_arrow, schema):
                raise InternalError(f"`{file.name}` was written with other columns")
