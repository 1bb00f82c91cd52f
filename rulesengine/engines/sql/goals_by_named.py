"""Step 8, achieve, for goals by named measures: rows that are none of the rule's reach them too.

What happens in one payee's turn of a row is a step: all totals as they stand behind it are held against the
goals, with all that the last row of the rule by then has. What such a step pays stands on its row, which may
be one of a measure: that is an award of its own, beside what the rule earns on the fact.
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.contributions import ENDS_STEP, STEP_TURN
from rulesengine.engines.sql.due import is_dated
from rulesengine.engines.sql.earned_rows import is_used
from rulesengine.engines.sql.expressions import (
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    integer,
    is_null,
    joined,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import ORDER
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.look_up_limits import LIMIT, windows_on
from rulesengine.engines.sql.moves_and_rows import (
    BEHIND,
    EVENT,
    IS_OWN,
    ITEM,
    LAST_OWN,
    MOST,
    OF_ITEM,
    TOTAL,
    EventsOfTotals,
    after_all,
    moved_by,
)
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import OTHER_ROW
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.switches import either, of_another_row
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    add,
    expr_of,
    multiply,
    number,
    pick,
    subtract,
)
from rulesengine.plan import nodes

FIRST_TOTAL = "first_total"
"""Column of steps: the first of the totals that has an event in it."""
_OF_ROW = ("fact_id", "row.root", "row.counts", "row.undoes", "turn", "dated", "judged_on", "scope_label")


def is_by_named(rule: nodes.Rule) -> bool:
    """Whether any goal of a rule is on a measure with rows of its own."""
    return any(goal.measure.name is not None for goal in rule.goals)


def refuse_beside(rule: nodes.Rule, plan: nodes.Plan) -> None:
    """Refuse what would be read of a row that is none of the rule's."""
    kinds = {goal.measure.rows.source.kind for goal in rule.goals if goal.measure.rows is not None}
    if is_dated(rule, plan):
        raise unsupported("dates of payment beside a goal by a named measure", rule.origin, rule.name)
    is_ordered = any(kind in plan.order_by for kind in (*kinds, rule.fact_kind))
    if kinds - {rule.fact_kind} and (is_ordered or is_used(plan, rule)):
        raise unsupported("goals on rows of several kinds that are in an order", rule.origin, rule.name)


class Steps:
    """The steps of a rule's goals.

    Args:
        rows: the items in the rule's window.
    """

    def __init__(self, compilation: Compilation, items: Items, rows: Relation) -> None:
        self.compilation, self.items, self.rule, self.rows = compilation, items, items.rule, rows
        measures = [goal.measure for goal in items.rule.goals]
        self.events = EventsOfTotals(compilation, items, rows, measures)
        self.totals = range(len(measures))
        self.made = self._with_ends(self.events.made())
        self.kinds = {each.rows.source.kind for each in measures if each.rows is not None} | {
            items.rule.fact_kind
        }

    def _with_ends(self, events: Relation) -> Relation:
        """Return the events with the last of each step, `step_ends`; the first total that has one; the first
        event that each total has, `first_N`; and what all of them move it by, `moved_N`."""
        source = From(events)
        source.take_all()
        found = [source[name] for name in (*self.events.keys, *self.events.order_of(events))]
        step = [expr_of(each) for each in found if not is_literal(each)]
        nth, of = source.num(EVENT).top, source.num(TOTAL).top
        columns = source.columns
        columns["step_ends"] = Number(over("max", [nth], partition=step, sort=Sort.INT), 0, MOST)
        columns[FIRST_TOTAL] = Number(over("min", [of], partition=step, sort=Sort.INT), 0, 100)
        for place in self.totals:
            here = chosen([(equal(of, integer(place)), nth)], null(Sort.INT))
            columns[f"first_{place}"] = Number(over("min", [here], partition=step, sort=Sort.INT), 0, MOST)
            by = source.num(moved_by(place))
            top = over("sum", [by.top], partition=step, sort=by.top.sort)
            columns[f"moved_{place}"] = Number(top, by.scale, by.most, by.bottom, by.bottom_most)
        return self.events.add("goal_steps", "which events are one turn of a row", source, is_kept=True)

    def standing(self) -> Relation:
        """Return the last event of each step with the totals before and after it, and with all that the last
        row of the rule by then has; without it for steps before the first."""
        source = From(self.made)
        source.keep(equal(source.num(EVENT).top, source.num("step_ends").top))
        on = {name: source.key(name) for name in self.events.keys}
        own = source.join(self.made, on | {EVENT: source.num(LAST_OWN).top})
        item = source.join(self.rows, {name: own.expr(f"{OF_ITEM}{name}") for name in ITEM})
        moving = ("moves", "counted")
        columns: dict[str, Value] = {
            name: item[name] for name in self.rows.columns if not name.endswith(moving) and name != ORDER
        }
        columns |= {name: source[name] for name in (*self.events.keys, *_OF_ROW)}
        columns[f"{OF_ITEM}fact_id"] = own[f"{OF_ITEM}fact_id"]
        if len(self.kinds) > 1:
            columns |= {"fact": source["fact"], ORDER: source["at_kind"]}
            is_other = compared(source.expr("fact"), "<>", text(self.rule.fact_kind))
            alone = joined(["\x1f", source.expr("fact"), "\x1f", source.expr("row.root")])
            # Rows of other kinds may have the keys of the rule's own.
            columns["row.root"] = Plain(chosen([(is_other, alone)], source.expr("row.root")))
        elif ORDER in self.rows:
            columns[ORDER] = source[f"order_by_{self.rule.fact_kind}"]
        for place in self.totals:
            after = source.num(after_all(place))
            columns[f"before_{place}"] = subtract(after, source.num(f"moved_{place}"))
            columns[f"after_{place}"] = after
            columns[f"first_{place}"] = source[f"first_{place}"]
        columns[FIRST_TOTAL] = source[FIRST_TOTAL]
        source.columns = columns
        return self.events.add(
            "goal_standing", "the totals with each turn, and the last of its rows by then", source
        )

    def on_rows(self, turns: Relation, decides: str) -> Relation:
        """Return the steps that reach or lose the goals with the row that they stand on: that of the first
        event of the goal that decides."""
        source = From(turns)
        source.take_all()
        decided = source.num(decides)
        whens = [(equal(decided.top, integer(place)), source.num(f"first_{place}")) for place in self.totals]
        first = pick(whens[:-1], whens[-1][1]) if len(whens) > 1 else whens[0][1]
        on = {name: source.key(name) for name in self.events.keys} | {EVENT: first.top}
        event = source.join(self.made, on, is_left=False)
        columns = source.columns
        columns["judged_on"] = event["judged_on"]
        number_of = Number(event.num(TOTAL).top, 0, 100)
        other = chosen([(event.expr(IS_OWN), null(Sort.INT))], number_of.top)
        columns[OTHER_ROW] = Number(other, 0, 100)
        source = From(self.events.add("step_rows", "the row that each of them stands on", source))
        source.take_all()
        is_on_item = all_of(
            [
                is_null(source.num(OTHER_ROW).top),
                equal(source.expr("fact_id"), source.expr(f"{OF_ITEM}fact_id")),
            ]
        )
        windows = windows_on(self.rule, self.compilation.plan, source.expr("dated"), source, source)
        for name in turns.columns:
            if name.startswith(LIMIT):
                there = of_another_row(name, source[name], windows)
                source.columns[name] = either(is_on_item, source[name], there)
        return self.events.add("deciding_rows", "under the limits of the last of its rows", source)

    def own_rows(self, turns: Relation) -> Relation:
        """Return the steps that stand on rows of the rule."""
        source = From(turns)
        source.take_all()
        source.keep(is_null(source.num(OTHER_ROW).top))
        return self.events.add("on_own_rows", "those that stand on rows of the rule", source)

    def contributing(self) -> Relation:
        """Return the events with the total of the first goal, for those who contribute to it: what moves
        other totals moves it by nothing, and makes nobody a contributor."""
        source = From(self.made)
        columns: dict[str, Value] = {
            name: self.rows.columns[name] if is_literal(self.rows.columns[name]) else source[name]
            for name in scope_columns(self.rows)
        }
        columns |= {name: source[name] for name in ("fact_id", "dated", "row.counts", "payee_kind", "payee")}
        if len(self.kinds) > 1:
            columns |= {ORDER: source["at_kind"], "fact": source["fact"]}
        elif ORDER in self.rows:
            columns[ORDER] = source[f"order_by_{self.rule.fact_kind}"]
        of, behind = source.num(TOTAL), source.num(BEHIND)
        place = add(multiply(source.num("turn"), number(len(self.totals))), of)
        columns["turn"] = add(multiply(place, number(2)), behind)
        columns[STEP_TURN] = source["turn"]
        ends = equal(source.num(EVENT).top, source.num("step_ends").top)
        columns[ENDS_STEP] = Plain(ends)
        columns[IS_OWN] = Plain(all_of([source.expr(IS_OWN), equal(of.top, integer(0))]))
        after = source.num(after_all(0))
        columns["before_0"] = subtract(after, source.num(moved_by(0)))
        columns["after_0"] = after
        source.columns = columns
        return self.events.add("contributing", "what each event moves the first of its totals by", source)
