"""Spans of time as numbers: `days from started through ended`, `full months from issued until lapsed`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from rulesengine.model.dates import (
    END,
    SpanUnit,
    WindowKind,
    add_span,
    ends_between,
    full_units,
    started_units,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import SpanMethod

if TYPE_CHECKING:
    from rulesengine.engines.reference.reader import Reader
    from rulesengine.engines.reference.view import View


def count_span(reader: Reader, span: nodes.SpanCount, view: View) -> Decimal | None:
    """Return how many days, months or month ends a span has; None where one of its dates is missing.

    A date behind the calendar's last day counts as that day.
    """
    start, end = _day(reader, span.start, view), _day(reader, span.end, view)
    if start is None or end is None:
        return None
    return Decimal(count_units(reader, span, start, end))


def count_units(reader: Reader, span: nodes.SpanCount, start: date, end: date) -> int:
    """Return how many units of a span lie between two dates."""
    if span.is_end_included and end < END:
        end = add_span(end, 1, SpanUnit.DAY)
    match span.unit:
        case WindowKind() as window:
            return ends_between(start, end, window, reader.plan.fiscal)
        case SpanUnit() as unit:
            return (started_units if span.method is SpanMethod.STARTED else full_units)(start, end, unit)


def _day(reader: Reader, anchor: nodes.Anchor, view: View) -> date | None:
    day = reader.day_of(anchor, view)
    if day is not None:
        return day
    innermost = anchor
    while not isinstance(innermost, nodes.DateRead):
        innermost = innermost.anchor
    return None if reader.day_of(innermost, view) is None else END
