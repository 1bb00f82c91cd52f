"""A cap or floor does not replace what its rule pays."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Severity
from rulesengine.plan import nodes
from rulesengine.plan.checks.ranges import Step, bound_of, is_each_payees_own, steps_of


def limits_leave_something(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0607 for a cap below, or a floor above, all that its rule can pay for a row.

    500 USD per deal under a cap of 300 USD per deal pays 300 USD for each deal, never anything
    else: the amount of the `pay` line is written for nothing, and a reader who sees it alone is
    misled. The same holds for 10% of an amount under a cap of 5% of it. Limits of a longer window
    are left alone: they bind once enough rows have come.

    Source: language reference, "times, cap and floor".
    """
    for rule in plan.rules:
        for version in rule.versions:
            for step in steps_of(version, rule):
                yield from _replaced(step)


def _replaced(step: Step) -> Iterator[Diagnostic]:
    limit, before = step.adjuster, step.before
    if not isinstance(limit, nodes.Limit) or before is None or not is_each_payees_own(limit):
        return
    bound = bound_of(limit)
    if bound is None or bound.of != before.of or not before.text:
        return
    if limit.is_floor:
        binds = before.high is not None and before.high < bound.value
    else:
        binds = before.low > bound.value
    if binds:
        what = "lifts" if limit.is_floor else "cuts"
        always = "less" if limit.is_floor else "more"
        yield Diagnostic(
            code="R0607",
            message=f"`{limit.text}` {what} every amount: `{before.text}` always pays {always}",
            span=limit.origin,
            severity=Severity.WARNING,
            hint=f"pay `{limit.amount.text}` itself, or look for the amount that was meant",
        )
