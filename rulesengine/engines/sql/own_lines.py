"""Which drafts were earned by the row that they stand on: a true-up is of rows before it."""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.clawback_turns import OWN, row_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    equal,
    integer,
    negated,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Plain
from rulesengine.plan import nodes

BEHIND = (Part.CAP, Part.FLOOR, Part.TIMES, Part.BUDGET)
"""Lines that are of whatever their award begins with."""


def has_true_ups(rule: nodes.Rule) -> bool:
    """Whether a row of a rule may change what rows before it have earned."""
    rates = [version.rate for version in rule.versions if isinstance(version.rate, nodes.Bands)]
    return any(each.method in (nodes.Method.WHOLE, nodes.Method.INTERPOLATED) for each in rates)


def with_own(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with `clawed.is_own`, whether they were earned by the row that they stand on.

    What limits do to an award is of the row if the award begins with what the row earned, or with what is
    deducted of it.
    """
    source = From(drafts)
    source.take_all()
    part, position = source.expr("part"), source.num("position").top
    is_true_up = _is(part, Part.TRUE_UP)
    award = source.keys(row_of(drafts))

    def least(value: Expr) -> Expr:
        return over("min", [value], partition=award, sort=Sort.INT)

    first_of_others = least(chosen([(is_true_up, position)], null(position.sort)))
    undeducted = least(chosen([(_is(part, Part.DEDUCT), integer(0))], integer(1)))
    begins_with_others = surely(equal(first_of_others, least(position)))
    is_behind = any_of(_is(part, each) for each in BEHIND)
    of_others = all_of([is_behind, begins_with_others, equal(undeducted, integer(1))])
    source.columns[OWN] = Plain(negated(any_of([is_true_up, of_others])))
    comment = f"rule {rule.name}: which of what stands on a row is of that row"
    return compilation.add(f"{rule.name}_of_rows", comment, source, rule=rule)


def _is(part: Expr, wanted: Part) -> Expr:
    return equal(part, text(wanted.value))
