"""What changes an award after it is rated: `times`, `cap`, `floor`, and its dates."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.rounding import Remainder
from rulesengine.model.schema import MOST_PARTS, Role
from rulesengine.model.types import MoneyType, NumberType, PercentType
from rulesengine.plan import nodes
from rulesengine.plan.conditions import lower_condition
from rulesengine.plan.currencies import check_paid
from rulesengine.plan.dates import lower_anchor, lower_date_field, lower_span, lower_window
from rulesengine.plan.header import stands_twice, whole_number
from rulesengine.plan.measures import lower_keys
from rulesengine.plan.operands import lower_scalar, share_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, as_money, check_is


def lower_times(scope: Scope, node: syntax.Times) -> nodes.Times:
    """Return a factor, with the condition that it holds under; its guards reach the factor."""
    when = None
    if node.when is not None:
        judged = lower_condition(scope, node.when)
        when, scope = judged.node, scope.with_guards(judged.if_true)
    factor = lower_scalar(scope, node.factor)
    check_is(factor, "a factor must be a percentage or a number", PercentType, NumberType)
    return nodes.Times(
        origin=node.span, factor=factor.node, when=when, text=scope.context.texts.of(node.span)
    )


def lower_limit(scope: Scope, node: syntax.Limit, fact_kind: str) -> nodes.Limit:
    """Return a cap or floor; the key is the payee if none is said."""
    attempt = scope.context.problems.attempt
    amount = attempt(_limit_amount, scope, node)
    window = attempt(lower_window, scope, node.window, fact_kind, node.anchor)
    keys = attempt(lower_keys, scope, node.keys, node)
    if amount is None or window is None or keys is None:
        raise Mistake
    return nodes.Limit(
        origin=node.span,
        is_floor=node.word == "floor",
        amount=amount.node,
        window=window,
        keys=keys,
        text=scope.context.texts.of(node.span),
    )


def _limit_amount(scope: Scope, node: syntax.Limit) -> Typed:
    if node.base is None:
        if isinstance(node.value, syntax.Percent):
            text = scope.context.texts.of(node.value.span)
            raise mistake(
                "R0401",
                f"a {node.word} must be money, `{text}` of what?",
                node.value.span,
                hint=f"write `{node.word} {text} of amount per {node.window.text}`",
            )
        amount = lower_scalar(scope, node.value)
    elif isinstance(node.value, syntax.Percent):
        amount = share_of(scope, node.value, node.base)
    else:
        raise mistake(
            "R0401",
            f"a {node.word} of a base must be a percentage such as 100%",
            node.value.span,
            hint="write the percentage, or derive the amount",
        )
    hint = as_money(amount, scope.pays.code)
    check_is(amount, f"a {node.word} must be money", MoneyType, hint=hint)
    check_paid(scope.context, scope.pays, amount)
    return amount


def lower_for(scope: Scope, node: syntax.For) -> nodes.ForSpan:
    """Return the time that counts; a row whose anchor is missing is outside."""
    return nodes.ForSpan(
        origin=node.span,
        span=lower_span(scope, node.duration, may_be_derived=True),
        anchor=lower_anchor(scope, node.anchor, waits=True),
        text=scope.context.texts.of(node.span),
    )


def lower_first(scope: Scope, node: syntax.ForFirst) -> nodes.FirstRows:
    """Return which rows of a key are its first ones."""
    keys = lower_keys(scope, node.keys, node)
    return nodes.FirstRows(
        origin=node.span,
        count=whole_number(node.count, least=1) if node.count is not None else None,
        span=lower_span(scope, node.duration) if node.duration is not None else None,
        keys=keys,
        text=scope.context.texts.of(node.span),
    )


def lower_prorate(scope: Scope, node: syntax.Prorate) -> nodes.Prorate:
    """Return the dates that a row of the calendar is prorated by; R0249 for rows of facts."""
    if scope.row is not None and scope.row.role is not Role.PAYEE:
        raise mistake(
            "R0249",
            f"a `{scope.row.name}` has one date and no days to be prorated by",
            node.span,
            hint="`derive` the share from two dates: `days from started through ended`",
        )
    start = lower_date_field(scope, node.start, waits=False)
    end = lower_date_field(scope, node.end, waits=True)
    return nodes.Prorate(
        origin=node.span, start=start.read, end=end.read, text=scope.context.texts.of(node.span)
    )


def lower_hold(scope: Scope, node: syntax.Hold) -> nodes.Anchor:
    """Return the date that nothing is payable before; a missing one waits."""
    return lower_anchor(scope, node.anchor, waits=True)


def lower_split(scope: Scope, node: syntax.Split, remainder: syntax.RemainderClause | None) -> nodes.Split:
    """Return the dated parts of an award; R0216 where nobody gets what is left over."""
    attempt = scope.context.problems.attempt
    to = attempt(_remainder_of_parts, remainder, node)
    span = attempt(lower_parts, scope, node.duration)
    anchor = attempt(lower_anchor, scope, node.anchor, waits=True)
    if to is None or span is None or anchor is None:
        raise Mistake
    return nodes.Split(
        origin=node.span, span=span, anchor=anchor, remainder=to, text=scope.context.texts.of(node.span)
    )


def _remainder_of_parts(clause: syntax.RemainderClause | None, node: syntax.Split) -> Remainder:
    return remainder_of(clause, node, "the parts", are_even=True, is_once=True)


def lower_parts(scope: Scope, node: syntax.Duration) -> nodes.Length:
    """Return the number of parts of an award and the time between them."""
    if isinstance(node.count, syntax.Number) and node.count.value > MOST_PARTS:
        message = f"expected at most {MOST_PARTS:,} parts, found {node.count.value:,}"
        raise mistake("R0407", message, node.count.span)
    return lower_span(scope, node, may_be_derived=True)


def remainder_of(
    clause: syntax.RemainderClause | None,
    divided: syntax.Node,
    parts: str,
    *,
    are_even: bool = False,
    is_once: bool = False,
) -> Remainder:
    """Return who gets the steps that are left over when an amount is divided.

    Args:
        are_even: the parts are equal, so that none is the largest.
        is_once: there is one division only, or each stands alone: there are no turns.
    """
    if clause is None:
        raise mistake(
            "R0216",
            f"cents may be left over when {parts} are cut, and nobody gets them",
            divided.span,
            hint="add `remainder to first`, or `remainder to last`",
        )
    to = Remainder(clause.to)
    if are_even and to in (Remainder.LARGEST_SHARE, Remainder.LARGEST_FRACTION):
        why = f"{parts} are equal, none is the largest"
    elif is_once and to is Remainder.IN_TURN:
        why = f"there are no turns where {parts} are cut"
    else:
        return to
    raise mistake(
        "R0238",
        f"`remainder to {to}` says nothing here: {why}",
        clause.span,
        related=(Related(divided.span, f"{parts} are cut here"),),
        hint="write `remainder to first`, `last` or `nobody`",
    )


def lower_stops(scope: Scope, lines: Sequence[syntax.Stop]) -> tuple[nodes.Stop, ...]:
    """Return the `stop` lines of a rule; R0203 for a second one on the same date, which never acts."""
    first: dict[str, syntax.Stop] = {}
    for line in lines:
        earlier = first.setdefault(line.path.text, line)
        if earlier is not line:
            scope.context.problems.add(stands_twice(f"stop on {line.path.text}", line.span, earlier.span))
    return tuple(scope.context.problems.every(lambda line: _stop(scope, line), lines))


def _stop(scope: Scope, node: syntax.Stop) -> nodes.Stop:
    """Return the date from which parts are stopped; while it is missing they are not."""
    reading = lower_date_field(scope, node.path, waits=True)
    return nodes.Stop(
        origin=node.span,
        read=reading.read,
        then=nodes.StopThen(node.then),
        text=scope.context.texts.of(node.span),
    )
