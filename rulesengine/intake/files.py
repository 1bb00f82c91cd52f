"""Opening inputs: bytes are read once, hashed, and parsed by format."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rulesengine.intake.arrow import frame_table, parquet_table
from rulesengine.intake.sources import Input
from rulesengine.intake.tables import Table, Unopened
from rulesengine.intake.texts import csv_table, jsonl_table, no_gzip, record_table, yaml_table


class Missing(Exception):
    """There is no such file."""


@dataclass(slots=True)
class Files:
    """The files that were read, each once, however many kinds are drawn from it."""

    digests: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By name: SHA-256 of the bytes on disk, and their number."""
    _tables: dict[tuple[Path, str, str], Table] = field(default_factory=dict)

    def note(self, name: str, data: bytes) -> None:
        """Remember the hash of a file."""
        self.digests[name] = (hashlib.sha256(data).hexdigest(), len(data))

    def open(self, source: Input) -> Table:
        """Return the table of an input.

        Raises:
            Missing: the file is not there.
            Unopened: it cannot be read as a whole.
        """
        if source.path is None:
            return _in_memory(source.data)
        known = (source.path, source.format, source.delimiter)
        if known not in self._tables:
            self._tables[known] = _parse(self._bytes(source.name, source.path), source)
        return self._tables[known]

    def _bytes(self, name: str, path: Path) -> bytes:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Missing from None
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise Unopened(f"the file cannot be opened: {reason}") from None
        self.note(name, data)
        return data

    def in_order(self) -> tuple[tuple[str, str, int], ...]:
        """Return name, SHA-256 and size of every file read, by name."""
        return tuple((name, digest, size) for name, (digest, size) in sorted(self.digests.items()))


def _parse(data: bytes, source: Input) -> Table:
    if source.path is not None and source.path.suffix.lower() == ".gz" and source.format != "parquet":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise no_gzip() from None
    match source.format:
        case "csv":
            return csv_table(data, source.delimiter)
        case "jsonl":
            return jsonl_table(data)
        case "yaml":
            return yaml_table(data)
        case _:
            return parquet_table(data)


def _in_memory(data: object) -> Table:
    table = frame_table(data)
    if table is not None:
        return table
    if isinstance(data, Iterable) and not isinstance(data, (bytes, str)):
        return record_table(data)
    raise Unopened(f"expected a path, a table or records, found {type(data).__name__}")
