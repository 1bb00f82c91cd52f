"""Dates, spans and windows."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.values import operand
from rulesengine.letter.words import count_of, human
from rulesengine.model.dates import BEGINNING, END, DateRange, WindowKind
from rulesengine.plan import nodes


def anchor(node: nodes.Anchor, row: str) -> str:
    """Return a date that is counted from another: `1 month after the closed date`."""
    match node:
        case nodes.DateRead(operand=read):
            return operand(read, row)
        case nodes.DateAfter(span=span, anchor=inner):
            return f"{length(span, row)} after {anchor(inner, row)}"
        case nodes.StartAfter(window=window, anchor=inner):
            return f"the first day of the {window_name(window)} after {anchor(inner, row)}"
        case nodes.StartOf(window=window, anchor=inner):
            return f"the first day of the {window_name(window)} of {anchor(inner, row)}"
        case nodes.EndOf(window=window, anchor=inner):
            return f"the last day of the {window_name(window)} of {anchor(inner, row)}"
        case _:
            assert_never(node)


def length(node: nodes.Length, row: str) -> str:
    """Return `6 months`, or `as many months as the term of the deal says`."""
    if isinstance(node.count, nodes.Constant):
        return count_of(operand(node.count, row), node.unit.value)
    return f"as many {node.unit.value}s as the number in {operand(node.count, row)}"


def window_name(kind: WindowKind) -> str:
    """Return a window as one word: `half month`."""
    match kind:
        case WindowKind.PLAN:
            return "plan"
        case WindowKind.LIFETIME:
            return "lifetime"
        case WindowKind.HALF_MONTH | WindowKind.HALF:
            return {WindowKind.HALF_MONTH: "half month", WindowKind.HALF: "half-year"}[kind]
        case WindowKind.DAY | WindowKind.WEEK | WindowKind.MONTH | WindowKind.QUARTER | WindowKind.YEAR:
            return kind.value
        case _:
            assert_never(kind)


def in_each(window: nodes.MeasureWindow) -> str:
    """Return over what stretch something is added up: `in each quarter`."""
    match window:
        case nodes.PerFact(kind=kind):
            return f"on each {human(kind)} (what undoes it included)"
        case nodes.Anniversary(unit=unit, anchor=anchor):
            return f"in each {window_name(unit)} counted from {_anchor_name(anchor)}"
        case WindowKind.PLAN:
            return "over the whole plan"
        case WindowKind.LIFETIME:
            return "over all time, without ever starting again"
        case WindowKind():
            return f"in each {window_name(window)}"
        case _:
            assert_never(window)


def _anchor_name(read: nodes.FieldRead) -> str:
    whose = "your" if read.root is nodes.Root.PAYEE else "the"
    return f"{whose} {' of the '.join(human(name) for name in reversed(read.names))} date"


def total_of(window: nodes.MeasureWindow) -> str:
    """Return what the running total of a window is called: `the quarter's total`."""
    match window:
        case nodes.PerFact(kind=kind):
            return f"the total of the {human(kind)}"
        case nodes.Anniversary(unit=unit):
            return f"the {window_name(unit)}'s total"
        case WindowKind.PLAN | WindowKind.LIFETIME:
            return "the total"
        case WindowKind():
            return f"the {window_name(window)}'s total"
        case _:
            assert_never(window)


def days(span: DateRange) -> str:
    """Return a range with both ends in it, either of which may be open."""
    if span.end == END:
        return "at any time" if span.start == BEGINNING else f"from {span.start} on"
    if span.start == BEGINNING:
        return f"through {span.end}, that day included"
    return f"from {span.start} through {span.end}, both days included"
