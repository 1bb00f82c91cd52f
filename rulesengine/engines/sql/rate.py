"""Step 5, rate: what an item earns, exactly, part by part and band by band.

The relation of drafts has the columns of lines as far as they are known here, beside those that later
steps need: `row.root`, `judged_on`, `row.counts`, `row.order_by`, `turn`, `version`, `position`.
"""

from __future__ import annotations

from rulesengine.engines.measures import is_nothing, measured, unit_of
from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.award_rows import AWARD, BUDGET, OF_ITEM, fact_of
from rulesengine.engines.sql.bands import (
    Bound,
    Slice,
    bounds_of,
)
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.counting import counted_columns, nothing_moved, quantity_moved
from rulesengine.engines.sql.due import dated_columns
from rulesengine.engines.sql.exchange import MEASURE, exchange_of
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    all_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    is_given,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.look_up_limits import DEDUCTS, LIMIT
from rulesengine.engines.sql.price import PricedPart
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import scope_columns
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    compare,
    divide,
    is_zero,
    multiply,
    no_number,
    number,
    pick,
)
from rulesengine.model.rounding import RoundingPlace
from rulesengine.plan import nodes

CARRIED = (*OF_ITEM, "other_row")
"""Columns of items that drafts keep."""
IS_MOVE = "is_move"
"""Column of items: whether the row moves the rule's named measure."""
MOVE_TURN = "move_turn"
"""The payee's turn among those of the row as the measure counts it."""
NTH = "nth"
"""Column of drafts of bands: how many drafts of the award come before."""

PART_OF_PAY = "part_of_pay"
"""Column of drafts: what the payees of a row have in common of it, where `position` is of each of them."""


def carried(source: From) -> list[str]:
    """Return the columns of items that drafts keep."""
    behind = [name for name in source.relation.columns if name.startswith((LIMIT, BUDGET, AWARD))]
    return [*CARRIED, *dated_columns(source), *behind]


def rate_rows(compilation: Compilation, items: Items) -> Relation:
    """Return what each item earns under a plain `pay`, without a measure."""
    parts = []
    for version in items.versions:
        zeros: list[Expr] = []
        for place, priced in enumerate(version.bands[0] if version.bands else ()):
            source = of_version(items.relation, items, version)
            quantity = source.num(priced.quantity)
            pays = draft(source, items, priced, quantity, place)
            zeros.append(negated(pays))
            source.keep(pays)
            parts.append(source)
        _earns_nothing(compilation, items, version, items.relation, all_of(zeros))
    parts = parts or [pays_nothing(items.relation)]
    comment = f"rule {items.rule.name}: what each row earns"
    return compilation.add_union(f"{items.rule.name}_drafts", comment, parts, rule=items.rule)


def bounds_of_row(source: From, bands: nodes.Bands, target: str = "target") -> list[Bound]:
    """Return the lower ends of bands, of the target of each row if there is one, which has that column."""
    return bounds_of(bands, source.num(target) if target in source.relation else None)


def quantity_of(priced: PricedPart, source: From, cut: Slice) -> Number:
    """Return what a part paid of the measure, or of the target, has of a slice of a row."""
    if priced.of_target:
        return pick([(is_zero(cut.part), number(0))], divide(cut.part, source.num("target")))
    if priced.counting is not None:
        counted = quantity_moved(priced.counting, source, cut.before, cut.after)
        return pick([(is_zero(cut.part), number(0))], counted)
    return cut.part


def paid_share(priced: PricedPart, source: From, items: Items, quantity: Number) -> Number:
    """Return the payee's share of what is paid of the measure, where that counts full amounts."""
    return multiply(quantity, source.num("share")) if _has_paid_share(priced, items) else quantity


def _has_paid_share(priced: PricedPart, items: Items) -> bool:
    measure = items.rule.measure
    is_full = measure is not None and (
        measure.aggregate.share is nodes.CreditShareOf.FULL or measure.read_by is not None
    )
    return is_full and items.is_shared and priced.of_measure


def of_version(relation: Relation, items: Items, version: VersionItems) -> From:
    source = From(relation)
    if len(items.versions) > 1:
        source.keep(equal(source.num("version").top, integer(version.index)))
    return source


def pays_nothing(relation: Relation) -> From:
    """Return the drafts of a rule that pays nothing whatever comes: none."""
    source = From(relation)
    for name in carried(source):
        if name in relation:
            source.columns[name] = source[name]
    source.columns["part"] = Plain(text(Part.BASE.value))
    source.columns["earned_on"] = source["dated"]
    source.columns["position"] = number(0)
    source.columns["exact"] = number(0)
    source.keep(FALSE)
    return source


def draft(
    source: From,
    items: Items,
    priced: PricedPart,
    quantity: Number,
    position: int,
    band: nodes.Band | None = None,
    rate: Number | None = None,
) -> Expr:
    """Set the columns of a draft of one part of the pay: exact = rate x (base or units) x times.

    Args:
        rate: where it is not that of the part itself.

    Returns:
        Whether it comes to anything.
    """
    relation, columns = source.relation, source.columns
    measure = items.rule.measure
    rate = source.num(priced.rate) if rate is None else rate
    exact = leading(source, multiply(rate, quantity))
    factors = [rate, quantity]
    scope = scope_columns(relation) if measure is not None and rounds_sums(items.rule) else []
    for name in (*carried(source), *scope):
        if name in relation:
            columns[name] = source[name]
    part = Part.BAND if band is not None and priced.part is Part.BASE else priced.part
    columns["part"] = Plain(text(part.value))
    columns["earned_on"] = source["dated"]
    columns["position"] = number(position)
    if priced.prize:
        columns["prize"] = Plain(text(priced.prize))
    else:
        columns["base" if priced.is_ratio else "units"] = quantity
    columns["base_of"] = Plain(text(priced.base_of or measured(measure)))
    if priced.how:
        columns["base_how"] = source[priced.how]
    if "readings" in relation:
        columns["readings"] = source["readings"]
    columns |= exchange_of(source, MEASURE if priced.of_measure else priced.rate.removeprefix("rate_"))
    if priced.counting is not None and not priced.of_measure:
        how = priced.counting
        columns |= counted_columns(priced, source, source.num(how.before), source.num(how.after))
    columns["rate"] = rate
    columns["span"] = Plain(text(str(priced.origin)))
    if "days" in relation:
        columns["days"], columns["days_of"] = source["days"], source["days_of"]
    if "times" in relation:
        times = source.num("times")
        factors.append(times)
        columns["times"] = pick([(source.expr("is_multiplied"), times)], no_number())
    if "share" in relation and any(each.version.remainder is not None for each in items.versions):
        columns["share_of_row"] = source["share"]
    is_counted_full = priced.counting is not None and _has_paid_share(priced, items)
    if "share" in relation and (is_counted_full or not (priced.of_measure or priced.of_target)):
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
    comes_to = [negated(is_zero(factor)) for factor in factors]
    if "days" in relation:
        comes_to.append(counts_days(source))
    return all_of(comes_to)


def leading(source: From, exact: Number) -> Number:
    """Return pay multiplied by the days that it is prorated by and by the factors before any limit."""
    if "days" in source.relation:
        days, of = source.num("days"), source.num("days_of")
        exact = pick([(is_given(days.top), divide(multiply(exact, days), of))], exact)
    return multiply(exact, source.num("times")) if "times" in source.relation else exact


def counts_days(source: From) -> Expr:
    """Return whether any day counts of those that the pay is prorated by."""
    return compared(first_given([source.num("days").top, integer(1)]), ">", integer(0))


def rounds_sums(rule: nodes.Rule) -> bool:
    """Whether drafts are rounded as parts of the sum of their window."""
    return rule.rounding.place in (RoundingPlace.WINDOW, RoundingPlace.BAND)


# --- what earns nothing --------------------------------------------------------------------------


def _earns_nothing(
    compilation: Compilation, items: Items, version: VersionItems, relation: Relation, test: Expr
) -> None:
    """Note down the items whose pay comes to nothing."""
    source = of_version(relation, items, version)
    source.keep(test)
    nothing = text(is_nothing(version.version.rate))
    outcome(source, items, *why_nothing(source, version, text(Reason.ZERO.value), nothing))
    add_outcome(compilation, items, version, source)


def why_nothing(source: From, version: VersionItems, reason: Expr, detail: Expr) -> tuple[Expr, Expr]:
    """Return why a row comes to nothing: what counts of it is neither more nor less, the row that it
    undoes is undone already, or what is given."""
    still = nothing_moved([priced for band in version.bands for priced in band], source)
    if still is not None:
        return text(Reason.ZERO.value), still
    reasons, details = [], []
    is_again = all_of([source.expr("row.undoes"), equal(source.num("row.counts").top, integer(0))])
    again = joined([source.expr("row.root"), " is undone already"])
    reasons.append((is_again, text(Reason.NOTHING_UNDONE.value)))
    details.append((is_again, again))
    if IS_MOVE in source.relation:
        # Of a row of a named measure it is told what its pay comes to, and not where the total stands.
        is_move = source.expr(IS_MOVE)
        reasons.append((is_move, text(Reason.ZERO.value)))
        details.append((is_move, text(is_nothing(version.version.rate))))
    return chosen(reasons, reason), chosen(details, detail)


def outcome(source: From, items: Items, reason: Expr, detail: Expr) -> None:
    source.columns = {
        "rule": Plain(text(items.rule.name)),
        "payee_kind": source["payee_kind"],
        "payee": source["payee"],
        "fact": fact_of(source, items.rule),
        "fact_id": source["fact_id"],
        "dated": source["dated"],
        "reason": Plain(reason),
        "detail": Plain(detail),
    }


def add_outcome(compilation: Compilation, items: Items, version: VersionItems, source: From) -> None:
    if DEDUCTS in source.relation:
        # What is deducted makes a line of a row that earns nothing, too.
        source.keep(negated(source.expr(DEDUCTS)))
    suffix = f"_{version.index + 1}" if len(items.versions) > 1 else ""
    name = f"{items.rule.name}_zero{suffix}"
    comment = f"rule {items.rule.name}: rows whose pay comes to nothing"
    compilation.outcomes.append(compilation.add_written(name, comment, source, rule=items.rule))
