"""Rivals have settled pay, on the same rows."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.plan import nodes


def rivals_are_settled(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0214 for each rule of a `choose` whose pay on a row is not known on that row.

    A choice is made once, row by row. If a later row could change what a rival pays on this one,
    the winner of today might be the loser of tomorrow, long after it was paid. A memo rule that
    won would leave the row unpaid.

    Source: language reference, "One of several: choose".
    """
    rules = {rule.name: rule for rule in plan.rules}
    for choose in plan.chooses:
        if choose.take is nodes.Take.ALL:
            continue
        rivals = [rules[name] for name in choose.among]
        for rule, span in zip(rivals, choose.among_origins, strict=True):
            if rule.is_memo:
                yield _refused(rule, "a memo rule pays nothing", span, rule.origin)
            for reason, origin in _unsettled(rule):
                yield _refused(rule, f"its {reason} may change pay later", span, origin)
            if not _same_rows(rule.source, rivals[0].source):
                reason = f"it stands on other rows than `{rivals[0].name}`"
                yield _refused(rule, reason, span, rule.source.origin)


def _unsettled(rule: nodes.Rule) -> Iterator[tuple[str, Span]]:
    """Yield what can change a row's pay after the row, with where it says so."""
    if rule.rank is not None:
        yield "`rank`", rule.rank.origin
    if rule.goals:
        yield "`goal`", rule.goals[0].origin
    budget = rule.budget
    if budget is not None:
        if budget.first_come is None:
            yield "budget `then prorate`", budget.origin
        elif isinstance(rule.source, nodes.FactSource) and budget.first_come.names != (rule.source.event,):
            yield f"budget in order of `{budget.first_come.text}`", budget.origin
    for version in rule.versions:
        rate = version.rate
        if isinstance(rate, nodes.Bands) and rate.method.trues_up:
            yield f"`{rate.method}` tiers", rate.origin
        elif isinstance(rate, nodes.Bands) and rule.measure is not None and rule.measure.rows is not None:
            # Rows that are none of the rule's may bring the total to a tier, and its row gains by it then.
            for part in (part for band in rate.bands for part in band.pay.parts):
                if isinstance(part, nodes.Once):
                    yield f"pay `once` by the measure `{rule.measure.name}`", part.origin
        for adjuster in version.adjusters:
            if (
                isinstance(adjuster, nodes.Limit)
                and adjuster.is_floor
                and not isinstance(adjuster.window, nodes.PerFact)
            ):
                yield f"floor `per {adjuster.window}`", adjuster.origin


def _refused(rule: nodes.Rule, reason: str, span: Span, origin: Span) -> Diagnostic:
    return Diagnostic(
        code="R0214",
        message=f"`{rule.name}` cannot be chosen among others: {reason}",
        span=span,
        related=(Related(origin, "because of this"),),
        hint="choose among rules that pay each row for good, such as `revenue_share` and `flat`",
    )


def _same_rows(one: nodes.Source, other: nodes.Source) -> bool:
    match one, other:
        case nodes.FactSource(), nodes.FactSource():
            return (one.kind, one.event) == (other.kind, other.event)
        case nodes.EarningsSource(), nodes.EarningsSource():
            return one.rule == other.rule
        case nodes.CalendarSource(), nodes.CalendarSource():
            return one.rows == other.rows
        case _:
            return False
