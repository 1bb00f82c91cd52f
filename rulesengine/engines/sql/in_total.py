"""Step 5, rate, for what is decided again: pay by `bookings in total`.

Rows that ask the same question of the same totals share an account. Each row is paid at the rate that the
totals with it give; when a row moves a total, each account that asks for it gains the sum of its quantities
times the difference of the rates (engines/reference/in_total.py). Events of an account are the rows that join
it and the rows that move what it asks for; at one moment the moves come first.
"""

from __future__ import annotations

from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.again import AGAIN, NOT_YET, questions_of, totals_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    TRUE,
    Aggregate,
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
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items, VersionItems, read_source
from rulesengine.engines.sql.measure_course import running_total
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import add_outcome, carried, draft, of_version, outcome, why_nothing
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.sums import sum_over
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
    number,
    otherwise,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import of_condition, rate_of

ACCOUNT = ("account", "payee_kind", "payee")
MOST = 10**12
_BEHIND = 1_000
"""Positions of true-ups: behind what the row itself earns."""
_OF_ROW = ("root_id", "judged_on", "counts", "undoes")
_MOMENT = ("at_day", "at_kind", "at_key")


def rate_in_total(compilation: Compilation, items: Items, rows: int) -> Relation:
    """Return what each row earns by the totals with it, and what later rows change about that."""
    made = _InTotal(compilation, items, rows)
    own, true_ups = made.own_drafts(), made.true_ups()
    rule = items.rule
    comment = (
        f"rule {rule.name}: what each row earns by the totals so far, and what it changes of earlier ones"
    )
    drafts = compilation.add_union(f"{rule.name}_drafts", comment, [*own, *true_ups], rule=rule)
    made.outcomes(drafts)
    return drafts


class _InTotal:
    def __init__(self, compilation: Compilation, items: Items, rows: int) -> None:
        self.compilation, self.items, self.rule, self.rows = compilation, items, items.rule, max(rows, 1)
        self.plan = compilation.plan
        self.asking = [each for each in items.versions if totals_of(each.version, self.plan)]
        self.kinds = {self.rule.fact_kind}
        for version in self.asking:
            for read in totals_of(version.version, self.plan):
                self.kinds |= set(_kinds_of(self.plan, self.plan.measures[read.measure]))
        if len(self.kinds) > 1 and any(kind in self.plan.order_by for kind in self.kinds):
            raise unsupported("`in total` over kinds of rows with an order of their own", self.rule.origin)

    def add(self, name: str, words: str, source: From) -> Relation:
        """Add a stage of the rule."""
        return self.compilation.add(
            f"{self.rule.name}_{name}", f"rule {self.rule.name}: {words}", source, rule=self.rule
        )

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
        return {"fact": Plain(text(kind)), ORDER: number(place)}

    @staticmethod
    def _is_now(source: From) -> Expr:
        return is_null(source.expr(NOT_YET)) if NOT_YET in source.relation else TRUE

    def outcomes(self, drafts: Relation) -> None:
        """Note down the items that earn nothing, and change nothing of what earlier rows earn."""
        for version in self.items.versions:
            source = of_version(self.items.relation, self.items, version)
            source.keep(without_drafts(self.compilation, source, drafts, self.items))
            pay = version.version.rate
            parts = "; ".join(part.text for part in pay.parts) if isinstance(pay, nodes.Pay) else ""
            reason: Expr = text(Reason.ZERO.value)
            detail: Expr = text(f"{parts} is 0" if parts else "pays nothing")
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
        joining = self._joining()
        events = self._events(joining)
        changes = [self._changes(events, version) for version in self.asking]
        return self._drafts(joining, changes)

    def _joining(self) -> Relation:
        """Return the items, numbered, with `account`, the first row by key of those that ask the same."""
        source = From(self.items.relation)
        source.take_all()
        place = over("row_number", [], partition=[], order=in_order(source), sort=Sort.INT)
        source.columns["item"] = Number(place, 0, MOST)
        again = [name for name in self.items.relation.columns if name.startswith(AGAIN)]
        names = ["payee_kind", "payee", "version", *again, "days", "days_of"]
        keys = [source.key(name) for name in names if name in self.items.relation]
        keys = [key for key in keys if not isinstance(key, type(text("")))]
        first = over("min", [source.expr("fact_id")], partition=keys, sort=Sort.TEXT)
        source.columns["account"] = Plain(first)
        named = self.add("accounts", "rows that ask the same of the same totals", source)
        source = From(named)
        source.take_all()
        opened = over("min", [source.num("item").top], partition=self._account(source), sort=Sort.INT)
        source.columns["opened"] = Number(opened, 0, MOST)
        relation = self.add("joining", "when each account was opened", source)
        for place, _ in self._parts():
            relation = over_common_bottom(
                self.compilation, relation, f"quantity_0_{place}", ACCOUNT, self.rule
            )
        return relation

    @staticmethod
    def _account(source: From) -> list[Expr]:
        found = [source[name] for name in ACCOUNT if not is_literal(source[name])]
        return [expr_of(value) for value in found]

    def _parts(self) -> list[tuple[int, PricedPart]]:
        """Return the places of the parts of the pay; versions may have several."""
        found: dict[int, PricedPart] = {}
        for version in self.asking:
            for place, priced in enumerate(version.bands[0] if version.bands else ()):
                found.setdefault(place, priced)
        return list(found.items())

    def _events(self, joining: Relation) -> Relation:
        """Return the events of accounts in order, with the sums of what joined before, `sum_P`; the last item
        that did, `last`; and how many, `joined`."""
        parts = [self._joins(joining)]
        for version in self.asking:
            names = sorted({read.measure for read in totals_of(version.version, self.plan)})
            for place, read in enumerate(totals_of(version.version, self.plan)):
                parts.append(self._moves(joining, version, place, read, names.index(read.measure)))
        comment = f"rule {self.rule.name}: what happens to each account"
        union = self.compilation.add_union(f"{self.rule.name}_events", comment, parts, rule=self.rule)
        source = From(self._once(union))
        source.take_all()
        account, order = self._account(source), self._in_time(source)
        is_join = source.num("is_join")
        source.columns["joined"] = sum_over(is_join, account, self.rows, order)
        last = over(
            "max", [source.num("item").top], partition=account, order=order, is_running=True, sort=Sort.INT
        )
        source.columns["last"] = Number(last, 0, MOST)
        for place, _ in self._parts():
            brings = otherwise(source.num(f"brings_{place}"), number(0))
            source.columns[f"sum_{place}"] = sum_over(brings, account, self.rows, order)
        return self.add("standing", "what each account has by then", source)

    def _in_time(self, source: From) -> list[Expr]:
        names = [*_MOMENT[:2], *self._orders(source.relation), _MOMENT[2], "is_join", "item"]
        found = [source[name] for name in names if name in source.relation]
        return [expr_of(value) for value in found if not is_literal(value)]

    @staticmethod
    def _orders(relation: Relation) -> list[str]:
        return sorted(name for name in relation.columns if name.startswith("order_by_"))

    def _joins(self, joining: Relation) -> From:
        source = From(joining)
        kind = self.rule.fact_kind
        columns: dict[str, Value] = {name: source[name] for name in (*ACCOUNT, "opened", "item")}
        if "version" in joining:
            columns["version"] = source["version"]
        columns |= {name: source[name] for name in _OF_ROW}
        columns |= {"at_day": source["dated"], "at_kind": number(place_of_kind(self.plan, kind))}
        columns |= {"at_key": source["fact_id"], "is_join": number(1), "rank": number(0)}
        columns["at_fact"] = Plain(text(kind))
        if ORDER in joining:
            columns[f"order_by_{kind}"] = source[ORDER]
        for place, priced in self._parts():
            columns[f"brings_{place}"] = source.num(priced.quantity)
        source.columns = columns
        return source

    def _moves(
        self, joining: Relation, version: VersionItems, place: int, read: nodes.MeasureRead, name: int
    ) -> From:
        """Return the rows that move a total with each account that asks for it."""
        total = running_total(self.compilation, self.plan.measures[read.measure])
        asked = of_version(joining, self.items, version)
        keys: dict[str, Value] = {each: asked[each] for each in (*ACCOUNT, "opened")}
        scope = {each: asked[f"{AGAIN}{place}.{each}"] for each in scope_columns(total)}
        keys |= {f"scope.{each}": value for each, value in scope.items()}
        if "version" in joining:
            keys["version"] = asked["version"]
        asked.columns = keys
        groups = [expr_of(value) for value in keys.values() if not is_literal(value)]
        stage = f"{self.rule.name}_asks_{version.index}_{place}"
        comment = f"rule {self.rule.name}: accounts that ask for `{read.text}`"
        asking = self.compilation.add(stage, comment, asked, rule=self.rule, group_by=groups)
        source = From(asking)
        move = source.join_on(total)
        tests = [equal(expr_of(move[each]), expr_of(source[f"scope.{each}"])) for each in scope]
        source.close(move, all_of(tests), is_left=False)
        columns: dict[str, Value] = {each: source[each] for each in (*ACCOUNT, "opened")}
        if "version" in joining:
            columns["version"] = source["version"]
        columns |= {each: move[each] for each in _OF_ROW}
        columns |= {"at_day": move["dated"], "at_kind": move["at_kind"], "at_key": move["fact_id"]}
        columns |= {"at_fact": move["fact"], "is_join": number(0)}
        turn = move.num("turn")
        rank = Number(expr_of(turn), 0, 10**6)
        columns["rank"] = rank if name == 0 else _add(rank, name * 10**6)
        columns |= {each: move[each] for each in self._orders(total)}
        source.columns = columns
        return source

    def _once(self, union: Relation) -> Relation:
        """Return the events with each moment of an account once, by the first total that moves there."""
        source = From(union)
        kept = [name for name in union.columns if name not in ("rank", *_OF_ROW, "at_fact")]
        keys = {name: source[name] for name in kept}
        source.columns |= keys
        for name in ("rank", *_OF_ROW, "at_fact"):
            value = source[name]
            source.columns[name] = value if is_literal(value) else _least(value)
        groups = [
            each
            for value in keys.values()
            for each in (
                [expr_of(value)] + ([value.bottom] if isinstance(value, Number) and value.bottom else [])
            )
            if not is_literal(value)
        ]
        comment = f"rule {self.rule.name}: each moment of an account once"
        return self.compilation.add(
            f"{self.rule.name}_moments", comment, source, rule=self.rule, group_by=groups
        )

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
        account, order = self._account(source), self._in_time(source)
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
        judge.problems, judge.faults = [], []
        judge.convert = self.rule.convert
        judge.payee = event.expr("payee")
        kind = event.expr("payee_kind")
        judge.kinds, judge.kind_of_payee = tuple(self.compilation.book.payees), kind
        if is_literal(event["payee_kind"]):
            judge.payee_kind = str(kind.value)  # type: ignore[union-attr]
        if "level" in self.items.relation:
            raise unsupported("`in total` where levels are credited", self.rule.origin, self.rule.name)
        orders = {name.removeprefix("order_by_"): event[name] for name in self._orders(events)}
        judge.now = Moment(event.expr("at_day"), event.num("at_kind"), event.expr("at_key"), orders)
        return judge

    @staticmethod
    def _answers(version: nodes.Version, judge: Reads) -> list[Expr]:
        from rulesengine.engines.sql.conditions import holds

        return [holds(test, judge) for test in version.conditions if any(of_condition(test))]

    @staticmethod
    def _factor(version: nodes.Version, judge: Reads) -> Number:
        """Return the product of the `times` before any limit."""
        from rulesengine.engines.sql.conditions import holds

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
                found.append(self._true_up(relation, version, place, priced, joining))
        comment = f"rule {self.rule.name}: what later rows change of what earlier rows earn"
        union = self.compilation.add_union(f"{self.rule.name}_true_ups", comment, found, rule=self.rule)
        source = From(union)
        source.take_all(without=["rank", "opened", "nth_part", "at_kind"])
        row = [*_MOMENT, "payee_kind", "payee"]
        partition = [
            expr_of(value)
            for value in (source[name] for name in ("earned_on", "at_kind", "fact_id", *row[3:]))
            if not is_literal(value)
        ]
        order = [
            source.num(name).top for name in ("rank", "opened", "nth_part") if not is_literal(source[name])
        ]
        place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
        source.columns["position"] = _add(Number(place, 0, 10**6), _BEHIND)
        return [source]

    def _true_up(
        self, relation: Relation, version: VersionItems, place: int, priced: PricedPart, joining: Relation
    ) -> From:
        source = From(relation)
        item = source.join(joining, {"item": source.num("last").top}, is_left=False)
        quantity = source.num(f"sum_{place}")
        now, before = source.num(f"rate_{place}"), source.num(f"before_{place}")
        exact = multiply(quantity, subtract(now, before))
        columns: dict[str, Value] = {name: source[name] for name in ("payee_kind", "payee", *_OF_ROW)}
        of_row = {*columns, "fact_id", ORDER}
        for name in carried(From(joining)):
            if name in joining and name not in of_row:
                columns[name] = item[name]
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
            columns |= {"fact": source["at_fact"], ORDER: source["at_kind"]}
        elif f"order_by_{self.rule.fact_kind}" in relation:
            columns[ORDER] = source[f"order_by_{self.rule.fact_kind}"]
        source.columns = columns
        source.keep(equal(source.num("is_join").top, integer(0)))
        source.keep(negated(is_zero(exact)))
        return source


def _kinds_of(plan: nodes.Plan, measure: nodes.Measure) -> list[str]:
    if isinstance(measure.against, nodes.WeightedTarget):
        parts = [plan.measures[part.measure] for part in measure.against.parts]
        return [kind for part in parts for kind in _kinds_of(plan, part)]
    return [measure.rows.source.kind] if measure.rows is not None else []


def _pay(version: VersionItems) -> tuple[nodes.PayPart, ...]:
    rate = version.version.rate
    return rate.parts if isinstance(rate, nodes.Pay) else ()


def _add(value: Number, by: int) -> Number:
    from rulesengine.engines.sql.values import add

    return add(value, number(by))


def _least(value: Value) -> Value:
    expr = expr_of(value)
    found = Aggregate("min", (expr,), (), expr.sort)
    return Plain(found) if isinstance(value, Plain) else Number(found, value.scale, value.most)


def _earlier(value: Number, partition: list[Expr], order: list[Expr]) -> Number:
    def lag(expr: Expr) -> Expr:
        return over("lag", [expr], partition=partition, order=order, sort=expr.sort)

    bottom = None if value.bottom is None else first_given([lag(value.bottom), integer(1)])
    top = value.top if is_literal(value) else lag(value.top)
    return otherwise(replace(value, top=top, bottom=bottom), number(0))
