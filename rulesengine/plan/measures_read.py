"""Which named measures a plan reads: those whose totals a rule, or what it reads, goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from rulesengine.plan import nodes


def converted_measures(plan: nodes.Plan) -> list[tuple[nodes.Measure, nodes.MeasureRows]]:
    """Return the named measures that convert amounts and are read, in plan order, with their rows.

    Rows that they have no rate for are in no rule, whether or not a row asks for the total. What moves a goal
    or a rank counts in the rule's own window only: such a measure is not among them.
    """
    found = [
        (measure, measure.rows)
        for measure in plan.measures.values()
        if measure.rows is not None and measure.rows.convert is not None
    ]
    if not found:
        return []
    used = _read(plan)
    return [(measure, rows) for measure, rows in found if measure.name in used]


def _read(plan: nodes.Plan) -> set[str]:
    """Return the names of the measures that rules lead to."""
    used: set[str] = set()
    waiting: list[object] = list(plan.rules)
    while waiting:
        match waiting.pop():
            case tuple() as several:
                waiting.extend(several)
            case nodes.Goal(measure=nodes.Measure(name=str(), against=against), least=least):
                waiting += [against, least]
            case nodes.Rank(measure=nodes.Measure(name=str(), against=against), places=places):
                waiting += [against, places]
            case nodes.Node() as node:
                name = _named(node)
                if name and name not in used:
                    used.add(name)
                    waiting.append(plan.measures[name])
                if isinstance(node, nodes.TableRead) and node.table in plan.tables:
                    waiting.append(plan.tables[node.table].keys)
                waiting.extend(_parts_of(node))
            case _:
                continue
    return used


def _named(node: nodes.Node) -> str | None:
    """Return the named measure that a part of a rule reads."""
    match node:
        case nodes.MeasureRead(measure=name) | nodes.GrowthTarget(measure=name):
            return name
        case nodes.WeightedPart(measure=name) | nodes.Measure(name=name):
            return name
        case _:
            return None


def _parts_of(node: nodes.Node) -> Iterator[object]:
    return (getattr(node, part.name) for part in fields(node))
