"""Spans of time as numbers: `days from started through ended`, `full months from issued until lapsed`."""

from __future__ import annotations

from rulesengine.engines.sql.dates import after, day_of, window_start
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    first_given,
    integer,
    is_given,
    is_null,
    null,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.values import Number
from rulesengine.model.dates import BEGINNING, END, MONTHS_OF, SpanUnit, WindowKind, months_in
from rulesengine.plan import nodes
from rulesengine.plan.nodes import SpanMethod

MOST = (END - BEGINNING).days + 1
"""No span of days, months or windows has more units."""


def span_count(span: nodes.SpanCount, reads: Reads) -> Number:
    """Return how many days, months or month ends a span has; null where one of its dates is missing.

    A date behind the calendar's last day counts as that day.
    """
    start, end = _day(span.start, reads), _day(span.end, reads)
    if span.is_end_included:
        end = chosen([(compared(end, "<", day(END)), _days_after(end, integer(1)))], end)
    match span.unit:
        case WindowKind() as window:
            units = _ends_between(start, end, window, reads)
        case SpanUnit() as unit:
            units = units_between(start, end, unit, is_started=span.method is SpanMethod.STARTED)
            return Number(units, 0, MOST)
    missing = any_of([is_null(start), is_null(end)])
    counted = chosen([(missing, null(Sort.INT)), (compared(end, "<=", start), integer(0))], units)
    return Number(counted, 0, MOST)


def _day(anchor: nodes.Anchor, reads: Reads) -> Expr:
    found = day_of(anchor, reads)
    innermost = anchor
    while not isinstance(innermost, nodes.DateRead):
        innermost = innermost.anchor
    if innermost is anchor:
        return found
    is_there = is_given(day_of(innermost, reads))
    return first_given([found, chosen([(is_there, day(END))], null(Sort.DATE))])


def units_between(start: Expr, end: Expr, unit: SpanUnit, *, is_started: bool) -> Expr:
    """Return how many units a span of two dates has, 0 where the end does not come after the start; null
    where a date is missing.

    Args:
        is_started: whether a unit that has begun counts.
    """
    missing = any_of([is_null(start), is_null(end)])
    units = _units(start, end, unit, is_started=is_started)
    return chosen([(missing, null(Sort.INT)), (compared(end, "<=", start), integer(0))], units)


def _units(start: Expr, end: Expr, unit: SpanUnit, *, is_started: bool) -> Expr:
    """Return how many whole units lie between two dates, and one more for a unit that has begun."""
    size = months_in(unit)
    if size is None:
        days = _int("days between", start, end)
        full = _int("div", days, integer(7)) if unit is SpanUnit.WEEK else days
    else:
        months = _months_between(start, end)
        goes_past = compared(Call("months after", (start, months), Sort.DATE), ">", end)
        whole = chosen([(goes_past, _int("-", months, integer(1)))], months)
        full = whole if size == 1 else _int("div", whole, integer(size))
    if not is_started:
        return full
    # A unit that would end behind the calendar's last day has begun, too.
    is_cut = first_given([compared(after(start, full, unit), "<>", end), compared(end, ">", start)])
    return _int("+", full, chosen([(all_of([is_cut]), integer(1))], integer(0)))


def _ends_between(start: Expr, end: Expr, kind: WindowKind, reads: Reads) -> Expr:
    """Return how many windows of a calendar kind end from `start` on and before `end`."""
    plan = reads.compilation.plan
    first, last = (window_start(each, kind, plan.fiscal, plan.effective) for each in (start, end))
    match kind:
        case WindowKind.DAY:
            return _int("days between", first, last)
        case WindowKind.WEEK:
            return _int("div", _int("days between", first, last), integer(7))
        case WindowKind.HALF_MONTH:
            months = _int("*", integer(2), _months_between(first, last))
            late, early = (
                chosen([(compared(_int("day of month", each), ">", integer(15)), integer(1))], integer(0))
                for each in (last, first)
            )
            return _int("-", _int("+", months, late), early)
        case _:
            months = _months_between(first, last)
            size = MONTHS_OF.get(kind, 1)
            return months if size == 1 else _int("div", months, integer(size))


def _months_between(start: Expr, end: Expr) -> Expr:
    years = _int("-", _int("year", end), _int("year", start))
    months = _int("-", _int("month", end), _int("month", start))
    return _int("+", _int("*", integer(12), years), months)


def _days_after(found: Expr, count: Expr) -> Expr:
    return Call("days after", (found, count), Sort.DATE)


def _int(name: str, *args: Expr) -> Expr:
    return Call(name, args, Sort.INT)
