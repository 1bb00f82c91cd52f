"""What happens to the totals of goals and ranks: rows of the rule, and rows that only move a named measure.

An event is what one payee's turn of a row does to one of the totals: it moves it, or it is a row of the rule
that leaves it where it stands. A row that the measure and the rule both count is one event; it comes in the
turn that the payee has among those of the measure, and runs under the keys that the measure reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.accumulate import accumulate, total_of, with_before
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Sort,
    all_of,
    chosen,
    equal,
    is_given,
    is_null,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import ORDER
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.measure_moves import as_rule, most_moves, moves_in_window
from rulesengine.engines.sql.most import most_items
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.totals import place_of_kind
from rulesengine.engines.sql.values import Number, Plain, Value, expr_of, number, subtract
from rulesengine.plan import nodes

IS_OWN, EVENT, LAST_OWN, TOTAL, BEHIND = "is_own", "nth_event", "last_own", "of_total", "is_behind"
"""Columns of events: whether it is a row of the rule; its place among those of its keys, and that of the last
row of the rule by then; which total it moves; 1 for rows that leave the total where it stands, which come
behind what moves it in the same turn."""
OF_ITEM = "item."
"""Before the names of what tells the row of the rule that an event is: `fact_id`, `payee_kind`, `payee`."""
ITEM = ("fact_id", "payee_kind", "payee")
MOST = 10**12
_SAME = ("fact_id", "dated", "payee_kind", "payee")
_ROW = ("fact_id", "row.root", "row.counts", "row.undoes", "turn", "payee_kind", "payee", "scope_label")


def moved_by(total: int) -> str:
    """Return the column of events with what each moves a total by."""
    return f"by_{total}"


def after_all(total: int) -> str:
    """Return the column of events with a total as it stands with each."""
    return f"after_{total}"


class EventsOfTotals:
    """The events of a rule's totals.

    Args:
        items: the credited rows of the rule in its window.
        measures: what runs over them, all with the same keys; one with rows of its own has a name.
    """

    def __init__(
        self, compilation: Compilation, items: Items, rows: Relation, measures: Sequence[nodes.Measure]
    ) -> None:
        self.compilation, self.rule, self.rows, self.measures = compilation, items.rule, rows, measures
        self.keys = [name for name in scope_columns(rows) if not is_literal(rows.columns[name])]
        named = [measure for measure in measures if measure.name is not None]
        self.most = most_items(compilation, items.rule) * len(measures)
        self.most += sum(most_moves(compilation, measure) for measure in named)

    def add(self, name: str, comment: str, source: From, *, is_kept: bool = False) -> Relation:
        """Add a stage of the rule."""
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}", made, source, rule=self.rule, is_kept=is_kept)

    @staticmethod
    def order_of(relation: Relation) -> list[str]:
        """Return the columns that events are in order by: the order of all rows, then the turns of one."""
        orders = sorted(name for name in relation.columns if name.startswith("order_by_"))
        return ["dated", "at_kind", *orders, "fact_id", "turn"]

    def made(self) -> Relation:
        """Return the events with their place, `nth_event`; the totals as they stand with them, `after_N`; and
        the place of the last row of the rule by then, `last_own`."""
        parts: list[From] = []
        for place, measure in enumerate(self.measures):
            parts += self._of_own(measure, place) if measure.name is None else self._of_named(measure, place)
        comment = f"rule {self.rule.name}: its rows, and those that move its totals"
        events = self.compilation.add_union(f"{self.rule.name}_total_events", comment, parts, rule=self.rule)
        for place in range(len(self.measures)):
            events = over_common_bottom(self.compilation, events, moved_by(place), self.keys, self.rule)
        source = From(events)
        source.take_all()
        found = [source[name] for name in (*self.order_of(events), TOTAL, BEHIND)]
        keys, order = source.keys(self.keys), [expr_of(each) for each in found if not is_literal(each)]
        nth = over("row_number", [], partition=keys, order=order, sort=Sort.INT)
        source.columns[EVENT] = Number(nth, 0, MOST)
        for place in range(len(self.measures)):
            by = source.num(moved_by(place))
            source.columns[after_all(place)] = sum_over(by, keys, self.most, order)
        numbered = self.add("total_events_in_order", "in order, with what totals stand at by then", source)
        source = From(numbered)
        source.take_all()
        place_of = source.num(EVENT).top
        own = chosen([(source.expr(IS_OWN), place_of)], null(Sort.INT))
        keys = source.keys(self.keys)
        last = over("max", [own], partition=keys, order=[place_of], is_running=True, sort=Sort.INT)
        source.columns[LAST_OWN] = Number(last, 0, MOST)
        return self.add("last_own_rows", "the last of its rows with each", source, is_kept=True)

    # --- one total ---

    def _of_own(self, measure: nodes.Measure, place: int) -> list[From]:
        """Return the events of a total that the rule's own rows move."""
        source = From(self.rows)
        prefix = f"goal_{place}_" if place else ""
        source.take_all(without=["moves", "counted"])
        for name in ("moves", "counted"):
            if f"{prefix}{name}" in self.rows:
                source.columns[name] = source[f"{prefix}{name}"]
        suffix = f"_{place + 1}" if len(self.measures) > 1 else ""
        moving = self.add(f"moving{suffix}", f"what moves {measure.text}", source)
        moved = total_of(self.compilation, moving, measure, self.rule, self.most, suffix)
        source = From(moved)
        before = subtract(source.num("after"), source.num("moves"))
        if "before" in moved:
            before = source.num("before")
        by = subtract(source.num("after"), before)
        self._set(source, self.rule.fact_kind, place, by, source, TRUE)
        return [source]

    def _of_named(self, measure: nodes.Measure, place: int) -> list[From]:
        """Return the events of a total that rows of its own move."""
        assert measure.rows is not None
        name = f"{self.rule.name}_total_{place + 1}"
        window = self.rule.effective
        moves = moves_in_window(self.compilation, measure, window, f"{name}_moves")
        of_measure = as_rule(self.compilation.plan, measure, window, name)
        most = most_moves(self.compilation, measure)
        moved = accumulate(self.compilation, Items(of_measure, moves, ()), most)
        moved = with_before(self.compilation, moved, of_measure)
        kind = measure.rows.source.kind
        source, rest = From(moved), From(self.rows)
        is_own: Expr = FALSE
        item: Value | None = None
        if kind == self.rule.fact_kind:
            found = source.join_on(self.rows)
            source.close(found, all_of(equal(found.key(each), source.key(each)) for each in _SAME))
            is_own = is_given(found.expr("fact_id"))
            there = rest.join_on(moved)
            rest.close(there, all_of(equal(there.key(each), rest.key(each)) for each in _SAME))
            rest.keep(is_null(there.expr("fact_id")))
            item = Plain(chosen([(is_own, found.expr("judged_on"))], source.expr("judged_on")))
        by = subtract(source.num("after"), source.num("before"))
        self._set(source, kind, place, by, source, is_own)
        if item is not None:
            source.columns["judged_on"] = item
        self._set(rest, self.rule.fact_kind, place, number(0), rest, TRUE)
        rest.columns[BEHIND] = number(1)
        return [source, rest]

    def _set(self, source: From, kind: str, place: int, by: Number, row: From, is_own: Expr) -> None:
        """Set the columns of the events of one total."""
        columns: dict[str, Value] = {name: row[name] for name in (*self.keys, *_ROW, "dated", "judged_on")}
        columns |= {"at_kind": number(place_of_kind(self.compilation.plan, kind)), "fact": Plain(text(kind))}
        if ORDER in row.relation:
            columns[f"order_by_{kind}"] = row[ORDER]
        for each in range(len(self.measures)):
            columns[moved_by(each)] = by if each == place else number(0)
        columns |= {IS_OWN: Plain(is_own), TOTAL: number(place), BEHIND: number(0)}
        for name in ITEM:
            columns[f"{OF_ITEM}{name}"] = _where(is_own, row[name])
        source.columns = columns


def _where(is_own: Expr, value: Value) -> Value:
    """Return what tells the row of the rule, which a move of no row of the rule lacks."""
    assert isinstance(value, Plain)
    if is_own == TRUE:
        return value
    return Plain(chosen([(is_own, value.expr)], null(value.expr.sort)))
