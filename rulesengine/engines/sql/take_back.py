"""Step 11b, take back: what clawbacks take of an award when something happens to its row later.

A `move` is a day from which another share of an award is taken back in all: more, or less again. Columns of
moves beside those of lines, behind `clawed.`: `on`, the day; `nth`, its place among those of the award;
`clause`, the place of its clause in the version; `is_back`, whether it takes and does not give back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import OF_AWARD, fact_of
from rulesengine.engines.sql.clawback_terms import term
from rulesengine.engines.sql.clawback_turns import CLAWED, Turns, nth, row_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import undoing
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    later,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.moves import Moves
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import is_payee
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    compare,
    is_zero,
    known,
    multiply,
    negate,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.plan import nodes

POSITION = 10**13
"""Moves stand behind all other lines of their award."""


def take_back(compilation: Compilation, drafts: Relation, rule: nodes.Rule, rows: int) -> Moves | None:
    """Return the moves of a rule's awards, None where nothing is ever taken back.

    What is taken back of a row and of the rows that undo it is one running total, so that undoing a row in
    full leaves nothing, whenever it was taken back, and nothing is taken twice.

    Args:
        drafts: with amounts, after rivals and budgets.
        rows: how many awards there are at most.
    """
    most = max(len(version.clawbacks) for version in rule.versions)
    clauses = [place for place in range(most) if term(place, "on") in drafts]
    if not clauses:
        return None
    _refuse_rows_of_others(rule)
    steps = _Steps(compilation, rule, clauses)
    moves, most_of_them = steps.moves(Turns(compilation, rule, rows, clauses).of(drafts))
    return Moves(moves, most_of_them, drafts)


def _refuse_rows_of_others(rule: nodes.Rule) -> None:
    """Refuse clawbacks of what a payee earns by rows of others, or of another kind."""
    measure = rule.goals[0].measure if rule.goals else rule.measure
    bands = [version.rate for version in rule.versions if isinstance(version.rate, nodes.Bands)]
    changes_others = bool(rule.goals) or any(each.method.trues_up or _pays_once(each) for each in bands)
    if measure is None or not changes_others:
        return
    if measure.rows is None and measure.read_by is None and any(map(is_payee, measure.keys)):
        return
    origin = next(version.clawbacks[0].origin for version in rule.versions if version.clawbacks)
    raise unsupported("`clawback` of what other rows change", origin, rule.name)


def _pays_once(bands: nodes.Bands) -> bool:
    return any(isinstance(part, nodes.Once | nodes.Prize) for band in bands.bands for part in band.pay.parts)


@dataclass(frozen=True, slots=True)
class _Step:
    """What is taken back in turn, or given back: the day, and the share that is taken before and after."""

    on: Expr
    before: Number
    after: Number
    is_back: bool


class _Steps:
    """The steps of one rule."""

    def __init__(self, compilation: Compilation, rule: nodes.Rule, clauses: list[int]) -> None:
        self.compilation, self.rule, self.clauses = compilation, rule, clauses

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    # --- moves ---

    def moves(self, awards: Relation) -> tuple[Relation, int]:
        """Return the drafts of what is taken back and given back, and how many an award has at most."""
        made = []
        for turn in range(1, len(self.clauses) + 1):
            for step in self._steps(From(awards), turn):
                made.append(self._move(From(awards), turn, step))
        clauses = dict.fromkeys(each.text for version in self.rule.versions for each in version.clawbacks)
        comment = f"rule {self.rule.name}: what is taken back, and given back: {'; '.join(clauses)}"
        name = f"{self.rule.name}_moves"
        found = self.compilation.add_union(name, comment, made, rule=self.rule)
        source = From(found)
        source.take_all()
        if len(made) == 1:
            nth = number(1)
        else:
            award = source.keys(row_of(found))
            restored = chosen([(source.expr(f"{CLAWED}is_back"), integer(0))], integer(1))
            order = [source.expr(f"{CLAWED}on"), restored, source.num(f"{CLAWED}clause").top]
            nth = Number(over("row_number", [], partition=award, order=order, sort=Sort.INT), 0, len(made))
        source.columns[f"{CLAWED}nth"] = nth
        source.columns["position"] = add(number(POSITION), nth)
        ordered = self._add("moved_back", "what clawbacks take, and give back, in order", source)
        return ordered, len(made)

    def _steps(self, source: From, turn: int) -> Iterator[_Step]:
        before, takes = source.num(nth(turn, "before")), source.num(nth(turn, "takes"))
        yield _Step(source.expr(nth(turn, "on")), before, add(before, takes), is_back=True)
        if nth(turn, "restored") not in source.relation:
            return
        on = source.expr(nth(turn, "restored"))
        held = takes
        for other in range(1, len(self.clauses) + 1):
            if other != turn:
                holds = self._holds(source, other, turn, on)
                held = add(held, pick([(holds, source.num(nth(other, "takes")))], number(0)))
        yield _Step(on, held, subtract(held, takes), is_back=False)

    def _holds(self, source: From, other: int, turn: int, on: Expr) -> Expr:
        """Return whether a share is taken on a day, before what was taken in another turn is given back."""
        is_taken = surely(compared(source.expr(nth(other, "on")), "<=", on))
        if nth(other, "restored") not in source.relation:
            return is_taken
        restored = source.expr(nth(other, "restored"))
        clauses = source.num(nth(other, "clause")).top, source.num(nth(turn, "clause")).top
        is_behind = all_of([equal(restored, on), compared(clauses[0], ">", clauses[1])])
        is_later = surely(any_of([compared(restored, ">", on), is_behind]))
        return all_of([is_taken, any_of([is_null(restored), is_later])])

    def _move(self, source: From, turn: int, step: _Step) -> From:
        whole, so_far = source.num("whole"), source.num("so_far")
        back = subtract(self._moved(add(so_far, whole), step), self._moved(so_far, step))
        source.keep(is_given(step.on))
        source.keep(negated(is_zero(back)))
        share = subtract(step.after, step.before)
        for name in OF_AWARD:
            if name in source.relation:
                source.columns[name] = source[name]
        earned_on = later(step.on, source.expr("first_on"))
        clause = source.num(nth(turn, "clause"))
        part = Part.CLAWBACK if step.is_back else Part.RESTORED
        source.columns |= {
            "fact": fact_of(source, self.rule),
            "earned_on": Plain(earned_on),
            "part": Plain(text(part.value)),
            "exact": negate(multiply(whole, share)),
            "amount": negate(back),
            "whole": whole,
            "part_share": absolute(share),
            "part_how": source[nth(turn, "how")],
            "payable_on": Plain(self._payable_on(source, turn, step, clause.top, earned_on)),
            "span": Plain(self._origin(source, clause)),
            f"{CLAWED}on": Plain(step.on),
            f"{CLAWED}clause": clause,
            f"{CLAWED}is_back": Plain(TRUE if step.is_back else FALSE),
        }
        source.columns |= undoing(source, source["first_on"])
        return source

    def _moved(self, total: Number, step: _Step) -> Number:
        return subtract(self._share(total, step.after), self._share(total, step.before))

    def _share(self, total: Number, share: Number) -> Number:
        if known(total) == 0 or known(share) == 0:
            return number(0)
        if known(share) == 1:
            return total
        rounding = self.rule.rounding
        part = rounded(multiply(total, share), rounding.step, rounding.mode)
        return pick([(compare(share, "=", number(1)), total)], part)

    def _payable_on(self, source: From, turn: int, step: _Step, clause: Expr, earned_on: Expr) -> Expr:
        """Return when what was paid is charged, null while the date that the plan names is missing."""
        if not step.is_back or nth(turn, "at") not in source.relation:
            return earned_on
        at = source.expr(nth(turn, "at"))
        named = self._where(source, clause, lambda each: TRUE if each.at is not None else FALSE, FALSE)
        waits = chosen([(is_null(at), null(Sort.DATE))], later(first_given([at, earned_on]), earned_on))
        return chosen([(named, waits)], earned_on)

    def _origin(self, source: From, clause: Number) -> Expr:
        return self._where(source, clause.top, lambda each: text(str(each.origin)), text(""))

    def _where(
        self, source: From, place: Expr, value: Callable[[nodes.Clawback], Expr], default: Expr
    ) -> Expr:
        """Return what is so of a clause of the version that an award is of."""
        whens: list[tuple[Expr, Expr]] = []
        for index, version in enumerate(self.rule.versions):
            for number_of, each in enumerate(version.clawbacks):
                if number_of not in self.clauses:
                    continue
                tests = [] if len(self.clauses) == 1 else [equal(place, integer(number_of))]
                if len(self.rule.versions) > 1:
                    tests.append(equal(source.num("version").top, integer(index)))
                whens.append((all_of(tests), value(each)))
        return chosen(whens, default)
