"""Step 5, rate: what an item earns, exactly, part by part and band by band.

The relation of drafts has the columns of lines as far as they are known here, beside those that later
steps need: `root_id`, `judged_on`, `counts`, `order_by`, `turn`, `version`, `position`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.bands import (
    Bound,
    bounds_of,
    is_in_band,
    parts_of_row,
    stands_in,
)
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import dated_columns
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    all_of,
    any_of,
    chosen,
    equal,
    integer,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import shown
from rulesengine.engines.sql.unsupported import unsupported
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
    no_number,
    number,
    pick,
    subtract,
)
from rulesengine.model.change import replace
from rulesengine.model.types import MoneyType, NumberType, PercentType
from rulesengine.plan import nodes

CARRIED = (
    "fact_id",
    "root_id",
    "judged_on",
    "counts",
    "undoes",
    "order_by",
    "payee_kind",
    "payee",
    "turn",
    "place",
    "level",
    "version",
)
"""Columns of items that drafts keep."""
NTH = "nth"
"""Column of drafts of bands: how many drafts of the award come before."""


def rate_rows(compilation: Compilation, items: Items) -> Relation:
    """Return what each item earns under a plain `pay`, without a measure."""
    parts = []
    for version in items.versions:
        zeros: list[Expr] = []
        for place, priced in enumerate(version.bands[0] if version.bands else ()):
            source = _of_version(items.relation, items, version)
            quantity = source.num(priced.quantity)
            pays = _draft(source, items, priced, quantity, place)
            zeros.append(negated(pays))
            source.keep(pays)
            parts.append(source)
        _earns_nothing(compilation, items, version, items.relation, all_of(zeros))
    parts = parts or [_pays_nothing(items.relation)]
    comment = f"rule {items.rule.name}: what each row earns"
    return compilation.add_union(f"{items.rule.name}_drafts", comment, parts, rule=items.rule)


def rate_bands(compilation: Compilation, items: Items, moved: Relation) -> Relation:
    """Return what each item earns in the bands it touches: marginal, from_crossing, from_next."""
    parts: list[From] = []
    moved = _cut(compilation, items, moved)
    for version in items.versions:
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands)
        earlier = number(0)
        for index in range(len(bands.bands)):
            for place, priced in enumerate(version.bands[index]):
                source = _of_version(moved, items, version)
                bounds = _bounds(source, items, bands)
                before, after = source.num("before"), source.num("after")
                is_still = compare(before, "=", after)
                cut = source.num(_cut_name(version.index, index))
                if priced.of_measure:
                    quantity = cut
                else:
                    own = source.num(priced.quantity)
                    fraction = divide(cut, subtract(after, before))
                    in_part = _simpler(own, cut, fraction, subtract(after, before))
                    whole = pick([(stands_in(bounds, index, before, after), own)], number(0))
                    quantity = pick([(is_still, whole)], in_part)
                pays = _draft(source, items, priced, quantity, index * 100 + place, band=bands.bands[index])
                source.columns[NTH] = earlier
                source.keep(pays)
                parts.append(source)
                earlier = add(earlier, pick([(pays, number(1))], number(0)))
        _below(compilation, items, version, moved, bands)
    parts = parts or [_pays_nothing(moved)]
    comment = f"rule {items.rule.name}: what each row earns, band by band"
    return compilation.add_union(f"{items.rule.name}_drafts", comment, parts, rule=items.rule)


def _cut(compilation: Compilation, items: Items, moved: Relation) -> Relation:
    """Return the moved items with `before`, and with the part of each that lies in each band."""
    source = From(moved)
    source.take_all()
    after = source.num("after")
    before = subtract(after, source.num("moves"))
    source.columns["before"] = before
    rule = items.rule
    for version in items.versions:
        bands = version.version.rate
        assert isinstance(bands, nodes.Bands)
        bounds = _bounds(source, items, bands)
        cuts = parts_of_row(bands, bounds, before, after, is_count=is_count(rule))
        for index, cut in enumerate(cuts):
            # A part of a row is no larger than the row.
            cut = replace(cut, most=min(cut.most, at_scale(source.num("moves"), cut.scale).most))
            source.columns[_cut_name(version.index, index)] = cut
    comment = f"rule {rule.name}: the part of each row that lies in each band"
    return compilation.add(f"{rule.name}_cut", comment, source, rule=rule)


def _cut_name(version: int, band: int) -> str:
    return f"cut_{version}_{band}"


def _bounds(source: From, items: Items, bands: nodes.Bands) -> list[Bound]:
    target = source.num("target") if "target" in source.relation else None
    if target is not None and is_count(items.rule):
        raise unsupported("a count against a target", items.rule.origin, items.rule.name)
    return bounds_of(bands, target)


def _simpler(own: Number, cut: Number, fraction: Number, by: Number) -> Number:
    """Return own x fraction; all of it, without a quotient, where the whole row lies in the band."""
    return pick([(compare(cut, "=", by), own)], multiply(own, fraction))


def _of_version(relation: Relation, items: Items, version: VersionItems) -> From:
    source = From(relation)
    if len(items.versions) > 1:
        source.keep(equal(source.num("version").top, integer(version.index)))
    return source


def _pays_nothing(relation: Relation) -> From:
    """Return the drafts of a rule that pays nothing whatever comes: none."""
    source = From(relation)
    for name in (*CARRIED, *dated_columns(source)):
        if name in relation:
            source.columns[name] = source[name]
    source.columns["part"] = Plain(text(Part.BASE.value))
    source.columns["earned_on"] = source["dated"]
    source.columns["position"] = number(0)
    source.columns["exact"] = number(0)
    source.keep(FALSE)
    return source


def _draft(
    source: From,
    items: Items,
    priced: PricedPart,
    quantity: Number,
    position: int,
    band: nodes.Band | None = None,
) -> Expr:
    """Set the columns of a draft of one part of the pay: exact = rate x (base or units) x times.

    Returns:
        Whether it comes to anything.
    """
    relation, columns = source.relation, source.columns
    measure = items.rule.measure
    rate = source.num(priced.rate)
    exact = multiply(rate, quantity)
    factors = [rate, quantity]
    for name in (*CARRIED, *dated_columns(source)):
        if name in relation:
            columns[name] = source[name]
    part = Part.BAND if band is not None and priced.part is Part.BASE else priced.part
    columns["part"] = Plain(text(part.value))
    columns["earned_on"] = source["dated"]
    columns["position"] = number(position)
    columns["base" if priced.is_ratio else "units"] = quantity
    columns["base_of"] = Plain(text(priced.base_of or measured(measure)))
    columns["rate"] = rate
    columns["span"] = Plain(text(str(priced.origin)))
    if "times" in relation:
        times = source.num("times")
        exact = multiply(exact, times)
        factors.append(times)
        columns["times"] = pick([(source.expr("is_multiplied"), times)], no_number())
    if "share" in relation and not (priced.of_measure or priced.of_target):
        share = source.num("share")
        columns["share"] = pick([(compare(share, "=", number(1)), no_number())], share)
    columns["exact"] = exact
    if "target" in relation:
        columns["target"] = source["target"]
    if measure is not None:
        columns["window"], columns["scope"] = source["window_label"], source["scope_label"]
        columns["measure_before"], columns["measure_after"] = source["before"], source["after"]
        columns["measure_unit"] = Plain(text(unit_of(measure)))
    if band is not None:
        columns["band_from"] = number(band.start)
        columns["band_above"] = Plain(FALSE if band.is_included else negated(FALSE))
    return all_of(negated(is_zero(factor)) for factor in factors)


# --- what earns nothing --------------------------------------------------------------------------


def _earns_nothing(
    compilation: Compilation, items: Items, version: VersionItems, relation: Relation, test: Expr
) -> None:
    """Note down the items whose pay comes to nothing."""
    pay = version.version.rate
    texts = "; ".join(part.text for part in pay.parts) if isinstance(pay, nodes.Pay) else ""
    source = _of_version(relation, items, version)
    source.keep(test)
    nothing = text(f"{texts} is 0" if texts else "pays nothing")
    _outcome(source, items, *_unless_undone(source, text(Reason.ZERO.value), nothing))
    _add_outcome(compilation, items, version, source)


def _unless_undone(source: From, reason: Expr, detail: Expr) -> tuple[Expr, Expr]:
    """Return why a row comes to nothing: the row that it undoes is undone already, or what is given."""
    is_again = all_of([source.expr("undoes"), equal(source.num("counts").top, integer(0))])
    again = joined([source.expr("root_id"), " is undone already"])
    return chosen([(is_again, text(Reason.NOTHING_UNDONE.value))], reason), chosen(
        [(is_again, again)], detail
    )


def _outcome(source: From, items: Items, reason: Expr, detail: Expr) -> None:
    source.columns = {
        "rule": Plain(text(items.rule.name)),
        "payee_kind": source["payee_kind"],
        "payee": source["payee"],
        "fact": Plain(text(items.rule.fact_kind)),
        "fact_id": source["fact_id"],
        "dated": source["dated"],
        "reason": Plain(reason),
        "detail": Plain(detail),
    }


def _add_outcome(compilation: Compilation, items: Items, version: VersionItems, source: From) -> None:
    suffix = f"_{version.index + 1}" if len(items.versions) > 1 else ""
    name = f"{items.rule.name}_zero{suffix}"
    comment = f"rule {items.rule.name}: rows whose pay comes to nothing"
    compilation.outcomes.append(compilation.add_written(name, comment, source, rule=items.rule))


def _below(
    compilation: Compilation, items: Items, version: VersionItems, moved: Relation, bands: nodes.Bands
) -> None:
    """Note down the items that earn nothing in the bands, and how far they are from the next one."""
    source = _of_version(moved, items, version)
    bounds = _bounds(source, items, bands)
    cuts = [source.num(_cut_name(version.index, index)) for index in range(len(bands.bands))]
    before, after = source.num("before"), source.num("after")
    is_still = compare(before, "=", after)
    touched: list[Expr] = []
    paid: list[Expr] = []
    for index, cut in enumerate(cuts):
        here = chosen([(is_still, is_in_band(bounds, index, after))], negated(is_zero(cut)))
        if version.bands[index]:
            touched.append(here)
        for priced in version.bands[index]:
            rate = negated(is_zero(source.num(priced.rate)))
            if priced.of_measure:
                moves = negated(is_zero(cut))
            else:
                moves = all_of([here, negated(is_zero(source.num(priced.quantity)))])
            paid.append(all_of([rate, moves]))
    any_paid = any_of(paid)
    if "times" in moved:
        any_paid = all_of([any_paid, negated(is_zero(source.num("times")))])
    source.keep(negated(any_paid))
    reason = chosen([(any_of(touched), text(Reason.ZERO.value))], text(Reason.NO_BAND.value))
    _outcome(source, items, *_unless_undone(source, reason, _distance(source, items, bands, bounds)))
    _add_outcome(compilation, items, version, source)


def _distance(source: From, items: Items, bands: nodes.Bands, bounds: Sequence[Bound]) -> Expr:
    measure = items.rule.measure
    unit = measure.aggregate.type if measure is not None else NumberType()
    after = source.num("after")
    pieces: list[Expr | str] = ["the measure is ", shown(after, unit)]
    has_target = "target" in source.relation
    if has_target:
        pieces += [" of ", shown(source["target"], unit)]
    size = absolute(after)
    whens = []
    for index, bound in enumerate(bounds):
        where = shown(number(bands.bands[index].start), PercentType() if has_target else unit)
        to_go = shown(subtract(bound.start, size), unit)
        whens.append(
            (negated(bound.is_reached_by(size)), joined([", ", to_go, " short of the band from ", where]))
        )
    pieces.append(chosen(whens, text("")))
    return joined(pieces)


# --- words ---------------------------------------------------------------------------------------


def unit_of(measure: nodes.Measure | None) -> str:
    """Return the currency of a measure of money, empty for counts and quantities."""
    kind = measure.aggregate.type if measure else None
    if isinstance(kind, PercentType):
        return "%"
    return kind.currency if isinstance(kind, MoneyType) else ""


def measured(measure: nodes.Measure | None) -> str:
    """Return what a measure is of, as lines show it."""
    if measure is None:
        return ""
    return measure.aggregate.read.text if measure.aggregate.read else measure.aggregate.text


def is_count(rule: nodes.Rule) -> bool:
    """Whether the rule's measure counts rows, which bands never cut."""
    return rule.measure is not None and rule.measure.aggregate.kind in (
        nodes.AggregateKind.COUNT,
        nodes.AggregateKind.COUNT_DISTINCT,
    )
