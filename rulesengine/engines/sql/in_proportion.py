"""A budget that cuts all awards in proportion on its last day, in whole steps, none lost."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.sql.claims import due_back, taken_back
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import undoing
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    integer,
    over,
    text,
)
from rulesengine.engines.sql.pots import POSITION, budget_line, keys_of_pot
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    compare,
    divide,
    is_zero,
    larger,
    multiply,
    negate,
    negated_integer,
    number,
    otherwise,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.rounding import Remainder, RoundingMode
from rulesengine.plan import nodes

IN_ORDER = ("earned_on", "is_rowless", "row.order_by", "fact_id", "line", "payee_kind", "payee")
CLAIM = ("claim", "payee_kind", "payee")


def in_proportion(
    compilation: Compilation, asking: Relation, rule: nodes.Rule, limit: nodes.Budget, rows: int
) -> list[From]:
    """Return the lines that cut the awards of each pot to the budget, dated its last day."""
    most, ends_on = limit.amount.value, limit.ends_on
    assert isinstance(most, Decimal)
    if ends_on is None or ends_on > compilation.through:
        return []
    steps = _Steps(compilation, rule, limit, most, rows)
    named = steps.named(asking)
    cut = steps.cut(steps.shares(steps.claims(named)))
    return [steps.lines(cut), steps.late(named, cut)]


class _Steps:
    """The steps of one budget."""

    def __init__(
        self, compilation: Compilation, rule: nodes.Rule, limit: nodes.Budget, most: Decimal, rows: int
    ) -> None:
        self.compilation, self.rule, self.limit, self.most, self.rows = compilation, rule, limit, most, rows
        assert limit.ends_on is not None
        self.ends_on = limit.ends_on
        self.step = number(rule.rounding.step)

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    def named(self, asking: Relation) -> Relation:
        """Return the awards with whose `claim` they are: the row judged by, with all that undo it."""
        source = From(asking)
        source.take_all()
        rowless = source.expr("is_rowless")
        own = Call("||", (text("\x1f"), _text(source.expr("earned_on"))), Sort.TEXT)
        source.columns["claim"] = Plain(chosen([(rowless, own)], source.expr("row.root")))
        source.columns["is_late"] = Plain(compared(source.expr("earned_on"), ">", day(self.ends_on)))
        return self._add("asking_for", "what its budget is asked for", source)

    def claims(self, named: Relation) -> Relation:
        """Return the first award of each claim with what the whole of it asks for, `want`."""
        source = From(named)
        source.take_all(without=["is_late"])
        source.keep(compared(source.expr("earned_on"), "<=", day(self.ends_on)))
        claim = source.keys([*keys_of_pot(named), *CLAIM])
        order = source.keys([name for name in IN_ORDER if name in named])
        sum_of = sum_over(source.num("asked"), claim, self.rows)
        source.columns["want"] = larger(sum_of, number(0))
        place = over("row_number", [], partition=claim, order=order, sort=Sort.INT)
        source.columns["place_in_claim"] = Number(place, 0, self.rows)
        wanting = self._add("wanting", "what each claim asks for", source)
        source = From(wanting)
        source.take_all(without=["place_in_claim"])
        source.keep(equal(source.num("place_in_claim").top, integer(1)))
        return self._add("wants", "claims", source)

    def shares(self, claims: Relation) -> Relation:
        """Return the claims with the `total` of their pot, and their exact part of the budget."""
        source = From(claims)
        source.take_all()
        pot = source.keys(keys_of_pot(claims))
        total = sum_over(source.num("want"), pot, self.rows)
        source.columns["total"] = total
        order = source.keys([name for name in IN_ORDER if name in claims])
        place = over("row_number", [], partition=pot, order=order, sort=Sort.INT)
        source.columns["place_in_pot"] = Number(place, 0, self.rows)
        place = over("row_number", [], partition=[], order=order, sort=Sort.INT)
        source.columns["place"] = Number(place, 0, self.rows)
        summed = self._add("pots", "what each pot is asked for", source)
        source = From(summed)
        source.take_all()
        part = divide(multiply(source.num("want"), number(self.most)), source.num("total"))
        part = otherwise(part, number(0))
        down = rounded(part, self.rule.rounding.step, RoundingMode.DOWN)
        source.columns["down"] = down
        source.columns["rest"] = subtract(part, down)
        return self._add("budget_parts", "what each claim has of its budget", source)

    def cut(self, parts: Relation) -> Relation:
        """Return the claims with what each `gets`: steps that are left over go where the budget says."""
        source = From(parts)
        source.take_all(without=["rest"])
        pot = source.keys(keys_of_pot(parts))
        down = sum_over(source.num("down"), pot, self.rows)
        whole = rounded(number(self.most), self.rule.rounding.step, RoundingMode.DOWN)
        odd = subtract(number(self.most), whole)
        source.columns["missing"] = subtract(whole, down)
        wants = chosen([(is_zero(source.num("want")), integer(1))], integer(0))
        place = source.num("place_in_pot").top
        order: list[Expr] = [wants, place]
        match self.limit.remainder or Remainder.FIRST:
            case Remainder.LAST:
                order = [wants, negated_integer(place)]
            case Remainder.LARGEST_SHARE:
                order = [wants, negated_integer(source.num("want").top), place]
            case Remainder.LARGEST_FRACTION:
                order = [wants, negated_integer(source.num("rest").top), place]
            case _:
                pass
        rank = over("row_number", [], partition=pot, order=order, sort=Sort.INT)
        source.columns["rank_in_pot"] = Number(rank, 0, self.rows)
        ranked = self._add("ranked", "who gets what is left over of its budget", source)
        source = From(ranked)
        source.take_all(without=["down", "missing", "rank_in_pot", "place_in_pot"])
        want, gets = source.num("want"), source.num("down")
        if self.limit.remainder is not Remainder.NOBODY:
            turn = source.num("rank_in_pot")
            more = compare(multiply(turn, self.step), "<=", source.num("missing"))
            has = compare(want, "<>", number(0))
            gets = add(gets, pick([(all_of([more, has]), self.step)], number(0)))
            first = all_of([equal(turn.top, integer(1)), has])
            gets = add(gets, pick([(first, odd)], number(0)))
        is_cut = compare(source.num("total"), ">", number(self.most))
        source.columns["gets"] = pick([(is_cut, gets)], want)
        return self._add("cut_to", "what each claim gets of its budget", source)

    def lines(self, cut: Relation) -> From:
        """Return the lines of claims that are cut."""
        source = From(cut)
        want, gets = source.num("want"), source.num("gets")
        source.keep(compare(want, "<>", gets))
        position = add(number(POSITION), source.num("place"))
        last = Plain(day(self.ends_on))
        source.columns |= {"base": want, "earned_on": last, "payable_on": last}
        amount, total = subtract(gets, want), source.num("total")
        budget_line(
            source, self.rule, amount=amount, before=None, after=total, most=self.most, position=position
        )
        return source

    def late(self, named: Relation, cut: Relation) -> From:
        """Return the lines of what is undone after the last day: it takes back what the cut left."""
        names = [*keys_of_pot(named), *CLAIM]
        source = From(named)
        source.take_all()
        source.keep(source.expr("is_late"))
        claim = source.keys(names)
        order = source.keys([name for name in IN_ORDER if name in named])
        source.columns["asked_back"] = sum_over(negate(source.num("asked")), claim, self.rows, order)
        late = self._add("undone_late", "what is undone after the last day", source)
        source = From(late)
        root = source.join(cut, dict(zip(names, source.keys(names), strict=True)), is_left=False)
        source.take_all(without=["asked_back"])
        want, gets = root.num("want"), root.num("gets")
        back, all_is_paid = source.num("asked_back"), compare(root.num("total"), "<=", number(self.most))
        source.columns["due"] = due_back(want, gets, back, self.rule, all_is_paid=all_is_paid)
        owing = self._add("owing", "what that takes back in all", source)
        source = From(owing)
        source.take_all(without=["due"])
        order = source.keys([name for name in IN_ORDER if name in named])
        source.columns["passed"] = taken_back(source, "due", source.keys(names), order)
        taken = self._add("taken_back", "what that takes back", source)
        source = From(taken)
        root = source.join(cut, dict(zip(names, source.keys(names), strict=True)), is_left=False)
        want, gets = root.num("want"), root.num("gets")
        amount = subtract(source.num("passed"), source.num("asked"))
        source.keep(compare(amount, "<>", number(0)))
        source.columns |= undoing(root, root["earned_on"])
        position = number(POSITION)
        budget_line(source, self.rule, amount=amount, before=want, after=gets, most=None, position=position)
        return source


def _text(expr: Expr) -> Expr:
    return as_text(expr)
