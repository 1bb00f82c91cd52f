"""A budget that those who come first have: in the order of a date, which need not be that of pay.

A claim that comes later, but has an earlier date, takes its place before those of later dates: they get
what is left when it is their turn, and lines say so, dated by the claim that came. What a claim has
when others have come between is the clamped sum of all before it, so every change is a difference of
two of them; rows are paired only where one has passed another.
"""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.sql.award_rows import UNDOES
from rulesengine.engines.sql.budget import ON, POSITION, budget_line, keys_of_pot
from rulesengine.engines.sql.claims import taken_back
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import undoing
from rulesengine.engines.sql.earned_rows import undoes_lines
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_null,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    compare,
    larger,
    number,
    otherwise,
    smaller,
    subtract,
)
from rulesengine.plan import nodes

CLAIM = ("claim_root", "payee_kind", "payee")
IN_ROW = ("row.order_by", "fact_id", "line", "payee_kind", "payee")


def first_come(
    compilation: Compilation, asking: Relation, rule: nodes.Rule, limit: nodes.Budget, rows: int
) -> list[From]:
    """Return the lines of a budget that is first come, first served."""
    most = limit.amount.value
    assert isinstance(most, Decimal)
    steps = _Steps(compilation, rule, limit, most, rows)
    turned = steps.in_turn(asking)
    claims = steps.placed(turned)
    lines = []
    pairs: Relation | None = None
    if not steps.is_in_order:
        pairs = steps.passed(claims)
        claims = steps.without_later(claims, pairs)
        lines.append(steps.changes(pairs))
    lines.insert(0, steps.own(claims))
    if f"{UNDOES}row.root" in asking or undoes_lines(compilation, rule):
        lines.append(steps.undone(turned, claims))
    return lines


class _Steps:
    """The steps of one budget."""

    def __init__(
        self, compilation: Compilation, rule: nodes.Rule, limit: nodes.Budget, most: Decimal, rows: int
    ) -> None:
        self.compilation, self.rule, self.most, self.rows = compilation, rule, most, rows
        source = rule.source
        event = source.event if isinstance(source, nodes.FactSource) else ""
        self.is_in_order = limit.first_come is not None and limit.first_come.names == (event,)
        """Whether claims come in the order of the budget's date, so that none passes another."""

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    def _number(self, partition: list[Expr], order: list[Expr]) -> Number:
        return Number(over("row_number", [], partition=partition, order=order, sort=Sort.INT), 0, self.rows)

    def in_turn(self, asking: Relation) -> Relation:
        """Return the awards with their `turn_of_pot`; what undoes a row comes after the award of that row.

        On one day rows stand in the order of their keys, so the row that undoes may come first.
        """
        source = From(asking)
        source.take_all()
        order = _exprs(source, [name for name in ("earned_on", "is_rowless", *IN_ROW) if name in asking])
        source.columns["came"] = self._number(_exprs(source, keys_of_pot(asking)), order)
        came = self._add("came", "in the order in which they come", source)
        source = From(came)
        source.take_all()
        claim = _exprs(source, [*keys_of_pot(asking), "row.root", *CLAIM[1:]])
        undoes, at = source.expr("row.undoes"), source.num("came").top
        own = over("max", [chosen([(negated(undoes), at)], null(Sort.INT))], partition=claim, sort=Sort.INT)
        later = Call("greatest", (at, first_given([own, at])), Sort.INT)
        source.columns["after"] = Number(chosen([(undoes, later)], at), 0, self.rows)
        turned = self._add("after", "each after what it undoes", source)
        source = From(turned)
        source.take_all(without=["came", "after"])
        order = [source.num("after").top, source.expr("row.undoes"), source.num("came").top]
        source.columns["turn_of_pot"] = self._number(_exprs(source, keys_of_pot(asking)), order)
        _whose(source)
        turned = self._add("turned", "each after what it undoes, numbered", source)
        source = From(turned)
        source.take_all()
        claim = _exprs(source, [*keys_of_pot(asking), *CLAIM])
        turn = source.num("turn_of_pot").top
        first = over("min", [turn], partition=claim, sort=Sort.INT)
        is_claim = any_of([source.expr("is_rowless"), negated(source.expr("row.undoes")), equal(turn, first)])
        source.columns["is_claim"] = Plain(is_claim)
        return self._add("asks", "which are claims, and which undo one", source)

    def placed(self, turned: Relation) -> Relation:
        """Return the claims with their `place` in the order of the budget's date, the sum of all `upto`
        them, and the turn at which they are `undone_at`."""
        source = From(turned)
        source.take_all()
        undone = chosen([(negated(source.expr("is_claim")), source.num("turn_of_pot").top)], null(Sort.INT))
        claim = _exprs(source, [*keys_of_pot(turned), *CLAIM])
        undone_at = over("min", [undone], partition=claim, sort=Sort.INT)
        rowless = source.expr("is_rowless")
        earned_on = source.expr("earned_on")
        on = first_given([source.expr(ON), earned_on]) if ON in turned else earned_on
        source.columns["undone_at"] = Number(
            chosen([(negated(rowless), undone_at)], null(Sort.INT)), 0, self.rows
        )
        source.columns["claimed_on"] = Plain(chosen([(rowless, earned_on)], on))
        marked = self._add("claimed", "when each is undone", source)
        source = From(marked)
        source.take_all()
        source.keep(source.expr("is_claim"))
        pot = _exprs(source, keys_of_pot(turned))
        names = [name for name in ("claimed_on", "is_rowless", *IN_ROW, "turn_of_pot") if name in marked]
        order = _exprs(source, names)
        source.columns["place_in_pot"] = self._number(pot, order)
        source.columns["upto"] = sum_over(source.num("asked"), pot, self.rows, order)
        return self._add("placed", "claims in the order of the budget's date", source)

    def passed(self, claims: Relation) -> Relation:
        """Return each claim with each that comes later but takes a place before it, `by`, in the order in
        which they come: `later` is what these ask, up to this one."""
        names = keys_of_pot(claims)
        source = From(claims)
        other = source.join_on(claims, is_left=False)
        tests = [_same(source.key(name), other.key(name)) for name in names]
        tests.append(compared(other.num("turn_of_pot").top, ">", source.num("turn_of_pot").top))
        tests.append(compared(other.num("place_in_pot").top, "<", source.num("place_in_pot").top))
        source.close(other, all_of(tests), is_left=False)
        source.take_all()
        source.columns["by"] = other["turn_of_pot"]
        source.columns["by_asked"] = other["asked"]
        source.columns["by_on"] = other["earned_on"]
        pairs = self._add("passed", "claims that a later one takes a place before", source)
        source = From(pairs)
        source.take_all()
        claim = _exprs(source, [*names, "turn_of_pot"])
        asked = source.num("by_asked")
        source.columns["later"] = sum_over(asked, claim, self.rows, [source.num("by").top])
        source.columns["all_later"] = sum_over(asked, claim, self.rows)
        at = source.num("undone_at").top
        counts = any_of([is_null(at), compared(source.num("by").top, "<", at)])
        before = Number(chosen([(counts, asked.top)], integer(0)), asked.scale, asked.most)
        source.columns["later_paid"] = sum_over(before, claim, self.rows)
        return self._add("passed_in_turn", "claims with those that take a place before them", source)

    def without_later(self, claims: Relation, pairs: Relation) -> Relation:
        """Return the claims with the sum of all `upto` them when they came, and `paid_upto` when they are
        undone."""
        names = [*keys_of_pot(claims), "turn_of_pot"]
        source = From(pairs)
        source.groups = _exprs(source, names)
        for name in names:
            source.columns[name] = source[name]
        for name in ("all_later", "later_paid"):
            value = source.num(name)
            top = Aggregate("max", (value.top,), (), value.top.sort)
            source.columns[name] = Number(top, value.scale, value.most)
        sums = self._add("passing", "what those ask that take a place before a claim", source)
        source = From(claims)
        other = source.join_on(sums)
        source.close(other, all_of(_same(source.key(name), other.key(name)) for name in names))
        source.take_all()
        upto = subtract(source.num("upto"), otherwise(other.num("all_later"), number(0)))
        source.columns["upto"] = upto
        source.columns["paid_upto"] = add(upto, otherwise(other.num("later_paid"), number(0)))
        return self._add("first_placed", "claims as they were when they came", source)

    def _fits(self, upto: Number, asked: Number) -> Number:
        """Return what fits into the budget of a claim, given the sum of all up to it."""
        return subtract(self._clamped(upto), self._clamped(subtract(upto, asked)))

    def _clamped(self, total: Number) -> Number:
        return larger(smaller(total, number(self.most)), number(-self.most))

    def own(self, claims: Relation) -> From:
        """Return the lines of claims that do not fit when they come."""
        source = From(claims)
        asked, upto = source.num("asked"), source.num("upto")
        fits = self._fits(upto, asked)
        source.keep(compare(fits, "<>", asked))
        self._line(source, subtract(fits, asked), subtract(upto, asked), upto, self.most)
        return source

    def changes(self, pairs: Relation) -> From:
        """Return the lines of claims that get more or less once another takes a place before them."""
        source = From(pairs)
        asked, by = source.num("asked"), source.num("by_asked")
        first = subtract(source.num("upto"), source.num("all_later"))
        now = add(first, source.num("later"))
        amount = subtract(self._fits(now, asked), self._fits(subtract(now, by), asked))
        at = source.num("undone_at").top
        source.keep(any_of([is_null(at), compared(source.num("by").top, "<", at)]))
        source.keep(compare(amount, "<>", number(0)))
        source.columns["earned_on"] = source["by_on"]
        source.columns |= undoing(source, source["earned_on"])
        self._line(source, amount, subtract(now, asked), now, self.most, source.num("by"))
        return source

    def undone(self, turned: Relation, claims: Relation) -> From:
        """Return the lines of awards that undo a claim: it gives back what it was paid, in proportion."""
        names = [*keys_of_pot(turned), *CLAIM]
        source = From(turned)
        source.take_all()
        source.keep(negated(source.expr("is_claim")))
        claim = _exprs(source, names)
        turn = source.num("turn_of_pot").top
        back = absolute(source.num("asked"))
        source.columns["back"] = sum_over(back, claim, self.rows, [turn])
        source.columns["back_number"] = self._number(claim, [turn])
        backs = self._add("backs", "what undoes claims", source)
        source = From(backs)
        root = source.join_on(claims, is_left=False)
        tests = [_same(source.key(name), root.key(name)) for name in names]
        source.close(root, all_of([*tests, negated(root.expr("is_rowless"))]), is_left=False)
        claimed = root.num("asked")
        got = self._fits(root.num("paid_upto" if "paid_upto" in claims else "upto"), claimed)
        asked = source.num("asked")
        is_first = equal(source.num("back_number").top, integer(1))
        passed = taken_back(
            claimed, got, source.num("back"), absolute(asked), is_first=is_first, rule=self.rule
        )
        amount = subtract(passed, asked)
        source.keep(compare(amount, "<>", number(0)))
        source.columns |= undoing(root, root["earned_on"])
        self._line(source, amount, claimed, got, None)
        return source

    def _line(
        self,
        source: From,
        amount: Number,
        before: Number,
        after: Number,
        most: Decimal | None,
        turn: Number | None = None,
    ) -> None:
        position = add(number(POSITION), source.num("turn_of_pot") if turn is None else turn)
        budget_line(
            source, self.rule, amount=amount, before=before, after=after, most=most, position=position
        )


def _whose(source: From) -> None:
    """Set what an award takes back, `claim_root`: of the row undone, or of the draft that it undoes."""
    root, given = source.expr("row.root"), f"{UNDOES}row.root"
    if given in source.relation:
        found = source.expr(given)
        is_back = compared(found, "<>", text(""))
        source.columns["row.undoes"] = Plain(any_of([is_back, source.expr("row.undoes")]))
        source.columns.pop(given)
        root = chosen([(is_back, found)], root)
    source.columns["claim_root"] = Plain(root)


def _same(left: Expr, right: Expr) -> Expr:
    return equal(left, right)


def _exprs(source: From, names: list[str]) -> list[Expr]:
    return [source.key(name) for name in names]
