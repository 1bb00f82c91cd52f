"""Step 5 for `interpolated`: what bands pay once moves with the total, in a straight line to the next tier's.

Each row pays the rounded amount with it less the rounded amount without it; rows that do not move the rounded
amount pay nothing, and the next that does brings what they would have.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.measures import unit_of
from rulesengine.engines.results import Part
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    ONE,
    Expr,
    Literal,
    Sort,
    all_of,
    chosen,
    compared,
    first_given,
    integer,
    is_null,
    over,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.levels_of_bands import Level, level_with
from rulesengine.engines.sql.paid_once import PAID
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import carried, of_version, rounds_sums
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.round_off import MOVED_FROM
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.switches import position_of
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    compare,
    multiply,
    negate,
    number,
    otherwise,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes

WORTH, AMOUNT = "once.worth", "once.amount"
PART = "key_once"
"""Which of the amounts of a band it is, of bands that pay several."""


def moving_once(compilation: Compilation, items: Items, levels: Relation) -> list[From]:
    """Return the drafts of what bands pay once.

    Args:
        levels: items with where the total stands with each of them.
    """
    rule = items.rule
    most = max(len(_once(parts)) for version in items.versions for parts in version.bands)
    parts = [
        _standing(of_version(levels, items, version), rule, version, place)
        for place in range(most)
        for version in items.versions
    ]
    comment = f"rule {rule.name}: what is due once with each row"
    due = compilation.add_union(f"{rule.name}_due_once", comment, parts, rule=rule)
    return [_moves(_turns(compilation, rule, due), rule)]


def _once(parts: Sequence[PricedPart]) -> list[PricedPart]:
    return [priced for priced in parts if priced.is_once]


def _standing(source: From, rule: nodes.Rule, version: VersionItems, place: int) -> From:
    """Return the rows of a version with what one of the amounts comes to: exactly, and rounded."""
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    level = level_with(source, version.index, bands)
    paid = [_once(parts)[place : place + 1] for parts in version.bands]
    values = [
        multiply(source.num(each[0].rate), source.num(each[0].quantity)) if each else number(0)
        for each in paid
    ]
    worth, after = level.of(values), source.num("after")
    signed = [
        (compared(after.top, "=", integer(0)), number(0)),
        (compared(after.top, "<", integer(0)), negate(worth)),
    ]
    worth = pick(signed, worth)
    source.take_all()
    shown = level.shown()
    columns = source.columns
    columns[WORTH] = worth
    columns[AMOUNT] = rounded(worth, rule.rounding.step, rule.rounding.mode)
    columns[PART] = number(place)
    columns |= {name: shown[name] for name in shown if name == "towards_next"}
    columns |= _of_band(level, bands, paid, compared(after.top, "<>", integer(0)))
    return source


def _of_band(
    level: Level, bands: nodes.Bands, paid: Sequence[Sequence[PricedPart]], counts: Expr
) -> dict[str, Number | Plain]:
    """Return what a line shows of the band: below the first it is the first."""
    start: list[tuple[Expr, Number]] = []
    above: list[tuple[Expr, Expr]] = []
    of: list[tuple[Expr, Expr]] = []
    span: list[tuple[Expr, Expr]] = []
    for index, band in enumerate(bands.bands):
        here = level.is_at(index)
        start.append((here, number(band.start)))
        above.append((here, Literal(not band.is_included, Sort.FLAG)))
        if paid[index]:
            of.append((all_of([counts, here]), text(paid[index][0].base_of)))
            span.append((all_of([counts, here]), text(str(paid[index][0].origin))))
        span.append((here, text(str(band.origin))))
    first = bands.bands[0]
    return {
        "band_from": pick(start, number(first.start)),
        "band_above": Plain(chosen(above, Literal(not first.is_included, Sort.FLAG))),
        "base_of": Plain(chosen(of, text(""))),
        "span": Plain(chosen(span, text(str(first.origin)))),
    }


def _turns(compilation: Compilation, rule: nodes.Rule, due: Relation) -> Relation:
    """Return the rows that move the rounded amount, with what it was worth where it moved before."""
    keys = [*scope_columns(due)]
    source = From(due)
    source.take_all()
    amount = source.num(AMOUNT)
    earlier = over(
        "lag", [amount.top], partition=source.keys(keys), order=in_order(source), sort=amount.top.sort
    )
    source.columns["once.before"] = otherwise(replace(amount, top=earlier), number(0))
    comment = f"rule {rule.name}: what was due once before each row"
    known = compilation.add(f"{rule.name}_due_before", comment, source, rule=rule)
    source = From(known)
    source.take_all(without=["once.before"])
    source.keep(compare(source.num(AMOUNT), "<>", source.num("once.before")))
    scope, order, worth = source.keys(keys), in_order(source), source.num(WORTH)
    bottom = worth.bottom
    if bottom is not None and not isinstance(bottom, Literal):
        bottom = first_given([over("lag", [bottom], partition=scope, order=order, sort=bottom.sort), ONE])
    top = over("lag", [worth.top], partition=scope, order=order, sort=worth.top.sort)
    before = pick([(is_null(top), number(0))], replace(worth, top=top, bottom=bottom))
    source.columns[MOVED_FROM] = before
    comment = f"rule {rule.name}: rows that move what is due once"
    return compilation.add(f"{rule.name}_moving_once", comment, source, rule=rule)


def _moves(turns: Relation, rule: nodes.Rule) -> From:
    source = From(turns)
    columns = source.columns
    scope = scope_columns(turns) if rounds_sums(rule) else []
    for name in (*carried(source), *(each for each in scope if each != PART)):
        if name in turns:
            columns[name] = source[name]
    worth, before = source.num(WORTH), source.num(MOVED_FROM)
    for name in ("band_from", "band_above", "towards_next", "base_of", "span", "target", "readings"):
        if name in turns:
            columns[name] = source[name]
    columns |= {
        "part": Plain(text(Part.ONCE.value)),
        "earned_on": source["dated"],
        "position": add(position_of(source, PAID), source.num(PART)),
        "window": source["window_label"],
        "scope": source["scope_label"],
        "measure_before": source["before"],
        "measure_after": source["after"],
        "measure_unit": Plain(text(unit_of(rule.measure))),
        "base": worth,
        "exact": subtract(worth, before),
        MOVED_FROM: before,
    }
    return source
