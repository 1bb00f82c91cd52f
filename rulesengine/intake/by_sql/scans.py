"""Inputs as DuckDB scans them: which relation it is, and what stands in each column."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from rulesengine.intake.arrow import ArrowTable, parquet_table
from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.bytes_on_disk import Hashing, no_text
from rulesengine.intake.files import Files, Missing
from rulesengine.intake.sources import Input
from rulesengine.intake.tables import Broken, Cells, Table, Unopened
from rulesengine.intake.texts import csv_lines, header_of
from rulesengine.model.types import Type

SPARE = 8
"""A row with so many values too many is still told apart by DuckDB; one with more is not."""


class Raw(Enum):
    """What a column of a scan holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    NANOSECONDS = "nanoseconds"
    FLAG = "flag"
    TEXTS = "texts"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scan:
    """A relation that yields an input's rows in order."""

    relation: str
    columns: dict[str, tuple[str, Raw]]
    """By name as the input has it: the column of the relation, quoted, and what it holds."""
    width: int = 0
    """Of text with a header: how many values a row must have, in columns `c0` and on; 0 for others."""
    exact: str = ""
    """Of such text: the relation for line ends inside quotes, which fails at rows of another width."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that can be read: by DuckDB if it has a scan, by the reader of its table else."""

    input: Input
    table: Table
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file that is read line by line, each time its rows are asked for."""

    columns: tuple[str, ...]
    path: Path
    delimiter: str

    def rows(self, wanted: tuple[str, ...]) -> Iterator[Cells]:
        """Pick values by position, as a table in memory does."""
        width = len(self.columns)
        places = [self.columns.index(name) for name in wanted]
        for line in islice(_lines(self.path, self.delimiter), 1, None):
            if len(line) != width:
                yield Broken.of_width(width, len(line))
            else:
                yield [line[place] for place in places]

    def misfit(self, column: str, type: Type, is_mapped: bool) -> str:  # noqa: ARG002
        """Text may hold anything."""
        return ""


@dataclass(slots=True)
class Scans:
    """Opens inputs; each file is hashed once."""

    connection: Any
    hashing: Hashing
    files: Files
    _links: TemporaryDirectory[str] | None = None
    _registered: list[str] = field(default_factory=list)
    _hashed: dict[str, tuple[Path, str]] = field(default_factory=dict)

    def open(self, input: Input) -> Opened:
        """Return an input with its columns, no row of it read.

        Raises:
            Missing: the file is not there.
            Unopened: it cannot be read as a whole.
        """
        if input.path is None:
            return self._in_memory(input)
        try:
            with input.path.open("rb"):
                pass
        except FileNotFoundError:
            raise Missing from None
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise Unopened(f"the file cannot be opened: {reason}") from None
        if input.format in ("csv", "parquet"):
            delimiter = input.delimiter if input.format == "csv" else ""
            self.hashing.begin(input.path, delimiter)
            self._hashed[input.name] = (input.path, delimiter)
            opener = self._csv if delimiter else self._parquet
            return opener(input, input.path)
        return Opened(input, self.files.open(input))

    def by_hand(self, opened: Opened) -> Table:
        """Return the table of an input that DuckDB does not read as we do.

        Raises:
            Unopened: it cannot be read as a whole.
        """
        input = opened.input
        if input.path is None or input.format not in ("csv", "parquet"):
            return self.files.open(input)
        delimiter = input.delimiter if input.format == "csv" else ""
        fault = self.hashing.of(input.path, delimiter).fault
        if fault is not None:
            raise fault
        return opened.table

    def fault_of(self, opened: Opened, wanted: tuple[str, ...]) -> Unopened | None:
        """Read a file to its end and return why it cannot be read, if it cannot.

        Args:
            wanted: columns of a Parquet file; the text of a CSV file is looked at without its values.
        """
        input = opened.input
        if input.format not in ("csv", "parquet") or input.path is None:
            return None
        try:
            for _ in self.by_hand(opened).rows(wanted if input.format == "parquet" else ()):
                pass
        except Unopened as error:
            return error
        return None

    def files_in_order(self) -> tuple[tuple[str, str, int], ...]:
        """Return name, SHA-256 and size of every file read, by name."""
        found = dict(self.files.digests)
        for name, (path, delimiter) in self._hashed.items():
            bytes = self.hashing.of(path, delimiter)
            found[name] = (bytes.digest, bytes.size)
        return tuple((name, digest, size) for name, (digest, size) in sorted(found.items()))

    def close(self) -> None:
        """Take back what was lent to the database."""
        self.hashing.close()
        for each in self._registered:
            self.connection.unregister(each)
        if self._links is not None:
            self._links.cleanup()

    def _csv(self, input: Input, path: Path) -> Opened:
        # Names of columns decide what else is looked at, so text that is none must be found first.
        fault = None
        try:
            first = next(_lines(path, input.delimiter), None)
        except (UnicodeDecodeError, OSError, EOFError, zlib.error, Unopened) as error:
            first, fault = None, error
        if fault is not None or first is None or any("\0" in name for name in first):
            whole = self.hashing.of(path, input.delimiter).fault
            if whole is not None:
                raise whole
            if isinstance(fault, Unopened):
                raise fault
        header = header_of(first)
        table = CsvTable(header, path, input.delimiter)
        if not _begins_with_header(path):
            return Opened(input, table)
        packing = "gzip" if path.suffix.lower() == ".gz" else "none"
        none = quoting.text(no_text(input.delimiter))
        options = (
            f"read_csv({quoting.text(self._address(path))}, auto_detect=false, header=true, "
            f"delim={quoting.text(input.delimiter)}, quote='\"', escape='\"', strict_mode=true, "
            f"nullstr={none}, hive_partitioning=false, compression='{packing}', "
        )
        width = len(header)
        padded = f"{options}null_padding=true, columns={_names(width + SPARE)})"
        exact = f"{options}null_padding=false, columns={_names(width)})"
        found = {name: (f'"c{place}"', Raw.TEXT) for place, name in enumerate(header)}
        return Opened(input, table, Scan(padded, found, width, exact))

    def _parquet(self, input: Input, path: Path) -> Opened:
        table = parquet_table(path)
        relation = (
            f"read_parquet({quoting.text(self._address(path))}, hive_partitioning=false, union_by_name=false)"
        )
        return Opened(input, table, self._typed(relation, table.shape, table.columns))

    def _in_memory(self, input: Input) -> Opened:
        table = self.files.open(input)
        if not isinstance(table, ArrowTable):
            return Opened(input, table)
        import duckdb

        lent = f"@lent {len(self._registered)}"
        try:
            self.connection.register(lent, table.data)
        except duckdb.Error:
            return Opened(input, table)
        self._registered.append(lent)
        return Opened(input, table, self._typed(quoting.name(lent), table.data.schema, table.columns))

    def _typed(self, relation: str, shape: Any, columns: tuple[str, ...]) -> Scan | None:
        """Return the scan of typed columns; None where DuckDB could take one for something else."""
        import duckdb

        try:
            described = self.connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        except duckdb.Error:
            return None
        if len(described) != len(columns):
            return None
        found: dict[str, tuple[str, Raw]] = {}
        for name, arrow_field, (column, type, *_) in zip(columns, shape, described, strict=True):
            raw = _raw_of(arrow_field.type, type)
            if raw is not None:
                found[name] = (quoting.name(column), raw)
        return Scan(relation, found)

    def _address(self, path: Path) -> str:
        """Return a path in which DuckDB sees no pattern and no address of another machine."""
        whole = path.absolute()
        if not set(str(whole)) & set("*?[]{}") and "://" not in str(whole):
            return str(whole)
        if self._links is None:
            self._links = TemporaryDirectory()
        link = Path(self._links.name) / f"{len(list(Path(self._links.name).iterdir()))}"
        link.symlink_to(whole)
        return str(link)


def _names(width: int) -> str:
    return "{" + ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width)) + "}"


def _lines(path: Path, delimiter: str) -> Iterator[list[str]]:
    """Yield the lines of a CSV file that was found to be text, without holding them."""
    with _unpacked(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        yield from csv_lines(text, delimiter)


def _unpacked(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _begins_with_header(path: Path) -> bool:
    """Whether the first line has something on it; DuckDB would take an empty one for the header."""
    with _unpacked(path) as file:
        return file.read(4).removeprefix(b"\xef\xbb\xbf")[:1] not in (b"", b"\r", b"\n")


def _raw_of(found: Any, type: str) -> Raw | None:
    """Return what a column holds, where Arrow and DuckDB agree on it."""
    import pyarrow.types as at

    if at.is_null(found):
        return Raw.NOTHING
    if (at.is_string(found) or at.is_large_string(found)) and type == "VARCHAR":
        return Raw.TEXT
    if at.is_integer(found) and type.removeprefix("U") in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"):
        return Raw.INTEGER
    if at.is_decimal(found) and type == f"DECIMAL({found.precision},{found.scale})":
        return Raw.DECIMAL
    if at.is_date32(found) and type == "DATE":
        return Raw.DATE
    if (
        at.is_timestamp(found)
        and found.tz is None
        and type.startswith("TIMESTAMP")
        and "TIME ZONE" not in type
    ):
        return Raw.NANOSECONDS if type == "TIMESTAMP_NS" else Raw.TIME
    if at.is_boolean(found) and type == "BOOLEAN":
        return Raw.FLAG
    is_list = at.is_list(found) or at.is_large_list(found)
    if is_list and at.is_string(found.value_type) and type == "VARCHAR[]":
        return Raw.TEXTS
    return None
