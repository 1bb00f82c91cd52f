"""Step 5, rate, for what is decided again: pay by `bookings in total`.

Rows that ask the same question of the same totals share an account. Each row is paid at the rate that the
totals with it give; when a row moves a total, each account that asks for it gains the sum of its quantities
times the difference of the rates (engines/reference/in_total.py). Events of an account are the rows that join
it and the rows that move what it asks for; at one moment the moves come first.
"""

from __future__ import annotations

from rulesengine.engines.measures import is_nothing
from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.again import NOT_YET, questions_of
from rulesengine.engines.sql.asking import MOMENT, OF_ROW, Accounts, plus
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import holds
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    over,
    text,
)
from rulesengine.engines.sql.facts import ORDER
from rulesengine.engines.sql.items import Items, VersionItems, read_source
from rulesengine.engines.sql.look_up_limits import windows_on
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import add_outcome, carried, draft, of_version, outcome, why_nothing
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import OTHER_ROW
from rulesengine.engines.sql.switches import alike, of_another_row
from rulesengine.engines.sql.total_reads import noted, total_read
from rulesengine.engines.sql.totals import Moment, place_of_kind
from rulesengine.engines.sql.unpaid import without_drafts
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    divide,
    expr_of,
    is_zero,
    multiply,
    no_number,
    number,
    otherwise,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import of_condition, rate_of

_BEHIND = 1_000
"""Positions of true-ups: behind what the row itself earns."""


def rate_in_total(compilation: Compilation, items: Items, rows: int) -> Relation:
    """Return what each row earns by the totals with it, and what later rows change about that."""
    made = _InTotal(Accounts(compilation, items, rows))
    own, true_ups = made.own_drafts(), made.true_ups()
    rule = items.rule
    comment = f"rule {rule.name}: what each row earns by the totals, and what it changes of earlier ones"
    union = compilation.add_union(f"{rule.name}_drafts", comment, [*own, *true_ups], rule=rule)
    drafts = alike(compilation, union, rule)
    made.outcomes(drafts)
    return drafts


class _InTotal:
    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.plan, self.items = accounts, accounts.plan, accounts.items
        self.compilation, self.rule = accounts.compilation, accounts.rule
        self.asking, self.kinds, self.add = accounts.asking, accounts.kinds, accounts.add

    # --- what rows themselves earn ---

    def own_drafts(self) -> list[From]:
        """Return what each row earns at the rate that the totals with it give."""
        made = []
        for version in self.items.versions:
            for place, priced in enumerate(version.bands[0] if version.bands else ()):
                source = of_version(self.items.relation, self.items, version)
                pays = draft(source, self.items, priced, source.num(priced.quantity), place)
                source.keep(all_of([pays, self._is_now(source)]))
                if len(self.kinds) > 1:
                    source.columns |= self._row_of(self.rule.fact_kind)
                made.append(source)
        return made

    def _row_of(self, kind: str) -> dict[str, Value]:
        # Rows of several kinds are in order by kind before their keys.
        place = place_of_kind(self.plan, kind)
        return {"fact": Plain(text(kind)), ORDER: number(place), OTHER_ROW: no_number()}

    def _on_row(self, source: From) -> dict[str, Value]:
        """Return what tells the row of a true-up from rows of other kinds, which may have its key."""
        fact, place, root = source.expr("at_fact"), source.num("at_kind"), source.expr("row.root")
        is_other = compared(fact, "<>", text(self.rule.fact_kind))
        return {
            "fact": Plain(fact),
            ORDER: place,
            OTHER_ROW: pick([(is_other, place)], no_number()),
            "row.root": Plain(chosen([(is_other, joined(["\x1f", fact, "\x1f", root]))], root)),
        }

    @staticmethod
    def _is_now(source: From) -> Expr:
        return is_null(source.expr(NOT_YET)) if NOT_YET in source.relation else TRUE

    def outcomes(self, drafts: Relation) -> None:
        """Note down the items that earn nothing, and change nothing of what earlier rows earn."""
        for version in self.items.versions:
            source = of_version(self.items.relation, self.items, version)
            source.keep(without_drafts(self.compilation, source, drafts, self.items))
            reason: Expr = text(Reason.ZERO.value)
            detail: Expr = text(is_nothing(version.version.rate))
            if NOT_YET in source.relation:
                found = source.expr(NOT_YET)
                reason = chosen([(is_given(found), text(Reason.CONDITION.value))], reason)
                detail = chosen([(is_given(found), joined([found, ", with this row"]))], detail)
            outcome(source, self.items, *why_nothing(source, version, reason, detail))
            add_outcome(self.compilation, self.items, version, source)

    # --- accounts and their events ---

    def true_ups(self) -> list[From]:
        """Return what accounts gain or lose as later rows move what they ask for."""
        if not self.asking:
            return []
        joining = self.accounts.joining()
        events = self.accounts.events(joining)
        changes = [self._changes(events, version) for version in self.asking]
        return self._drafts(joining, changes)

    # --- what the rates are then ---

    def _changes(self, events: Relation, version: VersionItems) -> Relation:
        """Return the events of a version's accounts that move a total, with the rate of each part with them,
        `rate_P`, and before, `before_P`; and where the totals stood, `readings`."""
        judge = self._judge(events, version)
        source = judge.source
        factor = self._factor(version.version, judge)
        tests = self._answers(version.version, judge)
        for place, part in enumerate(_pay(version)):
            operand = rate_of(part)
            rate = multiply(judge.number(operand), factor) if operand is not None else number(0)
            source.columns[f"rate_{place}"] = pick([(all_of(tests), rate)], number(0))
        judge.notes.clear()
        for _, reads in questions_of(version.version, self.plan):
            for read in reads:
                total_read(read, judge)
        said = noted(judge.notes)
        source.columns["readings"] = Plain(said if said is not None else text(""))
        suffix = f"_{version.index + 1}" if len(self.items.versions) > 1 else ""
        rated = self.add(f"rated{suffix}", "the rates of each account by then", source)
        source = From(rated)
        source.take_all()
        account, order = self.accounts.account(source), self.accounts.in_time(source)
        for place, _ in enumerate(_pay(version)):
            rate = source.num(f"rate_{place}")
            source.columns[f"before_{place}"] = _earlier(rate, account, order)
        return self.add(f"changes{suffix}", "what the rates were before", source)

    def _judge(self, events: Relation, version: VersionItems) -> Reads:
        """Return what reads a row of each account, with the totals of the event."""
        judge, _ = read_source(self.compilation, self.rule)
        source = judge.source
        on = {"account": source.expr("fact_id")}
        if len(self.items.versions) > 1:
            on["version"] = integer(version.index)
        event = source.join(events, on, is_left=False)
        source.keep(compared(event.num("joined").top, ">", integer(0)))
        source.columns = {name: event[name] for name in events.columns}
        judge.problems = []
        judge.convert = self.rule.convert
        judge.payee = event.expr("payee")
        kind = event.expr("payee_kind")
        judge.kinds, judge.kind_of_payee = tuple(self.compilation.book.payees), kind
        if is_literal(event["payee_kind"]):
            judge.payee_kind = str(kind.value)  # type: ignore[union-attr]
        if "level" in self.items.relation:
            raise unsupported("`in total` where levels are credited", self.rule.origin, self.rule.name)
        orders = {name.removeprefix("order_by_"): event[name] for name in self.accounts.orders(events)}
        judge.now = Moment(event.expr("at_day"), event.num("at_kind"), event.expr("at_key"), orders)
        return judge

    @staticmethod
    def _answers(version: nodes.Version, judge: Reads) -> list[Expr]:
        return [holds(test, judge) for test in version.conditions if any(of_condition(test))]

    @staticmethod
    def _factor(version: nodes.Version, judge: Reads) -> Number:
        """Return the product of the `times` before any limit."""
        factor = number(1)
        for adjuster in version.adjusters:
            if not isinstance(adjuster, nodes.Times):
                break
            by = judge.number(adjuster.factor)
            if adjuster.when is not None:
                by = pick([(holds(adjuster.when, judge), by)], number(1))
            factor = multiply(factor, by)
        return factor

    # --- drafts ---

    def _drafts(self, joining: Relation, changes: list[Relation]) -> list[From]:
        found: list[From] = []
        for relation, version in zip(changes, self.asking, strict=True):
            for place, priced in enumerate(version.bands[0] if version.bands else ()):
                found.append(self._true_up(relation, place, priced, joining))
        comment = f"rule {self.rule.name}: what later rows change of what earlier rows earn"
        union = self.compilation.add_union(f"{self.rule.name}_true_ups", comment, found, rule=self.rule)
        source = From(union)
        source.take_all(without=["rank", "opened", "nth_part", "at_kind"])
        row = [*MOMENT, "payee_kind", "payee"]
        partition = [
            expr_of(value)
            for value in (source[name] for name in ("earned_on", "at_kind", "fact_id", *row[3:]))
            if not is_literal(value)
        ]
        order = [
            source.num(name).top for name in ("rank", "opened", "nth_part") if not is_literal(source[name])
        ]
        nth = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
        source.columns["position"] = plus(Number(nth, 0, 10**6), _BEHIND)
        return [source]

    def _true_up(self, relation: Relation, place: int, priced: PricedPart, joining: Relation) -> From:
        source = From(relation)
        item = source.join(joining, {"item": source.num("last").top}, is_left=False)
        quantity = source.num(f"sum_{place}")
        now, before = source.num(f"rate_{place}"), source.num(f"before_{place}")
        exact = multiply(quantity, subtract(now, before))
        columns: dict[str, Value] = {name: source[name] for name in ("payee_kind", "payee", *OF_ROW)}
        of_row = {*columns, "fact_id", ORDER}
        windows = windows_on(self.rule, self.plan, source.expr("at_day"), source, item)
        for name in carried(From(joining)):
            if name in joining and name not in of_row:
                columns[name] = of_another_row(name, item[name], windows)
        if "days" in joining:
            days, of = item.num("days"), item.num("days_of")
            exact = pick([(is_given(days.top), divide(multiply(exact, days), of))], exact)
            columns["days"], columns["days_of"] = days, of
        columns |= {"fact_id": source["at_key"], "earned_on": source["at_day"], "exact": exact}
        columns |= {"part": Plain(text(Part.TRUE_UP.value)), "base_of": Plain(text("earlier rows"))}
        columns["base" if priced.is_ratio else "units"] = quantity
        columns |= {"rate": now, "rate_before": before, "readings": source["readings"]}
        columns["span"] = Plain(text(str(priced.origin)))
        columns |= {"rank": source["rank"], "opened": source["opened"], "nth_part": number(place)}
        columns["at_kind"] = source["at_kind"]
        if len(self.kinds) > 1:
            columns |= self._on_row(source)
        elif f"order_by_{self.rule.fact_kind}" in relation:
            columns[ORDER] = source[f"order_by_{self.rule.fact_kind}"]
        source.columns = columns
        source.keep(equal(source.num("is_join").top, integer(0)))
        source.keep(negated(is_zero(exact)))
        return source


def _pay(version: VersionItems) -> tuple[nodes.PayPart, ...]:
    rate = version.version.rate
    return rate.parts if isinstance(rate, nodes.Pay) else ()


def _earlier(value: Number, partition: list[Expr], order: list[Expr]) -> Number:
    def lag(expr: Expr) -> Expr:
        return over("lag", [expr], partition=partition, order=order, sort=expr.sort)

    bottom = None if value.bottom is None else first_given([lag(value.bottom), integer(1)])
    top = value.top if is_literal(value) else lag(value.top)
    return otherwise(replace(value, top=top, bottom=bottom), number(0))
