"""Step 5 for `whole` and `interpolated`: the band of the total decides for every row in the scope.

A row is paid at the level of the total with it. When the level moves, all that came before is worth what it
is at the new level: the difference to the old one is a true-up on the row that moved it. What rows are worth
at a level is a sum over them, so a true-up is the difference of two levels of a running sum, and no row
needs to know what was paid before (true_ups.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.accounts import NTH
from rulesengine.engines.sql.accumulate import with_before
from rulesengine.engines.sql.bands import Slice, is_in_band
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.counting import counted_columns
from rulesengine.engines.sql.expressions import Expr, Literal, Sort, chosen, equal, integer, over
from rulesengine.engines.sql.fractions import in_lowest_terms
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.levels_of_bands import BAND, WAS, WAY, shown_way, slopes_of
from rulesengine.engines.sql.moving_once import moving_once
from rulesengine.engines.sql.paid_once import has_once, paid_once
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import (
    bounds_of_row,
    draft,
    of_version,
    paid_share,
    pays_nothing,
    quantity_of,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.switches import alike, place_own
from rulesengine.engines.sql.true_ups import true_ups
from rulesengine.engines.sql.unpaid import unpaid, without_drafts
from rulesengine.engines.sql.values import (
    Number,
    absolute,
    add,
    divide,
    multiply,
    number,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind, Method

MOST_ROWS = 10**12


def rerate(compilation: Compilation, items: Items, moves: Relation, rows: int) -> Relation:
    """Return own lines, true-ups and what is paid once of every row.

    Args:
        moves: items with the total of the measure with each of them.
        rows: how many there are at most.
    """
    rule = items.rule
    levels = _levels(compilation, items, with_before(compilation, moves, rule))
    parts = [source for version in items.versions for source in _own(levels, items, version)]
    parts += true_ups(compilation, items, levels, quantity, rows)
    if has_once(items) and _method(items.versions[0]) is Method.INTERPOLATED:
        parts += moving_once(compilation, items, levels)
    elif has_once(items):
        parts += paid_once(compilation, items, levels, _is_at, backwards=True)
    comment = f"rule {rule.name}: what each row earns, and what earlier rows gain by it"
    parts = parts or [pays_nothing(levels)]
    drafts = alike(compilation, compilation.add_union(f"{rule.name}_drafts", comment, parts, rule=rule), rule)
    for version in items.versions:
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands)
        source = of_version(levels, items, version)
        source.keep(without_drafts(compilation, source, drafts, items))
        bounds, after = bounds_of_row(source, bands), source.num("after")
        touched = [is_in_band(bounds, index, after) for index in range(len(bounds))]
        unpaid(compilation, items, version, source, touched)
    return drafts


def _method(version: VersionItems) -> Method:
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    return bands.method


def _is_at(source: From, bands: nodes.Bands, index: int) -> Expr:
    return is_in_band(bounds_of_row(source, bands), index, source.num("after"))


# --- levels --------------------------------------------------------------------------------------


def _levels(compilation: Compilation, items: Items, moved: Relation) -> Relation:
    """Return the items, numbered in each scope, with where the total stands in the bands of each version,
    with the row and without it."""
    rule = items.rule
    source = From(moved)
    source.take_all()
    scope = source.keys(scope_columns(moved))
    place = over("row_number", [], partition=scope, order=in_order(source), sort=Sort.INT)
    source.columns[NTH] = Number(place, 0, MOST_ROWS)
    for version in items.versions:
        _place(source, version)
    comment = f"rule {rule.name}: the band that the total is in with each row"
    placed = compilation.add(f"{rule.name}_placed", comment, source, rule=rule)
    source = From(placed)
    source.take_all()
    scope = source.keys(scope_columns(moved))
    order: list[Expr] = [source.num(NTH).top]
    for version in items.versions:
        for name in (f"{BAND}{version.index}", f"{WAY}{version.index}"):
            if name in placed:
                source.columns[f"{WAS}{name}"] = _lagged(source.num(name), scope, order)
    comment = f"rule {rule.name}: the band that the total is in with and without each row"
    return compilation.add(f"{rule.name}_bands_before", comment, source, rule=rule)


def _lagged(value: Number, scope: Sequence[Expr], order: Sequence[Expr]) -> Number:
    top = over("lag", [value.top], partition=scope, order=order, sort=value.top.sort)
    bottom = value.bottom
    if bottom is not None and not isinstance(bottom, Literal):
        bottom = over("lag", [bottom], partition=scope, order=order, sort=bottom.sort)
    return replace(value, top=top, bottom=bottom)


def _place(source: From, version: VersionItems) -> None:
    """Set where the total stands: the band, -1 below the first, and how far it is to the next one."""
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    bounds, after = bounds_of_row(source, bands), source.num("after")
    here = [is_in_band(bounds, index, after) for index in range(len(bounds))]
    whens = [(test, integer(index)) for index, test in enumerate(here)]
    source.columns[f"{BAND}{version.index}"] = Number(chosen(whens, integer(-1)), 0, max(len(bounds), 1))
    ways = []
    for index in slopes_of(bands):
        start, end = bounds[index].start, bounds[index + 1].start
        ways.append((here[index], divide(subtract(absolute(after), start), subtract(end, start))))
    if ways:
        way = pick(ways, number(0))
        if way.bottom is not None and not isinstance(way.bottom, Literal):
            way = in_lowest_terms(way)
        most = min(way.most, way.bottom_most * 10**way.scale)
        source.columns[f"{WAY}{version.index}"] = replace(way, most=most)


# --- own lines -----------------------------------------------------------------------------------


def quantity(priced: PricedPart, source: From, items: Items) -> Number:
    """Return what a part of the pay is multiplied by, for the row as a whole."""
    if not (priced.of_measure or priced.of_target):
        return source.num(priced.quantity)
    before, after = source.num("before"), source.num("after")
    is_sum = items.rule.measure is not None and items.rule.measure.aggregate.kind is not AggregateKind.MAX
    by = source.num("moves") if is_sum else subtract(after, before)
    return paid_share(priced, source, items, quantity_of(priced, source, Slice(by, before, after)))


def _own(levels: Relation, items: Items, version: VersionItems) -> list[From]:
    """Return what the rows of a version earn themselves, band by band."""
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    slopes = slopes_of(bands)
    parts = []
    for index, pay in enumerate(version.bands):
        running = [priced for priced in pay if not priced.is_once]
        ahead = []
        if index in slopes:
            ahead = [priced for priced in version.bands[index + 1] if not priced.is_once]
        for place, priced in enumerate(running):
            source = of_version(levels, items, version)
            source.keep(equal(source.num(f"{BAND}{version.index}").top, integer(index)))
            rate = source.num(priced.rate)
            if ahead:
                way = source.num(f"{WAY}{version.index}")
                gain = subtract(source.num(ahead[place].rate), rate)
                rate = add(rate, multiply(way, gain))
            band = bands.bands[index]
            counts = index * 100 + place
            source.keep(draft(source, items, priced, quantity(priced, source, items), counts, band, rate))
            place_own(source, counts)
            if ahead:
                source.columns["towards_next"] = shown_way(source.num(f"{WAY}{version.index}"))
            if priced.counting is not None and priced.of_measure:
                before, after = source.num("before"), source.num("after")
                source.columns |= counted_columns(priced, source, before, after)
            parts.append(source)
    return parts
