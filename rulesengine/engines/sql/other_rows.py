"""Rows that move a rule's named measure and are no rows of the rule: they pay once as its last row would."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Sort,
    all_of,
    chosen,
    equal,
    integer,
    is_given,
    is_null,
    null,
    over,
)
from rulesengine.engines.sql.measure_course import running_total
from rulesengine.engines.sql.rate import IS_MOVE, MOVE_TURN
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.switches import either, of_another_row
from rulesengine.engines.sql.values import Number, Plain, add, expr_of, multiply, number, pick
from rulesengine.plan import nodes

IS_OWN, NTH, LAST_OWN = "is_own", "nth_event", "last_own"
_ROW = ("fact_id", "row.root", "dated", "judged_on", "row.counts", "row.undoes", "row.order_by", "turn")
_TOTAL = ("before", "after", "moves", "window_label", "scope_label")
_SAME = ("fact_id", "dated", "payee_kind", "payee")
MOST = 10**12


def in_turns(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> Relation:
    """Return the moved items with turns that leave room between them: of two events of one turn of a row,
    what moves the total comes first."""
    source = From(moved)
    source.take_all()
    behind = chosen([(source.expr(IS_MOVE), integer(0))], integer(1))
    at = pick([(source.expr(IS_MOVE), source.num(MOVE_TURN))], source.num("turn"))
    turn = add(multiply(at, number(2)), Number(behind, 0, 1))
    source.columns["turn"] = turn
    comment = f"rule {rule.name}: its rows behind those that move the total in the same turn"
    return compilation.add(f"{rule.name}_in_turns", comment, source, rule=rule)


def events_of(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> Relation:
    """Return the moved items, and the rows that only move the measure with what these have of the columns."""
    assert rule.measure is not None
    own = From(moved)
    own.take_all()
    own.columns[IS_OWN] = Plain(TRUE)
    comment = f"rule {rule.name}: its rows, and those that only move {rule.measure.text}"
    parts = [own, _others(compilation, moved, rule)]
    return compilation.add_union(f"{rule.name}_events", comment, parts, rule=rule)


def with_other_rows(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> Relation:
    """Return the moved items and the rows that only move the measure, each with all that the last item before
    it in its total has.

    Args:
        moved: the items with `before` and `after` of the rule's named measure.
    """
    scope = [name for name in scope_columns(moved) if not is_literal(moved.columns[name])]
    source = From(events_of(compilation, moved, rule))
    source.take_all()
    nth = over("row_number", [], partition=source.keys(scope), order=in_order(source), sort=Sort.INT)
    source.columns[NTH] = Number(nth, 0, MOST)
    comment = f"rule {rule.name}: its rows and the others, in order"
    numbered = compilation.add(f"{rule.name}_events_in_order", comment, source, rule=rule)
    source = From(numbered)
    source.take_all()
    place = source.num(NTH).top
    mine = chosen([(source.expr(IS_OWN), place)], null(Sort.INT))
    last = over("max", [mine], partition=source.keys(scope), order=[place], is_running=True, sort=Sort.INT)
    source.columns[LAST_OWN] = Number(last, 0, MOST)
    comment = f"rule {rule.name}: the last of its rows with each"
    known = compilation.add(f"{rule.name}_last_rows", comment, source, rule=rule, is_kept=True)
    return _as_the_last(compilation, known, scope, rule)


def _others(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> From:
    """Return the rows of the measure that are no rows of the rule."""
    assert rule.measure is not None
    source = From(running_total(compilation, rule.measure))
    found = source.join_on(moved)
    source.close(found, all_of(equal(expr_of(found[name]), expr_of(source[name])) for name in _SAME))
    source.keep(is_null(found.expr("fact_id")))
    names = (*_ROW, *_TOTAL, *scope_columns(moved), "payee_kind", "payee")
    source.columns = {name: source[name] for name in names if name in source.relation}
    source.columns["turn"] = multiply(source.num("turn"), number(2))
    source.columns[IS_OWN] = Plain(FALSE)
    return source


def _as_the_last(compilation: Compilation, known: Relation, scope: list[str], rule: nodes.Rule) -> Relation:
    source = From(known)
    own = source.join_on(known)
    tests = [equal(expr_of(own[name]), expr_of(source[name])) for name in scope]
    tests.append(equal(own.num(NTH).top, source.num(LAST_OWN).top))
    source.close(own, all_of(tests), is_left=False)
    source.keep(is_given(source.num(LAST_OWN).top))
    hidden = (IS_OWN, NTH, LAST_OWN)
    for name in known.columns:
        if name in hidden:
            continue
        if name in (*_ROW, *_TOTAL, *scope):
            source.columns[name] = source[name]
        else:
            here = own[name]
            there = of_another_row(name, here, {})
            source.columns[name] = here if there is here else either(source.expr(IS_OWN), here, there)
    # What is paid on a row of the measure is an award of its own, beside what the rule earns on the fact.
    other = chosen([(source.expr(IS_OWN), null(Sort.INT))], integer(1))
    source.columns["other_row"] = Number(other, 0, 1)
    comment = f"rule {rule.name}: rows that only move the total pay as the last of its rows would"
    return compilation.add(f"{rule.name}_with_others", comment, source, rule=rule)
