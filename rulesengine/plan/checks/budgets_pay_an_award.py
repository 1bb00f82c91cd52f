"""A budget is enough for one award."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.model.exact import ONE, ZERO, Exact, add, multiply
from rulesengine.plan import nodes
from rulesengine.plan.checks.ranges import paid_in_the_end


def budgets_pay_an_award(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0608 for a budget that is smaller than any single award of its rule.

    A goal that pays 10,000 USD out of a budget of 1,000 USD is cut to a tenth for the first who
    reaches it, and nobody after gets anything: one of the two numbers is wrong. Said where both
    are written in the plan.

    Source: language reference, "SPIFFs".
    """
    for rule in plan.rules:
        budget = rule.budget
        if budget is None or not isinstance(budget.amount.value, Decimal):
            continue
        for version in rule.versions:
            award = one_award(version, rule)
            if award is not None and award > budget.amount.value:
                yield Diagnostic(
                    code="R0608",
                    message=f"a budget of {budget.amount.text} cannot pay `{_text(version, rule)}` even once",
                    span=budget.origin,
                    severity=Severity.WARNING,
                    related=(Related(_pays_at(version, rule).origin, "this is paid out of it"),),
                    hint="every award would be cut; look for the amount that was meant",
                )
                break


def one_award(version: nodes.Version, rule: nodes.Rule) -> Exact | None:
    """Return the least that a rule awards at once, in money; None where the plan does not show it."""
    if rule.rank is not None:
        return once_of(rule.rank.places[0].pay, version)
    if rule.goals:
        return once_of(version.rate, version)
    paid = paid_in_the_end(version, rule)
    return paid.low if paid is not None and paid.of is None else None


def once_of(pay: nodes.Rate | None, version: nodes.Version) -> Exact | None:
    """Return what is paid `once`, with factors that are literals; None where that is not all."""
    if not isinstance(pay, nodes.Pay):
        return None
    amount: Exact = ZERO
    for part in pay.parts:
        match part:
            case nodes.Once(amount=nodes.Constant(value=Decimal() as value), rate=None):
                amount = add(amount, value)
            case nodes.Prize():
                continue
            case _:
                return None
    for adjuster in version.adjusters:
        match adjuster:
            case nodes.Times(factor=nodes.Constant(value=Decimal() as factor), when=when):
                amount = multiply(amount, factor if when is None else min(factor, ONE))
            case _:
                return None
    return amount


def _pays_at(version: nodes.Version, rule: nodes.Rule) -> nodes.Node:
    if rule.rank is not None:
        return rule.rank.places[0]
    return version.rate or rule


def _text(version: nodes.Version, rule: nodes.Rule) -> str:
    pay = rule.rank.places[0].pay if rule.rank is not None else version.rate
    parts = pay.parts if isinstance(pay, nodes.Pay) else ()
    return " plus ".join(part.text for part in parts) or rule.name
