"""Months are counted from the anchor, windows and periods carry labels, fiscal years have numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.model.dates import (
    CALENDAR_YEAR,
    DateRange,
    FiscalYear,
    SpanUnit,
    WindowKind,
    add_span,
    window_of,
)
from rulesengine.model.period import NotAPeriod, parse_period

PLAN = DateRange(date(2026, 1, 1), date(2026, 12, 31))
OCTOBER = FiscalYear(date(2026, 10, 1), 2027)


def test_months_are_counted_from_the_anchor_and_clamped():
    january_31 = date(2026, 1, 31)
    months = [add_span(january_31, count, SpanUnit.MONTH) for count in range(4)]
    assert months == [january_31, date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert add_span(date(2024, 2, 29), 1, SpanUnit.YEAR) == date(2025, 2, 28)
    assert add_span(date(2023, 11, 30), 1, SpanUnit.QUARTER) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("day", "kind", "fiscal", "label", "start", "end"),
    [
        ("2026-03-31", "quarter", CALENDAR_YEAR, "2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-04-01", "quarter", CALENDAR_YEAR, "2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-09-30", "quarter", OCTOBER, "2026-Q4", "2026-07-01", "2026-09-30"),
        ("2026-10-01", "quarter", OCTOBER, "2027-Q1", "2026-10-01", "2026-12-31"),
        ("2026-09-30", "year", OCTOBER, "2026", "2025-10-01", "2026-09-30"),
        ("2027-04-01", "half", OCTOBER, "2027-H2", "2027-04-01", "2027-09-30"),
        ("2028-02-29", "month", CALENDAR_YEAR, "2028-02", "2028-02-01", "2028-02-29"),
        ("2026-02-15", "half_month", CALENDAR_YEAR, "2026-02-A", "2026-02-01", "2026-02-15"),
        ("2026-02-16", "half_month", CALENDAR_YEAR, "2026-02-B", "2026-02-16", "2026-02-28"),
        ("2027-01-03", "week", CALENDAR_YEAR, "2026-W53", "2026-12-28", "2027-01-03"),
        ("2026-05-05", "plan", CALENDAR_YEAR, "plan", "2026-01-01", "2026-12-31"),
    ],
)
def test_windows(day, kind, fiscal, label, start, end):
    window = window_of(date.fromisoformat(day), WindowKind(kind), fiscal, PLAN)
    assert (window.label, window.start.isoformat(), window.end.isoformat()) == (label, start, end)


@given(
    day=st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    kind=st.sampled_from([kind for kind in WindowKind if kind not in ("plan", "lifetime")]),
    fiscal=st.sampled_from([CALENDAR_YEAR, OCTOBER]),
)
def test_a_label_is_read_back_as_its_window(day, kind, fiscal):
    window = window_of(day, kind, fiscal, PLAN)
    assert day in window.days
    assert parse_period(window.label, fiscal) == window.days


def test_periods():
    assert parse_period("2013-Q4", CALENDAR_YEAR) == DateRange(date(2013, 10, 1), date(2013, 12, 31))
    assert parse_period("2011-01..2015-12", CALENDAR_YEAR) == DateRange(date(2011, 1, 1), date(2015, 12, 31))
    assert parse_period("2027", OCTOBER) == DateRange(date(2026, 10, 1), date(2027, 9, 30))


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-01", "2026-W54", "2026-02..2026-01", "now"])
def test_what_is_no_period(text):
    with pytest.raises(NotAPeriod):
        parse_period(text, CALENDAR_YEAR)
