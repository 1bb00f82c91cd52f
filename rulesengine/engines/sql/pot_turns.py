"""Whose turn it is at a budget: the awards in the order in which they come, each after what it undoes."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import UNDOES
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    equal,
    first_given,
    is_null,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.pots import keys_of_pot
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Number, Plain
from rulesengine.plan import nodes

CLAIM = ("claim_root", "payee_kind", "payee")
IN_ROW = ("row.order_by", "fact_id", "line", "payee_kind", "payee")


def in_turn(compilation: Compilation, asking: Relation, rule: nodes.Rule, rows: int) -> Relation:
    """Return the awards with their `turn_of_pot`, and which are claims.

    `is_claim` says which claim a part of the budget, `is_of_row` which of these are those of a row, and
    `is_first_of_row` the first of them; all others undo what the row of their `claim_root` has claimed.
    """
    return _claiming(compilation, _turned(compilation, asking, rule, rows), rule, rows)


def _turned(compilation: Compilation, asking: Relation, rule: nodes.Rule, rows: int) -> Relation:
    """Return the awards in turn; what undoes a row comes after the awards of that row.

    On one day rows stand in the order of their keys, so the row that undoes may come first.
    """

    def add(name: str, comment: str, source: From) -> Relation:
        return compilation.add(f"{rule.name}_{name}", f"rule {rule.name}: {comment}", source, rule=rule)

    def place_of(partition: list[Expr], order: list[Expr]) -> Number:
        return Number(over("row_number", [], partition=partition, order=order, sort=Sort.INT), 0, rows)

    source = From(asking)
    source.take_all()
    order = source.keys([name for name in ("earned_on", "is_rowless", *IN_ROW) if name in asking])
    source.columns["came"] = place_of(source.keys(keys_of_pot(asking)), order)
    came = add("came", "in the order in which they come", source)
    source = From(came)
    source.take_all()
    claim = source.keys([*keys_of_pot(asking), "row.root", *CLAIM[1:], "earned_on"])
    undoes, at = source.expr("is_later"), source.num("came").top
    own = over("max", [chosen([(negated(undoes), at)], null(Sort.INT))], partition=claim, sort=Sort.INT)
    later = Call("greatest", (at, first_given([own, at])), Sort.INT)
    source.columns["after"] = Number(chosen([(undoes, later)], at), 0, rows)
    turned = add("after", "each after what it undoes", source)
    source = From(turned)
    source.take_all(without=["came", "after"])
    order = [source.num("after").top, source.expr("is_later"), source.num("came").top]
    source.columns["turn_of_pot"] = place_of(source.keys(keys_of_pot(asking)), order)
    _whose(source)
    return add("turned", "each after what it undoes, numbered", source)


def _claiming(compilation: Compilation, turned: Relation, rule: nodes.Rule, rows: int) -> Relation:
    source = From(turned)
    source.take_all()
    claim = source.keys([*keys_of_pot(turned), *CLAIM])
    turn = source.num("turn_of_pot").top
    of_row = all_of([negated(source.expr("is_rowless")), negated(source.expr("is_later"))])
    first = over("min", [chosen([(of_row, turn)], null(Sort.INT))], partition=claim, sort=Sort.INT)
    source.columns["is_of_row"] = Plain(of_row)
    source.columns["first_of_row"] = Number(first, 0, rows)
    comment = f"rule {rule.name}: what each row asks first"
    told = compilation.add(f"{rule.name}_asks", comment, source, rule=rule)
    source = From(told)
    source.take_all(without=["first_of_row"])
    turn, first_turn = source.num("turn_of_pot").top, source.num("first_of_row").top
    source.columns["is_first_of_row"] = Plain(surely(equal(turn, first_turn)))
    # What undoes a row that has claimed nothing is a claim of its own.
    alone = any_of([is_null(first_turn), compared(turn, "<", first_turn)])
    is_claim = any_of([source.expr("is_rowless"), negated(source.expr("is_later")), alone])
    source.columns["is_claim"] = Plain(is_claim)
    comment = f"rule {rule.name}: which are claims, and which undo those of a row"
    return compilation.add(f"{rule.name}_claiming", comment, source, rule=rule)


def _whose(source: From) -> None:
    """Set what an award takes back, `claim_root`: of the row undone, or of the draft that it undoes."""
    root, given = source.expr("row.root"), f"{UNDOES}row.root"
    if given in source.relation:
        found = source.expr(given)
        is_back = compared(found, "<>", text(""))
        source.columns["is_later"] = Plain(any_of([is_back, source.expr("is_later")]))
        source.columns.pop(given)
        root = chosen([(is_back, found)], root)
    source.columns["claim_root"] = Plain(root)
