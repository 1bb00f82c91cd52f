"""A row that waits for its exchange rate does not change afterwards what other rows were paid."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.plan import nodes
from rulesengine.plan.rate_days import later_rate


def rates_before_totals(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0613 for a rule with a total over several rows, of which some may wait for a rate.

    Rows count in the order of their own dates. One that waits is not in the total until its rate is there;
    then it is there from its own date on, and rows that came after it are worked out anew, though they were
    paid in the meantime. A rate of the end of the window that the row lies in comes with the window.

    Source: language reference, "Currencies".
    """
    rules = {rule.name: rule for rule in plan.rules}
    for rule in plan.rules:
        convert, total = later_rate(rule, rules.get), _total(rule)
        if convert is None or total is None or _is_of_window(convert.anchor):
            continue
        yield Diagnostic(
            code="R0613",
            severity=Severity.WARNING,
            message=f"`{total.text}` changes for rows that were paid, when another gets its rate",
            span=total.origin,
            related=(Related(convert.origin, "until this day a row waits"),),
            hint=_hint(rule, convert.anchor),
        )


def _total(
    rule: nodes.Rule,
) -> nodes.Measure | nodes.Goal | nodes.Rank | nodes.Budget | nodes.Limit | nodes.FirstRows | None:
    """Return what of a rule adds up over several rows."""
    if rule.measure is not None and not isinstance(rule.measure.window, nodes.PerFact):
        return rule.measure
    if rule.goals or rule.rank is not None or rule.budget is not None:
        return rule.goals[0] if rule.goals else rule.rank or rule.budget
    for version in rule.versions:
        if version.first is not None:
            return version.first
        for each in version.adjusters:
            if isinstance(each, nodes.Limit) and not isinstance(each.window, nodes.PerFact):
                return each
    return None


def _is_of_window(anchor: nodes.Anchor) -> bool:
    return isinstance(anchor, nodes.EndOf) and isinstance(anchor.anchor, nodes.DateRead)


def _hint(rule: nodes.Rule, anchor: nodes.Anchor) -> str:
    match rule.source, anchor:
        case nodes.FactSource(kind=kind), nodes.DateRead(operand=nodes.FieldRead(names=(name,))):
            return f"let the rows count on that day: `on {kind} at {name}`"
        case _:
            return "convert at the rate of the row's own date"
