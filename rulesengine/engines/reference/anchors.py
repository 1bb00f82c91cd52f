"""Dates counted from other dates: a span after one, the start or the end of a window around one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, assert_never

from rulesengine.engines.reference.view import View
from rulesengine.engines.values import number
from rulesengine.model.dates import SpanUnit, add_months, add_span, months_in, window_of
from rulesengine.plan import nodes

if TYPE_CHECKING:
    from rulesengine.engines.reference.reader import Reader


def day_of(reader: Reader, anchor: nodes.Anchor, view: View) -> date | None:
    """Return the date of an anchor, None where the field it starts from is missing.

    A date outside the calendar counts as missing: it never comes.
    """
    match anchor:
        case nodes.DateRead(operand=operand):
            found = reader.value(operand, view)
            return found if isinstance(found, date) else None
        case nodes.DateAfter(span=span, anchor=inner):
            return day_after(reader, inner, span, view)
        case nodes.StartAfter(window=window, anchor=inner):
            start = day_of(reader, inner, view)
            if start is None:
                return None
            end = window_of(start, window, reader.plan.fiscal, reader.plan.effective).end
            return add_span(end, 1, SpanUnit.DAY)
        case nodes.StartOf(window=window, anchor=inner):
            inside = day_of(reader, inner, view)
            if inside is None:
                return None
            return window_of(inside, window, reader.plan.fiscal, reader.plan.effective).start
        case nodes.EndOf(window=window, anchor=inner):
            start = day_of(reader, inner, view)
            if start is None:
                return None
            return window_of(start, window, reader.plan.fiscal, reader.plan.effective).end
        case _:
            assert_never(anchor)


def day_after(
    reader: Reader, anchor: nodes.Anchor, span: nodes.Length, view: View, units: int | None = None
) -> date | None:
    """Return the date a span after an anchor, None where the anchor or the count is missing.

    Months are counted from the innermost date and clamped once: two months after one month
    after 31 December is 31 March, whatever February has.

    Args:
        units: how many units to count instead of the span's own number.
    """
    count = _count(reader, span, view) if units is None else units
    if count is None:
        return None
    months = months_in(span.unit)
    while months is not None and isinstance(anchor, nodes.DateAfter):
        per_unit, inner = months_in(anchor.span.unit), _count(reader, anchor.span, view)
        if per_unit is None or inner is None:
            break
        count, months = count * months + inner * per_unit, 1
        anchor = anchor.anchor
    start = day_of(reader, anchor, view)
    if start is None:
        return None
    try:
        return add_span(start, count, span.unit) if months is None else add_months(start, count * months)
    except OverflowError:
        return None


def _count(reader: Reader, span: nodes.Length, view: View) -> int | None:
    count = reader.value(span.count, view)
    return None if count is None else int(number(count))
