"""Step 1, source, for the rows of a calendar: one for each payee of a kind and each window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import CALENDAR, Row
from rulesengine.model.book import Fact, Payee, Place
from rulesengine.model.dates import END, DateRange, SpanUnit, Window, add_span, window_of
from rulesengine.plan import nodes


def rows_of_calendar(
    source: nodes.CalendarSource, reader: Reader, effective: DateRange, through: date
) -> list[Row]:
    """Return a row for each payee and each window that is over by `through`.

    The row is dated the last day of its window, or the rule's last day where the rule ends inside
    the window. It comes after all facts of that day. A payee has no row on a day on which its
    `history` fields have no values yet.
    """
    payees = [reader.book.payees[source.kind][key] for key in sorted(reader.book.payees.get(source.kind, {}))]
    rows = []
    since: dict[str, date] = {}
    before = _day_before(effective.start)
    for window in _windows(source, reader, effective, through):
        days = window.days.overlap(effective)
        assert days is not None  # each window has a day of the rule in it
        for payee in payees:
            if payee.version_at(days.end) is None:
                continue
            rows.append(_row(source, payee, window, days, since.get(payee.key, before)))
            since[payee.key] = days.end
    return rows


def _windows(
    source: nodes.CalendarSource, reader: Reader, effective: DateRange, through: date
) -> Iterator[Window]:
    day = effective.start
    while day <= effective.end:
        window = window_of(day, source.window, reader.plan.fiscal, reader.plan.effective)
        end = min(window.end, effective.end)
        if end > through:
            return
        yield window
        if end == END:
            return
        day = add_span(end, 1, SpanUnit.DAY)


def _row(source: nodes.CalendarSource, payee: Payee, window: Window, days: DateRange, since: date) -> Row:
    fact = Fact(source.rows, f"{payee.key} {window.label}", {}, Place("", 0))
    # Lines of several windows may be dated one day: what a budget cuts of each at its end.
    order = (*CALENDAR, payee.key, fact.key)
    return Row(
        fact=fact,
        root=fact,
        subject=payee,
        dated=days.end,
        judged_on=days.end,
        counts=1,
        order=order,
        judged_order=order,
        window=window,
        days=days,
        since=since,
    )


def _day_before(day: date) -> date:
    return day if day == date.min else add_span(day, -1, SpanUnit.DAY)
