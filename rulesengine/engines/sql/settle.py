"""The last step, settle: what happens between the lines of a statement and its total.

The counterpart of `engines/settle.py`. What a statement comes to depends on the one before, so there is
a stage for each period, from what the period before left to what the next one finds. The order is fixed:

    brought forward, lines, guarantee, draw, recovery, cap, below zero, minimum, rounding
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.engines.results import STATEMENT, Part
from rulesengine.engines.sql.compilation import Compilation, Refusal
from rulesengine.engines.sql.dates import window_label, window_start
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Aggregate,
    Call,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    equal,
    first_given,
    integer,
    is_given,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.granted import AMOUNTS, FAULT, granted
from rulesengine.engines.sql.line_columns import line_columns, line_name
from rulesengine.engines.sql.minor_units import minor_unit_of
from rulesengine.engines.sql.periods import periods_of
from rulesengine.engines.sql.rejects import DIVIDES
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.statement_steps import StatementTerms, Step, evened, kept_back, lent
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    add,
    at_scale,
    compare,
    fitted,
    is_zero,
    multiply,
    negate,
    no_number,
    number,
    otherwise,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.model.dates import Window
from rulesengine.plan import nodes

MOST = 10**26
"""Balances are kept in 128 bits; what they do not hold is an error of the database."""
PAYEE = ("payee_kind", "payee")
HOLDER = (*PAYEE, "currency")
"""Balances of two currencies are two balances."""
CODE_LETTERS = 3
"""Of a currency."""
STEPS = ("brought", "lifted", "lent", "kept", "evened")
"""What may happen to a statement, each at most once and in this order."""
COLUMNS = ("part", "amount", "exact", "base", "base_of", "target", "rate", "before", "after", "from", "span")


def settle(
    compilation: Compilation, settlement: nodes.Settlement, drafts: Mapping[str, Relation]
) -> list[Relation]:
    """Return the lines that settle every statement whose period is over, one relation for each step."""
    plan = compilation.plan
    pays = settlement.draws or settlement.guarantees or not all(rule.is_memo for rule in plan.rules)
    windows = periods_of(plan, compilation.through) if pays and compilation.book.payees else []
    if not windows:
        return []
    sums = _sums(compilation, drafts)
    grants = granted(compilation, settlement, windows)
    state = _holders(compilation, settlement, sums, grants)
    made = []
    settling = _Settling(compilation, settlement, sums, grants)
    for index, window in enumerate(windows):
        state = settling.period(index, window, state)
        made.append(state)
    if FAULT in grants:
        settling.refuse(made)
    return settling.lines(made)


def _sums(compilation: Compilation, drafts: Mapping[str, Relation]) -> Relation:
    """Return what the lines of each payee come to, by the first day of the period they are payable in."""
    plan = compilation.plan
    parts = []
    for rule in plan.rules:
        if rule.is_memo:
            continue
        source = From(drafts[rule.name])
        payable_on = source.expr("payable_on")
        source.keep(compared(payable_on, "<=", day(compilation.through)))
        source.columns = {name: source[name] for name in PAYEE}
        source.columns |= _on_statement(source, rule, plan)
        start = window_start(payable_on, plan.period, plan.fiscal, plan.effective)
        source.columns["start"] = Plain(start)
        parts.append(source)
    comment = "what each payee's lines come to in each period"
    if not parts:
        # Everybody still has what the statement block grants.
        columns: dict[str, Value] = {name: Plain(null(Sort.TEXT)) for name in HOLDER}
        columns |= {"start": Plain(null(Sort.DATE)), "amount": number(0)}
        return compilation.add_rows("statement_sums", comment, columns, [])
    earned = compilation.add_union("statement_earnings", "what is payable, by statement period", parts)
    source = From(earned)
    amount = source.num("amount")
    source.columns = {name: source[name] for name in (*HOLDER, "start")}
    keys = [value.expr for value in source.columns.values() if isinstance(value, Plain)]
    total = Aggregate("sum", (amount.top,), (), Sort.WIDE)
    source.columns["amount"] = Number(total, amount.scale, MOST)
    keys = [key for key in keys if not isinstance(key, Literal)]
    return compilation.add("statement_sums", comment, source, is_kept=True, group_by=keys)


def _holders(
    compilation: Compilation, settlement: nodes.Settlement, sums: Relation, grants: Relation
) -> Relation:
    """Return everybody who may have a statement, with balances of zero."""
    parts = []
    everybody = [sums, grants] if settlement.draws or settlement.guarantees else [sums]
    for relation in everybody:
        source = From(relation)
        source.columns = {name: source[name] for name in HOLDER}
        source.keep(is_given(source.expr("currency")))
        parts.append(source)
    found = From(compilation.add_union("statement_payees_found", "who may have a statement", parts))
    found.columns = {name: found[name] for name in HOLDER}
    keys = [value.expr for value in found.columns.values() if isinstance(value, Plain)]
    keys = [key for key in keys if not isinstance(key, Literal)]
    found.columns["carried"], found.columns["owed"] = number(0), number(0)
    found.columns["carried_on"] = found.columns["advanced_on"] = Plain(null(Sort.DATE))
    comment = "who may have a statement, before the first period"
    return compilation.add("statement_payees", comment, found, is_kept=True, group_by=keys)


def _on_statement(source: From, rule: nodes.Rule, plan: nodes.Plan) -> dict[str, Value]:
    """Return what a line comes to on its statement, and in which currency that is."""
    currency: Expr = text(rule.currency)
    if plan.convert is None and plan.pays_in:
        currency = text(plan.pays_in)
    elif "paid_currency" in source.relation:
        currency = first_given([source.expr("paid_currency"), currency])
    amount = source.num("amount")
    if "paid" in source.relation:
        amount = otherwise(source.num("paid"), amount)
    return {"currency": Plain(currency), "amount": amount}


class _Settling:
    def __init__(
        self, compilation: Compilation, settlement: nodes.Settlement, sums: Relation, grants: Relation
    ) -> None:
        self.compilation, self.settlement = compilation, settlement
        self.plan = compilation.plan
        self.sums, self.grants = sums, grants
        self.terms = StatementTerms.of(self.plan, settlement)
        amount = sums.columns["amount"]
        assert isinstance(amount, Number)
        self.scale = max(amount.scale, self.terms.scale)

    def _kept(self, value: Number) -> Number:
        """Return a balance as it is kept: of one scale and width in all periods."""
        raised = at_scale(value, self.scale)
        top = raised.top if isinstance(raised.top, Literal) else fitted(raised.top, MOST)
        return Number(top, self.scale, MOST)

    def period(self, index: int, window: Window, state: Relation) -> Relation:
        """Return the statements of a period, and what they leave for the next."""
        source = From(state)
        on = {name: source.expr(name) for name in HOLDER}
        sums = source.join(self.sums, {**on, "start": day(window.start)})
        terms = self._granted(index, source, state)
        of_holder = self._terms_of(source)
        carried, owed = source.num("carried"), source.num("owed")
        earnings = self._kept(otherwise(sums.num("amount"), number(0)))
        steps: dict[str, Step] = {
            "brought": Step(negated(is_zero(carried)), carried, {"from": source["carried_on"]})
        }
        lift = terms.num("guarantee")
        is_lifted = surely(compare(earnings, "<", lift))
        steps["lifted"] = Step(
            is_lifted,
            subtract(lift, earnings),
            {"base": earnings, "target": lift, "span": terms["guarantee_span"]},
        )
        payable = add(carried, pick([(is_lifted, self._kept(lift))], earnings))
        draw, lends = terms.num("draw"), terms.expr("recoverable")
        is_drawn = surely(compare(payable, "<", draw))
        above = terms.num("above")
        steps["lent"], owed_after = lent(of_holder, payable, draw, lends, is_drawn, owed, above)
        recovers = text(self.terms.span(self.settlement.recovery))
        steps["lent"].values["span"] = Plain(chosen([(is_drawn, terms.expr("draw_span"))], recovers))
        steps["lent"].values["from"] = Plain(
            chosen([(is_drawn, null(Sort.DATE))], source.expr("advanced_on"))
        )
        payable = add(payable, pick([(steps["lent"].when, steps["lent"].amount)], number(0)))
        steps["kept"] = kept_back(of_holder, payable, terms.num("cap"), terms.num("minimum"))
        payable = add(payable, pick([(steps["kept"].when, steps["kept"].amount)], number(0)))
        steps["evened"] = evened(of_holder, payable)
        part = steps["kept"].values["part"]
        assert isinstance(part, Plain)
        is_carried = all_of([steps["kept"].when, surely(equal(part.expr, text(Part.CARRIED_FORWARD.value)))])
        columns = source.columns
        columns |= {name: source[name] for name in HOLDER}
        columns["carried"] = self._kept(pick([(is_carried, negate(steps["kept"].amount))], number(0)))
        columns["owed"] = self._kept(owed_after)
        columns["carried_on"] = Plain(chosen([(is_carried, day(window.end))], source.expr("carried_on")))
        columns["advanced_on"] = Plain(chosen([(is_drawn, day(window.end))], source.expr("advanced_on")))
        columns["end"], columns["label"] = Plain(day(window.end)), Plain(text(window.label))
        for name in STEPS:
            self._add(columns, name, steps[name])
        if FAULT in self.grants:
            # Without grants a statement is made only where there is something to be settled.
            is_made = [is_given(sums.num("amount").top), negated(is_zero(carried)), negated(is_zero(owed))]
            asked = TRUE if self.settlement.draws or self.settlement.guarantees else any_of(is_made)
            columns[FAULT] = Plain(chosen([(asked, terms.expr(FAULT))], null(Sort.TEXT)))
        comment = f"statements of {window.label}, from what the period before left"
        return self.compilation.add(f"statement_{index + 1}", comment, source, is_kept=True)

    def _terms_of(self, source: From) -> StatementTerms:
        """Return the terms of each holder, whose currency says what can be paid."""
        if self.terms.unit is not None:
            return self.terms
        unit = minor_unit_of(self.compilation, source, source.expr("currency"))
        return replace(self.terms, of_currency=unit)

    def _granted(self, index: int, source: From, state: Relation) -> Joined:
        """Return what each holder is granted in a period, joined."""
        payee = {name: source.expr(name) for name in PAYEE}
        if self.terms.unit is not None:
            return source.join(self.grants, {**payee, "period": integer(index)})
        holders = From(state)
        on = {name: holders.expr(name) for name in HOLDER}
        grants = holders.join(self.grants, {**{name: on[name] for name in PAYEE}, "period": integer(index)})
        terms = self._terms_of(holders)
        holders.columns = {name: holders[name] for name in HOLDER}
        for name in self.grants.columns:
            if name in AMOUNTS:
                holders.columns[name] = terms.granted(grants.num(name))
            elif name not in (*HOLDER, "period"):
                holders.columns[name] = grants[name]
        comment = "what statements grant each payee, in the currency of the statement"
        name = f"statement_{index + 1}_terms"
        relation = self.compilation.add(name, comment, holders, is_kept=True)
        return source.join(relation, {**payee, "currency": source.expr("currency")})

    def _add(self, columns: dict[str, Value], name: str, step: Step) -> None:
        columns[f"{name}_amount"] = pick([(step.when, self._kept(step.amount))], no_number())
        for column, value in step.values.items():
            columns[f"{name}_{column}"] = value

    def refuse(self, periods: list[Relation]) -> None:
        """Note down that nothing is paid if an amount that is asked for divides by zero: the first one."""
        parts = []
        for index, relation in enumerate(periods):
            source = From(relation)
            source.keep(is_given(source.expr(FAULT)))
            source.columns = {name: source[name] for name in (*HOLDER, FAULT)}
            source.columns["period"] = number(index)
            parts.append(source)
        faulty = From(self.compilation.add_union("statements_faulty", "terms that divide by zero", parts))
        order = faulty.keys((*HOLDER, "period"))
        nth = over("row_number", [], partition=[], order=order, sort=Sort.INT)
        faulty.columns = {"message": faulty[FAULT], "nth": Number(nth, 0, 10**9)}
        numbered = self.compilation.add("statements_refused", "terms that divide by zero, in order", faulty)
        source = From(numbered)
        source.keep(equal(source.num("nth").top, integer(1)))
        source.take_all()
        comment = "the first of the terms that divide by zero"
        found = self.compilation.add_written("statements_unpaid", comment, source)
        self.compilation.refusals.append(Refusal(found.name, DIVIDES, None, ""))

    # --- lines ---

    def lines(self, periods: list[Relation]) -> list[Relation]:
        """Return the lines of all steps of all periods."""
        parts = []
        for relation in periods:
            source = From(relation)
            source.take_all(("carried", "owed", "carried_on", "advanced_on", FAULT))
            parts.append(source)
        settled = self.compilation.add_union(
            "statements_settled", "statements of all periods", parts, is_kept=True
        )
        return [
            self._lines_of(settled, place)
            for place, name in enumerate(STEPS)
            if f"{name}_amount" in settled and not _never(settled.columns[f"{name}_amount"])
        ]

    def _lines_of(self, settled: Relation, place: int) -> Relation:
        source, name = From(settled), STEPS[place]
        amount = source.num(f"{name}_amount")
        source.keep(is_given(amount.top))

        def found(column: str) -> Value | None:
            return source[f"{name}_{column}"] if f"{name}_{column}" in settled else None

        part = found("part")
        end = source["end"]
        given: dict[str, Value] = {
            **{each: source[each] for each in HOLDER},
            "rule": Plain(text(STATEMENT)),
            "kind": Plain(text(STATEMENT)),
            "part": part if part is not None else Plain(text(_PARTS[name].value)),
            "fact": Plain(text("")),
            "fact_id": Plain(text("")),
            "earned_on": end,
            "payable_on": end,
            "window": source["label"],
            "measure_unit": source["currency"],
            "memo": Plain(FALSE),
            "sequence": self._sequence(source),
            "amount": amount,
            "step": self._place(source, place),
        }
        exact = found("exact")
        given["exact"] = exact if exact is not None else amount
        for column in ("base", "base_of", "target", "rate", "span"):
            value = found(column)
            if value is not None:
                given[column] = value
        for column, to in (("before", "measure_before"), ("after", "measure_after")):
            value = found(column)
            if value is not None:
                given[to] = value
        given.setdefault("span", Plain(text(self.terms.span(None))))
        came = found("from")
        if isinstance(came, Plain):
            of = Part.CARRIED_FORWARD if name == "brought" else Part.DRAW
            there = line_name({**given, "part": Plain(text(of.value)), "earned_on": came})
            given["from_line"] = Plain(first_given([there, text("")]))
            if name == "brought":
                label = window_label(came.expr, self.plan.period, self.plan.fiscal)
                given["scope"] = Plain(first_given([label, text("")]))
        source.columns = line_columns(source, given)
        comment = f"statements: {_WORDS[name]}"
        return self.compilation.add_written(f"statement_{name}_lines", comment, source)

    def _sequence(self, source: From) -> Number:
        """Return what tells apart lines that settle one period in two currencies: the code as a number."""
        if self.plan.pays_in:
            return number(0)
        code, found = source.expr("currency"), number(0)
        for place in range(1, CODE_LETTERS + 1):
            letter = Number(Call("letter code", (code, integer(place)), Sort.INT), 0, 255)
            found = add(multiply(found, number(256)), letter)
        return found

    @staticmethod
    def _place(source: From, place: int) -> Number:
        """Return how many steps of the statement come before."""
        found = number(0)
        for name in STEPS[:place]:
            before = source.num(f"{name}_amount")
            if not _never(before):
                found = add(found, pick([(is_given(before.top), number(1))], number(0)))
        return found


def _never(value: Value) -> bool:
    return isinstance(value, Number) and isinstance(value.top, Literal) and value.top.value is None


_PARTS = {
    "brought": Part.BROUGHT_FORWARD,
    "lifted": Part.GUARANTEE,
    "evened": Part.ROUNDING,
}
_WORDS = {
    "brought": "what the period before carried forward",
    "lifted": "what lifts to the guarantee",
    "lent": "what lifts to the draw, or pays back what is owed",
    "kept": "what is not paid now",
    "evened": "what rounds the total",
}
