"""Step 6, round: the one place where an exact value becomes an amount."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import Expr, is_given, is_null, over
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.most import most_rows
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.values import Number, fitted, is_zero, no_number, pick, rounded, subtract
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes

OTHER_ROW = "other_row"
"""Column of drafts on rows that only move a rule's named measure: 1, and null on the rule's own rows."""
AWARD = ("fact_id", "line", OTHER_ROW, "payee_kind", "payee", "earned_on")
"""Columns that make drafts one award: the row they stand on, and the payee."""
PAYEE = ("payee_kind", "payee")
ORDER = ("earned_on", "row.order_by", "fact_id", "line", "position")
"""What the drafts of one payee are in order by."""
MOVED_FROM = "moved_from"
"""Column of drafts that move an amount paid once: what it was before, exactly."""
MOST_DRAFTS = 10_000
"""Of one row: more than a rule can have parts of pay."""


def round_drafts(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, *, is_single: bool
) -> Relation:
    """Return the drafts with their amounts, as the rule rounds.

    Args:
        is_single: whether no award has more than one draft.
    """
    rounding = rule.rounding
    if MOVED_FROM in drafts:
        return _round_moves(compilation, drafts, rule)
    if rounding.place in (RoundingPlace.WINDOW, RoundingPlace.BAND):
        return _round_sums(compilation, drafts, rule)
    if rounding.place is RoundingPlace.FACT and not is_single:
        award = [name for name in AWARD if name in drafts]
        drafts = over_common_bottom(compilation, drafts, "exact", award, rule)
    source = From(drafts)
    source.take_all()
    exact = source.num("exact")
    if rounding.place is RoundingPlace.LINE or (is_single and rounding.place is RoundingPlace.FACT):
        source.columns["amount"] = rounded(exact, rounding.step, rounding.mode)
    else:
        after = running(exact, award_of(source), [source.num("position").top], 10_000)
        before = subtract(after, exact)
        source.columns["amount"] = subtract(
            rounded(after, rounding.step, rounding.mode), rounded(before, rounding.step, rounding.mode)
        )
    comment = f"rule {rule.name}: rounded {rounding}"
    return compilation.add(f"{rule.name}_rounded", comment, source, rule=rule)


def _round_moves(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts rounded; a move of an amount paid once is the rounded amount after it, `base`, less
    the rounded amount before, wherever the rule rounds."""
    others = From(drafts)
    others.keep(is_null(others.num(MOVED_FROM).top))
    others.take_all(without=[MOVED_FROM])
    comment = f"rule {rule.name}: what does not move with the total"
    rest = compilation.add(f"{rule.name}_unmoved", comment, others, rule=rule)
    settled = From(round_drafts(compilation, rest, rule, is_single=False))
    settled.take_all()
    moves = From(drafts)
    before = moves.num(MOVED_FROM)
    moves.keep(is_given(before.top))
    moves.take_all(without=[MOVED_FROM])
    until, since = (
        rounded(each, rule.rounding.step, rule.rounding.mode) for each in (moves.num("base"), before)
    )
    moves.columns["amount"] = subtract(until, since)
    moves.columns["rounded_from"] = pick([(is_zero(before), no_number())], before)
    comment = f"rule {rule.name}: rounded {rule.rounding}, and what moves with the total"
    return compilation.add_union(f"{rule.name}_rounded_moves", comment, [settled, moves], rule=rule)


def _round_sums(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts rounded as differences of the sum of their window, or of their band in it."""
    rounding = rule.rounding
    whose = [*PAYEE, *scope_columns(drafts)] if rule.measure is not None else [*PAYEE]
    if rounding.place is RoundingPlace.BAND:
        whose += ["band_from", "band_above"]
    whose = [name for name in whose if name in drafts and not is_literal(drafts.columns[name])]
    drafts = over_common_bottom(compilation, drafts, "exact", whose, rule)
    source = From(drafts)
    source.take_all()
    exact = source.num("exact")
    order = [source.key(name) for name in ORDER if name in drafts and not is_literal(drafts.columns[name])]
    rows = most_rows(compilation, rule) * MOST_DRAFTS
    after = running(exact, [source.key(name) for name in whose], order, rows)
    before = subtract(after, exact)
    source.columns["rounded_from"] = before
    source.columns["amount"] = subtract(
        rounded(after, rounding.step, rounding.mode), rounded(before, rounding.step, rounding.mode)
    )
    comment = f"rule {rule.name}: rounded {rounding}"
    return compilation.add(f"{rule.name}_rounded", comment, source, rule=rule)


def award_of(source: From) -> list[Expr]:
    """Return what makes drafts one award."""
    return [source.key(name) for name in AWARD if name in source.relation]


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
