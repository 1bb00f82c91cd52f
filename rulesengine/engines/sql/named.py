"""Step 4, accumulate, for named measures: the total of rows that need not be the rule's."""

from __future__ import annotations

from rulesengine.engines.sql.calendar import SINCE
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import all_of, chosen, equal, is_given, is_null, text
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.measure_course import running_total
from rulesengine.engines.sql.rate import IS_MOVE, MOVE_TURN
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.total_reads import own_moment
from rulesengine.engines.sql.totals import END_OF_DAY, Moment, total_at
from rulesengine.engines.sql.values import Plain, expr_of, number, pick, subtract
from rulesengine.model.change import replace
from rulesengine.plan import nodes

_SAME = ("fact_id", "dated", "payee_kind", "payee")
"""What makes a row of the rule and a row of the measure the same one. The date is part of it: a measure that
counts deals when they are paid has not moved yet when the rule pays on their closing date."""


def accumulate_named(compilation: Compilation, items: Items) -> Relation:
    """Return the items with `before` and `after`, the total of the rule's named measure without and with
    each, and what that is moved by, `moves`."""
    measure, rule = items.rule.measure, items.rule
    assert measure is not None
    if measure.read_by is not None:
        source = _over_windows(compilation, items, measure)
    else:
        source = _with_rows(compilation, items, measure)
    comment = f"rule {rule.name}: {measure.text}, the total before and with each row"
    source = From(compilation.add(f"{rule.name}_totals", comment, source, rule=rule))
    source.take_all()
    source.columns["moves"] = subtract(source.num("after"), source.num("before"))
    comment = f"rule {rule.name}: what each row moves the total by"
    return compilation.add(f"{rule.name}_moved", comment, source, rule=rule)


def _over_windows(compilation: Compilation, items: Items, measure: nodes.Measure) -> From:
    """Return the rows of a calendar with what the measure moved by since the payee's row before."""
    source = From(items.relation)
    source.take_all(without=[SINCE])
    scope = {name: source[name] for name in scope_columns(items.relation)}
    moment = own_moment(source, items.rule.fact_kind, source.expr("dated"), compilation.plan)
    earlier = Moment(source.expr(SINCE), number(END_OF_DAY), source.expr("fact_id"), {})
    source.columns["before"] = total_at(compilation, source, measure, scope, earlier)
    source.columns["after"] = total_at(compilation, source, measure, scope, moment)
    return source


def _with_rows(compilation: Compilation, items: Items, measure: nodes.Measure) -> From:
    """Return the items with the total that they moved, or, where they are no rows of the measure, with where
    it stands when they come."""
    source = From(_matched(compilation, items, measure))
    source.take_all(without=["total_before", "total_after"])
    moment = own_moment(source, items.rule.fact_kind, source.expr("dated"), compilation.plan)
    moment = replace(moment, turn=source.num("turn").top)
    scope = {name: source[name] for name in scope_columns(source.relation)}
    is_still = is_null(source.num("total_after").top)
    stands = total_at(compilation, source, measure, scope, moment, only=is_still)
    for name in ("before", "after"):
        source.columns[name] = pick([(is_still, stands)], source.num(f"total_{name}"))
    return source


def _matched(compilation: Compilation, items: Items, measure: nodes.Measure) -> Relation:
    """Return the items with `total_before` and `total_after` where they are rows of the measure too, and with
    the scope that they have there."""
    total = running_total(compilation, measure)
    source = From(items.relation)
    source.take_all()
    move = source.join_on(total)
    tests = [equal(expr_of(move[name]), expr_of(source[name])) for name in _SAME]
    tests.append(equal(move.expr("fact"), text(items.rule.fact_kind)))
    source.close(move, all_of(tests))
    is_move = is_given(move.num("after").top)
    for name in (*scope_columns(items.relation), "window_label", "scope_label"):
        own, there = source[name], move[name] if name in total else None
        if isinstance(own, Plain) and isinstance(there, Plain) and own != there:
            source.columns[name] = Plain(chosen([(is_move, there.expr)], own.expr))
    source.columns[IS_MOVE] = Plain(is_move)
    source.columns[MOVE_TURN] = move["turn"]
    source.columns["total_before"], source.columns["total_after"] = move["before"], move["after"]
    comment = f"rule {items.rule.name}: which of its rows {measure.name} counts"
    name = f"{items.rule.name}_matched"
    return compilation.add(name, comment, source, rule=items.rule, is_kept=True)
