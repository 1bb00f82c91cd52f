"""Dates counted from other dates, and the windows that dates lie in."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    day,
    integer,
    is_null,
    joined,
    null,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.values import Number, Plain, add, multiply, number, rounded
from rulesengine.model.dates import (
    BEGINNING,
    END,
    MONTHS_OF,
    DateRange,
    FiscalYear,
    SpanUnit,
    WindowKind,
    add_span,
    months_in,
    window_of,
)
from rulesengine.model.rounding import RoundingMode
from rulesengine.plan import nodes

MOST_WINDOWS = 60
"""Of more windows a label is put together from its date."""


def day_of(anchor: nodes.Anchor, reads: Reads) -> Expr:
    """Return the date of an anchor, null where the field it starts from is missing."""
    plan = reads.compilation.plan
    match anchor:
        case nodes.DateRead(operand=operand):
            value = reads.value(operand)
            assert isinstance(value, Plain)
            return value.expr
        case nodes.DateAfter(span=span, anchor=inner):
            return day_after(inner, span, reads)
        case nodes.StartAfter(window=window, anchor=inner):
            end = window_end(day_of(inner, reads), window, plan.fiscal, plan.effective)
            return within_calendar(Call("days after", (end, integer(1)), Sort.DATE))
        case nodes.StartOf(window=window, anchor=inner):
            return window_start(day_of(inner, reads), window, plan.fiscal, plan.effective)
        case nodes.EndOf(window=window, anchor=inner):
            return window_end(day_of(inner, reads), window, plan.fiscal, plan.effective)
        case _:
            assert_never(anchor)


def day_after(anchor: nodes.Anchor, span: nodes.Length, reads: Reads, units: Expr | None = None) -> Expr:
    """Return the date a span after an anchor, null where the anchor or the count is missing.

    Months are counted from the innermost date and clamped once.

    Args:
        units: how many units to count instead of the span's own number.
    """
    count = units if units is not None else count_of(span, reads)
    months = months_in(span.unit)
    if months is not None:
        count = _times(count, months)
        while isinstance(anchor, nodes.DateAfter):
            per_unit = months_in(anchor.span.unit)
            if per_unit is None:
                break
            count = _plus(count, _times(count_of(anchor.span, reads), per_unit))
            anchor = anchor.anchor
        return after(day_of(anchor, reads), count, SpanUnit.MONTH)
    return after(day_of(anchor, reads), count, span.unit)


def count_of(span: nodes.Length, reads: Reads) -> Expr:
    """Return the number of units of a span: a whole number, null where its field is missing."""
    return rounded(reads.number(span.count), Decimal(1), RoundingMode.DOWN).top


def after(start: Expr, count: Expr, unit: SpanUnit) -> Expr:
    """Return the date so many units after a date; null outside the years 1 to 9999."""
    match unit:
        case SpanUnit.DAY | SpanUnit.WEEK:
            days = count if unit is SpanUnit.DAY else _times(count, 7)
            return within_calendar(Call("days after", (start, days), Sort.DATE))
        case _:
            months = _times(count, months_in(unit) or 1)
            return within_calendar(Call("months after", (start, months), Sort.DATE))


def within_calendar(found: Expr) -> Expr:
    """Return a date, null outside the years 1 to 9999: it never comes."""
    inside = all_of([compared(found, ">=", day(BEGINNING)), compared(found, "<=", day(END))])
    return chosen([(inside, found)], null(Sort.DATE))


def _times(count: Expr, factor: int) -> Expr:
    return multiply(Number(count, 0, 10**9), number(factor)).top


def _plus(left: Expr, right: Expr) -> Expr:
    return add(Number(left, 0, 10**9), Number(right, 0, 10**9)).top


# --- windows -------------------------------------------------------------------------------------


def _int(name: str, *args: Expr) -> Expr:
    return Call(name, args, Sort.INT)


def _months_into_fiscal_year(found: Expr, fiscal: FiscalYear) -> Expr:
    """Return how many months a date's month lies behind the first of its fiscal year, 0 to 11."""
    month = _int("month", found)
    shifted = Call("+", (month, integer(12 - fiscal.start.month)), Sort.INT)
    return Call("mod", (shifted, integer(12)), Sort.INT)


def window_start(found: Expr, kind: WindowKind, fiscal: FiscalYear, plan: DateRange) -> Expr:
    """Return the first day of the window that a date lies in (model/dates.py, `window_of`)."""
    first = _first_of_month(found)
    match kind:
        case WindowKind.DAY:
            return found
        case WindowKind.WEEK:
            back = Call("-", (integer(1), _int("iso weekday", found)), Sort.INT)
            return Call("days after", (found, back), Sort.DATE)
        case WindowKind.HALF_MONTH:
            later = Call("days after", (first, integer(15)), Sort.DATE)
            return chosen([(compared(_int("day of month", found), "<=", integer(15)), first)], later)
        case WindowKind.PLAN:
            return _where_given(found, day(plan.start))
        case WindowKind.LIFETIME:
            return _where_given(found, day(BEGINNING))
        case _:
            into = Call("mod", (_months_into_fiscal_year(found, fiscal), integer(MONTHS_OF[kind])), Sort.INT)
            if kind is WindowKind.MONTH:
                return first
            return Call("months after", (first, Call("-", (integer(0), into), Sort.INT)), Sort.DATE)


def window_end(found: Expr, kind: WindowKind, fiscal: FiscalYear, plan: DateRange) -> Expr:
    """Return the last day of the window that a date lies in."""
    match kind:
        case WindowKind.DAY:
            return found
        case WindowKind.WEEK:
            return Call("days after", (window_start(found, kind, fiscal, plan), integer(6)), Sort.DATE)
        case WindowKind.HALF_MONTH:
            half = Call("days after", (_first_of_month(found), integer(14)), Sort.DATE)
            last = Call("last of month", (found,), Sort.DATE)
            return chosen([(compared(_int("day of month", found), "<=", integer(15)), half)], last)
        case WindowKind.PLAN:
            return _where_given(found, day(plan.end))
        case WindowKind.LIFETIME:
            return _where_given(found, day(END))
        case _:
            start = window_start(found, kind, fiscal, plan)
            later = Call("months after", (start, integer(MONTHS_OF[kind] - 1)), Sort.DATE)
            return Call("last of month", (later,), Sort.DATE)


def window_label(found: Expr, kind: WindowKind, fiscal: FiscalYear) -> Expr:
    """Return the label of the window that a date lies in: `2026-Q1`."""
    year = _padded(_int("year", found), 4)
    month = _padded(_int("month", found), 2)
    match kind:
        case WindowKind.DAY:
            return as_text(found)
        case WindowKind.WEEK:
            return joined([_padded(_int("iso year", found), 4), "-W", _padded(_int("iso week", found), 2)])
        case WindowKind.HALF_MONTH:
            half = chosen(
                [(compared(_int("day of month", found), "<=", integer(15)), text("-A"))], text("-B")
            )
            return joined([year, "-", month, half])
        case WindowKind.MONTH:
            return joined([year, "-", month])
        case WindowKind.PLAN:
            return text("plan")
        case WindowKind.LIFETIME:
            return text("lifetime")
        case _:
            return _label_in_year(found, kind, fiscal)


def label_within(
    found: Expr, kind: WindowKind, fiscal: FiscalYear, plan: DateRange, within: DateRange
) -> Expr:
    """Return the label of the window that a date lies in which is known to be within others.

    Where these lie in few windows it is one of so many texts, and none is put together for a row.
    """
    if kind in (WindowKind.PLAN, WindowKind.LIFETIME):
        return window_label(found, kind, fiscal)
    windows = [window_of(within.start, kind, fiscal, plan)]
    while windows[-1].end < within.end:
        if len(windows) == MOST_WINDOWS:
            return window_label(found, kind, fiscal)
        windows.append(window_of(add_span(windows[-1].end, 1, SpanUnit.DAY), kind, fiscal, plan))
    *before, last = windows
    ends = [(compared(found, "<=", day(window.end)), text(window.label)) for window in before]
    return chosen(ends, text(last.label))


def _label_in_year(found: Expr, kind: WindowKind, fiscal: FiscalYear) -> Expr:
    into = _months_into_fiscal_year(found, fiscal)
    shift = fiscal.number - fiscal.start.year
    # The fiscal year is the calendar year of its first month, renumbered.
    begun = compared(_int("month", found), ">=", integer(fiscal.start.month))
    year = Call("+", (_int("year", found), chosen([(begun, integer(shift))], integer(shift - 1))), Sort.INT)
    label = _padded(year, 4)
    if kind is WindowKind.YEAR:
        return label
    letter = "Q" if kind is WindowKind.QUARTER else "H"
    index = Call("div", (into, integer(MONTHS_OF[kind])), Sort.INT)
    return joined([label, f"-{letter}", as_text(Call("+", (index, integer(1)), Sort.INT))])


def _padded(value: Expr, width: int) -> Expr:
    return Call("lpad", (as_text(value), integer(width), text("0")), Sort.TEXT)


def _first_of_month(found: Expr) -> Expr:
    return Call("date of", (_int("year", found), _int("month", found), integer(1)), Sort.DATE)


def _where_given(found: Expr, value: Expr) -> Expr:
    return chosen([(is_null(found), null(Sort.DATE))], value)
