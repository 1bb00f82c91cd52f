"""Step 8, achieve: the row on which every goal is first reached, and the row that undoes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulesengine.engines.measures import unit_of
from rulesengine.engines.reference.accumulate import Contributions, Move, Moved, accumulate
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.keys import scope_label
from rulesengine.engines.reference.rate import priced_draft, take_back
from rulesengine.engines.reference.rows import Item, Key, Scope
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Comparison


@dataclass(slots=True)
class Standing:
    """How far one key has come towards the rule's goals."""

    totals: list[Exact]
    last: Item | None = None
    contributions: Contributions = field(default_factory=Contributions)
    paid: list[Draft] = field(default_factory=list)
    is_reached: bool = False


def achieve(
    items: list[Item], moves: list[list[Move] | None], rule: nodes.Rule
) -> tuple[list[Draft], dict[Key, Standing]]:
    """Return what reaching the goals pays, and where every key stands in the end.

    Args:
        items: the rule's credited rows in its window.
        moves: for each goal, the moves of its named measure; None where the items move it.
        rule: has at least one goal; all goals have the same keys.
    """
    standings: dict[Key, Standing] = {}
    drafts: list[Draft] = []
    for step in _steps(items, moves, rule):
        keys = step[0][1].scope.keys
        standing = standings.setdefault(keys, Standing([ZERO] * len(rule.goals)))
        for index, moved in step:
            standing.totals[index] = moved.after
            if index == 0:
                standing.contributions.add(moved)
            if moved.item is not None:
                standing.last = moved.item
        if standing.last is not None:
            drafts += _settle(step, standing.last, standing, rule)
    return drafts, standings


def _steps(
    items: list[Item], moves: list[list[Move] | None], rule: nodes.Rule
) -> list[list[tuple[int, Moved]]]:
    """Return what happens to the goals, one step for each credited row, in order."""
    steps: dict[tuple[object, ...], list[tuple[int, Moved]]] = {}
    for index, goal in enumerate(rule.goals):
        views = [
            replace(
                item,
                scope=item.goal_scopes[index],
                moves=item.goal_moves[index],
                counted=item.goal_counted[index],
            )
            for item in items
        ]
        for moved in accumulate(views, moves[index], goal.measure.aggregate.kind):
            steps.setdefault((*moved.sort_key, moved.scope.keys), []).append((index, moved))
    return [steps[key] for key in sorted(steps)]


def _settle(step: list[tuple[int, Moved]], item: Item, standing: Standing, rule: nodes.Rule) -> list[Draft]:
    reached = all(
        _holds(total, goal.comparison, least)
        for total, goal, least in zip(standing.totals, rule.goals, item.goal_least, strict=True)
    )
    if reached == standing.is_reached:
        return []
    standing.is_reached = reached
    index, moved = _deciding(step, item, rule)
    goal, least = rule.goals[index], item.goal_least[index]
    if not reached:
        paid, standing.paid = standing.paid, []
        return [
            replace(
                take_back(draft, moved, item),
                unit=unit_of(goal.measure),
                target=least,
                contributors=draft.contributors,  # what limits give back goes where it was taken
            )
            for draft in reversed(paid)
        ]
    standing.paid = [
        replace(
            priced_draft(item, priced, priced.base, priced.units, move=moved),
            part=Part.PRIZE if priced.prize else Part.GOAL,
            unit=unit_of(goal.measure),
            target=least,
            band_above=goal.comparison is Comparison.ABOVE,
            scope=scope_label(goal.measure.keys, Scope(moved.scope.keys, None)),
            window="",
            contributors=standing.contributions.parts(),
        )
        for priced in (item.bands[0] if item.bands else ())
    ]
    return list(standing.paid)


def _deciding(step: list[tuple[int, Moved]], item: Item, rule: nodes.Rule) -> tuple[int, Moved]:
    """Return the goal that the row reached or lost; the others held before and hold now."""
    for index, moved in step:
        goal, least = rule.goals[index], item.goal_least[index]
        if _holds(moved.before, goal.comparison, least) != _holds(moved.after, goal.comparison, least):
            return index, moved
    return step[0]


def _holds(total: Exact, comparison: Comparison, least: Exact) -> bool:
    match comparison:
        case Comparison.AT_LEAST:
            return total >= least
        case Comparison.ABOVE:
            return total > least
        case Comparison.AT_MOST:
            return total <= least
        case Comparison.BELOW:
            return total < least
