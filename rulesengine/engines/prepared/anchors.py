"""Dates counted from other dates, as Python expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from rulesengine.engines.prepared.code import Code, NoCode, Where
from rulesengine.model.dates import SpanUnit, WindowKind, months_in
from rulesengine.plan import nodes

if TYPE_CHECKING:
    from rulesengine.engines.prepared.reads import Reads


def day_code(reads: Reads, anchor: nodes.Anchor, where: Where) -> Code:
    """Return the date of an anchor; missing where its field is, or where it lies outside the calendar."""
    match anchor:
        case nodes.DateRead(operand=operand):
            return reads.value(operand, where)
        case nodes.DateAfter(span=span, anchor=inner):
            return after_code(reads, inner, span, where)
        case nodes.StartAfter(window=window, anchor=inner):
            return _of_window(reads, window, "next_start", inner, where)
        case nodes.StartOf(window=window, anchor=inner):
            return _of_window(reads, window, "start", inner, where)
        case nodes.EndOf(window=window, anchor=inner):
            return _of_window(reads, window, "end", inner, where)
        case _:
            assert_never(anchor)


def _of_window(reads: Reads, window: WindowKind, day: str, anchor: nodes.Anchor, where: Where) -> Code:
    start = day_code(reads, anchor, where)
    return start.or_none(f"{reads.windows(window)}[{start.text}].{day}")


def after_code(reads: Reads, anchor: nodes.Anchor, span: nodes.Length, where: Where, units: str = "") -> Code:
    """Return the date a span after an anchor; months of spans in a row are counted together.

    Args:
        units: code of how many units to count instead of the span's own number.
    """
    count, months = units or _count(reads, span, where), months_in(span.unit)
    while months is not None and isinstance(anchor, nodes.DateAfter):
        per_unit = months_in(anchor.span.unit)
        if per_unit is None:
            break
        inner = _count(reads, anchor.span, where)
        count, months = f"{_times(count, months)} + {_times(inner, per_unit)}", 1
        anchor = anchor.anchor
    start = day_code(reads, anchor, where)
    if months is not None:
        text = f"months_after({start.text}, {_times(count, months)})"
    else:
        factor = 7 if span.unit is SpanUnit.WEEK else 1
        text = f"days_after({start.text}, {_times(count, factor)})"
    return Code(text, may_be_missing=True)


def _times(count: str, factor: int) -> str:
    return count if factor == 1 else f"({count}) * {factor}"


def _count(reads: Reads, span: nodes.Length, where: Where) -> str:
    if isinstance(span.count, nodes.Constant):
        return str(int(str(span.count.value)))
    count = reads.value(span.count, where)
    if count.may_be_missing:
        raise NoCode(f"{span.count.text} may be missing")
    return f"int({count.text})"
