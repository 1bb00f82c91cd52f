"""Step 5, rate, for bands that share a row out: marginal, from_crossing, from_next."""

from __future__ import annotations

from rulesengine.engines.measures import is_count
from rulesengine.engines.sql.bands import Slice, is_in_band, parts_of_row, stands_in
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.counting import counted_columns
from rulesengine.engines.sql.deals import is_of_row, name_of, pays_of_row, set_deal, with_deals
from rulesengine.engines.sql.expressions import (
    Expr,
    all_of,
    any_of,
    chosen,
    compared,
    first_given,
    integer,
    joined,
    negated,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.other_rows import in_turns, with_other_rows
from rulesengine.engines.sql.paid_once import has_once, paid_once
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.rate import (
    IS_MOVE,
    NTH,
    bounds_of_row,
    draft,
    of_version,
    paid_share,
    pays_nothing,
    quantity_of,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.switches import alike, place_own
from rulesengine.engines.sql.unpaid import unpaid, without_drafts
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    absolute,
    add,
    at_scale,
    compare,
    divide,
    is_zero,
    multiply,
    number,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.plan import nodes


def rate_bands(compilation: Compilation, items: Items, moves: Relation) -> Relation:
    """Return what each item earns in the bands it touches: marginal, from_crossing, from_next."""
    parts: list[From] = []
    pays_once = has_once(items)
    has_others = pays_once and IS_MOVE in moves
    moved = _cut(compilation, items, in_turns(compilation, moves, items.rule) if has_others else moves)
    for version in items.versions:
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands)
        earlier = number(0)
        for index in range(len(bands.bands)):
            for place, priced in enumerate(version.bands[index]):
                if priced.is_once:
                    continue
                source = of_version(moved, items, version)
                before, after = (source.num(name_of(source, name)) for name in ("before", "after"))
                cut = source.num(name_of(source, _cut_name(version.index, index)))
                is_still = compare(before, "=", after)
                if is_of_row(priced):
                    bounds = bounds_of_row(source, bands, name_of(source, "target"))
                    own = source.num(priced.quantity)
                    fraction = divide(cut, subtract(after, before))
                    in_part = _simpler(own, cut, fraction, subtract(after, before))
                    whole = pick([(stands_in(bounds, index, before, after), own)], number(0))
                    quantity = pick([(is_still, whole)], in_part)
                else:
                    cut_of = _slice(source, version, index, priced)
                    quantity = paid_share(priced, source, items, quantity_of(priced, source, cut_of))
                pays = draft(source, items, priced, quantity, index * 100 + place, band=bands.bands[index])
                if is_of_row(priced):
                    set_deal(source)
                if pays_once:
                    place_own(source, index * 100 + place)
                else:
                    source.columns[NTH] = earlier
                if priced.how:
                    words = source.expr(priced.how)
                    is_part = all_of([negated(is_still), compare(cut, "<>", subtract(after, before))])
                    part = chosen([(is_part, joined(["part of ", words]))], words)
                    source.columns["base_how"] = Plain(part)
                if priced.counting is not None and priced.of_measure:
                    in_band = _slice(source, version, index, priced)
                    source.columns |= counted_columns(priced, source, in_band.before, in_band.after)
                source.keep(pays)
                parts.append(source)
                earlier = add(earlier, pick([(pays, number(1))], number(0)))
    if pays_once:
        rows = with_other_rows(compilation, moved, items.rule) if has_others else moved
        parts += paid_once(compilation, items, rows, _has_entered, backwards=False)
    parts = parts or [pays_nothing(moved)]
    comment = f"rule {items.rule.name}: what each row earns, band by band"
    drafts = compilation.add_union(f"{items.rule.name}_drafts", comment, parts, rule=items.rule)
    if pays_once:
        drafts = alike(compilation, drafts, items.rule)
    for version in items.versions:
        _below(compilation, items, version, moved, drafts if pays_once else None)
    return drafts


def _has_entered(source: From, bands: nodes.Bands, index: int) -> Expr:
    return bounds_of_row(source, bands)[index].is_reached_by(absolute(source.num("after")))


def _cut(compilation: Compilation, items: Items, moves: Relation) -> Relation:
    """Return the moved items with `before`, and with the part of each that lies in each band."""
    source = From(moves)
    source.take_all()
    names: list[str] = []
    after, by = source.num("after"), source.num("moves")
    before = source.num("before") if "before" in moves else subtract(after, by)
    source.columns["before"] = before
    rule = items.rule
    for version in items.versions:
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands)
        cuts = parts_of_row(
            bands, bounds_of_row(source, bands), before, after, is_count=is_count(rule.measure)
        )
        for index, cut in enumerate(cuts):
            part = cut.part
            if part.bottom == by.bottom and "before" not in moves:
                # A part of a row is no larger than the row.
                part = replace(part, most=min(part.most, at_scale(by, part.scale).most))
            names.append(_cut_name(version.index, index))
            source.columns[names[-1]] = part
            if any(_counts_of_measure(priced) for priced in version.bands[index]):
                source.columns[_cut_name(version.index, index, "before_")] = cut.before
                source.columns[_cut_name(version.index, index, "after_")] = cut.after
    comment = f"rule {rule.name}: the part of each row that lies in each band"
    cut_up = compilation.add(f"{rule.name}_cut", comment, source, rule=rule)
    return with_deals(compilation, items, cut_up, names)


def _cut_name(version: int, band: int, end: str = "") -> str:
    return f"cut_{end}{version}_{band}"


def _counts_of_measure(priced: PricedPart) -> bool:
    return priced.counting is not None and priced.of_measure


def _slice(source: From, version: VersionItems, band: int, priced: PricedPart) -> Slice:
    """Return the part of each row in a band, with the totals that it lies between where these count."""
    part = source.num(_cut_name(version.index, band))
    if not _counts_of_measure(priced):
        return Slice(part, number(0), part)
    ends = (source.num(_cut_name(version.index, band, end)) for end in ("before_", "after_"))
    return Slice(part, *ends)


def _simpler(own: Number, cut: Number, fraction: Number, by: Number) -> Number:
    """Return own x fraction; all of it, without a quotient, where the whole row lies in the band."""
    return pick([(compare(cut, "=", by), own)], multiply(own, fraction))


def _below(
    compilation: Compilation, items: Items, version: VersionItems, moved: Relation, drafts: Relation | None
) -> None:
    """Note down the items that earn nothing in the bands, and how far they are from the next one.

    Args:
        drafts: all that is earned, where a row may bring what is not its own.
    """
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    source = of_version(moved, items, version)
    is_own = not pays_of_row(version)

    def found(name: str) -> Number:
        return source.num(name_of(source, name, is_own=is_own))

    bounds = bounds_of_row(source, bands, name_of(source, "target", is_own=is_own))
    cuts = [found(_cut_name(version.index, index)) for index in range(len(bands.bands))]
    before, after = found("before"), found("after")
    is_still = compare(before, "=", after)
    touched: list[Expr] = []
    paid: list[Expr] = []
    for index, cut in enumerate(cuts):
        here = chosen([(is_still, is_in_band(bounds, index, after))], negated(is_zero(cut)))
        touched.append(here)
        for priced in version.bands[index]:
            if priced.is_once:
                continue
            rate = negated(is_zero(source.num(priced.rate)))
            if priced.of_measure or priced.of_target:
                brings = negated(is_zero(quantity_of(priced, source, _slice(source, version, index, priced))))
            else:
                brings = all_of([here, negated(is_zero(source.num(priced.quantity)))])
            paid.append(all_of([rate, brings]))
    any_paid = any_of(paid)
    if "days" in moved:
        any_paid = all_of(
            [any_paid, compared(first_given([source.num("days").top, integer(1)]), ">", integer(0))]
        )
    if "times" in moved:
        any_paid = all_of([any_paid, negated(is_zero(source.num("times")))])
    source.keep(negated(any_paid) if drafts is None else without_drafts(compilation, source, drafts, items))
    unpaid(compilation, items, version, source, touched, is_own=is_own)
