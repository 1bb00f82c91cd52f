"""Why an item earns nothing in the bands, and how far it is from the next one."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.deals import name_of
from rulesengine.engines.sql.expressions import (
    Expr,
    all_of,
    any_of,
    chosen,
    is_given,
    is_null,
    joined,
    negated,
    text,
)
from rulesengine.engines.sql.items import Items, VersionItems
from rulesengine.engines.sql.rate import add_outcome, bounds_of_row, outcome, why_nothing
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import AWARD, OTHER_ROW
from rulesengine.engines.sql.shown import shown
from rulesengine.engines.sql.values import absolute, is_zero, number, subtract
from rulesengine.model.types import NumberType, PercentType
from rulesengine.plan import nodes


def without_drafts(compilation: Compilation, source: From, drafts: Relation, items: Items) -> Expr:
    """Return whether nothing is earned by the payee of an item on its row, not by earlier rows either."""
    made = ("who earns", items.rule.name)
    if made not in compilation.relations:
        found = From(drafts)
        something = [negated(is_zero(found.num("exact")))]
        if "prize" in drafts:
            something.append(is_given(found.expr("prize")))
        found.keep(any_of(something))
        if OTHER_ROW in drafts:
            # What is paid on a row that only moves the total is not what the item's own row earns.
            found.keep(is_null(found.num(OTHER_ROW).top))
        names = [each for each in AWARD if each in drafts and each != OTHER_ROW]
        row = [each for each in names if not is_literal(drafts.columns[each])]
        found.columns = {each: found[each] for each in row}
        found.groups = found.keys(row)
        comment = f"rule {items.rule.name}: who earns anything, and on which rows"
        name = f"{items.rule.name}_earning"
        compilation.relations[made] = compilation.add(name, comment, found, rule=items.rule)
    earning = compilation.relations[made]
    on = {each: source.key("dated" if each == "earned_on" else each) for each in earning.columns}
    return is_null(source.join(earning, on).expr("fact_id"))


def unpaid(
    compilation: Compilation,
    items: Items,
    version: VersionItems,
    source: From,
    touched: Sequence[Expr],
    *,
    is_own: bool = True,
) -> None:
    """Note down the items of a select, which earn nothing in the bands.

    Args:
        is_own: whether it is told where the total stands with each row, and not with its deal.
        touched: for each band, whether some of the row lies in it.
    """
    bands = version.version.rate
    assert isinstance(bands, nodes.Bands)
    after, target = (name_of(source, name, is_own=is_own) for name in ("after", "target"))
    in_any = [here for here, parts in zip(touched, version.bands, strict=True) if parts]
    in_once = [
        here
        for here, parts in zip(touched, version.bands, strict=True)
        if any(priced.is_once for priced in parts)
    ]
    once = all_of([any_of(in_once), negated(is_zero(source.num(after)))])
    whens = [
        (once, text(Reason.OTHER_ROW_REACHED.value)),
        (any_of(in_any), text(Reason.ZERO.value)),
    ]
    reason = chosen(whens, text(Reason.NO_BAND.value))
    words = _distance(source, items, bands, after, target)
    outcome(source, items, *why_nothing(source, version, reason, words))
    add_outcome(compilation, items, version, source)


def _distance(source: From, items: Items, bands: nodes.Bands, total: str, target: str) -> Expr:
    measure = items.rule.measure
    unit = measure.aggregate.type if measure is not None else NumberType()
    after, bounds = source.num(total), bounds_of_row(source, bands, target)
    pieces: list[Expr | str] = ["the measure is ", shown(after, unit)]
    has_target = target in source.relation
    if has_target:
        pieces += [" of ", shown(source[target], unit)]
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
