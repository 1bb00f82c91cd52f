"""Limits that are carried out row by row: of a rule of which no order of its totals holds for all rows.

Where one version holds the awards that another one only counts, and the other way round, each row needs all
totals as the row before it left them. And where several share a sum whose amount moves, what a row that
undoes another takes back of what that one got changes what the rows behind it may have.

All rows of a `component`, those that may have any total in common, are carried one after the other. Each
row knows by number which row came before it under each total; what that one left stands in lists, one
for each thing that a total keeps. Columns behind `turn.`; the engine's own meaning is in
engines/reference/limit.py and engines/reference/held.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.award_rows import in_order
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.deductions import deducted
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    integer,
    is_given,
    negated,
    over,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.held import CLAIMANT
from rulesengine.engines.sql.limit_steps import chain_of, is_version, steps_of
from rulesengine.engines.sql.limit_turns import NTH, TURN, LimitTurns, of_slot
from rulesengine.engines.sql.look_up_limits import Slot
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    is_zero,
    number,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes


def in_turn(
    compilation: Compilation,
    awards: Relation,
    slots: Sequence[Slot],
    rule: nodes.Rule,
    rows: int,
    *,
    has_claims: bool,
) -> Relation:
    """Return the awards after all limits, factors and deductions, with the columns that their lines need.

    Args:
        awards: with `paid`, what is asked for, and `earned`, exactly.
        slots: the totals of the rule's limits; floors of windows wait.
        rows: how many awards there are at most.
        has_claims: whether rows may undo others.
    """
    running = [slot for slot in slots if not slot.is_settled_later]
    carried = _Known(compilation, rule, running, rows, has_claims=has_claims)
    known = carried.known(carried.numbered(awards))
    turns = LimitTurns(rule, running, carried.claims, carried.component, carried.scale)
    return carried.joined(known, turns.carry(compilation, known), turns)


class _Known:
    """The rows of one rule."""

    def __init__(
        self, compilation: Compilation, rule: nodes.Rule, slots: list[Slot], rows: int, *, has_claims: bool
    ) -> None:
        self.compilation, self.rule, self.slots, self.rows = compilation, rule, slots, rows
        self.claims = [slot for slot in slots if slot.is_shared and has_claims]
        self.scale = number(rule.rounding.step).scale
        self.component: list[str] = []

    def _add(self, name: str, comment: str, source: From, *, is_kept: bool = False) -> Relation:
        comment = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(
            f"{self.rule.name}_{name}", comment, source, rule=self.rule, is_kept=is_kept
        )

    # --- what is known before any row is carried ---

    def numbered(self, awards: Relation) -> Relation:
        """Return the awards with their number in their component, `turn.nth`, and what each total is
        told of their earnings."""
        self.scale = max(self.scale, From(awards).num("paid").scale)
        self.component = self._component(awards)
        for slot in self.slots:
            if slot.limit.is_floor:
                awards = self._with_earned(awards, slot)
        source = From(awards)
        source.take_all()
        place = over(
            "row_number", [], partition=source.keys(self.component), order=in_order(source), sort=Sort.INT
        )
        source.columns[NTH] = Number(place, 0, 10**15)
        for slot in self.slots:
            is_made = self._is_claimed(source, slot)
            is_back = FALSE if is_made == FALSE else all_of([follows(source), is_made])
            source.columns[of_slot(slot, "is_back")] = Plain(is_back)
        return self._add("limit_turns", "the rows under its limits, in order", source)

    def _is_claimed(self, source: From, slot: Slot) -> Expr:
        """Return whether a claim on a total was made before a row: the row that it undoes has come."""
        if slot not in self.claims:
            return FALSE
        holds = [
            is_version(source, self.rule, index)
            for index, version in enumerate(self.rule.versions)
            if slot.index in chain_of(version, self.slots)
        ]
        makes = all_of([negated(follows(source)), any_of(holds)])
        here = chosen([(makes, integer(1))], integer(0))
        claim = source.keys((*slot.scope, *CLAIMANT))
        made = over("sum", [here], partition=claim, order=in_order(source), is_running=True, sort=Sort.INT)
        return compared(Call("-", (made, here), Sort.INT), ">", integer(0))

    def _component(self, awards: Relation) -> list[str]:
        """Return the columns that rows under one total always have alike."""
        first, *others = self.slots
        found = []
        for place, key in enumerate(first.limit.keys, start=1):
            if all(any(_is_same(key, each) for each in other.limit.keys) for other in others):
                found.append(first.column(f"key_{place}"))
        if all(other.is_per_row for other in self.slots):
            found.append(first.row)
        elif all(other.limit.window == first.limit.window for other in others):
            found += [name for name in first.scope if name not in first_keys(first)]
        return [name for name in found if not is_literal(awards.columns[name])]

    def _with_earned(self, awards: Relation, slot: Slot) -> Relation:
        """Return the awards with what they earn exactly by the time they come to a floor."""
        source = From(awards)
        source.take_all()
        earned = source.num("earned")
        whens = []
        for index, version in enumerate(self.rule.versions):
            so_far = earned
            for step in steps_of(version, self.slots):
                if isinstance(step.adjuster, nodes.Deduct):
                    so_far = subtract(so_far, source.num(deducted(step.place)))
                elif step.slot == slot and isinstance(step.adjuster, nodes.Limit):
                    break
            whens.append((is_version(source, self.rule, index), so_far))
        has = is_given(source.num(slot.column("amount")).top)
        brings = whens[0][1] if len(whens) == 1 else pick(whens, earned)
        source.columns[of_slot(slot, "earned")] = pick([(has, brings)], number(0))
        named = self._add(f"turns_earned_{slot.index}", f"what {slot.limit.text} is told of earnings", source)
        return over_common_bottom(self.compilation, named, of_slot(slot, "earned"), slot.scope, self.rule)

    def known(self, numbered: Relation) -> Relation:
        """Return the rows with the number of the one before under each total and claim."""
        source = From(numbered)
        source.take_all()
        order = in_order(source)
        nth = source.num(NTH)
        for slot in self.slots:
            scope = source.keys(name for name in slot.scope if not is_literal(numbered.columns[name]))
            source.columns[of_slot(slot, "before")] = _lag(nth, scope, order)
            if slot in self.claims:
                claim = [*scope, *source.keys(CLAIMANT)]
                source.columns[of_slot(slot, "claim_before")] = _lag(nth, claim, order)
            if slot.limit.is_floor:
                earned = source.num(of_slot(slot, "earned"))
                if slot in self.claims:
                    is_back = source.expr(of_slot(slot, "is_back"))
                    earned = replace(earned, top=chosen([(is_back, integer(0))], earned.top))
                after = sum_over(earned, scope, self.rows, order)
                source.columns[of_slot(slot, "was_undone")] = Plain(is_zero(subtract(after, earned)))
                source.columns[of_slot(slot, "is_undone")] = Plain(is_zero(after))
        return self._add("turns_known", "the row before each under every limit", source, is_kept=True)

    # --- afterwards ---

    def joined(self, known: Relation, carried: Relation, turns: LimitTurns) -> Relation:
        """Return the awards with what came of them."""
        source = From(known)
        on = {name: source.key(name) for name in (*self.component, NTH)}
        turn = source.join(carried, on, is_left=False)
        source.take_all(name for name in known.columns if name.startswith(TURN))
        for name in turns.results():
            source.columns[name] = turn[name]
        for slot in self.slots:
            if slot.limit.is_floor:
                undone = source.expr(of_slot(slot, "is_undone"))
                source.columns[slot.column("after")] = pick(
                    [(undone, number(0))], turn.num(slot.column("after"))
                )
        self._take_off(source)
        return self._add("turns_held", "what is left after its limits", source)

    def _take_off(self, source: From) -> None:
        """Take deductions off what awards earned exactly, which floors of windows ask for."""
        for index, version in enumerate(self.rule.versions):
            for step in steps_of(version, self.slots):
                if isinstance(step.adjuster, nodes.Deduct):
                    earned = source.columns["earned"]
                    assert isinstance(earned, Number)
                    less = subtract(earned, source.num(deducted(step.place)))
                    source.columns["earned"] = pick([(is_version(source, self.rule, index), less)], earned)


def first_keys(slot: Slot) -> list[str]:
    """Return the columns of the keys of a total, without its window."""
    return [slot.column(f"key_{place}") for place in range(1, len(slot.limit.keys) + 1)]


def _is_same(one: nodes.FieldRead, other: nodes.FieldRead) -> bool:
    return (one.root, one.names) == (other.root, other.names)


def _lag(nth: Number, partition: list[Expr], order: list[Expr]) -> Number:
    before = over("lag", [nth.top], partition=partition, order=order, sort=Sort.INT)
    return Number(before, 0, nth.most)
