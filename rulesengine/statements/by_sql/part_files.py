"""Rows that a database puts in order, written as Parquet files that end at given places.

The bytes of a file depend on its rows alone: not on the pieces in which they come, on threads, or on what
the database knows of them. So a file whose rows are those of an earlier run is the file of that run.
DuckDB's own writer ends a run of equal texts where a piece ends, and pieces end where its threads happen to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError

if TYPE_CHECKING:
    import pyarrow.parquet as parquet

GROUP_ROWS = 122_880
"""Of a group of rows of a file; the last one of a file has fewer."""
_WRITERS = 2
_MOST_WAITING = 2
"""Groups that wait to be written: memory stays bounded."""
_EACH_ANOTHER = frozenset(
    ("line_id", "fact_id", "corrects", "from_line", "readings", "fractions", "detail", "file")
)
"""Columns of texts of which nearly each is another; all others are written as one of a few."""
_DAYS = ("earned_on", "payable_on", "dated")
_LOOKED_UP = frozenset(("line_id", "payee_kind", "payee", "period", "rule", "fact", "fact_id", *_DAYS))
"""Columns that rows are looked up by: the file says of each group of rows which values lie in it."""
_CODED = pa.dictionary(pa.int32(), pa.string())
Pieces = Sequence[pa.RecordBatch]
_Same = tuple[pa.DataType, bool, pa.Scalar]


def part_file(file: Path, number: int) -> Path:
    """Return where a part of a table is, counted from 0, in a table of several."""
    return file / f"part-{number + 1:05}.parquet"


def write_parts(
    file: Path,
    schema: pa.Schema,
    constants: Mapping[str, pa.Scalar],
    parts: Mapping[Path, int],
    pieces: Iterable[pa.RecordBatch],
    *,
    coded: bool = True,
) -> int:
    """Write rows in order as files; returns how many there are.

    Args:
        file: of the table, which errors name.
        schema: columns of the table.
        constants: columns that are in no piece, with the value that all rows have.
        parts: how many rows go into each file, in order.
        pieces: the rows, with all other columns.
        coded: whether texts that are one of a few are numbered before they go to the writer. Without, it
            numbers them itself: that is slower, but what numbers them takes long to be loaded.

    Raises:
        InternalError: there are more rows or fewer than go into the files.
    """
    rows = 0
    waiting: deque[Future[None]] = deque()
    cut = Cut(iter(pieces))
    repeated: dict[_Same, pa.Array] = {}
    with ExitStack() as files, ExitStack() as stack:
        threads = [stack.enter_context(ThreadPoolExecutor(1)) for _ in range(_WRITERS)]
        for number, (path, size) in enumerate(parts.items()):
            # All groups of a file go to one thread, which writes them as they come.
            thread, target = threads[number % _WRITERS], _File(path, schema, constants, repeated, coded)
            files.callback(target.let_go)
            for start in range(0, max(size, 1), GROUP_ROWS):
                group = cut.next(min(GROUP_ROWS, size - start))
                waiting.append(thread.submit(target.write, group))
                rows += sum(piece.num_rows for piece in group)
                while len(waiting) > _MOST_WAITING:
                    waiting.popleft().result()
            waiting.append(thread.submit(target.close))
        for each in waiting:
            each.result()
    if rows != sum(parts.values()) or not cut.is_empty():
        raise InternalError(f"`{file.name}` has other rows than were counted")
    return rows


@dataclass(slots=True)
class Cut:
    """Pieces, cut to what goes into a group."""

    pieces: Iterator[pa.RecordBatch]
    left: pa.RecordBatch | None = None

    def next(self, rows: int) -> Pieces:
        """Return the next rows, fewer where there are no more."""
        found: list[pa.RecordBatch] = []
        while rows and not self.is_empty():
            assert self.left is not None
            found.append(self.left.slice(0, rows))
            rows -= found[-1].num_rows
            self.left = self.left.slice(found[-1].num_rows)
        return found

    def is_empty(self) -> bool:
        """Whether there are no rows left."""
        while self.left is None or not self.left.num_rows:
            self.left = next(self.pieces, None)
            if self.left is None:
                return True
        return False


@dataclass(slots=True)
class _File:
    """One file, written group by group."""

    path: Path
    schema: pa.Schema
    constants: Mapping[str, pa.Scalar]
    same: dict[_Same, pa.Array]
    """What columns hold that hold one value, as long as it was needed so far."""
    coded: bool
    _writer: parquet.ParquetWriter | None = field(default=None)
    _sink: pa.OSFile | None = field(default=None)

    def write(self, pieces: Pieces) -> None:
        """Write rows as a group."""
        import pyarrow.parquet as parquet

        rows = sum(piece.num_rows for piece in pieces)
        columns = [self._column(each, pieces, rows) for each in self.schema]
        table = pa.table(columns, names=self.schema.names)
        if self._writer is None:
            self._sink = pa.OSFile(str(self.path), "wb")
            self._writer = parquet.ParquetWriter(
                self._sink,
                table.schema,
                compression="zstd",
                compression_level=1,
                version="2.6",
                data_page_version="1.0",
                use_dictionary=[each.name for each in self.schema if is_few(each)],
                write_statistics=[each for each in self.schema.names if each in _LOOKED_UP],
                store_schema=False,
            )
        self._writer.write_table(table, row_group_size=GROUP_ROWS)

    def close(self) -> None:
        """End the file."""
        assert self._writer is not None
        self._writer.close()
        self.let_go()

    def let_go(self) -> None:
        """Close the file, however much of it was written, and keep nothing of it: a run writes thousands."""
        if self._sink is not None:
            self._sink.close()
        self._writer = self._sink = None

    def _same(self, wanted: pa.Field, rows: int) -> pa.Array:
        value, key = self.constants[wanted.name], (wanted.type, is_few(wanted), self.constants[wanted.name])
        found = self.same.get(key)
        if found is None or len(found) < rows:
            found = self.same[key] = _repeated(wanted, value, rows)
        return found.slice(0, rows)

    def _column(self, wanted: pa.Field, pieces: Pieces, rows: int) -> pa.Array:
        if wanted.name in self.constants:
            return self._same(wanted, rows)
        found = [piece.column(wanted.name) for piece in pieces]
        if self.coded:
            found = [_canonical(wanted, each) for each in found]
        if not found:
            return _repeated(wanted, pa.scalar(None, wanted.type), 0)
        whole = found[0] if len(found) == 1 else pa.concat_arrays(found)
        # Put together, the numbers may come out shorter; all groups of a file have them of one length.
        return whole.cast(_CODED) if whole.type not in (wanted.type, _CODED) else whole


def is_few(wanted: pa.Field) -> bool:
    """Return whether the texts of a column are written as one of a few."""
    return bool(pa.types.is_string(wanted.type)) and wanted.name not in _EACH_ANOTHER


def _canonical(wanted: pa.Field, found: pa.Array) -> pa.Array:
    """Return values as they are written: texts that are one of a few as numbers of those that there are.

    These stand in the order in which they first occur, and no text that might have been leaves a trace.
    """
    is_coded = pa.types.is_dictionary(found.type)
    if not is_few(wanted):
        return found.dictionary_decode() if is_coded else found
    if not is_coded:
        return found.dictionary_encode()
    codes = found.indices.dictionary_encode()
    return pa.DictionaryArray.from_arrays(codes.indices, found.dictionary.take(codes.dictionary), safe=False)


def _repeated(wanted: pa.Field, value: pa.Scalar, rows: int) -> pa.Array:
    if not is_few(wanted):
        return pa.repeat(value, rows) if value.is_valid else pa.nulls(rows, wanted.type)
    if not value.is_valid:
        return pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], wanted.type))
    numbers = pa.repeat(pa.scalar(0, pa.int32()), rows)
    return pa.DictionaryArray.from_arrays(numbers, pa.array([value.as_py()], wanted.type), safe=False)
