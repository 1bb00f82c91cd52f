"""Spans of time as numbers: `days from a through b`, `full months from a until b`, `month ends from …`."""

from __future__ import annotations

from rulesengine.language import syntax
from rulesengine.model.dates import SpanUnit, WindowKind
from rulesengine.model.types import NumberType
from rulesengine.plan import nodes
from rulesengine.plan.dates import lower_anchor
from rulesengine.plan.nodes import SpanMethod
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope

_WINDOWS = tuple(kind for kind in WindowKind if kind not in (WindowKind.PLAN, WindowKind.LIFETIME))


def lower_span_count(scope: Scope, node: syntax.SpanCount) -> nodes.SpanCount:
    """Return a span of time as a number; missing where one of its dates is.

    Raises:
        Mistake: R0244, its words do not say what is counted, and what of a cut unit.
    """
    method, unit = _counted(node)
    start = scope.context.problems.attempt(lower_anchor, scope, node.start, waits=True)
    end = scope.context.problems.attempt(lower_anchor, scope, node.end, waits=True)
    if start is None or end is None:
        raise Mistake
    return nodes.SpanCount(
        origin=node.span,
        method=method,
        unit=unit,
        start=start,
        end=end,
        is_end_included=node.side == "through",
        type=NumberType(),
        text=scope.context.texts.of(node.span),
    )


def _counted(node: syntax.SpanCount) -> tuple[SpanMethod, SpanUnit | WindowKind]:
    """Return what `days`, `full months`, `started weeks` or `month ends` count."""
    first, last = node.words[0], node.words[-1].removesuffix("s")
    if node.words == ("days",):
        return SpanMethod.FULL, SpanUnit.DAY
    if last == "end" and len(node.words) == 2:
        if first in {window.value for window in _WINDOWS}:
            return SpanMethod.ENDS, WindowKind(first)
        known = ", ".join(f"`{window} ends`" for window in _WINDOWS)
        raise _unclear(node, f"nothing of the calendar is called `{first}`", f"write one of {known}")
    if first in ("full", "started") and last in set(SpanUnit) and last != SpanUnit.DAY:
        return SpanMethod(first), SpanUnit(last)
    if last == SpanUnit.DAY:
        raise _unclear(node, "days are whole already", "write `days from … through …`, or `until`")
    if last in set(SpanUnit):
        hint = f"write `full {last}s` or `started {last}s`"
        raise _unclear(node, f"a {last} may be cut short at the end: does it count?", hint)
    hint = "write `days`, `full months`, `started months` or `month ends`"
    raise _unclear(node, f"`{' '.join(node.words)}` cannot be counted in a span of time", hint)


def _unclear(node: syntax.SpanCount, message: str, hint: str) -> Mistake:
    return mistake("R0244", message, node.span, hint=hint)
