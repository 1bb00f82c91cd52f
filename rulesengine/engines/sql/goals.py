"""Step 8, achieve: the row on which every goal is first reached, and the row that undoes it."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.measures import unit_of
from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.accumulate import total_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.contributions import ROW, STEP
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    Literal,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    integer,
    is_given,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.goals_by_named import FIRST_TOTAL, Steps, is_by_named, refuse_beside
from rulesengine.engines.sql.goals_unpaid import LEAST, ends_of, named, note_unpaid
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.member_reads import REACHED_BY
from rulesengine.engines.sql.moves_and_rows import OF_ITEM
from rulesengine.engines.sql.rate import draft, of_version, outcome, pays_nothing
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import is_payee, scope_columns
from rulesengine.engines.sql.switches import ON, TURN, alike, drafts_of, position_of, turns_of, undone
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    compare,
    number,
    pick,
    subtract,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, Comparison

DECIDES = "decides"


def achieve(compilation: Compilation, items: Items, rows: int) -> tuple[Relation, Relation]:
    """Return what reaching the goals pays, and what is taken back where they are no longer reached; and the
    items with the total of each goal before and after them, `before_0`, `after_0`….

    Args:
        rows: how many items there are at most.
    """
    rule = items.rule
    if is_by_named(rule):
        refuse_beside(rule, compilation.plan)
    scope = scope_columns(items.relation)
    in_window = within_window(compilation, items)
    steps = Steps(compilation, items, in_window) if is_by_named(rule) else None
    totals = _totals(compilation, items, in_window, rows) if steps is None else steps.standing()
    reached = _reached(compilation, totals, rule)
    turns = turns_of(compilation, reached, scope, rule)
    counting, paying = reached, turns
    if steps is not None:
        turns = steps.on_rows(turns, DECIDES)
        counting, paying = in_window, steps.own_rows(turns)
    may_fall = steps is not None or _may_fall(rule, items.relation)
    parts = _paid(turns, items, scope)
    paid = compilation.add_union(
        f"{rule.name}_reaching", f"rule {rule.name}: what goals pay", parts, rule=rule
    )
    drafts = [drafts_of(paid, scope, ())]
    if may_fall:
        current = ("measure_before", "measure_after", "measure_unit", "target")
        deciding = _shown(compilation, turns, rule)
        drafts.append(undone(compilation, rule, deciding, paid, scope, current, backwards=True))
    comment = f"rule {rule.name}: what is earned by reaching {'; '.join(goal.text for goal in rule.goals)}"
    made = compilation.add_union(f"{rule.name}_drafts", comment, drafts, rule=rule)
    note_unpaid(compilation, items, counting, ends_of(compilation, reached, scope, rule), paying, made)
    if steps is None and any(map(is_payee, rule.goals[0].measure.keys)):
        return made, reached
    moved = steps.contributing() if steps is not None and rule.award is not None else reached
    return alike(compilation, made, rule), moved


def within_window(compilation: Compilation, items: Items) -> Relation:
    """Return the items whose own date counts: goals and ranks are over when the window is.

    A row that undoes one in the window, but comes after it, moves no goal and no rank.
    """
    rule, end = items.rule, items.rule.effective.end
    if From(items.relation).expr("row.undoes") == FALSE:
        return items.relation
    source = From(items.relation)
    is_late = compared(source.expr("dated"), ">", day(end))
    source.keep(is_late)
    detail = joined([as_text(source.expr("dated")), f" is after {end}"])
    outcome(source, items, text(Reason.OUTSIDE_DATES.value), detail)
    comment = f"rule {rule.name}: rows that come after its window"
    compilation.outcomes.append(compilation.add_written(f"{rule.name}_late", comment, source, rule=rule))
    source = From(items.relation)
    source.take_all()
    source.keep(negated(is_late))
    return compilation.add(
        f"{rule.name}_in_window", f"rule {rule.name}: rows in its window", source, rule=rule
    )


def _totals(compilation: Compilation, items: Items, relation: Relation, rows: int) -> Relation:
    """Return the items in the window with the total of each goal with and without them, `before` and `after`
    of it."""
    rule = items.rule
    for index, goal in enumerate(rule.goals):
        suffix = f"_{index + 1}" if len(rule.goals) > 1 else ""
        relation = total_of(compilation, relation, goal.measure, rule, rows, suffix)
        source = From(relation)
        source.take_all(without=("moves", "counted", "before", "after"))
        after = source.num("after")
        before = source.num("before") if "before" in relation else subtract(after, source.num("moves"))
        source.columns[f"before_{index}"], source.columns[f"after_{index}"] = before, after
        if index + 1 < len(rule.goals):
            for name in ("moves", "counted"):
                if named(index + 1, name) in relation:
                    source.columns[name] = source[named(index + 1, name)]
        comment = f"rule {rule.name}: {goal.text}, with and without each row"
        relation = compilation.add(f"{rule.name}_goal{suffix}", comment, source, rule=rule)
    return relation


def _reached(compilation: Compilation, totals: Relation, rule: nodes.Rule) -> Relation:
    """Return the items with whether all goals are reached with them, and which goal decides that."""
    source = From(totals)
    source.take_all()
    holds: list[Expr] = []
    changes: list[Expr] = []
    for index, goal in enumerate(rule.goals):
        least = source.num(named(index, LEAST))
        after = _holds(source.num(f"after_{index}"), goal, least)
        holds.append(after)
        changes.append(negated(equal(after, _holds(source.num(f"before_{index}"), goal, least))))
    if f"{OF_ITEM}fact_id" in totals:
        # Before the first row of the rule there is nobody to pay.
        holds.append(is_given(source.expr(f"{OF_ITEM}fact_id")))
    source.columns[ON] = Number(chosen([(all_of(holds), integer(1))], integer(0)), 0, 1)
    # The others held before and hold now.
    whens = [(each, integer(index)) for index, each in enumerate(changes)]
    otherwise_first = source.num(FIRST_TOTAL).top if FIRST_TOTAL in totals else integer(0)
    decides = chosen(whens, otherwise_first) if len(whens) > 1 else integer(0)
    source.columns[DECIDES] = Number(decides, 0, 100)
    comment = f"rule {rule.name}: whether all its goals are reached with each row"
    return compilation.add(f"{rule.name}_reached", comment, source, rule=rule)


def _holds(total: Number, goal: nodes.Goal, least: Number) -> Expr:
    return compare(total, goal.comparison.value, least)


def _may_fall(rule: nodes.Rule, items: Relation) -> bool:
    """Whether goals that are reached may be lost again."""
    undoes = items.columns["row.undoes"]
    only_grow = (AggregateKind.COUNT, AggregateKind.COUNT_DISTINCT, AggregateKind.MAX)
    return not is_literal(undoes) or any(
        goal.measure.aggregate.kind not in only_grow
        or goal.comparison not in (Comparison.AT_LEAST, Comparison.ABOVE)
        or not is_literal(items.columns[named(index, LEAST)])
        for index, goal in enumerate(rule.goals)
    )


# --- drafts --------------------------------------------------------------------------------------


def _deciding(source: From, rule: nodes.Rule) -> dict[str, Value]:
    """Return the columns of drafts that are those of the goal that the row reached or lost."""
    decides = source.num(DECIDES)

    def of(name: str) -> Number:
        found = [source.num(f"{name}_{index}") for index in range(len(rule.goals))]
        return _by_goal(decides, found)

    units: list[Expr] = [text(unit_of(goal.measure)) for goal in rule.goals]
    leasts = [source.num(named(index, LEAST)) for index in range(len(rule.goals))]
    columns: dict[str, Value] = {
        "measure_before": of("before"),
        "measure_after": of("after"),
        "measure_unit": Plain(_text_by_goal(decides, units)),
        "target": _by_goal(decides, leasts),
    }
    if rule.award is not None:
        # Where rows that are none of the rule's move a total, several payees may have a turn of one row, a
        # row may move it on another day than that of the rule, and rows of two kinds may have one key.
        more = (*STEP, *scope_columns(source.relation)) if is_by_named(rule) else ()
        names = [name for name in (*ROW, "turn", *more) if name in source.relation]
        columns |= {f"{REACHED_BY}{name}": source[name] for name in names}
    return columns


def _by_goal(decides: Number, found: list[Number]) -> Number:
    whens = [(equal(decides.top, integer(index)), each) for index, each in enumerate(found[:-1])]
    return pick(whens, found[-1]) if whens else found[0]


def _text_by_goal(decides: Number, found: Sequence[Expr]) -> Expr:
    if len(set(found)) == 1:
        return found[0]
    whens = [(equal(decides.top, integer(index)), each) for index, each in enumerate(found[:-1])]
    return chosen(whens, found[-1])


def _shown(compilation: Compilation, turns: Relation, rule: nodes.Rule) -> Relation:
    """Return the rows that reach or lose the goals, with the columns of drafts that are of the goal."""
    source = From(turns)
    source.take_all()
    source.columns |= _deciding(source, rule)
    comment = f"rule {rule.name}: which goal each of them reaches or loses"
    return compilation.add(f"{rule.name}_deciding", comment, source, rule=rule)


def _paid(turns: Relation, items: Items, scope: Sequence[str]) -> list[From]:
    """Return the drafts of the rows that reach the goals."""
    parts: list[From] = []
    rule = items.rule
    for version in items.versions:
        for place, priced in enumerate(version.bands[0] if version.bands else ()):
            source = of_version(turns, items, version)
            source.keep(compared(source.num(ON).top, "<>", integer(0)))
            pays = draft(source, items, priced, source.num(priced.quantity), place)
            decides = source.num(DECIDES)
            is_above: list[Expr] = [_is_above(goal) for goal in rule.goals]
            columns = source.columns
            columns |= _deciding(source, rule)
            columns["position"] = position_of(source, place)
            columns["part"] = Plain(text(Part.PRIZE.value if priced.prize else Part.GOAL.value))
            columns["scope"] = source["scope_label"]
            columns["band_above"] = Plain(_text_by_goal(decides, is_above))
            columns["place_paid"], columns[TURN] = number(place), source[TURN]
            columns |= {name: source[name] for name in scope}
            if not priced.prize:
                source.keep(pays)
            parts.append(source)
    if not parts:
        source = pays_nothing(turns)
        source.columns |= {name: source[name] for name in (*scope, TURN)}
        source.columns["place_paid"] = number(0)
        parts.append(source)
    return parts


def _is_above(goal: nodes.Goal) -> Literal:
    return Literal(goal.comparison is Comparison.ABOVE, Sort.FLAG)
