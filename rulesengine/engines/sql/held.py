"""What one limit lets through: the running total of what was asked, clamped with and without a row."""

from __future__ import annotations

from dataclasses import dataclass

from rulesengine.engines.sql.award_rows import in_order
from rulesengine.engines.sql.claims import due_back, taken_back
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    integer,
    is_null,
    negated,
    over,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.look_up_limits import Slot
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    compare,
    is_zero,
    larger,
    negate,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.engines.sql.varying import capped, held_in_turn
from rulesengine.plan import nodes

CLAIMANT = ("row.root", "payee_kind", "payee")
"""Whose claim on a sum that several share it is."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What is known of a total before any row is seen."""

    is_one_amount: bool
    """Whether one amount holds for all rows of a scope."""
    has_claims: bool
    """Whether rows that undo others take back what those got of a sum that several share."""
    rows: int
    """How many awards there are at most."""

    @property
    def is_known_late(self) -> bool:
        """Whether what a row takes back depends on what others left that come between."""
        return self.has_claims and not self.is_one_amount


def let_through(
    compilation: Compilation, awards: Relation, slot: Slot, rule: nodes.Rule, taking: Taking
) -> Relation:
    """Return the awards after a limit: `paid`, and of its slot `asked`, `left`, `before` and `after`.

    Args:
        taking: what is known of its total; not late, see limits_in_turn.py.
    """
    relation = _asked(compilation, awards, slot, rule, taking)
    if taking.is_one_amount:
        relation = _totals(compilation, relation, slot, rule, taking)
    else:
        order = in_order(From(relation))
        turns = held_in_turn(compilation, relation, slot, rule, order, taking.rows)
        comment = f"rule {rule.name}: {slot.limit.text}, the total with and without each row"
        relation = compilation.add(f"{rule.name}_totals_{slot.index}", comment, turns, rule=rule)
    if taking.has_claims:
        relation = _taken_back(compilation, relation, slot, rule, taking)
    source = From(relation)
    source.take_all(without=_helpers(slot))
    source.columns["paid"] = source[slot.column("left")]
    source.columns[slot.column("after")] = _shown_after(source, slot)
    comment = f"rule {rule.name}: what is left after {slot.limit.text}"
    return compilation.add(f"{rule.name}_held_{slot.index}", comment, source, rule=rule)


def _helpers(slot: Slot) -> list[str]:
    return [slot.column(name) for name in ("is_back", "earned_before", "earned_after")]


def _shown_after(source: From, slot: Slot) -> Number:
    after = source.num(slot.column("after"))
    if not slot.limit.is_floor:
        return after
    return pick([(is_zero(source.num(slot.column("earned_after"))), number(0))], after)


def _asked(
    compilation: Compilation, awards: Relation, slot: Slot, rule: nodes.Rule, taking: Taking
) -> Relation:
    """Add what moves the total: all that is asked, but for what takes back a claim that was made."""
    source = From(awards)
    source.take_all()
    paid = source.num("paid")
    source.columns[slot.column("asked")] = paid
    is_back: Expr = FALSE
    if taking.has_claims:
        is_later = follows(source)
        made = chosen([(is_later, integer(0))], integer(1))
        claim = [*_scope(source, slot), *source.keys(CLAIMANT)]
        is_made = over("max", [made], partition=claim, order=in_order(source), is_running=True, sort=Sort.INT)
        is_back = all_of([is_later, equal(is_made, integer(1))])
    source.columns[slot.column("is_back")] = Plain(is_back)
    comment = f"rule {rule.name}: what {slot.limit.text} is asked"
    relation = compilation.add(f"{rule.name}_asked_{slot.index}", comment, source, rule=rule)
    if slot.limit.is_floor:
        relation = over_common_bottom(compilation, relation, "earned", slot.scope, rule)
    return relation


def _totals(
    compilation: Compilation, relation: Relation, slot: Slot, rule: nodes.Rule, taking: Taking
) -> Relation:
    source = From(relation)
    source.take_all()
    is_back = source.expr(slot.column("is_back"))
    moves = pick([(is_back, number(0))], source.num("paid")) if is_back != FALSE else source.num("paid")
    scope, order = _scope(source, slot), in_order(source)
    rows = taking.rows
    after = sum_over(moves, scope, rows, order)
    before = subtract(after, moves)
    source.columns[slot.column("before")], source.columns[slot.column("after")] = before, after
    amount = source.num(slot.column("amount"))
    if slot.limit.is_floor:
        earned = source.num("earned")
        brings = _zero_where(is_back, earned)
        earned_after = sum_over(brings, scope, rows, order)
        earned_before = subtract(earned_after, brings)
        source.columns[slot.column("earned_after")] = earned_after
        held = [_floored(before, amount, earned_before), _floored(after, amount, earned_after)]
    else:
        held = [capped(before, amount), capped(after, amount)]
    rounding = rule.rounding
    was, now = (rounded(each, rounding.step, rounding.mode) for each in held)
    passes = subtract(now, was)
    # A version without the limit pays all, and it counts.
    source.columns[slot.column("left")] = otherwise_all(passes, amount, moves)
    comment = f"rule {rule.name}: {slot.limit.text}, the total with and without each row"
    return compilation.add(f"{rule.name}_totals_{slot.index}", comment, source, rule=rule)


def otherwise_all(passes: Number, amount: Number, asked: Number) -> Number:
    """Return what passes, or all that is asked where there is no limit."""
    return pick([(is_null(amount.top), asked)], passes)


def _zero_where(test: Expr, value: Number) -> Number:
    if test == FALSE:
        return value
    top = chosen([(test, integer(0))], value.top)
    return Number(top, value.scale, value.most, value.bottom, value.bottom_most)


def _floored(total: Number, amount: Number, earned: Number) -> Number:
    """Return what may be paid of a total under a floor: it lifts what is above zero, and not the cents
    that rounding left of what was undone; a floor of zero leaves nothing below zero."""
    lifted = larger(total, amount)
    is_above = all_of([compared(total.top, ">", integer(0)), negated(is_zero(earned))])
    return pick([(is_zero(amount), larger(total, number(0))), (is_above, lifted)], total)


def _taken_back(
    compilation: Compilation, relation: Relation, slot: Slot, rule: nodes.Rule, taking: Taking
) -> Relation:
    """Set what rows that undo others take back of a shared limit: of what those got, in proportion.

    It stays out of the pot: the total does not fall, so nobody else is paid for it.
    """
    source = From(relation)
    source.take_all()
    is_back = source.expr(slot.column("is_back"))
    claim = [*_scope(source, slot), *source.keys(CLAIMANT)]
    asked, left = source.num(slot.column("asked")), source.num(slot.column("left"))
    rows = taking.rows
    sums = {
        "claim": pick([(is_back, number(0))], asked),
        "got": pick([(is_back, number(0))], left),
        "asked_back": pick([(is_back, negate(asked))], number(0)),
    }
    for name, value in sums.items():
        source.columns[slot.column(name)] = sum_over(value, claim, rows, in_order(source))
    of_all = sum_over(sums["got"], _scope(source, slot), rows, in_order(source))
    all_is_paid = compare(of_all, "=", source.num(slot.column("after")))
    source.columns[slot.column("all_is_paid")] = Plain(all_is_paid)
    comment = f"rule {rule.name}: {slot.limit.text}, what was got of it and how much of that is undone"
    known = compilation.add(f"{rule.name}_claims_{slot.index}", comment, source, rule=rule)
    source = From(known)
    source.take_all(without=[slot.column(name) for name in (*sums, "all_is_paid")])
    asked, got, asked_back = (source.num(slot.column(name)) for name in sums)
    all_is_paid = source.expr(slot.column("all_is_paid"))
    due = due_back(asked, got, asked_back, rule, all_is_paid=all_is_paid)
    source.columns[slot.column("due")] = due
    comment = f"rule {rule.name}: {slot.limit.text}, what is to be taken back in all"
    owing = compilation.add(f"{rule.name}_due_back_{slot.index}", comment, source, rule=rule)
    source = From(owing)
    source.take_all(without=[slot.column("due")])
    is_back = source.expr(slot.column("is_back"))
    backs = [*_scope(source, slot), *source.keys(CLAIMANT), is_back]
    taken = taken_back(source, slot.column("due"), backs, in_order(source))
    source.columns[slot.column("left")] = pick([(is_back, taken)], source.num(slot.column("left")))
    comment = f"rule {rule.name}: {slot.limit.text}, with what is taken back"
    return compilation.add(f"{rule.name}_taken_{slot.index}", comment, source, rule=rule)


def _scope(source: From, slot: Slot) -> list[Expr]:
    return source.keys(slot.scope)
