"""Calendar arithmetic: spans counted from an anchor date, windows, and fiscal years.

There is no clock here. The n-th month is counted from the anchor date and clamped to the end of
its month (31 January, 28 February, 31 March), never chained from the part before.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum

from rulesengine.model.quick_dataclass import dataclass

BEGINNING = date(1, 1, 1)
END = date(9999, 12, 31)


class SpanUnit(StrEnum):
    """The unit a span of time is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class WindowKind(StrEnum):
    """The calendar windows a measure can be accumulated over."""

    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    PLAN = "plan"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class DateRange:
    """The dates from `start` through `end`, both in it."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def overlap(self, other: DateRange) -> DateRange | None:
        """Return the dates in both ranges, None if there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return DateRange(start, end) if start <= end else None


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Where the plan's years begin: the fiscal year `number` begins on `start`.

    Quarters, halves and years of a plan are counted from this date; months, half months, weeks
    and days stay those of the calendar. The day is 1, so that quarters are made of whole months.
    """

    start: date
    number: int

    def year_start(self, number: int) -> date:
        """Return the first day of fiscal year `number`."""
        return date(self.start.year + number - self.number, self.start.month, 1)

    def number_of(self, day: date) -> int:
        """Return the number of the fiscal year that `day` lies in."""
        number = day.year - self.start.year + self.number
        return number if day >= self.year_start(number) else number - 1


CALENDAR_YEAR = FiscalYear(date(2000, 1, 1), 2000)


@dataclass(frozen=True, slots=True)
class Window:
    """One window: its kind, first and last day, and its label such as `2026-Q1`."""

    kind: WindowKind
    days: DateRange
    label: str
    anchor: date | None = None
    """The date that it is counted from, where it is none of the calendar."""

    @property
    def start(self) -> date:
        """The first day."""
        return self.days.start

    @property
    def end(self) -> date:
        """The last day."""
        return self.days.end


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def add_months(anchor: date, months: int) -> date:
    """Return the date `months` months after `anchor`, clamped to the end of its month.

    Raises:
        OverflowError: the date lies outside the years 1 to 9999.
    """
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"{months} months after {anchor} is no date")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def months_in(unit: SpanUnit) -> int | None:
    """Return how many months a unit has, None for days and weeks."""
    return {SpanUnit.MONTH: 1, SpanUnit.QUARTER: 3, SpanUnit.YEAR: 12}.get(unit)


def add_span(anchor: date, count: int, unit: SpanUnit) -> date:
    """Return the date `count` units after `anchor` (before it, where `count` is negative).

    Raises:
        OverflowError: the date lies outside the years 1 to 9999.
    """
    match unit:
        case SpanUnit.DAY:
            return anchor + timedelta(days=count)
        case SpanUnit.WEEK:
            return anchor + timedelta(weeks=count)
        case SpanUnit.MONTH | SpanUnit.QUARTER | SpanUnit.YEAR:
            return add_months(anchor, count * (months_in(unit) or 1))


def full_units(start: date, end: date, unit: SpanUnit) -> int:
    """Return how many whole units lie between two dates: the most that, counted from `start`, do not
    go past `end`.

    A month is complete on the same day of the next month, clamped to the end of that month; months
    are counted from `start`, never chained. 0 where `end` comes before `start`.
    """
    if end <= start:
        return 0
    size = months_in(unit)
    if size is None:
        return (end - start).days // (7 if unit is SpanUnit.WEEK else 1)
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return months // size


def started_units(start: date, end: date, unit: SpanUnit) -> int:
    """Return how many units have begun between two dates: like `full_units`, and one more where
    they do not end on `end`."""
    full = full_units(start, end, unit)
    return full + (end > start and add_span(start, full, unit) != end)


def ends_between(start: date, end: date, kind: WindowKind, fiscal: FiscalYear) -> int:
    """Return how many windows of a calendar kind end from `start` on and before `end`."""
    if end <= start:
        return 0
    first, last = (window_of(day, kind, fiscal, DateRange(day, day)).start for day in (start, end))
    match kind:
        case WindowKind.DAY:
            return (last - first).days
        case WindowKind.WEEK:
            return (last - first).days // 7
        case _:
            months = (last.year - first.year) * 12 + last.month - first.month
            if kind is WindowKind.HALF_MONTH:
                return 2 * months + (last.day > 15) - (first.day > 15)
            return months // {WindowKind.QUARTER: 3, WindowKind.HALF: 6, WindowKind.YEAR: 12}.get(kind, 1)


def window_of(day: date, kind: WindowKind, fiscal: FiscalYear, plan: DateRange) -> Window:
    """Return the window of a kind that `day` lies in.

    Args:
        day: any date.
        kind: weeks begin on Monday and carry ISO numbers; half months end on the 15th.
        fiscal: decides quarters, halves and years.
        plan: the plan's effective dates, which `per plan` windows span.
    """
    match kind:
        case WindowKind.DAY:
            return Window(kind, DateRange(day, day), day.isoformat())
        case WindowKind.WEEK:
            iso = day.isocalendar()
            start = day - timedelta(days=iso.weekday - 1)
            return Window(kind, DateRange(start, start + timedelta(days=6)), f"{iso.year:04}-W{iso.week:02}")
        case WindowKind.HALF_MONTH:
            label = f"{day.year:04}-{day.month:02}"
            if day.day <= 15:
                return Window(kind, DateRange(day.replace(day=1), day.replace(day=15)), label + "-A")
            last = month_end(day.year, day.month)
            return Window(kind, DateRange(day.replace(day=16), last), label + "-B")
        case WindowKind.MONTH:
            days = DateRange(day.replace(day=1), month_end(day.year, day.month))
            return Window(kind, days, f"{day.year:04}-{day.month:02}")
        case WindowKind.QUARTER:
            return _part_of_year(day, kind, fiscal, 3, "Q")
        case WindowKind.HALF:
            return _part_of_year(day, kind, fiscal, 6, "H")
        case WindowKind.YEAR:
            return _part_of_year(day, kind, fiscal, 12, "")
        case WindowKind.PLAN:
            return Window(kind, plan, "plan")
        case WindowKind.LIFETIME:
            return Window(kind, DateRange(BEGINNING, END), "lifetime")


MONTHS_OF = {WindowKind.MONTH: 1, WindowKind.QUARTER: 3, WindowKind.HALF: 6, WindowKind.YEAR: 12}
"""How many months the windows that are made of months have."""


def anniversary_of(day: date, kind: WindowKind, anchor: date) -> Window:
    """Return the window, counted from a date, that a day lies in.

    The n-th month begins n months after the anchor, clamped to the end of its month and never
    chained: from 31 January on, months begin on 28 February, 31 March, 30 April.

    Args:
        day: on or after the anchor.
        kind: week, month, quarter, half or year.
        anchor: the first day of the first window.
    """
    if kind is WindowKind.WEEK:
        index = (day - anchor).days // 7
        start = anchor + timedelta(weeks=index)
        return Window(
            kind, DateRange(start, start + timedelta(days=6)), f"week {index + 1} from {anchor}", anchor
        )
    months = MONTHS_OF[kind]
    index = ((day.year - anchor.year) * 12 + day.month - anchor.month) // months
    if add_months(anchor, index * months) > day:
        index -= 1
    start = add_months(anchor, index * months)
    try:
        end = add_months(anchor, (index + 1) * months) - timedelta(days=1)
    except OverflowError:
        end = END
    return Window(kind, DateRange(start, end), f"{kind} {index + 1} from {anchor}", anchor)


def _part_of_year(day: date, kind: WindowKind, fiscal: FiscalYear, months: int, letter: str) -> Window:
    number = fiscal.number_of(day)
    first = fiscal.year_start(number)
    index = ((day.year - first.year) * 12 + day.month - first.month) // months
    start = add_months(first, index * months)
    last = add_months(start, months - 1)
    label = f"{number:04}-{letter}{index + 1}" if letter else f"{number:04}"
    return Window(kind, DateRange(start, month_end(last.year, last.month)), label)
