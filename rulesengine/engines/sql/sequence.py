"""What tells lines of one name apart: they are counted, from 0, in the order in which they are earned."""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.corrections import AT, MOVED_ON, TURN
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    chosen,
    equal,
    integer,
    never_null,
    over,
    text,
)
from rulesengine.engines.sql.rate import NTH
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import award_of
from rulesengine.engines.sql.values import Number
from rulesengine.plan import nodes

NAME = ("payee_kind", "payee", "fact", "fact_id", "earned_on", "part", "part_number")
ORDER = ("piece", MOVED_ON, "line", AT, "position")
"""A line keeps its name when more is received later: first pieces of parts are named before later ones."""


def with_steps(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with `step`, their place in the award, before it is cut into parts."""
    source = From(drafts)
    source.take_all()
    source.columns["step"] = _place(award_of(source), [source.key("position")])
    comment = f"rule {rule.name}: the place of each in its award"
    return compilation.add(f"{rule.name}_steps", comment, source, rule=rule)


def numbered(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with `step`, their place in the award, and `sequence`."""
    source = From(drafts)
    source.take_all()
    nth = drafts.columns.get(NTH)
    if isinstance(nth, Number) and never_null(nth.top) and not {"piece", "line"} & drafts.columns.keys():
        # Every draft is one of a band, and knows how many come before: no need to look at other rows.
        source.columns["step"] = source.columns["sequence"] = source.num(NTH)
        return compilation.add(f"{rule.name}_numbered", f"rule {rule.name}: numbered", source, rule=rule)
    order = [source.key(name) for name in ORDER if name in drafts]
    if AT in drafts:
        is_forfeited = equal(source.expr("part"), text(Part.FORFEITED.value))
        behind = [chosen([(is_forfeited, integer(1))], integer(0)), source.key("part_number")]
        source.columns[TURN] = _place([*award_of(source), source.key("position")], [*order, *behind])
    if "step" not in drafts:
        source.columns["step"] = _place(award_of(source), order)
    source.columns["sequence"] = _place([source.key(name) for name in NAME if name in drafts], order)
    return compilation.add(
        f"{rule.name}_numbered", f"rule {rule.name}: numbered within an award", source, rule=rule
    )


def _place(partition: list[Expr], order: list[Expr]) -> Number:
    place = over("row_number", [], partition=partition, order=order, sort=Sort.INT)
    return Number(Call("-", (place, integer(1)), Sort.INT), 0, 10**9)
