"""Awards: what a payee has of a row, all its drafts together, as limits, choices and budgets see it."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import DUE, RATED
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Expr,
    Sort,
    chosen,
    equal,
    first_given,
    integer,
    null,
    over,
    text,
)
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import AWARD as ONE_AWARD
from rulesengine.engines.sql.round_off import OTHER_ROW
from rulesengine.engines.sql.values import MOST_IN_128_BITS, Number, Plain, Value, fitted
from rulesengine.plan import nodes

BUDGET = "budget."
"""Columns of items and drafts that a budget needs begin with it."""
UNDOES = "undoes."
"""Before the names of what tells the draft that a line takes back or changes: `fact_id`, `row.root`, `on`,
`position`."""
AWARD = "award."
"""Columns of items and drafts that an award to others needs begin with it."""
PLACE_WON, NTH_OF_AWARD = "place_won", "nth_of_award"
"""Of awards, the best place of a rank that they are for; of drafts, their place in their award."""
MOST_DRAFTS = 10_000
"""Of one award."""
IN_ORDER = ("earned_on", "row.order_by", "fact_id", "line", "payee_kind", "payee")
"""What awards are in order by, as far as they have these columns."""


OF_ITEM = (
    "fact",
    "fact_id",
    "line",
    "row.root",
    "judged_on",
    "row.counts",
    "row.undoes",
    "row.moved",
    "row.order_by",
    RATED,
    "payee_kind",
    "payee",
    "turn",
    "place",
    "level",
    "version",
)
"""Columns of items that all drafts of a row and payee have alike."""
OF_AWARD = (*OF_ITEM, "earned_on", OTHER_ROW)
"""Columns that all lines of an award have alike."""


def carried_of(relation: Relation) -> list[str]:
    """Return the columns of drafts that all lines of an award have alike."""
    return [name for name in relation.columns if name in OF_AWARD or name.startswith((BUDGET, DUE, AWARD))]


def fact_of(source: From, rule: nodes.Rule) -> Plain:
    """Return the kind of what awards stand on, empty for those that stand on no row."""
    return Plain(source.expr("fact")) if "fact" in source.relation else Plain(text(rule.fact_kind))


def award_rows(
    compilation: Compilation, drafts: Relation, rule: nodes.Rule, carried: Sequence[str], suffix: str = ""
) -> Relation:
    """Return a row for each award with the sum of its amounts, `asked`, and of what it earns exactly,
    `earned`; and where its first draft stands, `first_position`.

    Args:
        carried: columns that all drafts of an award have alike.
    """
    award = [name for name in ONE_AWARD if name in drafts]
    drafts = over_common_bottom(compilation, drafts, "exact", award, rule)
    may_differ = any(_trues_up(version) for version in rule.versions)
    if may_differ:
        drafts = _numbered(compilation, drafts, award, rule, suffix)
    source = From(drafts)
    source.groups = [source.key(name) for name in award]
    for name in carried:
        if name in drafts:
            value = source[name]
            if may_differ and name not in award and not is_literal(value):
                source.columns[name] = _of_first(value, equal(source.num(NTH_OF_AWARD).top, integer(1)))
            else:
                source.columns[name] = value if name in award or is_literal(value) else any_value(value)
    source.columns["asked"] = sum_of_award(source.num("amount"))
    source.columns["earned"] = sum_of_award(source.num("exact"))
    place = source.num("position")
    undone = f"{UNDOES}row.root"
    if undone in drafts:
        # What the first draft takes back is what the award takes back.
        whose = first_given([source.expr(undone), text("")])
        source.columns[undone] = Plain(Aggregate("min_by", (whose, place.top), (), Sort.TEXT))
    if "part_number" in drafts:
        # Places of a rank: who has the better one comes first.
        won = source.num("part_number")
        source.columns[PLACE_WON] = Number(Aggregate("min", (won.top,), (), won.top.sort), 0, won.most)
    first = Aggregate("min", (place.top,), (), place.top.sort)
    source.columns["first_position"] = Number(first, place.scale, place.most)
    comment = f"rule {rule.name}: awards, what a payee has of a row"
    return compilation.add(f"{rule.name}_by_award{suffix}", comment, source, rule=rule)


def _trues_up(version: nodes.Version) -> bool:
    """Return whether lines for earlier rows stand on a row, with what was read there."""
    rate = version.rate
    return isinstance(rate, nodes.Bands) and rate.method.trues_up


def _numbered(
    compilation: Compilation, drafts: Relation, award: Sequence[str], rule: nodes.Rule, suffix: str
) -> Relation:
    """Return the drafts with their place in their award: the first says what limits the award has, also
    where it stands there for an earlier row."""
    source = From(drafts)
    source.take_all()
    order, keys = [source.num("position").top], [source.key(name) for name in award]
    nth = over("row_number", [], partition=keys, order=order, sort=Sort.INT)
    source.columns[NTH_OF_AWARD] = Number(nth, 0, MOST_DRAFTS)
    comment = f"rule {rule.name}: which draft is the first of its award"
    return compilation.add(f"{rule.name}_in_award{suffix}", comment, source, rule=rule)


def _of_first(value: Value, is_first: Expr) -> Value:
    """Return what the first row of a group has, null too."""

    def first(expr: Expr) -> Expr:
        return Aggregate("max", (chosen([(is_first, expr)], null(expr.sort)),), (), expr.sort)

    if isinstance(value, Plain):
        return Plain(first(value.expr))
    bottom = None if value.bottom is None else first(value.bottom)
    return Number(first(value.top), value.scale, value.most, bottom, value.bottom_most)


def any_value(value: Value) -> Value:
    """Return what all rows of a group have alike."""
    match value:
        case Plain(expr=expr):
            return Plain(Aggregate("any_value", (expr,), (), expr.sort))
        case Number():
            bottom = value.bottom
            if bottom is not None:
                bottom = Aggregate("any_value", (bottom,), (), bottom.sort)
            top = Aggregate("any_value", (value.top,), (), value.top.sort)
            return Number(top, value.scale, value.most, bottom, value.bottom_most)


def sum_of_award(value: Number) -> Number:
    """Return the sum of the drafts of each award that a select groups."""
    most = value.most * MOST_DRAFTS
    bottom = value.bottom
    if bottom is not None:
        most = min(most, MOST_IN_128_BITS)
        bottom = Aggregate("any_value", (bottom,), (), bottom.sort)
    top = Aggregate("sum", (value.top,), (), fitted(value.top, most).sort)
    return Number(top, value.scale, most, bottom, value.bottom_most)


def in_order(source: From) -> list[Expr]:
    """Return what awards are in order by."""
    return [source.key(name) for name in IN_ORDER if name in source.relation]
