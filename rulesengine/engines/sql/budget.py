"""Step 11, budget: the most that a rule pays in all, first come or in proportion."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import BUDGET, award_rows, carried_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    chosen,
    day,
    equal,
    first_given,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import key_of
from rulesengine.engines.sql.values import Number, Plain, Value, number
from rulesengine.plan import nodes

ON = f"{BUDGET}on"
"""The date that decides the order of the first come."""
KEY = f"{BUDGET}key_"
POSITION = 4 * 10**12
"""Lines of budgets stand behind all others of their award."""


def add_budget(rule: nodes.Rule, judge: Reads, own: Reads) -> None:
    """Add the columns that the rule's budget is read by."""
    budget, columns = rule.budget, judge.source.columns
    if budget is None:
        return
    for place, key in enumerate(budget.keys, start=1):
        columns[f"{KEY}{place}"] = Plain(key_of(key, judge))
    if budget.first_come is not None:
        found = own.read(budget.first_come)
        dated = columns["dated"]
        assert isinstance(found, Plain) and isinstance(dated, Plain)
        columns[ON] = Plain(first_given([found.expr, dated.expr]))


def keys_of_pot(relation: Relation) -> list[str]:
    """Return the columns that make up one pot."""
    return [name for name in relation.columns if name.startswith(KEY)]


def claims_of(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the awards of a rule; `is_rowless` says which stand on no row."""
    awards = award_rows(compilation, drafts, rule, carried_of(drafts), "_asking")
    source = From(awards)
    source.take_all()
    fact_id = source.expr("fact_id")
    source.columns["is_rowless"] = Plain(equal(fact_id, text("")) if "fact" in drafts else FALSE)
    source.columns["row.undoes"] = Plain(first_given([source.expr("row.undoes"), FALSE]))
    comment = f"rule {rule.name}: what its budget is asked for"
    return compilation.add(f"{rule.name}_asking", comment, source, rule=rule)


def budget(compilation: Compilation, drafts: Relation, rule: nodes.Rule, rows: int) -> Relation:
    """Return the drafts with the lines that keep them inside the rule's budget.

    Args:
        drafts: with amounts.
        rule: may have no budget; then nothing changes.
        rows: how many awards there are at most.
    """
    limit = rule.budget
    if limit is None:
        return drafts
    from rulesengine.engines.sql.first_come import first_come
    from rulesengine.engines.sql.in_proportion import in_proportion

    kept = From(drafts)
    kept.take_all(without=[name for name in drafts.columns if name.startswith(BUDGET)])
    kept.columns.setdefault("fact", Plain(text(rule.fact_kind)))
    if limit.ends_on is not None:
        # Awards that may be cut wait for the last day.
        later = Call("greatest", (kept.expr("earned_on"), day(limit.ends_on)), Sort.DATE)
        kept.columns["payable_on"] = Plain(later)
    claims = claims_of(compilation, drafts, rule)
    if limit.first_come is not None:
        parts = first_come(compilation, claims, rule, limit, rows)
    else:
        parts = in_proportion(compilation, claims, rule, limit, rows)
    comment = f"rule {rule.name}: with what its budget takes and gives back"
    return compilation.add_union(f"{rule.name}_budgeted", comment, [kept, *parts], rule=rule)


def budget_line(
    source: From,
    rule: nodes.Rule,
    *,
    amount: Number,
    before: Number | None,
    after: Number,
    most: Decimal | None,
    position: Number,
) -> None:
    """Set the columns of a line of a budget, for the award that the select is of."""
    assert rule.budget is not None
    fact: Expr = text(rule.fact_kind)
    columns: dict[str, Value] = {
        name: source[name]
        for name in carried_of(source.relation)
        if not name.startswith(BUDGET) and name not in source.columns
    }
    source.columns |= columns
    source.columns |= {
        "fact": Plain(chosen([(source.expr("is_rowless"), text(""))], fact)),
        "part": Plain(text(Part.BUDGET.value)),
        "position": position,
        "exact": amount,
        "amount": amount,
        "measure_after": after,
        "span": Plain(text(str(rule.budget.origin))),
    }
    if before is not None:
        source.columns["measure_before"] = before
    if most is not None:
        source.columns["target"] = number(most)
