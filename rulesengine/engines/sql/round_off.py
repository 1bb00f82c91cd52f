"""Step 6, round: the one place where an exact value becomes an amount."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import Expr, over
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Plain, fitted, rounded, subtract
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes

AWARD = ("fact_id", "payee_kind", "payee", "earned_on")
"""Columns that make drafts one award: the row they stand on, and the payee."""


def round_drafts(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_single: bool
) -> Relation:
    """Return the drafts with their amounts, as the rule rounds.

    Args:
        is_single: whether no award has more than one draft.
    """
    rounding = rule.rounding
    if rounding.place is RoundingPlace.FACT and not is_single:
        award = [name for name in AWARD if name in drafts]
        drafts = over_common_bottom(compilation, drafts, "exact", award, rule)
    source = From(drafts)
    source.take_all()
    exact = source.num("exact")
    if rounding.place is RoundingPlace.LINE or (is_single and rounding.place is RoundingPlace.FACT):
        source.columns["amount"] = rounded(exact, rounding.step, rounding.mode)
    elif rounding.place is RoundingPlace.FACT:
        after = running(exact, award_of(source), [source.num("position").top], 10_000)
        before = subtract(after, exact)
        source.columns["amount"] = subtract(
            rounded(after, rounding.step, rounding.mode), rounded(before, rounding.step, rounding.mode)
        )
    else:
        raise unsupported(f"rounding `per {rounding.place}`", rule.origin, rule.name)
    comment = f"rule {rule.name}: rounded {rounding}"
    return compilation.add(f"{rule.name}_rounded", comment, source, rule=rule)


def award_of(source: From) -> list[Expr]:
    """Return what makes drafts one award."""
    return [_expr(source, name) for name in AWARD if name in source.relation]


def running(value: Number, partition: list[Expr], order: list[Expr], rows: int) -> Number:
    """Return the sum of a value up to each row, itself included.

    Args:
        value: over one denominator within a partition (fractions.py).
        rows: how many rows a partition has at most, which bounds the sum.
    """
    most = value.most * rows
    total = over(
        "sum",
        [value.top],
        partition=partition,
        order=order,
        is_running=True,
        sort=fitted(value.top, most).sort,
    )
    return Number(total, value.scale, most, value.bottom, value.bottom_most)


def _expr(source: From, name: str) -> Expr:
    value = source[name]
    return value.expr if isinstance(value, Plain) else value.top
