"""Rivals of a choice can earn on the same row."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Severity
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import contradiction, facts_of


def rivals_can_meet(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0611 for a rule in a `choose` that never stands on a row with any of the others.

    A choice is made on each row among the rules that earn on it. Where the `where` lines of one
    exclude those of all others, or its dates lie apart from theirs, it is always chosen, and the
    choice says nothing of it: mostly a condition is wrong, or another rule was meant.

    Source: language reference, "One of several: choose".
    """
    rules = {rule.name: rule for rule in plan.rules}
    for choose in plan.chooses:
        if choose.take is nodes.Take.ALL:
            continue
        rivals = [rules[name] for name in choose.among]
        for rule, origin in zip(rivals, choose.among_origins, strict=True):
            if not any(_may_meet(plan, rule, other) for other in rivals if other is not rule):
                yield Diagnostic(
                    code="R0611",
                    message=f"`{rule.name}` never earns on a row on which another of these rules does",
                    span=origin,
                    severity=Severity.WARNING,
                    hint="leave it out of the choice, or look at the `where` lines and dates of these rules",
                )


def _may_meet(plan: nodes.Plan, one: nodes.Rule, other: nodes.Rule) -> bool:
    if one.effective.overlap(other.effective) is None:
        return False
    # Versions hold at different times; with more than one, some pair of them mostly meets.
    if len(one.versions) > 1 or len(other.versions) > 1:
        return True
    both = (*one.versions[0].conditions, *other.versions[0].conditions)
    return contradiction(facts_of(both, plan.segments)) is None
