"""Claims on a sum that several share: what undoing an award takes back of what it got, in proportion."""

from __future__ import annotations

from rulesengine.engines.sql.expressions import Expr
from rulesengine.engines.sql.values import (
    Number,
    absolute,
    compare,
    divide,
    multiply,
    number,
    otherwise,
    pick,
    rounded,
    subtract,
)
from rulesengine.plan import nodes


def taken_back(
    asked: Number, got: Number, undone: Number, by: Number, *, is_first: Expr, rule: nodes.Rule
) -> Number:
    """Return the amount, below zero mostly, that undoing an award passes on.

    Args:
        asked: what the award asked for.
        got: what it got.
        undone: how much of the award is undone, this time included.
        by: how much of it is undone this time.
        is_first: whether nothing was undone of it before.
    """
    now = _due(asked, got, undone, rule)
    before = pick([(is_first, number(0))], _due(asked, got, subtract(undone, by), rule))
    return subtract(before, now)


def _due(asked: Number, got: Number, undone: Number, rule: nodes.Rule) -> Number:
    """Return how much is to be taken back in all: everything once all is undone."""
    claim = absolute(asked)
    part = rounded(divide(multiply(got, undone), claim), rule.rounding.step, rule.rounding.mode)
    return pick([(compare(undone, ">=", claim), got)], otherwise(part, number(0)))
