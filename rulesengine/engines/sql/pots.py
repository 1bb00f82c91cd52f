"""The pots of a budget: the columns by which rows draw on them, and the lines that say what is drawn."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import BUDGET, carried_of, fact_of
from rulesengine.engines.sql.expressions import (
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
        columns[f"{KEY}{place}"] = Plain(key_of(key, judge, rule))
    if budget.first_come is not None:
        found = own.read(budget.first_come)
        dated = columns["dated"]
        assert isinstance(found, Plain) and isinstance(dated, Plain)
        columns[ON] = Plain(first_given([found.expr, dated.expr]))


def keys_of_pot(relation: Relation) -> list[str]:
    """Return the columns that make up one pot."""
    return [name for name in relation.columns if name.startswith(KEY)]


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
    columns: dict[str, Value] = {
        name: source[name]
        for name in carried_of(source.relation)
        if not name.startswith(BUDGET) and name not in source.columns
    }
    source.columns |= columns
    source.columns |= {
        "fact": fact_of(source, rule),
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
