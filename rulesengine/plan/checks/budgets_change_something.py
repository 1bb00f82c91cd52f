"""A budget can cut what is paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes
from rulesengine.plan.checks.budgets_pay_an_award import once_of
from rulesengine.plan.checks.possible import path_of


def budgets_change_something(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0609 for a budget that a rule can never use up.

    - A goal is reached once by each key. What it pays then is all that the key is ever paid, if the
      award goes to the payee or is shared in equal parts; a budget for each such key, and no
      smaller, cuts nothing.
    - A cap of the whole plan for the same keys leaves no more than a budget of that size.

    Source: language reference, "SPIFFs".
    """
    for rule in plan.rules:
        budget = rule.budget
        if budget is None or len(rule.versions) > 1 or not isinstance(budget.amount.value, Decimal):
            continue
        version = rule.versions[0]
        found = _goal(rule, version, budget.amount.value) or _cap(rule, version, budget.amount.value)
        if found is not None:
            yield Diagnostic(
                code="R0609",
                message=f"a budget of {budget.amount.text} can never be used up: `{found.text}` pays no more",
                span=budget.origin,
                severity=Severity.WARNING,
                related=(Related(found.origin, "all that can be paid"),),
                hint="leave the budget out, or look for the amount that was meant",
            )


def _goal(rule: nodes.Rule, version: nodes.Version, amount: Decimal) -> nodes.PayPart | None:
    assert rule.budget is not None
    if not rule.goals or not (rule.award is None or rule.award.how is not nodes.AwardHow.EACH):
        return None
    if _paths(rule.goals[0].measure.keys) != _paths(rule.budget.keys):
        return None
    paid = once_of(version.rate, version)
    is_idle = paid is not None and paid <= amount and not any(_may_lower(a) for a in version.adjusters)
    return version.rate.parts[0] if is_idle and isinstance(version.rate, nodes.Pay) else None


def _may_lower(adjuster: nodes.Adjuster) -> bool:
    """Whether a factor that holds for some rows only makes the least award not the largest."""
    return isinstance(adjuster, nodes.Times) and adjuster.when is not None


def _cap(rule: nodes.Rule, version: nodes.Version, amount: Decimal) -> nodes.Limit | None:
    assert rule.budget is not None
    match version.adjusters[-1:]:
        case (nodes.Limit(is_floor=False, amount=nodes.Constant(value=Decimal() as most)) as cap,):
            whole = cap.window in (WindowKind.PLAN, WindowKind.LIFETIME)
            same = _paths(cap.keys) == _paths(rule.budget.keys)
            return cap if whole and same and most <= amount and rule.award is None else None
        case _:
            return None


def _paths(keys: tuple[nodes.FieldRead, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(path_of(key) for key in keys)
