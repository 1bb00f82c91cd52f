"""Step 4, accumulate: the running total of a measure with each item."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    integer,
    is_null,
    over,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.values import Number, expr_of, fitted, number, otherwise, subtract
from rulesengine.model.change import replace
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind


def accumulate(compilation: Compilation, items: Items, rows: int) -> Relation:
    """Return the items with `after`, the total of the measure with them; without them it is less by `moves`.
    Of a maximum it is `before`.

    Args:
        rows: how many rows of facts there are at most, which bounds the total.
    """
    rule = items.rule
    assert rule.measure is not None
    keys = scope_columns(items.relation)
    relation = over_common_bottom(compilation, items.relation, "moves", keys, rule)
    if rule.measure.aggregate.kind is AggregateKind.MAX:
        return _largest(compilation, relation, keys, rule)
    if rule.measure.aggregate.kind is AggregateKind.COUNT_DISTINCT:
        relation = _distinct(compilation, relation, keys, rule)
    source = From(relation)
    source.take_all()
    moves = source.num("moves")
    source.columns["after"] = _running("sum", moves, source, keys, max(rows, 1))
    comment = f"rule {rule.name}: {rule.measure.text}, the total with each row"
    return compilation.add(f"{rule.name}_moved", comment, source, rule=rule)


def with_before(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> Relation:
    """Return the moved items with `before`, the total of the measure without each of them."""
    if "before" in moved:
        return moved
    source = From(moved)
    source.take_all()
    source.columns["before"] = subtract(source.num("after"), source.num("moves"))
    comment = f"rule {rule.name}: the total before and after each row"
    return compilation.add(f"{rule.name}_before", comment, source, rule=rule)


def _running(name: str, value: Number, source: From, keys: list[str], rows: int = 1) -> Number:
    most = value.most * rows
    total = over(
        name,
        [value.top],
        partition=[_key(source, each) for each in keys],
        order=in_order(source),
        is_running=True,
        sort=fitted(value.top, most).sort,
    )
    return replace(value, top=total, most=most)


# --- how many values there are -------------------------------------------------------------------


def _distinct(compilation: Compilation, relation: Relation, keys: list[str], rule: nodes.Rule) -> Relation:
    """Return the items with 1 for the row that brings a value, -1 for the one that takes the last of it
    away, and 0 for the others: a value counts while more rows have it than undo it."""
    source = From(relation)
    source.take_all()
    moves = source.num("moves")
    now = _running("sum", moves, source, [*keys, "counted"], 10**9)
    then = subtract(now, moves)

    def is_there(rows: Number) -> Expr:
        return chosen([(compared(rows.top, ">", integer(0)), integer(1))], integer(0))

    by = subtract(Number(is_there(now), 0, 1), Number(is_there(then), 0, 1))
    source.columns["moves"] = replace(by, most=1)
    comment = f"rule {rule.name}: which rows bring a value for the first time, or take it away"
    return compilation.add(f"{rule.name}_distinct", comment, source, rule=rule)


# --- the largest ---------------------------------------------------------------------------------


def _largest(compilation: Compilation, relation: Relation, keys: list[str], rule: nodes.Rule) -> Relation:
    """Return the items with `before` and `after`, the largest of what rows bring, less what undoes them."""
    source = From(relation)
    source.take_all()
    moves = source.num("moves")
    order = in_order(source)
    place = over(
        "row_number", [], partition=[_key(source, name) for name in keys], order=order, sort=Sort.INT
    )
    source.columns["nth_row"] = Number(place, 0, 10**9)
    row = [*keys, "root_id", "payee_kind", "payee"]
    source.columns["brought"] = _running("sum", moves, source, row, 10_000)
    comment = f"rule {rule.name}: what each row brings, less what undoes it"
    valued = compilation.add(f"{rule.name}_brought", comment, source, rule=rule)
    if is_literal(valued.columns["undoes"]):
        source = From(valued)
        source.take_all(without=("brought", "nth_row"))
        source.columns["after"] = _running("max", source.num("brought"), source, keys)
    else:
        source = _standing(compilation, valued, keys, row, rule)
    comment = f"rule {rule.name}: the largest with each row"
    source = From(compilation.add(f"{rule.name}_largest", comment, source, rule=rule))
    source.take_all()
    after = source.num("after")
    earlier = over(
        "lag",
        [after.top],
        partition=[_key(source, name) for name in keys],
        order=in_order(source),
        sort=after.top.sort,
    )
    source.columns["before"] = otherwise(replace(after, top=earlier), number(0))
    total_of = rule.measure.text if rule.measure else ""
    comment = f"rule {rule.name}: {total_of}, the total before and with each row"
    return compilation.add(f"{rule.name}_moved", comment, source, rule=rule)


def _standing(
    compilation: Compilation, valued: Relation, keys: list[str], row: list[str], rule: nodes.Rule
) -> From:
    """Return the items with `after`, the largest of what the rows before have not been undone by then: what
    a row brings stands until one comes that undoes some of it."""
    source = From(valued)
    source.take_all()
    partition = [_key(source, name) for name in row]
    place = source.num("nth_row")
    until = over("lead", [place.top], partition=partition, order=[place.top], sort=Sort.INT)
    source.columns["until"] = replace(place, top=until)
    comment = f"rule {rule.name}: until when it stands"
    lasting = compilation.add(f"{rule.name}_lasting", comment, source, rule=rule)
    source = From(lasting)
    other = source.join_on(lasting)
    place, ends, brought = source.num("nth_row"), other.num("until"), other.num("brought")
    scope = {name: source[name] for name in (*keys, "nth_row") if not is_literal(source[name])}
    tests = [equal(other.key(name), expr_of(value)) for name, value in scope.items() if name != "nth_row"]
    tests.append(compared(other.num("nth_row").top, "<=", place.top))
    tests.append(any_of([is_null(ends.top), compared(ends.top, ">", place.top)]))
    source.close(other, all_of(tests), is_left=False)
    source.columns |= scope
    largest = Aggregate("max", (brought.top,), (), brought.top.sort)
    source.columns["after"] = replace(brought, top=largest, bottom=None, bottom_most=1)
    groups = [expr_of(value) for value in scope.values()]
    comment = f"rule {rule.name}: the largest of what stands with each row"
    found = compilation.add(f"{rule.name}_standing", comment, source, rule=rule, group_by=groups)
    source = From(lasting)
    joined = source.join(found, {name: source.key(name) for name in scope}, is_left=False)
    source.take_all(without=("brought", "nth_row", "until"))
    moves = source.num("moves")
    source.columns["after"] = replace(joined.num("after"), bottom=moves.bottom, bottom_most=moves.bottom_most)
    return source


def _key(source: From, name: str) -> Expr:
    return source.key(name)
