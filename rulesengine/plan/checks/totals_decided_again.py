"""What is decided again on later rows can be decided again."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.model.dates import WindowKind
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import of_condition, of_operand, reads_in_total

_KINDS = (nodes.RuleKind.REVENUE_SHARE, nodes.RuleKind.FLAT)


def totals_decided_again(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield R0237 for each rule that reads a total `in total` and pays in a way that settles too early.

    What a row earns is then changed by later rows. That has a meaning where each row's pay is a rate
    of an amount of its own, times what holds for all of it: in a `revenue_share` and a `flat`. It has
    none beside tiers of the rule's own, parts, goals, awards and budgets, which have acted on the
    first answer already, nor behind a limit.

    Source: language reference, "in total: decided again".
    """
    for rule in plan.rules:
        for version in rule.versions:
            reads = reads_in_total(version, plan.tables)
            if reads:
                for why, origin in _settled_early(rule, version, plan):
                    yield _refused(plan, reads[0], why, origin)
                    break


def _settled_early(rule: nodes.Rule, version: nodes.Version, plan: nodes.Plan) -> Iterator[tuple[str, Span]]:
    if rule.kind not in _KINDS:
        yield f"a `{rule.kind}` has paid by the first answer", rule.origin
    if isinstance(rule.source, nodes.EarningsSource):
        yield "lines of another rule are not decided again", rule.source.origin
    for other in (rule.measure, rule.award, rule.budget):
        if other is not None:
            yield f"`{other.text}` acts on what each row earns", other.origin
    if rule.rounding.place not in (RoundingPlace.LINE, RoundingPlace.FACT):
        yield f"it is rounded per {rule.rounding.place}", rule.origin
    if isinstance(version.rate, nodes.Pay):
        for part in version.rate.parts:
            if not _is_plain(part):
                yield f"`{part.text}` is not an amount of the row alone", part.origin
    for choose in plan.chooses:
        if choose.take is not nodes.Take.ALL and rule.name in choose.among:
            yield "the winner of a choice is decided once", choose.origin
    limited: nodes.Limit | None = None
    for adjuster in version.adjusters:
        match adjuster:
            case nodes.Deduct():
                yield f"`{adjuster.text}` takes off an amount of the row", adjuster.origin
            case nodes.Limit(window=nodes.PerFact()):
                yield f"`{adjuster.text}` limits a row before its pay is known", adjuster.origin
            case nodes.Limit():
                limited = adjuster
            case nodes.Times(factor=factor, when=when):
                again = [*of_operand(factor, plan.tables), *(of_condition(when) if when else ())]
                if limited is not None and again:
                    yield f"it stands behind `{limited.text}`", limited.origin


def _is_plain(part: nodes.PayPart) -> bool:
    match part:
        case nodes.ShareOf(base=base, above=above, earnings=earnings):
            return base is not None and above is None and not earnings
        case nodes.PerUnit(quantity=quantity, above=above, package=package):
            return quantity is not None and above is None and package is None
        case nodes.PerRow():
            return True
        case _:
            return False


def _refused(plan: nodes.Plan, read: nodes.MeasureRead, why: str, origin: Span) -> Diagnostic:
    window = plan.measures[read.measure].window
    once = f"`{read.measure} so far`, which is decided once"
    if isinstance(window, WindowKind) and window is not WindowKind.LIFETIME:
        once += f"; in a rule `on … per {window}` it is the total of the whole {window}"
    return Diagnostic(
        code="R0237",
        message=f"`{read.text}` is decided again on later rows, which this rule cannot follow: {why}",
        span=read.origin,
        related=(Related(origin, "because of this"),),
        hint=f"write {once}",
    )
