"""Step 4, accumulate: the running total of a measure with each item."""

from __future__ import annotations

from dataclasses import dataclass

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
from rulesengine.engines.sql.scopes import COUNTS_IN, in_order, scope_columns
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
    measure = items.rule.measure
    assert measure is not None
    return total_of(compilation, items.relation, measure, items.rule, rows)


def total_of(
    compilation: Compilation,
    items: Relation,
    measure: nodes.Measure,
    rule: nodes.Rule,
    rows: int,
    suffix: str = "",
) -> Relation:
    """Return items with the total of a measure, which their `moves` and `counted` move, as `accumulate` does.

    Args:
        suffix: behind the names of stages, where a rule has several totals.
    """
    keys = scope_columns(items)
    relation = over_common_bottom(compilation, items, "moves", keys, rule)
    total = _Total(compilation, rule, measure.text, keys, suffix)
    if measure.aggregate.kind is AggregateKind.MAX:
        return total.largest(relation)
    if measure.aggregate.kind is AggregateKind.COUNT_DISTINCT:
        relation = total.distinct(relation)
    source = From(relation)
    source.take_all()
    moves = source.num("moves")
    source.columns["after"] = _running("sum", moves, source, keys, max(rows, 1))
    return total.add("moved", f"{measure.text}, the total with each row", source)


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


@dataclass(frozen=True, slots=True)
class _Total:
    """A total that is no plain sum."""

    compilation: Compilation
    rule: nodes.Rule
    text: str
    keys: list[str]
    suffix: str

    def add(self, name: str, comment: str, source: From) -> Relation:
        """Add a stage of the total."""
        made = f"rule {self.rule.name}: {comment}"
        return self.compilation.add(f"{self.rule.name}_{name}{self.suffix}", made, source, rule=self.rule)

    def distinct(self, relation: Relation) -> Relation:
        """Return the items with 1 for the row that brings a value, -1 for the one that takes the last of it
        away, and 0 for the others: a value counts while more rows of a window have it than undo it."""
        source = From(relation)
        source.take_all(without=[name for name in relation.columns if name.startswith(COUNTS_IN)])
        moves = source.num("moves")
        of_window = [f"{COUNTS_IN}{name}" for name in self.keys]
        there = [of if of in relation else name for of, name in zip(of_window, self.keys, strict=True)]
        now = _running("sum", moves, source, [*there, "counted"], 10**9)
        then = subtract(now, moves)

        def is_there(rows: Number) -> Expr:
            return chosen([(compared(rows.top, ">", integer(0)), integer(1))], integer(0))

        by = subtract(Number(is_there(now), 0, 1), Number(is_there(then), 0, 1))
        source.columns["moves"] = replace(by, most=1)
        return self.add("distinct", "which rows bring a value for the first time, or take it away", source)

    def largest(self, relation: Relation) -> Relation:
        """Return the items with `before` and `after`, the largest of what rows bring less what undoes it."""
        keys = self.keys
        source = From(relation)
        source.take_all()
        moves = source.num("moves")
        order = in_order(source)
        place = over(
            "row_number", [], partition=[_key(source, name) for name in keys], order=order, sort=Sort.INT
        )
        source.columns["nth_row"] = Number(place, 0, 10**9)
        row = [*keys, "row.root", "payee_kind", "payee"]
        source.columns["brought"] = _running("sum", moves, source, row, 10_000)
        valued = self.add("brought", "what each row brings, less what undoes it", source)
        if is_literal(valued.columns["row.undoes"]):
            source = From(valued)
            source.take_all(without=("brought", "nth_row"))
            source.columns["after"] = _running("max", source.num("brought"), source, keys)
        else:
            source = self._standing(valued, row)
        source = From(self.add("largest", "the largest with each row", source))
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
        return self.add("moved", f"{self.text}, the total before and with each row", source)

    def _standing(self, valued: Relation, row: list[str]) -> From:
        """Return the items with `after`, the largest of what the rows before have not been undone by then:
        what a row brings stands until one comes that undoes some of it."""
        source = From(valued)
        source.take_all()
        partition = [_key(source, name) for name in row]
        place = source.num("nth_row")
        until = over("lead", [place.top], partition=partition, order=[place.top], sort=Sort.INT)
        source.columns["until"] = replace(place, top=until)
        lasting = self.add("lasting", "until when it stands", source)
        source = From(lasting)
        other = source.join_on(lasting)
        place, ends, brought = source.num("nth_row"), other.num("until"), other.num("brought")
        names = (*self.keys, "nth_row")
        scope = {name: source[name] for name in names if not is_literal(source[name])}
        tests = [equal(other.key(name), expr_of(value)) for name, value in scope.items() if name != "nth_row"]
        tests.append(compared(other.num("nth_row").top, "<=", place.top))
        tests.append(any_of([is_null(ends.top), compared(ends.top, ">", place.top)]))
        source.close(other, all_of(tests), is_left=False)
        source.columns |= scope
        largest = Aggregate("max", (brought.top,), (), brought.top.sort)
        source.columns["after"] = replace(brought, top=largest, bottom=None, bottom_most=1)
        source.groups = [expr_of(value) for value in scope.values()]
        found = self.add("standing", "the largest of what stands with each row", source)
        source = From(lasting)
        joined = source.join(found, {name: source.key(name) for name in scope}, is_left=False)
        source.take_all(without=("brought", "nth_row", "until"))
        moves = source.num("moves")
        source.columns["after"] = replace(
            joined.num("after"), bottom=moves.bottom, bottom_most=moves.bottom_most
        )
        return source


def _key(source: From, name: str) -> Expr:
    return source.key(name)
