"""Clawbacks: what takes back an award when something happens to its row later."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.exact import ONE
from rulesengine.model.schema import Role
from rulesengine.plan import nodes
from rulesengine.plan.dates import lower_anchor, lower_date_field, lower_span
from rulesengine.plan.nodes import SpanMethod
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.sources import RuleInfo


def lower_clawbacks(
    scope: Scope, info: RuleInfo, lines: list[syntax.Clawback], rank: syntax.Rank | None
) -> tuple[nodes.Clawback, ...]:
    """Return the clawbacks of one version of a rule.

    Args:
        rank: of the rule; the places of a rank stand on no row to which anything could happen.
    """
    problems = scope.context.problems
    if lines and rank is not None:
        problems.add(_on_no_row(lines[0], "places of a rank"))
    if lines and scope.row is not None and scope.row.role is Role.PAYEE:
        problems.add(_on_no_row(lines[0], "rows of a calendar"))
    made = problems.those_that_work(lambda line: _lower(scope, info, line), lines)
    for index, each in enumerate(made):
        for earlier in made[:index]:
            problems.attempt(_check_reached, earlier, each)
    return made


def _on_no_row(line: syntax.Clawback, what: str) -> Mistake:
    message = f"{what} stand on no fact that could be cancelled"
    return mistake("R0247", message, line.span, hint="leave it out, or pay in a rule on facts")


def _lower(scope: Scope, info: RuleInfo, node: syntax.Clawback) -> nodes.Clawback:
    attempt = scope.context.problems.attempt
    on = lower_date_field(scope, node.on, waits=True).read
    restore = attempt(lower_date_field, scope, node.restore, waits=True) if node.restore else None
    at = attempt(lower_anchor, scope, node.at, waits=True) if node.at else None
    anchor = lower_anchor(scope, node.anchor, waits=False) if node.anchor else None
    within, unearned = None, None
    if node.limit is not None and anchor is not None:
        within = nodes.Within(origin=node.limit.span, span=lower_span(scope, node.limit), anchor=anchor)
    if node.unearned is not None and anchor is not None:
        unearned = nodes.Unearned(
            origin=node.unearned.span,
            span=lower_span(scope, node.unearned.duration, may_be_derived=True),
            method=SpanMethod(node.unearned.method),
            start=anchor,
        )
    if (node.restore is not None and restore is None) or (node.at is not None and at is None):
        raise Mistake
    made = nodes.Clawback(
        origin=node.span,
        share=node.share.value if node.share else ONE,
        unearned=unearned,
        on=on,
        is_unless=node.is_unless,
        within=within,
        at=at,
        restore=restore.read if restore else None,
        text=scope.context.texts.of(node.span),
    )
    _check_share(node)
    _check_dates(made, node, info)
    return made


def _check_share(node: syntax.Clawback) -> None:
    if node.share is not None and not 0 < node.share.value <= 1:
        message = "what is taken back is above 0% and at most 100% of the award"
        raise mistake("R0247", message, node.share.span)


def _check_dates(made: nodes.Clawback, node: syntax.Clawback, info: RuleInfo) -> None:
    """Raise R0247 for dates by which all or nothing would be taken back, whatever happens."""
    name = f"`{made.on.text}`"
    event = info.event.event if info.event is not None else ""
    if made.on.root is nodes.Root.ROW and made.on.names == (event,):
        then = "nothing is ever taken back" if made.is_unless else "everything is taken back at once"
        message = f"each row is dated by {name}, so {then}"
        raise mistake("R0247", message, node.on.span, hint="name the date of what may happen later")
    innermost = made.within.anchor if made.within else None
    while innermost is not None and not isinstance(innermost, nodes.DateRead):
        innermost = innermost.anchor
    if innermost is not None and _is_same(innermost.operand, made.on):
        raise mistake("R0247", f"{name} is always within a time of itself", node.on.span)
    if made.restore is not None and not made.is_unless and _is_same(made.restore, made.on):
        assert node.restore is not None
        message = f"what is taken back on {name} is given back on the same day"
        raise mistake("R0247", message, node.restore.span)


def _is_same(one: nodes.FieldRead | nodes.Constant, other: nodes.FieldRead) -> bool:
    return isinstance(one, nodes.FieldRead) and (one.root, one.names) == (other.root, other.names)


def _check_reached(earlier: nodes.Clawback, later: nodes.Clawback) -> None:
    """Raise R0247 for a clawback that an earlier one on the same date always comes before."""
    if earlier.is_unless or later.is_unless or not _is_same(earlier.on, later.on):
        return
    if earlier.within is None or (later.within is not None and _reaches_as_far(earlier.within, later.within)):
        raise mistake(
            "R0247",
            "this is never reached: of several on one date the first that applies counts",
            later.origin,
            related=(Related(earlier.origin, "this one applies whenever it does"),),
            hint="write the one with the shorter time first",
        )


def _reaches_as_far(earlier: nodes.Within, later: nodes.Within) -> bool:
    one, other = earlier.span.count, later.span.count
    if earlier.span.unit is not later.span.unit:
        return False
    if not isinstance(one, nodes.Constant) or not isinstance(other, nodes.Constant):
        return False
    alike = isinstance(earlier.anchor, nodes.DateRead) and isinstance(later.anchor, nodes.DateRead)
    if not alike or earlier.anchor.operand.text != later.anchor.operand.text:  # type: ignore[union-attr]
        return False
    return not isinstance(one.value, str) and not isinstance(other.value, str) and one.value >= other.value  # type: ignore[operator]
