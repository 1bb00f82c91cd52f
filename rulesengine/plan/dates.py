"""Anchors and spans of time: `30 days after closed`, `start of month after closed`."""

from __future__ import annotations

from rulesengine.diagnostics import did_you_mean
from rulesengine.language import syntax
from rulesengine.model.dates import MONTHS_OF, SpanUnit, WindowKind
from rulesengine.model.types import DateType, NumberType
from rulesengine.plan import nodes
from rulesengine.plan.header import whole_number
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import lower_literal
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Reading, Scope
from rulesengine.plan.types import check_is

_COUNTED = [WindowKind.WEEK.value, *(kind.value for kind in MONTHS_OF)]
"""The windows that can be counted from a date."""


def lower_anchor(scope: Scope, node: syntax.Anchor, *, waits: bool) -> nodes.Anchor:
    """Return a date that is counted from.

    Args:
        waits: whether a missing date is allowed, because the award then waits for it.
    """
    match node:
        case syntax.Path() | syntax.Date():
            return _lower_date(scope, node, waits=waits)
        case syntax.After():
            return nodes.DateAfter(
                origin=node.span,
                span=lower_span(scope, node.duration),
                anchor=lower_anchor(scope, node.anchor, waits=waits),
            )
        case syntax.StartAfter():
            return nodes.StartAfter(
                origin=node.span,
                window=_calendar_window(node.window, node),
                anchor=lower_anchor(scope, node.anchor, waits=waits),
            )
        case syntax.StartOf():
            return nodes.StartOf(
                origin=node.span,
                window=_calendar_window(node.window, node),
                anchor=lower_anchor(scope, node.anchor, waits=waits),
            )
        case syntax.EndOf():
            return nodes.EndOf(
                origin=node.span,
                window=_calendar_window(node.window, node),
                anchor=lower_anchor(scope, node.anchor, waits=waits),
            )


def _lower_date(scope: Scope, node: syntax.Path | syntax.Date, *, waits: bool) -> nodes.DateRead:
    if isinstance(node, syntax.Date):
        constant = lower_literal(scope.context, node).node
        assert isinstance(constant, nodes.Constant)
        return nodes.DateRead(origin=node.span, operand=constant)
    return nodes.DateRead(origin=node.span, operand=lower_date_field(scope, node, waits=waits).read)


def lower_date_field(scope: Scope, path: syntax.Path, *, waits: bool) -> Reading:
    """Return a date field; where it need not wait it must be there."""
    reading = scope.read(path) if waits else scope.get(path)
    check_is(reading.typed, "expected a date", DateType)
    return reading


def lower_span(scope: Scope, node: syntax.Duration, *, may_be_derived: bool = False) -> nodes.Length:
    """Return a span of time; a field as its number is marked, so that intake reads whole numbers.

    Args:
        may_be_derived: whether a derived number will do, because each row is looked at on the way.
    """
    if isinstance(node.count, syntax.Number):
        whole_number(node.count, least=1)
        count = lower_literal(scope.context, node.count).node
        assert isinstance(count, nodes.Constant)
        return nodes.Length(origin=node.span, count=count, unit=SpanUnit(node.unit))
    reading = scope.get(node.count)
    check_is(reading.typed, f"a number of {node.unit}s must be a number", NumberType)
    for owner in reading.owners:
        if owner.is_derived and may_be_derived:
            continue
        if owner.is_derived:
            raise mistake(
                "R0407",
                f"`{node.count.text}` is derived, so nothing makes sure that it is whole and above zero",
                node.count.span,
                hint=f"use a `field` as the number of {node.unit}s",
            )
        scope.context.counts.add((owner.kind, owner.name))
    return nodes.Length(origin=node.span, count=reading.read, unit=SpanUnit(node.unit))


def _calendar_window(word: str, node: syntax.Node) -> WindowKind:
    kind = WindowKind(word) if word in set(WindowKind) else None
    if kind is None or kind in (WindowKind.PLAN, WindowKind.LIFETIME):
        calendar = [kind.value for kind in WindowKind if kind not in (WindowKind.PLAN, WindowKind.LIFETIME)]
        raise mistake(
            "R0303",
            f"`{word}` has no start and end in the calendar",
            node.span,
            hint=f"write one of {', '.join(calendar)}",
        )
    return kind


def lower_window(
    scope: Scope, name: syntax.Name, fact_kind: str, anchor: syntax.Path | None = None
) -> nodes.MeasureWindow:
    """Return the window that a total runs over: one of the calendar, one counted from a date, or a
    single row.

    Args:
        fact_kind: kind of the rule's rows, empty if that is not known.
        anchor: the date that windows are counted from: `per year from payee.joined`.
    """
    if anchor is not None:
        check_word(name, "window", _COUNTED)
        read = lower_date_field(scope, anchor, waits=False).read
        span = name.span.through(anchor.span)
        return nodes.Anniversary(origin=span, unit=WindowKind(name.text), anchor=read)
    if name.text in set(WindowKind):
        return WindowKind(name.text)
    catalog = scope.context.catalog
    declared = catalog.entries.get(name.text)
    if not fact_kind:
        raise Mistake
    if declared is None:
        check_word(name, "window", [*WindowKind, fact_kind])
    elif declared.sort is not Sort.FACT:
        raise catalog.wrong_sort(name, declared, "a window or the fact kind of the rule")
    check_fact_kind(name, fact_kind)
    if scope.row is None and scope.no_row:
        raise mistake("R0303", f"there is no `{name.text}` to keep a total by: {scope.no_row}", name.span)
    return nodes.PerFact(origin=name.span, kind=name.text)


def check_fact_kind(name: syntax.Name, fact_kind: str) -> None:
    """Raise R0303 for `per lead` in a rule on another kind of fact."""
    if fact_kind and name.text != fact_kind:
        is_calendar = fact_kind in set(WindowKind)
        rows = f"rows that are one for each {fact_kind}" if is_calendar else f"a rule on `{fact_kind}`"
        raise mistake(
            "R0303",
            f"`per {name.text}` in {rows}",
            name.span,
            hint=f"write `per {fact_kind}`",
        )


def check_word(name: syntax.Name, what: str, known: list[str]) -> None:
    """Raise R0301 for a word that is none of the known ones."""
    if name.text not in known:
        hint = did_you_mean(name.text, known) or f"write one of {', '.join(known)}"
        raise mistake("R0301", f"unknown {what} `{name.text}`", name.span, hint=hint)
