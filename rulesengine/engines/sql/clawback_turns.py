"""The order in which clawbacks take shares of an award, by the days on which they do, and how much of it each
takes: all of an award is the most.

Columns behind `turn_1_`, `turn_2_` and so on, of what takes something first, then second: `on`, the day;
`share` and `how`; `clause`, the place of its clause; `restored` and `at` where clauses have them; `takes`,
the share that is left to be taken, and `before`, what others had taken by then.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.award_rows import OF_AWARD, any_value, sum_of_award
from rulesengine.engines.sql.clawback_terms import TERMS, term
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.earned_rows import LINE
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Aggregate,
    Expr,
    Sort,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_given,
    is_null,
    surely,
    text,
)
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    compare,
    larger,
    number,
    pick,
    smaller,
    subtract,
)
from rulesengine.plan import nodes

CLAWED = "clawed."
OF_ROW = ("fact_id", LINE, "payee_kind", "payee")
"""What makes the drafts, lines and moves of one award, whenever they are earned."""
ORDER = ("first_on", "row.order_by", "fact_id", LINE)


def row_of(relation: Relation) -> list[str]:
    """Return the columns that the drafts, lines and moves of one award have alike."""
    return [name for name in OF_ROW if name in relation]


def nth(turn: int, name: str) -> str:
    """Return the column with what is so of the clause that takes something in its turn."""
    return f"turn_{turn}_{name}"


class Turns:
    """The clauses of one rule that may take something, in turn."""

    def __init__(self, compilation: Compilation, rule: nodes.Rule, rows: int, clauses: Sequence[int]) -> None:
        self.compilation, self.rule, self.rows, self.clauses = compilation, rule, rows, clauses

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    def of(self, drafts: Relation) -> Relation:
        """Return the awards of which something is taken back, with what is taken in each turn."""
        return self._in_turn(self._added_up(self._awards(drafts)))

    def _awards(self, drafts: Relation) -> Relation:
        """Return what each payee has of each row, all its drafts there, with the terms of the clauses."""
        source = From(drafts)
        if "fact" in drafts:
            source.keep(compared(source.expr("fact_id"), "<>", text("")))
        source.groups = source.keys(row_of(drafts))
        for name in drafts.columns:
            if name in OF_ROW or (is_literal(source[name]) and name in OF_AWARD):
                source.columns[name] = source[name]
            elif (name in OF_AWARD and name != "earned_on") or name.startswith(TERMS):
                source.columns[name] = any_value(source[name])
        earned_on, position = source.expr("earned_on"), source.num("position")
        source.columns["first_on"] = Plain(Aggregate("min", (earned_on,), (), Sort.DATE))
        first = Aggregate("min", (position.top,), (), position.top.sort)
        source.columns["first_position"] = Number(first, position.scale, position.most)
        source.columns["whole"] = sum_of_award(source.num("amount"))
        return self._add("clawed_awards", "awards, of which clawbacks may take", source)

    def _added_up(self, awards: Relation) -> Relation:
        """Return the awards with `so_far`, what was left before of those of the row and of rows that undo it:
        of several lines of a deal, in a rule on earnings, each is an award.

        What rows that undo it take back beyond what it had earned is not of the row: a goal that is lost,
        the tier of other rows. Then nothing is left, and `whole` is what brings it there.
        """
        source = From(awards)
        source.take_all()
        if source.expr("row.undoes") == FALSE and LINE not in awards:
            source.columns["so_far"] = number(0)
        else:
            whole = source.num("whole")
            whose = source.keys(("row.root", "payee_kind", "payee"))
            order = source.keys(name for name in ORDER if name in awards)
            total = sum_over(whole, whose, self.rows, order)
            own = pick([(source.expr("row.undoes"), number(0))], whole)
            earned = sum_over(own, whose, self.rows)
            before, after = (_left_of(earned, each) for each in (subtract(total, whole), total))
            source.columns |= {"so_far": before, "whole": subtract(after, before)}
        something = any_of(is_given(source.expr(term(place, "on"))) for place in self.clauses)
        comment = "awards of which something is taken back, and what came before them on the row"
        summed = self._add("clawed_so_far", comment, source)
        source = From(summed)
        source.take_all()
        source.keep(something)
        return self._add("clawed", comment, source)

    # --- shares ---

    def _in_turn(self, awards: Relation) -> Relation:
        """Return the awards with the terms of the clauses in the order of their days, and what share of the
        award each `takes`: all of it is the most."""
        ordered = self._ordered(awards)
        for turn in range(1, len(self.clauses) + 1):
            source = From(ordered)
            source.take_all()
            taken = number(0)
            for before in range(1, turn):
                still = self._is_still_taken(source, before, source.expr(nth(turn, "on")))
                taken = add(taken, pick([(still, source.num(nth(before, "takes")))], number(0)))
            share = source.num(nth(turn, "share"))
            takes = smaller(share, subtract(number(1), taken)) if turn > 1 else share
            none = is_null(source.expr(nth(turn, "on")))
            source.columns[nth(turn, "before")] = taken
            source.columns[nth(turn, "takes")] = takes if none == FALSE else pick([(none, number(0))], takes)
            comment = f"the share of each award that is taken back {turn}. in turn"
            ordered = self._add(f"clawed_turn_{turn}", comment, source)
        return ordered

    def _ordered(self, awards: Relation) -> Relation:
        source = From(awards)
        source.take_all(name for name in awards.columns if name.startswith(TERMS))
        for turn in range(1, len(self.clauses) + 1):
            picks = [(equal(self._turn_of(source, place), integer(turn)), place) for place in self.clauses]
            if len(picks) == 1:
                picks = [(TRUE, self.clauses[0])]
            for name in ("on", "how", "restored", "at"):
                found = [
                    (test, source.expr(term(place, name)))
                    for test, place in picks
                    if term(place, name) in awards
                ]
                if found:
                    source.columns[nth(turn, name)] = Plain(chosen(found))
            shares = [(test, source.num(term(place, "share"))) for test, place in picks]
            is_one = shares[0][0] == TRUE
            source.columns[nth(turn, "share")] = shares[0][1] if is_one else pick(shares, number(0))
            places = [(test, integer(place)) for test, place in picks]
            source.columns[nth(turn, "clause")] = Number(chosen(places), 0, max(self.clauses))
        return self._add("clawed_in_order", "what is taken back, in order of its days", source)

    def _turn_of(self, source: From, place: int) -> Expr:
        """Return the place of a clause among those that take something, by their days, from 1; 0 for none."""
        on = source.expr(term(place, "on"))
        turn: Number = number(1)
        for other in self.clauses:
            if other == place:
                continue
            found = source.expr(term(other, "on"))
            is_before = surely(compared(found, "<=" if other < place else "<", on))
            turn = add(turn, pick([(is_before, number(1))], number(0)))
        return chosen([(is_given(on), turn.top)], integer(0))

    def _is_still_taken(self, source: From, turn: int, on: Expr) -> Expr:
        """Return whether what was taken in its turn has not been given back before a day."""
        if nth(turn, "restored") not in source.relation:
            return TRUE
        restored = source.expr(nth(turn, "restored"))
        return any_of([is_null(restored), surely(compared(restored, ">=", on))])


def _left_of(earned: Number, total: Number) -> Number:
    """Return what is left of what a row has earned where it and what undoes it come to a total."""
    nothing = number(0)
    above = (compare(earned, ">", nothing), larger(total, nothing))
    below = (compare(earned, "<", nothing), smaller(total, nothing))
    return pick([above, below], nothing)
