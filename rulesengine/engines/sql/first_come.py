"""A budget that those who come first have: in the order of a date, which need not be that of pay.

A claim that comes later, but has an earlier date, takes its place before those of later dates: they get
what is left when it is their turn, and lines say so, dated by the claim that came. What a claim has
when others have come between is the clamped sum of all before it, so every change is a difference of
two of them; rows are paired only where one has passed another.
"""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.spent import is_shared
from rulesengine.engines.sql.asking import undoes_awards
from rulesengine.engines.sql.award_rows import PLACE_WON, UNDOES
from rulesengine.engines.sql.claims import due_back, taken_back
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import undoing
from rulesengine.engines.sql.expressions import (
    Aggregate,
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
)
from rulesengine.engines.sql.pot_turns import CLAIM, IN_ROW, in_turn
from rulesengine.engines.sql.pots import ON, POSITION, budget_line, keys_of_pot
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.spent import told
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    compare,
    larger,
    negate,
    number,
    otherwise,
    pick,
    smaller,
    subtract,
)
from rulesengine.plan import nodes


def first_come(
    compilation: Compilation, asking: Relation, rule: nodes.Rule, limit: nodes.Budget, rows: int
) -> list[From]:
    """Return the lines of a budget that is first come, first served."""
    most = limit.amount.value
    assert isinstance(most, Decimal)
    steps = _Steps(compilation, rule, limit, most, rows)
    turned = in_turn(compilation, asking, rule, rows)
    claims = steps.placed(turned)
    lines = []
    pairs: Relation | None = None
    if not steps.is_in_order:
        pairs = steps.passed(claims)
        claims = steps.without_later(claims, pairs)
        lines.append(steps.changes(pairs))
    lines.insert(0, steps.own(claims))
    if f"{UNDOES}row.root" in asking or undoes_awards(compilation, rule):
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
        is_of_row = rule.rank is None and all(goal.measure.name is None for goal in rule.goals)
        self.is_in_order = is_of_row and limit.first_come is not None and limit.first_come.names == (event,)
        """Whether claims come in the order of the budget's date, so that none passes another."""

    def _add(self, name: str, comment: str, source: From) -> Relation:
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule)

    def _number(self, partition: list[Expr], order: list[Expr]) -> Number:
        return Number(over("row_number", [], partition=partition, order=order, sort=Sort.INT), 0, self.rows)

    def placed(self, turned: Relation) -> Relation:
        """Return the claims with their `place` in the order of the budget's date, the sum of all `upto`
        them, and the turn at which they are `undone_at`."""
        source = From(turned)
        source.take_all()
        undone = chosen([(negated(source.expr("is_claim")), source.num("turn_of_pot").top)], null(Sort.INT))
        claim = source.keys([*keys_of_pot(turned), *CLAIM])
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
        pot = source.keys(keys_of_pot(turned))
        names = [
            name for name in ("claimed_on", "is_rowless", PLACE_WON, *IN_ROW, "turn_of_pot") if name in marked
        ]
        order = source.keys(names)
        source.columns["place_in_pot"] = self._number(pot, order)
        source.columns["upto"] = sum_over(source.num("asked"), pot, self.rows, order)
        return self._add("budget_claims", "claims in the order of the budget's date", source)

    def passed(self, claims: Relation) -> Relation:
        """Return each claim with each that comes later but takes a place before it, `by`, in the order in
        which they come: `later` is what these ask, up to this one."""
        names = keys_of_pot(claims)
        source = From(claims)
        other = source.join_on(claims, is_left=False)
        tests = [equal(source.key(name), other.key(name)) for name in names]
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
        claim = source.keys([*names, "turn_of_pot"])
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
        source.groups = source.keys(names)
        for name in names:
            source.columns[name] = source[name]
        for name in ("all_later", "later_paid"):
            value = source.num(name)
            top = Aggregate("max", (value.top,), (), value.top.sort)
            source.columns[name] = Number(top, value.scale, value.most)
        sums = self._add("passing", "what those ask that take a place before a claim", source)
        source = From(claims)
        other = source.join_on(sums)
        source.close(other, all_of(equal(source.key(name), other.key(name)) for name in names))
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
        """Return the lines of awards that undo a row: it gives back what it was paid, in proportion."""
        names = [*keys_of_pot(turned), *CLAIM]
        source = From(self._owing(turned, claims))
        source.take_all()
        backs = [*source.keys(names), source.expr("is_claim")]
        passed = taken_back(source, "due", backs, [source.num("turn_of_pot").top])
        source.columns["passed"] = passed
        taken = self._add("taken_back", "what undoes rows, with what it takes back", source)
        source = From(taken)
        root = source.join_on(claims, is_left=False)
        tests = [equal(source.key(name), root.key(name)) for name in names]
        source.close(root, all_of([*tests, root.expr("is_first_of_row")]), is_left=False)
        amount = subtract(source.num("passed"), source.num("asked"))
        source.keep(negated(source.expr("is_claim")))
        source.keep(compare(amount, "<>", number(0)))
        source.columns |= undoing(root, root["earned_on"])
        self._line(source, amount, source.num("claimed"), source.num("got"), None)
        return source

    def _owing(self, turned: Relation, claims: Relation) -> Relation:
        """Return the awards with what their row has `claimed` and `got` by then, and what is `due` back."""
        names = [*keys_of_pot(turned), "turn_of_pot"]
        source = From(turned)
        own = source.join_on(claims)
        source.close(own, all_of(equal(source.key(name), own.key(name)) for name in names))
        source.take_all()
        asked, none = source.num("asked"), number(0)
        upto = own.num("paid_upto" if "paid_upto" in claims else "upto")
        of_row = source.expr("is_of_row")
        source.columns["gets"] = pick([(of_row, self._fits(upto, own.num("asked")))], none)
        source.columns["claims"] = pick([(of_row, asked)], none)
        source.columns["asks_back"] = pick([(source.expr("is_claim"), none)], negate(asked))
        getting = self._add("getting", "what each claim gets", source)
        source = From(getting)
        source.take_all(without=["gets", "claims", "asks_back"])
        claim, turn = source.keys([*keys_of_pot(turned), *CLAIM]), source.num("turn_of_pot").top
        for name, each in (("claimed", "claims"), ("got", "gets"), ("asked_back", "asks_back")):
            source.columns[name] = sum_over(source.num(each), claim, self.rows, [turn])
        asks = pick([(source.expr("is_claim"), source.num("asked"))], number(0))
        pot = source.keys(keys_of_pot(turned))
        source.columns["asked_of_pot"] = sum_over(asks, pot, self.rows, [turn])
        got = self._add("got", "what each row has got by then", source)
        source = From(got)
        source.take_all(without=["asked_back", "asked_of_pot"])
        claimed, back = source.num("claimed"), source.num("asked_back")
        all_is_paid = compare(absolute(source.num("asked_of_pot")), "<=", number(self.most))
        source.columns["due"] = due_back(claimed, source.num("got"), back, self.rule, all_is_paid=all_is_paid)
        return self._add("owing", "what undoing takes back in all", source)

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
        assert self.rule.budget is not None
        if most is not None and is_shared(self.rule.budget.keys):
            before, after = told(before, after, number(most))
        budget_line(
            source, self.rule, amount=amount, before=before, after=after, most=most, position=position
        )
