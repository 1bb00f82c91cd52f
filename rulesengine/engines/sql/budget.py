"""Step 11, budget: the most that a rule pays in all, first come or in proportion."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import BUDGET, award_rows, carried_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Sort,
    day,
    equal,
    text,
)
from rulesengine.engines.sql.first_come import first_come
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.in_proportion import in_proportion
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Plain
from rulesengine.plan import nodes


def claims_of(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the awards of a rule; `is_rowless` says which stand on no row, `is_later` which follow
    another."""
    awards = award_rows(compilation, drafts, rule, carried_of(drafts), "_asking")
    source = From(awards)
    source.take_all()
    fact_id = source.expr("fact_id")
    source.columns["is_rowless"] = Plain(equal(fact_id, text("")) if "fact" in drafts else FALSE)
    source.columns["is_later"] = Plain(follows(source))
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
