"""Readers of one value: from what stands in a file to a value of the book, exactly or not at all.

A reader takes text, or a value that the file format types itself (Parquet, the Python API), and
returns None for a blank. Blanks around a value are not part of it, in any format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from operator import index
from typing import SupportsIndex

from rulesengine.diagnostics import did_you_mean
from rulesengine.intake.problems import BadValue
from rulesengine.model.book import Value
from rulesengine.model.money import minor_digits

Reader = Callable[[object], Value]

SEPARATOR = ";"
"""What stands between the entries of a list in a text, unless the manifest says otherwise."""

FLOAT = "a float is not exact; pass a decimal.Decimal, an integer or text"
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def text_of(raw: object) -> str:
    """Return a value as trimmed text; integers are texts too, since many keys are numbers.

    Raises:
        BadValue: floats, and values such as dates that have no one spelling.
    """
    if isinstance(raw, str):
        return raw.strip()
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, SupportsIndex):
        return integer_text(raw)
    if isinstance(raw, float):
        raise BadValue("R1102", FLOAT)
    raise BadValue("R1102", f"expected text, found {kind_of(raw)}")


def integer_text(raw: SupportsIndex) -> str:
    """Return an integer of any library as text; Python refuses to write some thousand digits."""
    value = index(raw)
    if abs(value) >= 10**40:
        raise BadValue("R1103", "more than 40 digits")
    return str(value)


def text_reader(one_of: tuple[str, ...] = (), *, is_key: bool = False) -> Reader:
    """Read text; a key may hold no line breaks, and a listed text must be spelt as listed."""
    allowed = frozenset(one_of)

    def read(raw: object) -> str | None:
        text = raw.strip() if type(raw) is str else text_of(raw)
        if not text:
            return None
        if not text.isprintable():
            _refuse_controls(text, is_key)
        if allowed and text not in allowed:
            hint = did_you_mean(text, one_of) or "it must be one of " + ", ".join(f"`{o}`" for o in one_of)
            raise BadValue("R1104", f"`{text}` is not allowed; {hint}")
        return text

    return read


def currency_reader(read: Reader) -> Reader:
    """Read the code of a currency, as ISO 4217 has it: three capital letters."""

    def read_code(raw: object) -> Value:
        code = read(raw)
        if isinstance(code, str) and minor_digits(code) is None:
            raise BadValue("R1114", f"`{code}` is not the code of a currency, such as EUR or JPY")
        return code

    return read_code


def flag_reader() -> Reader:
    """Read yes, no, true or false, in small or capital letters."""

    def read(raw: object) -> bool | None:
        if type(raw) is bool:
            return raw
        text = text_of(raw)
        if not text:
            return None
        flag = _FLAGS.get(text.lower())
        if flag is None:
            raise BadValue("R1102", "expected yes, no, true or false; `map` in facts.yaml translates others")
        return flag

    return read


def list_reader(separator: str | None) -> Reader:
    """Read a list of texts: a list in JSON, YAML or Parquet, or a text with separators.

    Blank entries are left out; a blank text is None, and an empty list the empty tuple.
    """
    between = separator or SEPARATOR
    entry = text_reader()

    def read(raw: object) -> tuple[str, ...] | None:
        if not isinstance(raw, (list, tuple)):
            text = text_of(raw)
            if not text:
                return None
            raw = text.split(between)
        entries = (entry(part) for part in raw)
        return tuple(part for part in entries if isinstance(part, str))

    return read


def mapped(read: Reader, names: dict[str, str]) -> Reader:
    """Put other spellings in the place of some values before they are read."""
    blank = names.get("")

    def translate(raw: object) -> Value:
        if isinstance(raw, (str, int)) or raw is None:
            text = text_of(raw)
            return read(names.get(text, raw) if text else blank)
        return read(raw)

    return translate


def kind_of(raw: object) -> str:
    """Return what a value is, in words."""
    if isinstance(raw, date):
        return "a date"
    if isinstance(raw, Decimal):
        return "a decimal number"
    if isinstance(raw, Iterable):
        return "a list or record"
    return "something else"


def key_text(value: Value) -> str:
    """Return the one spelling of a value that serves as a key."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _refuse_controls(text: str, is_key: bool) -> None:
    for character in text:
        point = ord(character)
        if 0xD800 <= point <= 0xDFFF:
            raise BadValue("R1102", "half of a surrogate pair is not text")
        if (point < 32 or 127 <= point < 160) and (is_key or character not in "\n\r\t"):
            where = "a key holds no line breaks and no control characters" if is_key else "control character"
            raise BadValue("R1102", f"{where}: U+{point:04X}")
