"""The clauses of the `statement` block go together."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity, Span
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes


def settling_adds_up(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield what is wrong with the `statement` block as a whole.

    - R0251: a recoverable draw that nothing pays back, or a `recover` with nothing to pay back.
      Something that runs on from statement to statement, and no word on what is below zero.
      Statements that do not follow each other (`per plan`), where there is no next one.
    - R0253: amounts of which one makes another void: a draw or guarantee above the cap, a minimum
      above the cap or above what a draw or guarantee pays, an amount of zero.
    - R0254: a draw or guarantee behind one that everybody has already.
    - R0255, a warning: a recovery that takes from what the draw is to pay, so that somebody who earns
      a little more than the draw is paid less than it.

    Source: language reference, "Statements".
    """
    settlement = plan.settlement
    if settlement is None:
        return
    yield from _goes_on(settlement, plan.period)
    yield from _is_paid_back(settlement)
    yield from _says_negative(settlement)
    yield from _amounts(settlement)
    yield from _reached(settlement.draws, "draw")
    yield from _reached(settlement.guarantees, "guarantee")
    yield from _keeps_draw(settlement)


def _goes_on(settlement: nodes.Settlement, period: WindowKind) -> Iterator[Diagnostic]:
    if period is WindowKind.PLAN:
        yield Diagnostic(
            code="R0251",
            message="a plan with one statement has no next one to settle with",
            span=settlement.origin,
            hint="write how often statements are made, such as `per month`, or leave the other lines out",
        )


def _is_paid_back(settlement: nodes.Settlement) -> Iterator[Diagnostic]:
    recovery, owing = settlement.recovery, [draw for draw in settlement.draws if draw.is_recoverable]
    if owing and recovery is None:
        yield Diagnostic(
            code="R0251",
            message="nothing pays this recoverable draw back",
            span=owing[0].origin,
            hint=f"add `recover 100% of earnings above {owing[0].amount.text}`, or write `kept`",
        )
    if recovery is not None and not owing:
        draws = settlement.draws
        yield Diagnostic(
            code="R0251",
            message="there is no recoverable draw to pay back",
            span=recovery.origin,
            related=tuple(Related(draw.origin, "this draw is kept") for draw in draws[:1]),
            hint="write a `draw … recoverable`, or drop the line",
        )


def _says_negative(settlement: nodes.Settlement) -> Iterator[Diagnostic]:
    cap = settlement.cap
    running: list[nodes.Node] = [draw for draw in settlement.draws if draw.is_recoverable]
    running += [settlement.minimum] if settlement.minimum is not None else []
    running += [cap] if cap is not None and cap.is_carried else []
    if running and not settlement.says_negative:
        yield Diagnostic(
            code="R0251",
            message="what becomes of a statement below zero is not said",
            span=running[0].origin,
            hint="add `negative carry`, `negative forgive` or `negative stands`",
        )


def _amounts(settlement: nodes.Settlement) -> Iterator[Diagnostic]:
    cap, minimum = settlement.cap, settlement.minimum
    grants: list[tuple[str, nodes.Grant | nodes.Minimum]] = [("draw", draw) for draw in settlement.draws]
    grants += [("guarantee", guarantee) for guarantee in settlement.guarantees]
    amounts = [(word, grant.amount) for word, grant in grants]
    amounts += [("cap", cap.amount)] if cap is not None else []
    amounts += [("minimum", minimum.amount)] if minimum is not None else []
    for word, amount in amounts:
        if _value(amount) == 0:
            message = f"a {word} must be above zero, found {amount.text}"
            yield Diagnostic(
                code="R0253", message=message, span=amount.origin, hint=f"drop the `{word}` line"
            )
    recovery = settlement.recovery
    if recovery is not None and not 0 < recovery.rate <= 1:
        yield Diagnostic(
            code="R0253",
            message=f"what pays back is above 0% and at most 100% of earnings, found `{recovery.text}`",
            span=recovery.origin,
            hint="write such a percentage",
        )
    if cap is not None:
        above = [*grants, *([("minimum", minimum)] if minimum is not None else [])]
        for word, clause in above:
            if _is_above(clause.amount, cap.amount):
                message = f"a {word} of {clause.amount.text} is above the cap of {cap.amount.text}"
                yield _contradiction(message, clause.amount.origin, cap.amount.origin)
    if minimum is not None:
        for word, clause in grants:
            if _is_above(minimum.amount, clause.amount):
                message = f"a {word} of {clause.amount.text} is below the minimum of {minimum.amount.text}"
                yield _contradiction(message, clause.amount.origin, minimum.amount.origin)


def _contradiction(message: str, span: Span, other: Span) -> Diagnostic:
    related = (Related(other, "this would never let it be paid"),)
    return Diagnostic(
        code="R0253", message=message, span=span, related=related, hint="change one of the two amounts"
    )


def _reached(grants: tuple[nodes.Grant, ...], word: str) -> Iterator[Diagnostic]:
    for position, grant in enumerate(grants):
        for first in grants[:position]:
            is_for_all = first.time is None and first.kind in ("", grant.kind)
            if is_for_all and first.segment in ("", grant.segment):
                yield Diagnostic(
                    code="R0254",
                    message=f"nobody gets this {word}: a line above is for the same payees",
                    span=grant.origin,
                    related=(Related(first.origin, "the first line that is for a payee counts"),),
                    hint="write the line for the fewest first, or drop one of the two",
                )
                break


def _keeps_draw(settlement: nodes.Settlement) -> Iterator[Diagnostic]:
    recovery = settlement.recovery
    if recovery is None:
        return
    above = recovery.above
    for draw in settlement.draws:
        is_safe = above is not None and (above.text == draw.amount.text or not _is_above(draw.amount, above))
        if not is_safe:
            yield Diagnostic(
                code="R0255",
                message="who earns a little more than the draw is paid less than it, while something is owed",
                span=recovery.origin,
                severity=Severity.WARNING,
                related=(Related(draw.origin, "the draw is here"),),
                hint=f"write `… of earnings above {draw.amount.text}`",
            )
            return


def _value(amount: nodes.Operand) -> Decimal | None:
    if isinstance(amount, nodes.Constant) and isinstance(amount.value, Decimal):
        return amount.value
    return None


def _is_above(amount: nodes.Operand, other: nodes.Operand) -> bool:
    """Tell whether an amount is known to be above another; fields of payees are not known."""
    left, right = _value(amount), _value(other)
    return left is not None and right is not None and left > right
