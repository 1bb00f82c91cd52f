"""Dates of awards that stand on no row: all lines of one payee and day are one award, dated as its first."""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import DUE
from rulesengine.engines.sql.earned_rows import may_stand_on_nothing
from rulesengine.engines.sql.expressions import Expr, chosen, equal, over, text
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import award_of
from rulesengine.engines.sql.values import Number, Plain
from rulesengine.plan import nodes


def dated_as_first(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with what decides when they are payable: of lines that stand on no row, that of the
    first of the payee's lines of the day."""
    if not may_stand_on_nothing(drafts):
        return drafts
    source = From(drafts)
    source.take_all()
    is_alone = equal(source.expr("fact_id"), text(""))
    award, order = award_of(source), [source.num("position").top]

    def first(expr: Expr) -> Expr:
        found = over("first_value", [expr], partition=award, order=order, sort=expr.sort)
        return chosen([(is_alone, found)], expr)

    for name in drafts.columns:
        if not (name.startswith(DUE) or name == "version") or is_literal(drafts.columns[name]):
            continue
        value = source[name]
        if isinstance(value, Plain):
            source.columns[name] = Plain(first(value.expr))
        else:
            bottom = None if value.bottom is None else first(value.bottom)
            source.columns[name] = Number(
                first(value.top), value.scale, value.most, bottom, value.bottom_most
            )
    comment = f"rule {rule.name}: lines that stand on no row are dated as the first of their day"
    return compilation.add(f"{rule.name}_dated_alike", comment, source, rule=rule)
