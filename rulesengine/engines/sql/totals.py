"""Where the totals of named measures stand at a moment: `bookings so far`, `bookings of year before`.

A total is asked for by a row, at the place of the row in the order of all rows. What is asked and what moves
the total are put in one order; how many moves come before each question says which of them is the last one.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.dates import window_label, window_start
from rulesengine.engines.sql.expressions import (
    TRUE,
    Call,
    Expr,
    Sort,
    compared,
    equal,
    integer,
    over,
)
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.values import Number, Plain, Value, expr_of, number, otherwise
from rulesengine.model.dates import SpanUnit, WindowKind, months_in
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Role
from rulesengine.plan import nodes

NTH = "nth_move"
"""Column of running totals: the place of a move among those of its scope, from 1."""
CALENDAR, END_OF_DAY = 999_999, 10**9
"""Places of kinds: rows of a calendar come after all facts of their day, and these before its end."""
LAST_TURN = 10**9
_DAY, _KIND, _KEY, _TURN, _ASKS = "at_day", "at_kind", "at_key", "at_turn", "is_asked"


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the order of all rows."""

    day: Expr
    kind: Number
    """Place of the kind of row, of those of one day."""
    key: Expr
    """Of the row, of those of one kind."""
    order: Mapping[str, Value]
    """What the rows of a kind are in order by before their keys, by kind."""
    turn: Expr = integer(LAST_TURN)
    """Place among the payees of a row; behind all of them if nothing else is said."""


def place_of_kind(plan: nodes.Plan, kind: str) -> int:
    """Return the place of a kind of rows in the order of all rows; a calendar has rows of payees or none."""
    kinds = plan.schema.kinds
    return list(kinds).index(kind) if kind in kinds and kinds[kind].role is Role.FACT else CALENDAR


def total_at(
    compilation: Compilation,
    source: From,
    measure: nodes.Measure,
    scope: Mapping[str, Value],
    moment: Moment,
    only: Expr = TRUE,
) -> Number:
    """Return what a measure has come to with all that moved it up to a moment, joined.

    Args:
        source: the select that asks.
        scope: where the total runs: its keys, and the window or the row.
        only: which rows ask; for the others it is zero.
    """
    total = _running_total(compilation, measure)
    columns: dict[str, Value] = {name: scope[name] for name in scope_columns(total)}
    columns |= {_DAY: Plain(moment.day), _KIND: moment.kind, _KEY: Plain(moment.key)}
    columns |= {f"order_by_{kind}": value for kind, value in moment.order.items()}
    columns[_TURN] = Number(moment.turn, 0, LAST_TURN)
    asks = ("total", measure.name, repr(columns), only)
    if asks in source.ranged:
        return otherwise(source.ranged[asks].num("after"), number(0))
    name = f"asked_{measure.name}_{len(compilation.stages)}"
    asking = From(source.relation, source.alias, list(source.joins), list(source.wheres), columns=columns)
    asking.keep(only)
    exprs = [expr_of(value) for value in columns.values() if not is_literal(value)]
    comment = f"measure {measure.name}: what is asked of it"
    asked = compilation.add(name, comment, asking, group_by=exprs)
    told = _told(compilation, measure, total, asked, name)
    keys = [*scope_columns(total), _DAY, _KIND, _KEY, _TURN]
    on = {
        each: expr_of(columns[each]) for each in keys if each in told and not is_literal(told.columns[each])
    }
    source.ranged[asks] = source.join(told, on)
    return otherwise(source.ranged[asks].num("after"), number(0))


def _running_total(compilation: Compilation, measure: nodes.Measure) -> Relation:
    # Measures are read by rules, and their rows are credited and looked up as those of rules are.
    from rulesengine.engines.sql.measure_course import running_total

    return running_total(compilation, measure)


def _told(
    compilation: Compilation, measure: nodes.Measure, total: Relation, asked: Relation, name: str
) -> Relation:
    """Return what is asked with `after`, the total by then; without what nothing has moved yet."""
    scope = scope_columns(total)
    moves, asks = From(total), From(asked)
    moves.columns = {each: total_column for each in scope for total_column in (moves[each],)}
    moves.columns |= {_DAY: moves["dated"], _KIND: moves[_KIND], _KEY: moves["fact_id"]}
    moves.columns |= {_TURN: moves["turn"], _ASKS: number(0)}
    moves.columns |= {each: moves[each] for each in total.columns if each.startswith("order_by_")}
    asks.take_all()
    asks.columns[_ASKS] = number(1)
    events = compilation.add_union(f"{name}_events", f"measure {measure.name}: in order", [moves, asks])
    source = From(events)
    partition = [expr_of(source[each]) for each in scope if not is_literal(source[each])]
    orders = sorted(each for each in events.columns if each.startswith("order_by_"))
    named = [source[each] for each in (_DAY, _KIND, *orders, _KEY, _TURN, _ASKS)]
    order = [expr_of(each) for each in named if not is_literal(each)]
    is_move = Call("-", (integer(1), source.num(_ASKS).top), Sort.INT)
    before = over("sum", [is_move], partition=partition, order=order, is_running=True, sort=Sort.INT)
    source.take_all()
    source.columns[NTH] = Number(before, 0, 10**12)
    comment = f"measure {measure.name}: how many moves come before each question"
    source = From(compilation.add(f"{name}_counted", comment, source))
    source.keep(compared(source.num(_ASKS).top, "=", integer(1)))
    on = {each: expr_of(source[each]) for each in scope if not is_literal(source[each])}
    last = source.join(total, {**on, NTH: source.num(NTH).top}, is_left=False)
    source.columns = {each: source[each] for each in (*scope, _DAY, _KIND, _KEY, _TURN)}
    source.columns["after"] = last["after"]
    comment = f"measure {measure.name}: where it stands by then"
    return compilation.add(f"{name}_told", comment, source, is_kept=True)


# --- earlier windows -----------------------------------------------------------------------------


def total_before(
    compilation: Compilation,
    source: From,
    measure: nodes.Measure,
    keys: Mapping[str, Value],
    day: Expr,
    unit: SpanUnit,
) -> tuple[Number, Expr]:
    """Return what a measure came to in the window one unit before the one that a day lies in, joined, and
    the label of that window."""
    plan, window = compilation.plan, measure.window
    assert isinstance(window, WindowKind)
    start = window_start(day, window, plan.fiscal, plan.effective)
    months = months_in(unit)
    if months is not None:
        back = Call("months after", (start, integer(-months)), Sort.DATE)
    else:
        back = Call("days after", (start, integer(-7 if unit is SpanUnit.WEEK else -1)), Sort.DATE)
    scope = {**keys, "window_start": Plain(window_start(back, window, plan.fiscal, plan.effective))}
    ends = _ends(compilation, measure)
    on = {each: expr_of(scope[each]) for each in scope_columns(ends) if not is_literal(ends.columns[each])}
    label = window_label(back, window, plan.fiscal)
    return otherwise(source.join(ends, on).num("after"), number(0)), label


def _ends(compilation: Compilation, measure: nodes.Measure) -> Relation:
    """Return what a measure came to in each of its windows."""
    made, name = ("total of windows", measure.name), f"total_{measure.name}_ends"
    if made not in compilation.relations:
        source = From(_running_total(compilation, measure))
        scope = scope_columns(source.relation)
        keys = [expr_of(source[each]) for each in scope if not is_literal(source[each])]
        nth = source.num(NTH).top
        last = over("max", [nth], partition=keys, sort=Sort.INT)
        source.columns = {each: source[each] for each in (*scope, NTH, "after")}
        source.columns["last"] = Number(last, 0, 10**12)
        comment = f"measure {measure.name}: what it came to"
        source = From(compilation.add(f"{name}_last", comment, source))
        source.keep(equal(source.num(NTH).top, source.num("last").top))
        source.columns = {each: source[each] for each in (*scope, "after")}
        compilation.relations[made] = compilation.add(name, comment, source, is_kept=True)
    return compilation.relations[made]
