"""Readers of numbers, money and percents: plain decimals, and nothing that only looks like one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import SupportsIndex

from rulesengine.intake.problems import BadCount, BadValue
from rulesengine.intake.values import FLOAT, Reader, integer_text, kind_of
from rulesengine.model.exact import EXACT
from rulesengine.model.money import Money
from rulesengine.model.schema import MOST_PARTS

DIGITS = 18
"""Most digits before the point (model/exact.py relies on it)."""

_NO_NUMBER = "expected a number, such as 12.50"
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_WITH_CURRENCY = re.compile(r"(.*\S)\s+([A-Z]{3})")


def number_reader(decimals: int, *, is_count: bool = False) -> Callable[[object], Decimal | None]:
    """Read a plain number with at most that many decimals (zeros at the end do not count)."""
    usual = re.compile(rf"-?[0-9]{{1,{DIGITS}}}" + (rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""))

    def read(raw: object) -> Decimal | None:
        text = raw.strip() if type(raw) is str else _number_text(raw)
        if not text:
            return None
        if usual.fullmatch(text) is None:
            check_number(text, decimals)
        value = decimal_of(text)
        if is_count and (value != value.to_integral_value() or not 1 <= value <= MOST_PARTS):
            raise BadCount(f"expected a whole number from 1 to {MOST_PARTS}", value)
        return value

    return read


def money_reader(decimals: int, currency: str) -> Reader:
    """Read an amount of one currency; `12.50 USD` may name it, as the plan language does.

    Without a currency it takes any, and leaves it empty where the amount does not name one.
    """
    amount_of = number_reader(decimals)

    def read(raw: object) -> Money | None:
        named = currency
        if type(raw) is str:
            raw = raw.strip()
            if raw and raw[-1].isalpha():
                if not currency and (match := _WITH_CURRENCY.fullmatch(raw)):
                    named = match[2]
                raw = check_currency(raw, named)
        amount = amount_of(raw)
        return None if amount is None else Money(amount, named)

    return read


def percent_reader(decimals: int, spelt: str | None) -> Reader:
    """Read a percentage as a ratio.

    Args:
        decimals: the most that the ratio may have.
        spelt: `ratio` (0.15), `percent` (15), or None where only `15%` is clear.
    """
    ratio_of = number_reader(decimals)

    def read(raw: object) -> Decimal | None:
        text = _number_text(raw)
        if not text:
            return None
        example = {"percent": "15", "ratio": "0.15"}.get(spelt or "", "15%")
        with _expecting(f"a percentage, such as {example}"):
            if text.endswith("%"):
                return _hundredth(text[:-1].rstrip(), decimals)
            if spelt == "percent":
                return _hundredth(text, decimals)
            if spelt == "ratio":
                return ratio_of(text)
            check_number(text, DIGITS)
        raise BadValue(
            "R1102",
            "a ratio or a percentage? write 15%, or say `as: ratio` or `as: percent` in facts.yaml",
        )

    return read


@contextmanager
def _expecting(what: str) -> Iterator[None]:
    """Say what was expected instead of a plain number."""
    try:
        yield
    except BadValue as problem:
        if problem.reason != _NO_NUMBER:
            raise
        raise BadValue(problem.code, f"expected {what}") from None


def check_number(text: str, decimals: int) -> None:
    """Raise a `BadValue` that says what is wrong with a number, if anything is."""
    if _NUMBER.fullmatch(text) is None:
        raise BadValue("R1102", _why_no_number(text))
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(whole.lstrip("0")) > DIGITS:
        raise BadValue("R1103", f"more than {DIGITS} digits before the point")
    found = len(fraction.rstrip("0"))
    if found > decimals:
        raise BadValue("R1103", f"{found} decimals where {decimals or 'none'} {_are(decimals)} allowed")


def check_currency(raw: str, currency: str) -> str:
    """Return the amount in `12.50 USD`; a text without a currency is returned as it is.

    Raises:
        BadValue: the currency is another one.
    """
    match = _WITH_CURRENCY.fullmatch(raw)
    if match is None:
        return raw
    if match[2] != currency:
        raise BadValue("R1107", f"expected {currency}, found {match[2]}")
    return match[1]


def decimal_of(text: str) -> Decimal:
    """Return a checked number without zeros at the end, so that equal values have equal bytes."""
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        if text in ("", "-"):
            return Decimal(0)
    value = Decimal(text)
    return value if value else Decimal(0)


def _hundredth(text: str, decimals: int) -> Decimal:
    check_number(text, DIGITS)
    ratio = format(EXACT.scaleb(Decimal(text), -2), "f")
    check_number(ratio, decimals)
    return decimal_of(ratio)


def _number_text(raw: object) -> str:
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        raise BadValue("R1102", "expected a number, found a flag")
    if isinstance(raw, SupportsIndex):
        return integer_text(raw)
    if isinstance(raw, Decimal):
        return format(raw, "f") if raw.is_finite() and -100 < raw.adjusted() < 100 else str(raw)
    if raw is None:
        return ""
    if isinstance(raw, float):
        raise BadValue("R1102", FLOAT)
    raise BadValue("R1102", f"expected a number, found {kind_of(raw)}")


def _why_no_number(text: str) -> str:
    bare = text.lstrip("+-").lower()
    if bare in ("nan", "inf", "infinity", "snan"):
        return "this is not a number; leave the field empty where there is none"
    if re.fullmatch(r"[0-9]*\.?[0-9]*e[+-]?[0-9]+", bare):
        return "exponents are not read; write the number out, such as 1000"
    if re.fullmatch(r"[0-9][0-9.,' ]*", bare) and not re.fullmatch(r"[0-9.]+", bare):
        return "thousands separators and decimal commas are not read; write 1000.00"
    if text.startswith("+") or (text.startswith("(") and text.endswith(")")):
        return "write a plain number, such as 12.50 or -12.50"
    if bare.endswith("%"):
        return "expected a plain number, found a percentage"
    if re.search(r"[$€£¥]", text):
        return "currency signs are not read; write a plain number, such as 12.50"
    return _NO_NUMBER


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
