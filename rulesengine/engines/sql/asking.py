"""Accounts of rows that ask the same of the same totals: what joins them, and what moves what they ask for.

Events of an account are the rows that join it and the rows that move a total that it asks for, in the order
of all rows; at one moment the moves come first.
"""

from __future__ import annotations

from rulesengine.engines.sql.again import AGAIN, totals_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import rule_named
from rulesengine.engines.sql.earned_rows import undoes_lines
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Expr,
    Sort,
    all_of,
    equal,
    over,
    text,
)
from rulesengine.engines.sql.facts import ORDER, undoes_rows
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.measure_course import running_total
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import of_version
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.totals import place_of_kind
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    add,
    expr_of,
    number,
    or_zero,
)
from rulesengine.plan import nodes

ACCOUNT = ("account", "payee_kind", "payee")
MOST = 10**12
OF_ROW = ("row.root", "judged_on", "row.counts", "row.undoes")
MOMENT = ("at_day", "at_kind", "at_key")


class Accounts:
    """The accounts of a rule.

    Args:
        rows: how many items there are at most.
    """

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

    def joining(self) -> Relation:
        """Return the items, numbered, with `account`, the first row by key of those that ask the same."""
        source = From(self.items.relation)
        source.take_all()
        nth = over("row_number", [], partition=[], order=in_order(source), sort=Sort.INT)
        source.columns["item"] = Number(nth, 0, MOST)
        again = [name for name in self.items.relation.columns if name.startswith(AGAIN)]
        names = ["payee_kind", "payee", "version", *again, "days", "days_of"]
        found = [source[name] for name in names if name in self.items.relation]
        keys = [expr_of(value) for value in found if not is_literal(value)]
        first = over("min", [source.expr("fact_id")], partition=keys, sort=Sort.TEXT)
        source.columns["account"] = Plain(first)
        named = self.add("accounts", "rows that ask the same of the same totals", source)
        source = From(named)
        source.take_all()
        opened = over("min", [source.num("item").top], partition=self.account(source), sort=Sort.INT)
        source.columns["opened"] = Number(opened, 0, MOST)
        relation = self.add("joining", "when each account was opened", source)
        for place, _ in self.parts():
            relation = over_common_bottom(
                self.compilation, relation, f"quantity_0_{place}", ACCOUNT, self.rule
            )
        return relation

    @staticmethod
    def account(source: From) -> list[Expr]:
        found = [source[name] for name in ACCOUNT if not is_literal(source[name])]
        return [expr_of(value) for value in found]

    def parts(self) -> list[tuple[int, PricedPart]]:
        """Return the places of the parts of the pay; versions may have several."""
        found: dict[int, PricedPart] = {}
        for version in self.asking:
            for place, priced in enumerate(version.bands[0] if version.bands else ()):
                found.setdefault(place, priced)
        return list(found.items())

    def events(self, joining: Relation) -> Relation:
        """Return the events of accounts in order, with the sums of what joined before, `sum_P`; the last item
        that did, `last`; and how many, `joined`."""
        parts = [self._joins(joining)]
        for version in self.asking:
            names = sorted({read.measure for read in totals_of(version.version, self.plan)})
            for place, read in enumerate(totals_of(version.version, self.plan)):
                parts.append(self._moves(joining, version, place, read, names.index(read.measure)))
        comment = f"rule {self.rule.name}: what happens to each account"
        union = self.compilation.add_union(f"{self.rule.name}_events", comment, parts, rule=self.rule)
        relation = self._once(union)
        for place, _ in self.parts():
            # What only moves a total brings nothing, over the denominator of all that the account has.
            relation = over_common_bottom(self.compilation, relation, f"brings_{place}", ACCOUNT, self.rule)
        source = From(relation)
        source.take_all()
        account, order = self.account(source), self.in_time(source)
        is_join = source.num("is_join")
        source.columns["joined"] = sum_over(is_join, account, self.rows, order)
        last = over(
            "max", [source.num("item").top], partition=account, order=order, is_running=True, sort=Sort.INT
        )
        source.columns["last"] = Number(last, 0, MOST)
        for place, _ in self.parts():
            brings = or_zero(source.num(f"brings_{place}"))
            source.columns[f"sum_{place}"] = sum_over(brings, account, self.rows, order)
        return self.add("standing", "what each account has by then", source)

    def in_time(self, source: From) -> list[Expr]:
        names = [*MOMENT[:2], *self.orders(source.relation), MOMENT[2], "is_join", "item"]
        found = [source[name] for name in names if name in source.relation]
        return [expr_of(value) for value in found if not is_literal(value)]

    @staticmethod
    def orders(relation: Relation) -> list[str]:
        return sorted(name for name in relation.columns if name.startswith("order_by_"))

    def _joins(self, joining: Relation) -> From:
        source = From(joining)
        kind = self.rule.fact_kind
        columns: dict[str, Value] = {name: source[name] for name in (*ACCOUNT, "opened", "item")}
        if "version" in joining:
            columns["version"] = source["version"]
        columns |= {name: source[name] for name in OF_ROW}
        columns |= {"at_day": source["dated"], "at_kind": number(place_of_kind(self.plan, kind))}
        columns |= {"at_key": source["fact_id"], "is_join": number(1), "rank": number(0)}
        columns["at_fact"] = Plain(text(kind))
        if ORDER in joining:
            columns[f"order_by_{kind}"] = source[ORDER]
        for place, priced in self.parts():
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
        columns |= {each: move[each] for each in OF_ROW}
        columns |= {"at_day": move["dated"], "at_kind": move["at_kind"], "at_key": move["fact_id"]}
        columns |= {"at_fact": move["fact"], "is_join": number(0)}
        turn = move.num("turn")
        rank = Number(expr_of(turn), 0, 10**6)
        columns["rank"] = rank if name == 0 else plus(rank, name * 10**6)
        columns |= {each: move[each] for each in self.orders(total)}
        source.columns = columns
        return source

    def _once(self, union: Relation) -> Relation:
        """Return the events with each moment of an account once, by the first total that moves there."""
        source = From(union)
        kept = [name for name in union.columns if name not in ("rank", *OF_ROW, "at_fact")]
        keys = {name: source[name] for name in kept}
        source.columns |= keys
        for name in ("rank", *OF_ROW, "at_fact"):
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


def undoes_awards(compilation: Compilation, rule: nodes.Rule) -> bool:
    """Whether an award may stand on a row that undoes another: its own, or of a total asked again."""
    if undoes_lines(compilation, rule):
        return True
    plan = compilation.plan
    asked = {read.measure for version in rule.versions for read in totals_of(version, plan)}
    if isinstance(rule.source, nodes.EarningsSource) and undoes_awards(
        compilation, rule_named(plan, rule.source.rule)
    ):
        return True
    goals = [goal.measure for goal in rule.goals]
    measures = [*goals, *(plan.measures[name] for name in sorted(asked))]
    kinds = (kind for measure in measures for kind in _kinds_of(plan, measure))
    return any(undoes_rows(compilation, kind) for kind in kinds)


def _kinds_of(plan: nodes.Plan, measure: nodes.Measure) -> list[str]:
    if isinstance(measure.against, nodes.WeightedTarget):
        parts = [plan.measures[part.measure] for part in measure.against.parts]
        return [kind for part in parts for kind in _kinds_of(plan, part)]
    return [measure.rows.source.kind] if measure.rows is not None else []


def plus(value: Number, by: int) -> Number:
    return add(value, number(by))


def _least(value: Value) -> Value:
    expr = expr_of(value)
    found = Aggregate("min", (expr,), (), expr.sort)
    return Plain(found) if isinstance(value, Plain) else Number(found, value.scale, value.most)
