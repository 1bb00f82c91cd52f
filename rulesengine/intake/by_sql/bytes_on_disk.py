"""What the bytes of a file tell: their hash, and whether DuckDB splits them into rows as RFC 4180 has it.

DuckDB's reader of CSV is lenient where ours is not: it drops blanks round quotes, and mixed line ends
upset it. Both are looked for in the same pass that hashes the file; where one is found, the file is
split by the reader of `intake.texts` instead.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from rulesengine.intake.tables import Unopened
from rulesengine.intake.texts import UTF16, has_nul, no_gzip, not_utf8, utf16

_NO_TEXTS = ("\x01\x02\x02\x01" * 4, "\x03\x04\x04\x03" * 4)
_CHUNK = 1 << 20
_TAIL = 64
_GZIP = 31


def no_text(delimiter: str) -> str:
    """Return what stands where a row has fewer values than the header, without the delimiter in it.

    A file that holds it is not read by DuckDB.
    """
    return next(text for text in _NO_TEXTS if delimiter not in text)


@dataclass(frozen=True, slots=True)
class Bytes:
    """What was found in one pass over a file."""

    digest: str
    size: int
    fault: Unopened | None = None
    """Why a CSV file is no text."""
    is_plain: bool = False
    """Text whose rows DuckDB finds exactly where RFC 4180 has them."""
    lines: int | None = None
    """How many lines with something on them there are, where each is a row; None where unknown."""


@dataclass(slots=True)
class Hashing:
    """Reads files in a thread of its own, each once; nothing waits for it before it must."""

    _found: dict[tuple[Path, str], Future[Bytes]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    _is_over: Event = field(default_factory=Event)

    def begin(self, path: Path, delimiter: str) -> None:
        """Start to read a file; without a delimiter it is no CSV, and only hashed."""
        if (path, delimiter) not in self._found:
            self._found[path, delimiter] = self._pool.submit(read_bytes, path, delimiter, self._is_over)

    def of(self, path: Path, delimiter: str) -> Bytes:
        """Wait for what was found.

        Raises:
            OSError: the file cannot be read.
        """
        return self._found[path, delimiter].result()

    def close(self) -> None:
        """Stop in the midst of a file, so that an interrupted run need not wait for its end."""
        self._is_over.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


def read_bytes(path: Path, delimiter: str, is_over: Event) -> Bytes:
    """Hash a file in one pass; given its delimiter, look at the text of a CSV file."""
    digest = hashlib.sha256()
    size = 0
    look = _Look(delimiter) if delimiter else None
    inflate = _Inflate() if delimiter and path.suffix.lower() == ".gz" else None
    with path.open("rb") as file:
        while (chunk := file.read(_CHUNK)) and not is_over.is_set():
            digest.update(chunk)
            size += len(chunk)
            if look is not None:
                for part in inflate.parts(chunk) if inflate is not None else (chunk,):
                    look.at(part)
    if look is None:
        return Bytes(digest.hexdigest(), size)
    if inflate is not None and not inflate.is_whole:
        return Bytes(digest.hexdigest(), size, no_gzip())
    fault = look.fault()
    is_plain = fault is None and look.is_plain and not (inflate is not None and inflate.has_several)
    return Bytes(digest.hexdigest(), size, fault, is_plain, look.lines if is_plain else None)


class _Inflate:
    """Unpacks gzip bit by bit, files of several members too."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=_GZIP)
        self._has_begun = self.is_broken = False
        self.has_several = False

    def parts(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk holds; nothing more once it proves to be no gzip."""
        self._has_begun = True
        while not self.is_broken:
            if self._member.eof:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    return
                self._member, self.has_several = zlib.decompressobj(wbits=_GZIP), True
            try:
                part = self._member.decompress(chunk, _CHUNK)
            except zlib.error:
                self.is_broken = True
                return
            yield part
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if not chunk and len(part) < _CHUNK:
                return

    @property
    def is_whole(self) -> bool:
        """Whether it ended where gzip ends; a file of no bytes has nothing that could be cut short."""
        return (self._member.eof or not self._has_begun) and not self.is_broken


class _Look:
    """Looks at a CSV text chunk by chunk, with a few bytes of the one before."""

    def __init__(self, delimiter: str) -> None:
        ends = re.escape(delimiter.encode()) + rb"|[\r\n]"
        self._blank_at_quote = re.compile(rb'(?:%s) +"|" +(?:%s)' % (ends, ends))
        self._no_value = no_text(delimiter).encode()
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._size = 0
        self._tail = b"\n"
        self._first_nul = -1
        self._fault: Unopened | None = None
        self._is_plain = True
        self._has_quotes = self._has_blank_lines = self._has_long_blank = False
        self._returns = self._pairs = self._feeds = 0

    def at(self, chunk: bytes) -> None:
        """Look at what follows."""
        if not chunk or self._fault is not None:
            return
        if self._size == 0 and chunk[:2] in UTF16:
            self._fault = utf16()
            return
        self._decode(chunk)
        if self._first_nul < 0 and b"\0" in chunk:
            self._first_nul = self._size + chunk.index(b"\0")
        joined = self._tail + chunk
        self._has_quotes = self._has_quotes or b'"' in chunk
        if (b' "' in joined or b'" ' in joined) and self._blank_at_quote.search(joined):
            self._is_plain = False
        if self._no_value in joined:
            self._is_plain = False
        self._feeds += chunk.count(b"\n")
        if b"\r" in joined:
            self._returns += chunk.count(b"\r")
            self._pairs += chunk.count(b"\r\n") + (self._tail.endswith(b"\r") and chunk.startswith(b"\n"))
        if b"\n\n" in joined[-len(chunk) - 1 :] or b"\n\r" in joined:
            self._has_blank_lines = True
        self._size += len(chunk)
        self._tail = joined[-_TAIL:]
        # A quote before or after so many blanks may lie in another chunk than what tells its meaning.
        self._has_long_blank = self._has_long_blank or not self._tail.strip(b" ")

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        before = self._size - len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk, final=final)
        except UnicodeDecodeError as error:
            self._fault = not_utf8(error.object[error.start], before + error.start)

    def fault(self) -> Unopened | None:
        """Return why it is no text at all, once all of it was looked at."""
        if self._fault is None:
            self._decode(b"", final=True)
        if self._fault is None and self._first_nul >= 0:
            self._fault = has_nul(self._first_nul)
        return self._fault

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB splits it as RFC 4180 does."""
        if self._returns != self._pairs or (self._returns and self._returns != self._feeds):
            return False
        ends_well = self._blank_at_quote.search(self._tail + b"\n") is None
        return self._is_plain and ends_well and not (self._has_quotes and self._has_long_blank)

    @property
    def lines(self) -> int | None:
        """How many rows there are with the header; None where lines and rows may differ."""
        if self._has_quotes or self._has_blank_lines:
            return None
        return self._feeds + (not self._tail.endswith(b"\n"))
