"""What generated code calls: windows, tables, caps, dates. All of it is exact, and none keeps anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rulesengine.engines.exchange import Converted, NoRate, Quote, quote
from rulesengine.engines.standings import Clamped, Course, Moment, Place
from rulesengine.engines.table_rows import best_row
from rulesengine.engines.values import Scalar
from rulesengine.model.book import RateSeries
from rulesengine.model.dates import (
    DateRange,
    FiscalYear,
    SpanUnit,
    WindowKind,
    add_months,
    add_span,
    window_of,
)
from rulesengine.model.exact import EXACT, ZERO, Exact, absolute, multiply, negate
from rulesengine.model.rounding import round_to
from rulesengine.model.schema import RatesShape
from rulesengine.plan import nodes

Round = Callable[[Exact], Decimal]


class LeftToJudge(Exception):
    """The row has something about it that no code is written for: the judge answers."""


class Days(NamedTuple):
    """A window as generated code reads it."""

    start: date
    end: date
    label: str
    kind: WindowKind

    @property
    def next_start(self) -> date:
        """The first day of the window after it."""
        return add_span(self.end, 1, SpanUnit.DAY)


class WindowsOf(dict[date, Days]):
    """The window of a kind that a day lies in, by day; each is worked out once."""

    def __init__(self, kind: WindowKind, fiscal: FiscalYear, plan: DateRange) -> None:
        super().__init__()
        self._how = (kind, fiscal, plan)

    def __missing__(self, day: date) -> Days:
        window = window_of(day, *self._how)
        found = self[day] = Days(window.start, window.end, window.label, window.kind)
        return found


class TotalsOf:
    """Where the measure of a rule stands in each of its places."""

    def __init__(self, courses: Mapping[Place, Course]) -> None:
        self._courses = courses

    def before(self, place: Place, moment: Moment) -> Exact:
        """Return where the total stood before a moment."""
        course = self._courses.get(place)
        return ZERO if course is None else course.upto(moment) or ZERO

    def is_first(self, place: Place, moment: Moment) -> bool:
        """Return whether nothing had been in the total before a moment."""
        course = self._courses.get(place)
        return course is None or course.upto(moment) is None


class TableOf(dict[tuple[Scalar | None, ...], object]):
    """The answers of a table by its keys; each is looked for once. Its rows give constants."""

    def __init__(self, table: nodes.Table) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, keys: tuple[Scalar | None, ...]) -> object:
        value = best_row(self._table, keys).value
        assert isinstance(value, nodes.Constant)
        if len(self) < 100_000:
            self[keys] = value.value
        return value.value


class Exchange:
    """Converts amounts as one clause says; each rate is looked for once."""

    def __init__(
        self, shape: RatesShape, series: Mapping[str, RateSeries], convert: nodes.Convert, through: date
    ) -> None:
        self._shape, self._series, self._convert, self._through = shape, series, convert, through
        self._quotes: dict[tuple[str, date], Quote] = {}

    def __call__(
        self, amount: Exact | None, currency: str, day: date | None, dated: date
    ) -> Converted | None:
        """Return how an amount became the rule's currency; None where it is none, or in it already.

        Raises:
            LeftToJudge: there is no rate, none yet, or one of a day after that of the row, until which it
                is not payable.
        """
        convert = self._convert
        if amount is None or currency == convert.to:
            return None
        if day is None or day > self._through:
            raise LeftToJudge("the day of the rate is to come")
        if day > dated:
            raise LeftToJudge("it is payable when its rate is there")
        found = self._quotes.get((currency, day))
        if found is None:
            try:
                found = quote(self._shape, self._series, currency, convert.to, day)
            except NoRate:
                raise LeftToJudge("there is no rate") from None
            self._quotes[currency, day] = found
        value = multiply(amount, found.rate)
        if convert.mode is not None and convert.step is not None:
            value = round_to(value, convert.step, convert.mode)
        return Converted(original=amount, currency=currency, amount=value, quote=found)


def months_after(day: date | None, months: int) -> date | None:
    """Return the date some months after one, None where there is none."""
    if day is None:
        return None
    try:
        return add_months(day, months)
    except OverflowError:
        return None


def days_after(day: date | None, days: int) -> date | None:
    """Return the date some days after one, None where there is none."""
    if day is None:
        return None
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


class Passed(NamedTuple):
    """What a limit lets through of an award, and its running total before and after it."""

    left: Decimal
    before: Decimal
    after: Decimal


def cap_row(asked: Decimal, most: Exact, round_off: Round) -> Decimal:
    """Return what a cap per row lets through."""
    return _within(round_off(_clamp(asked, most)), asked)


def floor_row(asked: Decimal, least: Exact, round_off: Round) -> Decimal:
    """Return what a floor per row makes of an award."""
    if least == 0:
        return round_off(max(asked, ZERO))
    return round_off(max(asked, least) if asked > 0 else asked)


def cap_window(
    standings: dict[Place, Clamped],
    place: Place,
    moment: Moment,
    asked: Decimal,
    most: Exact,
    round_off: Round,
) -> Passed:
    """Return what a cap on a running total lets through: the total clamped after, less that before.

    Raises:
        LeftToJudge: rows that come later are in the total already.
    """
    standing = standings.get(place)
    before = paid_before = ZERO
    if standing is not None:
        if standing.last >= moment:
            raise LeftToJudge("a capped total goes on after the row")
        before, paid_before = standing.total, standing.paid
    after = EXACT.add(before, asked)
    paid = EXACT.add(
        paid_before, EXACT.subtract(round_off(_clamp(after, most)), round_off(_clamp(before, most)))
    )
    return Passed(EXACT.subtract(_within(paid, after), paid_before), before, after)


def _clamp(total: Decimal, most: Exact) -> Exact:
    bounded = min(absolute(total), most)
    return bounded if total >= 0 else negate(bounded)


def _within(paid: Decimal, after: Decimal) -> Decimal:
    """Return what is paid in all, which is never more than was earned, nor less than nothing."""
    return min(max(paid, min(after, ZERO)), max(after, ZERO))
