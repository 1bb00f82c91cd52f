"""Readers of dates: ISO dates, dates in a given layout, and periods of quotas.

Layouts are read here and not by `strptime`, whose month names depend on the locale of the process.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

from rulesengine.intake.moments import Beyond, is_midnight
from rulesengine.intake.problems import BadValue
from rulesengine.intake.values import text_of
from rulesengine.model.dates import BEGINNING, WindowKind, window_of
from rulesengine.model.period import NotAPeriod, parse_period, parse_single
from rulesengine.model.schema import QuotaShape, Schema

DateReader = Callable[[object], date | None]

FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
"""Dates outside are placeholders such as 9999-12-31, and adding months to them would overflow."""

_EXCEL_ZERO = date(1899, 12, 30)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?)?",
    re.ASCII,
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>DIGITS)",
    "d": r"(?P<d>DIGITS)",
    "H": r"(?P<H>DIGITS)",
    "I": r"(?P<I>DIGITS)",
    "M": r"(?P<M>DIGITS)",
    "S": r"(?P<S>DIGITS)",
    "f": r"(?P<f>[0-9]{1,9})",
    "p": r"(?P<p>[AaPp][Mm])",
    "b": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<B>[A-Za-z]+)",
    "%": "%",
}


class BadLayout(ValueError):
    """A date layout that cannot be used."""


def date_reader(layout: str | None, *, drops_time: bool = False) -> DateReader:
    """Read a calendar date.

    Args:
        layout: such as `%d/%m/%Y %H:%M`, or None for `2026-01-31`.
        drops_time: take the day of any time; else the time must be midnight, because a time means
            that somebody must say what day it is.

    Raises:
        BadLayout: the layout is unknown or names no day.
    """
    parse = lru_cache(maxsize=4096)(_by_layout(layout, drops_time) if layout else _iso(drops_time))

    def read(raw: object) -> date | None:
        if isinstance(raw, datetime):
            return _within(_day_of(raw, drops_time))
        if isinstance(raw, date):
            return _within(raw)
        if isinstance(raw, Beyond):
            raise _outside()
        text = raw.strip() if type(raw) is str else text_of(raw)
        return parse(text) if text else None

    return read


def period_reader(shape: QuotaShape, schema: Schema, layout: str | None) -> DateReader:
    """Read the period of a quota as the first day of its window.

    A period is the label of a window (`2026-Q1`), or a date that lies in it.
    """
    day_of = date_reader(layout, drops_time=True)

    def window_start(day: date) -> date:
        if shape.window is WindowKind.PLAN and day not in schema.effective:
            raise BadValue("R1102", f"{day} is outside the plan's dates")
        return window_of(day, shape.window, schema.fiscal, schema.effective).start

    def read(raw: object) -> date | None:
        if isinstance(raw, (date, Beyond)):
            day = day_of(raw)
            return None if day is None else window_start(day)
        text = text_of(raw)
        if not text:
            return None
        if layout is None and not _ISO.fullmatch(text):
            return _labelled(text, shape.window, schema)
        day = day_of(text)
        return None if day is None else window_start(day)

    return read


def _labelled(text: str, kind: WindowKind, schema: Schema) -> date:
    if kind is WindowKind.PLAN and text == "plan":
        return schema.effective.start
    if kind is WindowKind.LIFETIME and text == "lifetime":
        return BEGINNING
    days = parse_single(text, kind, schema.fiscal)
    if days is not None:
        _within(days.start)
        return days.start
    try:
        parse_period(text, schema.fiscal)
    except NotAPeriod:
        raise BadValue("R1102", f"expected a {_spoken(kind)} or a date in one") from None
    raise BadValue("R1102", f"this is not one {_spoken(kind)}, which the quota is set for")


def _spoken(kind: WindowKind) -> str:
    example = {
        WindowKind.DAY: "day such as 2026-09-30",
        WindowKind.WEEK: "week such as 2026-W05",
        WindowKind.HALF_MONTH: "half month such as 2026-09-A",
        WindowKind.MONTH: "month such as 2026-09",
        WindowKind.QUARTER: "quarter such as 2026-Q3",
        WindowKind.HALF: "half year such as 2026-H2",
        WindowKind.YEAR: "year such as 2026",
        WindowKind.PLAN: "`plan`",
        WindowKind.LIFETIME: "`lifetime`",
    }
    return example[kind]


def _iso(drops_time: bool) -> Callable[[str], date]:
    def parse(text: str) -> date:
        match = _ISO.fullmatch(text)
        if match is None:
            expected = "expected a date such as 2026-01-31; `format` in facts.yaml reads others"
            raise BadValue("R1102", _excel_day(text) or expected)
        year, month, day, hour, minute, second = match.groups()
        found = _date(int(year), int(month), int(day))
        if hour is not None and not drops_time:
            fraction = text.partition(".")[2].strip("0")
            _check_midnight(int(hour), int(minute), int(second or 0), fraction)
        return found

    return parse


def _by_layout(layout: str, drops_time: bool) -> Callable[[str], date]:
    form = _form(layout)

    def parse(text: str) -> date:
        match = form.fullmatch(text)
        if match is None:
            raise BadValue("R1102", _excel_day(text) or f"expected a date written as `{layout}`")
        parts = match.groupdict()
        if not drops_time:
            hour = int(parts.get("H") or 0)
            if parts.get("I"):
                hour = int(parts["I"]) % 12 + (12 if (parts.get("p") or "").lower() == "pm" else 0)
            fraction = (parts.get("f") or "").strip("0")
            _check_midnight(hour, int(parts.get("M") or 0), int(parts.get("S") or 0), fraction)
        year = int(parts["Y"]) if parts.get("Y") else 2000 + int(parts["y"])
        return _date(year, _month(parts), int(parts["d"]))

    return parse


def _excel_day(text: str) -> str:
    """Say that a number looks like the day that Excel counts so; empty where it does not."""
    match = re.fullmatch(r"([2-7][0-9]{4})(?:\.[0-9]+)?", text, re.ASCII)
    if match is None:
        return ""
    day = _EXCEL_ZERO + timedelta(days=int(match[1]))
    return f"this looks like an Excel day number, for {day}; format the column as a date such as 2026-01-31"


def _form(layout: str) -> re.Pattern[str]:
    return re.compile(layout_pattern(layout)[0], re.ASCII)


def layout_pattern(layout: str) -> tuple[str, list[str]]:
    """Return the pattern of texts in a layout, and the letters of its groups in order.

    Raises:
        BadLayout: the layout is unknown or names no day.
    """
    pieces = re.split(r"%(.)", layout)
    if layout.endswith("%") and not layout.endswith("%%"):
        raise BadLayout("`%` at the end says nothing")
    pattern, seen = re.escape(pieces[0]), []
    for index in range(1, len(pieces), 2):
        letter, between = pieces[index], pieces[index + 1]
        if letter not in _DIRECTIVES:
            known = " ".join(f"%{name}" for name in _DIRECTIVES if name != "%")
            raise BadLayout(f"`%{letter}` is not a part of a date; there are {known}")
        if letter in seen:
            raise BadLayout(f"`%{letter}` stands twice")
        if letter != "%":
            seen.append(letter)
        touches = (not between and index + 2 < len(pieces)) or (index > 1 and not pieces[index - 1])
        digits = "[0-9]{2}" if touches else "[0-9]{1,2}"
        pattern += _DIRECTIVES[letter].replace("DIGITS", digits) + re.escape(between)
    if "d" not in seen or not {"m", "b", "B"}.intersection(seen) or not {"Y", "y"}.intersection(seen):
        raise BadLayout("a day, a month and a year are needed, such as `%d/%m/%Y`")
    return pattern, seen


def _month(parts: dict[str, str | None]) -> int:
    if parts.get("m"):
        return int(parts["m"] or 0)
    name = (parts.get("b") or parts.get("B") or "").lower()
    for number, month in enumerate(MONTHS, 1):
        if name == (month if parts.get("B") else month[:3]):
            return number
    raise BadValue("R1102", f"`{name}` is not the English name of a month")


def _date(year: int, month: int, day: int) -> date:
    try:
        return _within(date(year, month, day))
    except ValueError:
        raise BadValue("R1102", "this date does not exist") from None


def _within(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise _outside()
    return day


def _outside() -> BadValue:
    return BadValue("R1102", f"dates are read from {FIRST} to {LAST}; leave others empty")


def _day_of(instant: datetime, drops_time: bool) -> date:
    if instant.tzinfo is not None:
        raise BadValue("R1102", "a time with a time zone has no one day; pass the date")
    if not drops_time and not is_midnight(instant):
        raise _has_time()
    return instant.date()


def _check_midnight(hour: int, minute: int, second: int, fraction: str) -> None:
    if hour > 23 or minute > 59 or second > 60:
        raise BadValue("R1102", "this time does not exist")
    if hour or minute or second or fraction:
        raise _has_time()


def _has_time() -> BadValue:
    return BadValue("R1102", "expected a date, found a time; `time: drop` in facts.yaml takes its day")
