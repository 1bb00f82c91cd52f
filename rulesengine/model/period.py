"""Pay periods as they are written: `2026-09`, `2013-Q4`, `2026`, `2011-01..2015-12`."""

from __future__ import annotations

import re
from datetime import date

from rulesengine.model.dates import DateRange, FiscalYear, WindowKind, add_months, month_end, window_of

_FORMS = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), "day"),
    (re.compile(r"(\d{4})-W(\d{2})"), "week"),
    (re.compile(r"(\d{4})-(\d{2})-([AB])"), "half_month"),
    (re.compile(r"(\d{4})-(\d{2})"), "month"),
    (re.compile(r"(\d{4})-Q([1-4])"), "quarter"),
    (re.compile(r"(\d{4})-H([12])"), "half"),
    (re.compile(r"(\d{4})"), "year"),
)

PERIOD_FORMS = "2026-09, 2026-Q3, 2026-H2, 2026, 2026-W05, 2026-09-A, 2026-09-30, 2026-01..2026-09"


class NotAPeriod(ValueError):
    """The text names no period."""


def parse_period(text: str, fiscal: FiscalYear) -> DateRange:
    """Return the dates of a period, or of a range of periods with both ends in it.

    Args:
        text: one of `PERIOD_FORMS`; `lifetime` is not a period.
        fiscal: what quarters, halves and years are counted by.

    Raises:
        NotAPeriod: with what was found and the forms there are.
    """
    first, dots, last = text.strip().partition("..")
    start = _single(first, fiscal)
    end = _single(last, fiscal) if dots else start
    if end.end < start.start:
        raise NotAPeriod(f"`{text}` ends before it begins")
    return DateRange(start.start, end.end)


def parse_single(text: str, kind: WindowKind, fiscal: FiscalYear) -> DateRange | None:
    """Return the dates of one period if `text` is the label of a window of that kind."""
    for form, name in _FORMS:
        if name == kind.value and form.fullmatch(text.strip()):
            try:
                return _single(text, fiscal)
            except NotAPeriod:
                return None
    return None


def _single(text: str, fiscal: FiscalYear) -> DateRange:
    text = text.strip()
    for form, kind in _FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        try:
            return _dates(kind, match.groups(), fiscal)
        except ValueError:
            break
    raise NotAPeriod(f"`{text}` is not a period; write one like {PERIOD_FORMS}")


def _dates(kind: str, parts: tuple[str, ...], fiscal: FiscalYear) -> DateRange:
    year = int(parts[0])
    match kind:
        case "day":
            day = date(year, int(parts[1]), int(parts[2]))
            return DateRange(day, day)
        case "week":
            monday = date.fromisocalendar(year, int(parts[1]), 1)
            return DateRange(monday, date.fromisocalendar(year, int(parts[1]), 7))
        case "half_month":
            day = date(year, int(parts[1]), 1 if parts[2] == "A" else 16)
            plan = DateRange(day, day)
            return window_of(day, WindowKind.HALF_MONTH, fiscal, plan).days
        case "month":
            day = date(year, int(parts[1]), 1)
            return DateRange(day, month_end(day.year, day.month))
        case _:
            months = {"quarter": 3, "half": 6, "year": 12}[kind]
            index = int(parts[1]) - 1 if len(parts) > 1 else 0
            start = add_months(fiscal.year_start(year), index * months)
            last = add_months(start, months - 1)
            return DateRange(start, month_end(last.year, last.month))
