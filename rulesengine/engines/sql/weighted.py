"""The total of a weighted attainment: each part counts by its weight, up to what it may count.

A part is worth its weight times what it has attained. The total moves with each row of any part, by what the
worth of that part changes (engines/reference/totals.py).
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    Aggregate,
    Call,
    Expr,
    Sort,
    any_of,
    chosen,
    first_given,
    integer,
    negated,
    over,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.measure_course import in_scope, running_total
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.sums import sum_over
from rulesengine.engines.sql.targets import target_of
from rulesengine.engines.sql.totals import LAST_TURN, NTH
from rulesengine.engines.sql.values import (
    MOST_IN_128_BITS,
    Number,
    Plain,
    Value,
    divide,
    expr_of,
    fitted,
    multiply,
    number,
    otherwise,
    smaller,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes

_ROW = ("fact", "fact_id", "dated", "payee_kind", "payee", "turn", "at_kind")
_OF_ROW = ("row.root", "judged_on", "row.counts", "row.undoes")
"""What a row has whichever part it moves."""
_WORDS = ("window_label", "scope_label")


def weighted_total(compilation: Compilation, measure: nodes.Measure, name: str) -> Relation:
    """Return the moves of a weighted measure as `measure_course.running_total` does."""
    assert isinstance(measure.against, nodes.WeightedTarget)
    parts = [
        _moves_of_part(compilation, part, f"{name}_{place}")
        for place, part in enumerate(measure.against.parts)
    ]
    comment = f"measure {measure.name}: what the rows of its parts change"
    selects = []
    for relation in parts:
        source = From(relation)
        source.take_all()
        selects.append(source)
    events = compilation.add_union(f"{name}_parts", comment, selects)
    scope = [each for each in scope_columns(events) if not is_literal(events.columns[each])]
    events = over_common_bottom(compilation, events, "moves", scope)
    source = From(_in_turn(compilation, _each_row_once(compilation, events, name, comment), name, comment))
    source.take_all()
    orders = sorted(each for each in source.relation.columns if each.startswith("order_by_"))
    named = [source[each] for each in ("dated", "at_kind", *orders, "fact_id", "turn")]
    order = [expr_of(each) for each in named if not is_literal(each)]
    moves, partition = source.num("moves"), in_scope(source)
    source.columns["after"] = sum_over(moves, partition, _most_rows(compilation), order)
    place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
    source.columns[NTH] = Number(place, 0, 10**12)
    source = From(compilation.add(f"{name}_after", comment, source))
    source.take_all()
    source.columns["before"] = subtract(source.num("after"), source.num("moves"))
    comment = f"measure {measure.name}: its total with each row"
    return compilation.add(name, comment, source, is_kept=True)


def _moves_of_part(compilation: Compilation, part: nodes.WeightedPart, name: str) -> Relation:
    """Return the rows of a part that have a target, with what they change of its worth."""
    measure = compilation.plan.measures[part.measure]
    total = running_total(compilation, measure)
    source, target, unknown = _with_target(compilation, measure, total)
    move = source.join(total, {"fact_id": source.expr("fact_id")}, is_left=False)
    reached = divide(move.num("after"), target) if target is not None else number(0)
    if part.most is not None:
        reached = smaller(reached, number(part.most))
    columns: dict[str, Value] = {
        each: move[each] for each in (*_ROW, *_OF_ROW, *_WORDS, *scope_columns(total))
    }
    columns |= {each: move[each] for each in total.columns if each.startswith("order_by_")}
    columns |= {NTH: move[NTH], "worth": multiply(number(part.weight), reached)}
    source.columns = columns
    source.keep(negated(unknown))
    comment = f"{part.text}: what it is worth with each row"
    source = From(compilation.add(f"{name}_worth", comment, source))
    source.take_all(without=["worth", NTH])
    worth, nth = source.num("worth"), source.num(NTH).top

    def earlier(value: Expr) -> Expr:
        return over("lag", [value], partition=in_scope(source), order=[nth], sort=value.sort)

    before = replace(
        worth,
        top=earlier(worth.top),
        bottom=None if worth.bottom is None else first_given([earlier(worth.bottom), integer(1)]),
    )
    source.columns["moves"] = subtract(worth, otherwise(before, number(0)))
    return compilation.add(f"{name}_moves", f"{part.text}: what each row changes", source)


def _with_target(
    compilation: Compilation, measure: nodes.Measure, total: Relation
) -> tuple[From, Number | None, Expr]:
    """Return the facts of a measure with each of its moves, the target of each, and whether it has none."""
    assert measure.rows is not None
    kind, event = measure.rows.source.kind, measure.rows.source.event
    source = From(facts_of(compilation, kind))
    move = source.join(total, {"fact_id": source.expr("fact_id")}, is_left=False)
    judge = Reads(compilation, source, ROOT, source.expr(ROOT + event), kind, key="row.root")
    of_kind = compilation.kind(kind).event
    judge.is_on_other_day = of_kind is None or of_kind.name != event
    judge.payee = move.expr("payee")
    judge.kinds, judge.kind_of_payee = tuple(compilation.book.payees), move.expr("payee_kind")
    if is_literal(move["payee_kind"]):
        judge.payee_kind = str(move.expr("payee_kind").value)  # type: ignore[union-attr]
    target = target_of(measure.against, judge, move["dated"])
    return source, target, any_of([problem.when for problem in judge.problems])


def _each_row_once(compilation: Compilation, events: Relation, name: str, comment: str) -> Relation:
    """Return the rows with what they change of all parts together."""
    source = From(events)
    moves = source.num("moves")
    kept = {each: source[each] for each in events.columns if each not in ("moves", "turn", *_OF_ROW)}
    most = min(moves.most * 100, MOST_IN_128_BITS) if moves.bottom is not None else moves.most * 100
    bottom = moves.bottom
    if bottom is not None:
        bottom = Aggregate("any_value", (bottom,), (), bottom.sort)
    total = Aggregate("sum", (moves.top,), (), fitted(moves.top, most).sort)
    source.columns |= kept
    for each in _OF_ROW:
        value = source[each]
        found = Aggregate("any_value", (expr_of(value),), (), expr_of(value).sort)
        if not is_literal(value):
            value = Plain(found) if isinstance(value, Plain) else replace(value, top=found)
        source.columns[each] = value
    source.columns["moves"] = Number(total, moves.scale, most, bottom, moves.bottom_most)
    keys = [expr_of(value) for value in kept.values() if not is_literal(value)]
    return compilation.add(f"{name}_rows", comment, source, group_by=keys)


def _in_turn(compilation: Compilation, rows: Relation, name: str, comment: str) -> Relation:
    """Return the rows with the turns of all payees of each, whichever parts count it for them: by key, in
    reverse for a row that undoes another."""
    source = From(rows)
    source.take_all()
    payee = [source.expr(each) for each in ("payee_kind", "payee") if not is_literal(source[each])]
    place = over("dense_rank", [], partition=_of_row(source), order=payee, sort=Sort.INT)
    source.columns["turn"] = Number(Call("-", (place, integer(1)), Sort.INT), 0, LAST_TURN)
    source = From(compilation.add(f"{name}_placed", comment, source))
    undoes, turn = source.expr("row.undoes"), source.num("turn")
    if undoes == FALSE:
        return source.relation
    source.take_all()
    last = over("max", [turn.top], partition=_of_row(source), sort=Sort.INT)
    back = Call("-", (last, turn.top), Sort.INT)
    source.columns["turn"] = Number(chosen([(undoes, back)], turn.top), 0, LAST_TURN)
    return compilation.add(f"{name}_in_turn", comment, source)


def _of_row(source: From) -> list[Expr]:
    found = [source[each] for each in ("dated", "at_kind", "fact_id")]
    return [expr_of(each) for each in found if not is_literal(each)]


def _most_rows(compilation: Compilation) -> int:
    return sum(max(table.rows, 1) for table in compilation.book.facts.values())
