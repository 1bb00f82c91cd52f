"""A tier can be reached by the rows that count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import Fact, facts_of, path_of


def tiers_can_be_reached(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0610 for a tier that begins above what a row can bring to the measure.

    A measure `per deal` is one deal's amount, and a largest amount (`max`) is that of one row. So a
    `where amount <= 50,000 USD` keeps every tier from more than 50,000 USD on from ever being
    entered. A count `per deal` is never above 1.

    Source: language reference, "Tiers".
    """
    for rule in plan.rules:
        measure = rule.measure
        if measure is None or measure.rows is not None or measure.against is not None:
            continue
        for version in rule.versions:
            if isinstance(version.rate, nodes.Bands):
                yield from _out_of_reach(plan, rule, measure, version, version.rate)


def _out_of_reach(
    plan: nodes.Plan,
    rule: nodes.Rule,
    measure: nodes.Measure,
    version: nodes.Version,
    rate: nodes.Bands,
) -> Iterator[Diagnostic]:
    top = _top(plan, rule, measure, version)
    if top is None:
        return
    most, is_reached, why, at = top
    for band in rate.bands:
        if band.start > most or (band.start == most and not (is_reached and band.is_included)):
            yield Diagnostic(
                code="R0610",
                message=f"this tier can never be reached: {why}",
                span=band.origin,
                severity=Severity.WARNING,
                related=(Related(at.origin, "this keeps the measure below it"),),
                hint="leave the tier out, or widen what counts",
            )


def _top(
    plan: nodes.Plan, rule: nodes.Rule, measure: nodes.Measure, version: nodes.Version
) -> tuple[Decimal, bool, str, nodes.Node] | None:
    """Return the highest the measure can be, whether it can be just that, why, and where it says so."""
    aggregate = measure.aggregate
    is_of_one_row = isinstance(measure.window, nodes.PerFact) and _counts_once(measure, version)
    match aggregate.kind:
        case nodes.AggregateKind.COUNT if is_of_one_row:
            return Decimal(1), True, "a count of one row is never above 1", measure
        case nodes.AggregateKind.SUM if is_of_one_row:
            pass
        case nodes.AggregateKind.MAX if is_of_one_row or len(rule.versions) == 1:
            pass
        case _:
            return None
    if not isinstance(aggregate.read, nodes.FieldRead) or not isinstance(rule.source, nodes.FactSource):
        return None
    conditions = (*plan.filters.get(rule.source.kind, ()), *version.conditions)
    facts = facts_of(conditions, plan.segments)
    bound = _upper_bound(facts, aggregate.read)
    if bound is None or not _is_never_negative(plan, rule.source.kind, facts, aggregate.read):
        return None
    value, is_in, test = bound
    return value, is_in, f"`{test.text}` keeps `{aggregate.read.text}` below it", test


def _counts_once(measure: nodes.Measure, version: nodes.Version) -> bool:
    """A shared row counts for each of its payees: more than once in a total that they have together."""
    is_own = any(key.root is nodes.Root.PAYEE and not key.names for key in measure.keys)
    return is_own or isinstance(version.credit, nodes.CreditTo)


def _is_never_negative(plan: nodes.Plan, kind: str, facts: tuple[Fact, ...], read: nodes.FieldRead) -> bool:
    """Below zero tiers are mirrored: an amount of less than minus a bound would reach it there."""
    field = plan.schema.kinds[kind].field(read.names[0]) if len(read.names) == 1 else None
    if read.root is nodes.Root.ROW and field is not None and not field.is_signed:
        return True
    lows = [fact.low[0] for fact in facts if fact.path == path_of(read) and fact.low is not None]
    return any(isinstance(low, Decimal) and low >= 0 for low in lows)


def _upper_bound(
    facts: tuple[Fact, ...], read: nodes.FieldRead
) -> tuple[Decimal, bool, nodes.Condition] | None:
    found: tuple[Decimal, bool, nodes.Condition] | None = None
    for fact in facts:
        if fact.path != path_of(read) or fact.high is None or not isinstance(fact.high[0], Decimal):
            continue
        value, is_in = fact.high[0], fact.high[1]
        if value >= 0 and (found is None or (value, is_in) < (found[0], found[1])):
            found = value, is_in, fact.test
    return found
