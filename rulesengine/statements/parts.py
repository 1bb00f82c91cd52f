"""A table of a run folder: one Parquet file, or a folder of part files, each after the other.

Rows are read by what they are about, a group of rows at a time: of fifty million lines, those of
one payee take a moment and little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as parquet

_BATCH = 1 << 14


@dataclass(frozen=True)
class Parts:
    """The files of a table, in order.

    Every method raises `OSError`, `ValueError` or `pyarrow.ArrowException` where a file cannot be read.
    """

    path: Path
    """Of the file or of the folder."""
    schema: pa.Schema
    """The columns that the table has; a file may say of some that they have no nulls."""

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files that the table is made of."""
        if not self.path.is_dir():
            return (self.path,)
        return tuple(sorted(self.path.glob("part-*.parquet")))

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(file.metadata.num_rows for file in self._open())

    @property
    def rows_in_its_columns(self) -> int | None:
        """How many there are; None where a file has other columns than the table."""
        rows = 0
        for file in self._open():
            if not same_columns(file.schema_arrow, self.schema):
                return None
            rows += file.metadata.num_rows
        return rows

    def all(self) -> pa.Table:
        """Return the whole table."""
        import pyarrow as pa

        return pa.concat_tables([self._valid(file.read()) for file in self._open()])

    def batches(self) -> Iterator[pa.Table]:
        """Return the table piece by piece, in its order."""
        import pyarrow as pa

        for file in self._open():
            for batch in file.iter_batches(batch_size=_BATCH):
                yield self._valid(pa.Table.from_batches([batch]))

    def where(self, values: Mapping[str, str], starts: str = "") -> pa.Table:
        """Return the rows that have these values in these columns, in the order of the table.

        Args:
            values: text by the name of its column.
            starts: a column whose value needs to begin with the text only.
        """
        import pyarrow as pa
        import pyarrow.compute as compute

        def mask(table: pa.Table) -> pa.ChunkedArray:
            found = None
            for name, value in values.items():
                column = table.column(name)
                same = (
                    compute.starts_with(column, pattern=value)
                    if name == starts
                    else compute.equal(column, value)
                )
                found = same if found is None else compute.and_kleene(found, same)
            return found

        pieces = [self.schema.empty_table()]
        for file in self._open():
            for number in range(file.num_row_groups):
                if not _may_hold(file, number, values, starts):
                    continue
                keys = file.read_row_group(number, columns=list(values))
                if compute.any(mask(keys)).as_py():
                    group = file.read_row_group(number)
                    pieces.append(self._valid(group.filter(mask(group))))
        return pa.concat_tables(pieces)

    def _open(self) -> Iterator[parquet.ParquetFile]:
        import pyarrow.parquet as parquet

        for path in self.files:
            # One file, its own schema: no folder of partitions is looked for.
            with parquet.ParquetFile(path) as file:
                yield file

    def _valid(self, table: pa.Table) -> pa.Table:
        import pyarrow as pa

        table.validate(full=True)
        # No cast: the types are the same, and loading what casts takes longer than writing a page.
        return pa.Table.from_arrays(table.columns, schema=self.schema)


def same_columns(found: pa.Schema, wanted: pa.Schema) -> bool:
    """Return whether a file has the names and types of a table, whatever it says of nulls."""
    return bool(found.names == wanted.names and found.types == wanted.types)


def _may_hold(file: parquet.ParquetFile, group: int, values: Mapping[str, str], starts: str) -> bool:
    """Return whether a group of rows can have the values, by the bounds that the file states."""
    chunks = file.metadata.row_group(group)
    for at in range(chunks.num_columns):
        chunk = chunks.column(at)
        value = values.get(chunk.path_in_schema)
        bounds = chunk.statistics
        if value is None or chunk.path_in_schema == starts or bounds is None or not bounds.has_min_max:
            continue
        if isinstance(bounds.min, str) and not bounds.min <= value <= bounds.max:
            return False
    return True
