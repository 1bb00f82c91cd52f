"""Which rules pay a row by that row alone, whatever other rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from rulesengine.model.rounding import Remainder, RoundingPlace
from rulesengine.plan import nodes


def is_stateless(plan: nodes.Plan, rule: nodes.Rule) -> bool:
    """Return whether the rule pays a row by the row and what it leads to, the payees and the tables.

    A rule that is worked out with others is so if they are; see `needed_by`.
    """
    if rule.measure or rule.goals or rule.rank or rule.award or rule.budget:
        return False
    if isinstance(rule.source, nodes.CalendarSource):
        return False
    if rule.rounding.place not in (RoundingPlace.LINE, RoundingPlace.FACT):
        return False
    return all(_is_stateless_version(version, plan) for version in rule.versions)


def _is_stateless_version(version: nodes.Version, plan: nodes.Plan) -> bool:
    if version.first is not None or version.remainder is Remainder.IN_TURN:
        return False
    limits = (each for each in version.adjusters if isinstance(each, nodes.Limit))
    if not all(isinstance(limit.window, nodes.PerFact) for limit in limits):
        return False
    return not any(isinstance(node, nodes.MeasureRead) for node in parts_of(version, plan))


def needed_by(plan: nodes.Plan, rules: Iterable[str]) -> set[str]:
    """Return the rules and all those that they are worked out with: sources, earnings, rivals."""
    by_name = {rule.name: rule for rule in plan.rules}
    rivals: dict[str, set[str]] = {}
    for choice in plan.chooses:
        if choice.take is not nodes.Take.ALL:
            for name in choice.among:
                rivals.setdefault(name, set()).update(choice.among)
    found: set[str] = set()
    waiting = list(rules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        rule = by_name[name]
        waiting += [earnings.rule for earnings in rule.uses]
        waiting += rivals.get(name, ())
        if isinstance(rule.source, nodes.EarningsSource):
            waiting.append(rule.source.rule)
    return found


def parts_of(node: object, plan: nodes.Plan) -> Iterator[object]:
    """Yield a node and all nodes in it; of a table or segment that is named, those of the table too."""
    yield node
    if isinstance(node, nodes.TableRead):
        yield from parts_of(plan.tables[node.table], plan)
    if isinstance(node, nodes.InSegment):
        yield from parts_of(plan.segments[node.segment], plan)
    if isinstance(node, tuple):
        for each in node:
            yield from parts_of(each, plan)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            if field.name not in ("origin", "text"):
                yield from parts_of(getattr(node, field.name), plan)


def moved_by(plan: nodes.Plan, rule: nodes.Rule, kind: str) -> bool:
    """Return whether rows of a kind move a total with a name that the rule is paid by, or one that it is
    worked out with.

    Then lines of the rule may stand on a row that is none of its own.
    """
    by_name = {each.name: each for each in plan.rules}
    rules = (by_name[name] for name in needed_by(plan, [rule.name]))
    return any(kind in _kinds_of(plan, name, set()) for each in rules for name in _measures_of(plan, each))


def _measures_of(plan: nodes.Plan, rule: nodes.Rule) -> set[str]:
    """Return the names of the measures that the rule uses or reads."""
    measures = [rule.measure, *(goal.measure for goal in rule.goals)]
    measures += [rule.rank.measure if rule.rank is not None else None]
    measures += [rule.award.by if rule.award is not None else None]
    found = {measure.name for measure in measures if measure is not None and measure.name is not None}
    for node in parts_of(rule.versions, plan):
        if isinstance(node, nodes.MeasureRead):
            found.add(node.measure)
    for measure in measures:
        if measure is not None:
            found |= _held_against(measure)
    return found


def _kinds_of(plan: nodes.Plan, name: str, seen: set[str]) -> set[str]:
    """Return the fact kinds whose rows move a named measure, through what it is held against as well."""
    if name in seen:
        return set()
    seen.add(name)
    measure = plan.measures[name]
    found = {measure.rows.source.kind} if measure.rows is not None else set()
    for other in _held_against(measure):
        found |= _kinds_of(plan, other, seen)
    return found


def _held_against(measure: nodes.Measure) -> set[str]:
    match measure.against:
        case nodes.WeightedTarget(parts=parts):
            return {part.measure for part in parts}
        case nodes.GrowthTarget(measure=name):
            return {name}
        case _:
            return set()
