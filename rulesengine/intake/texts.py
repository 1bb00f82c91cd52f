"""CSV, JSONL and YAML: text files to tables, with no number passing through a float."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

from rulesengine.intake.tables import Broken, RecordTable, TextTable, Unopened
from rulesengine.intake.yaml_text import YamlProblem, load_text

UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 10_000_000


def utf16() -> Unopened:
    """Say that a file is UTF-16."""
    return Unopened("this is UTF-16, not UTF-8", "save the file as UTF-8")


def not_utf8(byte: int, offset: int) -> Unopened:
    """Say which byte is the first that is not UTF-8."""
    return Unopened(f"byte 0x{byte:02x} at offset {offset} is not UTF-8", "save the file as UTF-8")


def has_nul(offset: int) -> Unopened:
    """Say where the first NUL stands."""
    return Unopened(f"a NUL byte at offset {offset}", "save the file as UTF-8 text")


def no_gzip() -> Unopened:
    """Say that a file cannot be unpacked."""
    return Unopened("this is not gzip, or is cut short")


def decode(data: bytes) -> str:
    """Return UTF-8 text without its byte-order mark.

    Raises:
        Unopened: with the offset of the first byte that is not UTF-8, or of a NUL.
    """
    if data.startswith(UTF16):
        raise utf16()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(data[error.start], error.start) from None
    if "\0" in text:
        raise has_nul(data.index(0))
    return text.removeprefix("\ufeff")


def csv_table(data: bytes, delimiter: str) -> TextTable:
    """Read CSV with a header row; quotes as in RFC 4180, lines end with LF or CRLF.

    Lines with nothing on them are no rows.

    Raises:
        Unopened: not UTF-8, no header, quotes that do not close, or a cell of more than ten million
            characters.
    """
    lines = list(csv_lines(io.StringIO(decode(data), newline=""), delimiter))
    return TextTable(header_of(lines[0] if lines else None), lines[1:])


def header_of(line: list[str] | None) -> tuple[str, ...]:
    """Return the names of columns that the first line holds.

    Raises:
        Unopened: there is no line.
    """
    if line is None:
        raise Unopened("the file is empty; a header row is needed")
    return tuple(name.strip() for name in line)


def csv_lines(text: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the values of each line of a text that was opened with `newline=""`, the header first.

    Raises:
        Unopened: quotes that do not close, or a cell of more than ten million characters.
    """
    usual = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            yield from (line for line in reader if line)
        except csv.Error as error:
            what, hint = str(error), 'write a quote inside quotes as ""'
            if "unexpected end" in what or "expected after" in what:
                what = "quotes that do not close, or text after a closing quote"
            elif "field limit" in what:
                what = f"a value with more than {_LONGEST_CELL:,} characters"
                hint = "a quote that is never closed may hold all that follows it"
            raise Unopened(f"{what}, found by line {reader.line_num}", hint) from None
    finally:
        csv.field_size_limit(usual)


def jsonl_table(data: bytes) -> RecordTable:
    """Read one JSON object a line; numbers stay the text that was written.

    Raises:
        Unopened: not UTF-8, or a line that is no JSON object.
    """
    records: list[dict[str, object] | Broken] = []
    # Not splitlines(): JSON texts may hold U+2028, at which it would cut.
    for number, line in enumerate(decode(data).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _DECODER.decode(line.strip())
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "too deeply nested"
            raise Unopened(f"line {number} is not JSON: {reason[:1].lower()}{reason[1:]}") from None
        if not isinstance(record, (dict, Broken)):
            raise Unopened(f"line {number} is not a JSON object", "write one object {…} on each line")
        records.append(record)
    return record_table(records)


def yaml_table(data: bytes) -> RecordTable:
    """Read a YAML list of records; numbers and dates stay the text that was written.

    Raises:
        Unopened: not UTF-8, not YAML, or no list of records.
    """
    try:
        content = load_text(decode(data)).content
    except YamlProblem as problem:
        raise Unopened(f"line {problem.line} is not YAML: {problem.message}") from None
    if content is None:
        content = []
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise Unopened("expected a list of records", "write `- id: D-1` and so on")
    return record_table(content)


def record_table(records: Iterable[Mapping[str, object] | Broken]) -> RecordTable:
    """Gather records under all names that occur, in order of first occurrence."""
    names: dict[str, None] = {}
    kept: list[dict[str, object] | Broken] = []
    seen: tuple[str, ...] = ()
    for record in records:
        if isinstance(record, Broken):
            # Its fields are there, whatever their values are: no column is missing.
            names.update(dict.fromkeys(record.names))
            kept.append(record)
            continue
        if not isinstance(record, Mapping):
            raise Unopened(f"expected records such as dicts, found {type(record).__name__}")
        if (these := tuple(record)) != seen:
            names.update(dict.fromkeys(these))
            seen = these
        kept.append(dict(record))
    return RecordTable(tuple(names), kept)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object] | Broken:
    record = dict(pairs)
    if len(record) == len(pairs):
        return record
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    return Broken(f"`{twice}` occurs twice in this record", tuple(record))


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)
