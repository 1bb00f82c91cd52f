"""Every condition can hold for some row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import contradiction, facts_of


def conditions_can_hold(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0603 where two tests that must both hold cannot.

    The rule, segment or alternative would never match a row. What a fact's own `where` lines and
    a segment's require counts as well: a rule on `stage is "lost"` never sees a deal if the fact
    keeps only those won.

    Source: language reference, "Conditions".
    """
    for filters in plan.filters.values():
        yield from _impossible(plan, (), filters)
    for segment in plan.segments.values():
        yield from _impossible(plan, plan.filters.get(segment.kind, ()), segment.conditions)
    for measure in plan.measures.values():
        if measure.rows is not None:
            yield from _impossible(plan, _filters(plan, measure.rows.source), measure.rows.conditions)
    for rule in plan.rules:
        given = plan.filters.get(rule.fact_kind, ()) if isinstance(rule.source, nodes.FactSource) else ()
        for version in rule.versions:
            yield from _impossible(plan, given, version.conditions)
            for adjuster in version.adjusters:
                if isinstance(adjuster, nodes.Times) and adjuster.when is not None:
                    yield from _impossible(plan, (*given, *version.conditions), (adjuster.when,))


def _filters(plan: nodes.Plan, source: nodes.FactSource) -> tuple[nodes.Condition, ...]:
    return plan.filters.get(source.kind, ())


def _impossible(
    plan: nodes.Plan, given: tuple[nodes.Condition, ...], conditions: Iterable[nodes.Condition]
) -> Iterator[Diagnostic]:
    """Yield the first clash among conditions beside what is given, then those of alternatives."""
    conditions = tuple(conditions)
    taken = facts_of(given, plan.segments)
    if contradiction(taken) is not None:
        return  # found already, where it is written
    clash = contradiction((*taken, *facts_of(conditions, plan.segments)))
    if clash is not None:
        yield _clash(*clash)
        return
    for condition in conditions:
        for alternative in _alternatives(condition):
            yield from _impossible(plan, (*given, *conditions), (alternative,))


def _alternatives(condition: nodes.Condition) -> Iterator[nodes.Condition]:
    match condition:
        case nodes.AnyOf(tests=tests):
            yield from tests
        case nodes.AllOf(tests=tests):
            for test in tests:
                yield from _alternatives(test)
        case _:
            return


def _clash(first: nodes.Condition, second: nodes.Condition) -> Diagnostic:
    if first is second:
        return Diagnostic(
            code="R0603",
            message=f"`{second.text}` can never hold",
            span=second.origin,
            severity=Severity.WARNING,
        )
    return Diagnostic(
        code="R0603",
        message=f"`{second.text}` can never hold beside `{first.text}`",
        span=second.origin,
        severity=Severity.WARNING,
        related=(Related(first.origin, "this must hold as well"),),
        hint="write `or` where one of the two is enough",
    )
