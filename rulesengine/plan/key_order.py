"""One order of keys within a rule: `by product, payee` is the sum that `by payee, product` is."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.model.change import replace
from rulesengine.plan import nodes
from rulesengine.plan.incentives import ids_of
from rulesengine.plan.measures import Keys


def limits_by_the_same(versions: Iterable[nodes.Version]) -> tuple[nodes.Version, ...]:
    """Return the versions of a rule with the keys of each limit in the order in which they come first.

    An amendment that writes them the other way round goes on with what was paid before it.
    """
    orders: dict[object, Keys] = {}
    return tuple(
        replace(version, adjusters=tuple(_limit(adjuster, orders) for adjuster in version.adjusters))
        for version in versions
    )


def goals_by_the_same(goals: tuple[nodes.Goal, ...]) -> tuple[nodes.Goal, ...]:
    """Return the goals of a rule with their keys in one order: that of a named measure, if one is by one."""
    orders: dict[object, Keys] = {}
    for goal in sorted(goals, key=lambda goal: goal.measure.name is None):
        orders.setdefault(frozenset(ids_of(goal.measure.keys)), goal.measure.keys)
    return tuple(
        goal
        if goal.measure.name is not None
        else replace(goal, measure=replace(goal.measure, keys=_in_order(goal.measure.keys, orders)))
        for goal in goals
    )


def _limit(adjuster: nodes.Adjuster, orders: dict[object, Keys]) -> nodes.Adjuster:
    if not isinstance(adjuster, nodes.Limit):
        return adjuster
    orders.setdefault(frozenset(ids_of(adjuster.keys)), adjuster.keys)
    return replace(adjuster, keys=_in_order(adjuster.keys, orders))


def _in_order(keys: Keys, orders: dict[object, Keys]) -> Keys:
    order = [_id(key) for key in orders[frozenset(ids_of(keys))]]
    return tuple(sorted(keys, key=lambda key: order.index(_id(key))))


def _id(key: nodes.FieldRead) -> tuple[nodes.Root, tuple[str, ...]]:
    return key.root, key.names
