"""Step 5, rate: what a credited row earns, band by band.

`whole` and `interpolated`, which also change what earlier rows earn, are in `rerate.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from rulesengine.engines.bands import Slice, band_at, bounds_of, entered, slices_between
from rulesengine.engines.measures import is_count, measured, unit_of
from rulesengine.engines.reference.accumulate import Moved
from rulesengine.engines.reference.count_out import moved
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.keys import scope_label
from rulesengine.engines.reference.rows import Counted, Days, Factor, Item, Priced, Scope
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, divide, multiply, negate
from rulesengine.plan import nodes


def rate_rows(items: list[Item]) -> list[Draft]:
    """Return what each row earns under a plain `pay`, without a measure."""
    return [
        priced_draft(item, priced, priced.base, priced.units)
        for item in items
        for parts in item.bands
        for priced in parts
    ]


def rate_measured(moves: list[Moved], rule: nodes.Rule) -> list[Draft]:
    """Return what each row earns under a plain `pay` on what it moves a measure by."""
    drafts = []
    for move in moves:
        if move.item is None:
            continue
        for parts in move.item.bands:
            for priced in parts:
                cut = Slice(0, move.before, move.after)
                base, units = _of_measure(priced, move.item, cut, ONE)
                priced = along_measure(priced, cut)
                drafts.append(priced_draft(move.item, priced, base, units, move=move, rule=rule))
    return drafts


def rate_bands(moves: list[Moved], rule: nodes.Rule) -> list[Draft]:
    """Return what each row earns in the bands it touches: marginal, from_crossing, from_next.

    What is paid once in a band is paid by the row that enters it, and taken back by the row that
    leaves it, from whoever got it.
    """
    drafts: list[Draft] = []
    standings: dict[Scope, Standing] = {}
    for move in moves:
        standing = standings.setdefault(move.scope, Standing())
        item = standing.last = move.item or standing.last
        if item is None or not isinstance(item.version.rate, nodes.Bands):
            continue
        if move.item is not None:
            drafts += _in_bands(move, item, item.version.rate, rule)
        drafts += _once(move, item, item.version.rate, rule, standing)
    return drafts


@dataclass(slots=True)
class Standing:
    """Which bands a scope has entered, and what was paid for that once."""

    last: Item | None = None
    """The last row of the rule in the scope: rows that only move the measure pay as it would."""
    bands: set[tuple[int, int]] = field(default_factory=set)
    held: dict[tuple[int, int, int], Draft] = field(default_factory=dict)


class Leading(NamedTuple):
    """What multiplies the exact pay of a row, before any limit or `deduct`."""

    times: Exact | None
    """The product of the `times` clauses, None if there are none."""
    days: Days | None
    """The days that it is prorated by."""

    def of(self, exact: Exact) -> Exact:
        """Return the pay multiplied by both."""
        if self.days is not None:
            exact = divide(multiply(exact, ONE * self.days.counted), ONE * self.days.of)
        return exact if self.times is None else multiply(exact, self.times)


def leading_factors(item: Item) -> Leading:
    """Return the days and `times` clauses before any limit or `deduct`."""
    times: Exact | None = None
    days: Days | None = None
    for adjuster in item.adjusters:
        if not isinstance(adjuster, Factor):
            break
        if adjuster.days is not None:
            days = adjuster.days
        else:
            times = adjuster.factor if times is None else multiply(times, adjuster.factor)
    return Leading(times, days)


def priced_draft(
    item: Item,
    priced: Priced,
    base: Exact | None,
    units: Exact | None,
    *,
    move: Moved | None = None,
    rule: nodes.Rule | None = None,
    band: nodes.Band | None = None,
    part: Part | None = None,
    undoes: Draft | None = None,
) -> Draft:
    """Return the draft of one part of the pay: exact = rate x (base or units) x times."""
    leading = leading_factors(item)
    quantity = base if base is not None else units if units is not None else ZERO
    exact = leading.of(multiply(priced.rate, quantity))
    measure = rule.measure if rule else None
    return Draft(
        payee=item.payee,
        part=part or (Part.BAND if band is not None and priced.part is Part.BASE else priced.part),
        row=move.stands_on if move else item.row,
        item=item,
        earned_on=(move.row if move else item.row).dated,
        exact=exact,
        window=move.scope.label if move else "",
        scope=scope_label(measure.keys, move.scope) if move and measure else "",
        before=move.before if move else None,
        after=move.after if move else None,
        unit=unit_of(measure) if move else "",
        target=item.target,
        band_from=band.start if band else None,
        band_above=band is not None and not band.is_included,
        base=base,
        base_of=priced.base_of or measured(measure),
        base_how=priced.base_how,
        converted=item.converted if priced.of_measure else priced.converted,
        share=_shown_share(item, priced),
        rate=priced.rate,
        units=units,
        times=leading.times,
        days=leading.days,
        counted=priced.counted,
        prize=priced.prize,
        readings="; ".join(item.readings),
        undoes=undoes,
        origin=priced.origin,
    )


def _in_bands(move: Moved, item: Item, rate: nodes.Bands, rule: nodes.Rule) -> list[Draft]:
    own, of_deal = _cuts(move, item, rate, rule), {}
    if move.deal is not None and move.deal.item is not None:
        of_deal = _cuts(move.deal, move.deal.item, rate, rule)
    drafts = []
    for index, band in enumerate(rate.bands):
        for priced in item.bands[index]:
            is_as_deal = move.deal is not None and _is_of_row(priced)
            cut = of_deal.get(index) if is_as_deal else own.get(index)
            if cut is None or priced.part in (Part.ONCE, Part.PRIZE):
                continue
            by = move.deal.by if move.deal is not None and is_as_deal else move.by
            fraction = ONE if by == 0 else divide(cut.part, by)
            base, units = _of_measure(priced, item, cut, fraction)
            priced = along_measure(priced, cut)
            draft = priced_draft(item, priced, base, units, move=move, rule=rule, band=band)
            if fraction != 1 and draft.base_how:
                draft = replace(draft, base_how=f"part of {draft.base_how}")
            if move.deal is not None and is_as_deal:
                draft = _as_paid(draft, move.deal)
            drafts.append(draft)
    return drafts


def _cuts(move: Moved, item: Item, rate: nodes.Bands, rule: nodes.Rule) -> dict[int, Slice]:
    """Return the part of a row in each band that it touches."""
    bounds = bounds_of(rate, item.target)
    if move.by == 0:
        # A row that does not move the measure lies wholly where the total stands.
        index = band_at(bounds, move.after)
        return {} if index is None else {index: Slice(index, ZERO, ZERO)}
    cuts = slices_between(rate.method, bounds, move.before, move.after, is_count=is_count(rule.measure))
    return {cut.band: cut for cut in cuts}


def pays_of_row(item: Item) -> bool:
    """Return whether a band pays anything that is not of the measure: a share of the row, or for each."""
    return any(_is_of_row(priced) for band in item.bands for priced in band)


def _is_of_row(priced: Priced) -> bool:
    is_once = priced.part in (Part.ONCE, Part.PRIZE)
    return not (is_once or priced.of_measure or priced.of_target)


def _as_paid(draft: Draft, deal: Moved) -> Draft:
    """Return what is taken back in the bands of a deal with where the total stood when that was paid."""
    key = deal.stands_on.root.key if deal.stands_on.root is not None else ""
    return replace(
        draft,
        window=deal.scope.label,
        before=deal.before,
        after=deal.after,
        target=deal.item.target if deal.item is not None else None,
        readings="; ".join(word for word in (draft.readings, f"as {key} was paid") if word),
    )


def along_measure(priced: Priced, cut: Slice) -> Priced:
    """Return a part paid of the measure with the totals that its packages are counted between."""
    if priced.counting is None or not priced.of_measure:
        return priced
    return replace(priced, counted=Counted(how=priced.counting, before=cut.before, after=cut.after))


def of_total(priced: Priced, cut: Slice) -> Exact:
    """Return what a part paid of the measure has of a slice: the payee's share of it, or its packages."""
    counted = along_measure(priced, cut).counted
    return multiply(cut.part if counted is None else moved(counted), priced.credited)


def _of_measure(priced: Priced, item: Item, cut: Slice, fraction: Exact) -> tuple[Exact | None, Exact | None]:
    """Return base and units of a part: of the measure, of the target, or the row's own share."""
    if priced.of_target:
        return None, divide(cut.part, item.target) if item.target else ZERO
    if priced.of_measure:
        quantity = of_total(priced, cut)
        return (quantity, None) if priced.is_ratio else (None, quantity)
    if priced.base is not None:
        return multiply(priced.base, fraction), None
    return None, multiply(priced.units if priced.units is not None else ZERO, fraction)


def _once(move: Moved, item: Item, rate: nodes.Bands, rule: nodes.Rule, standing: Standing) -> list[Draft]:
    now = entered(bounds_of(rate, item.target), move.after)
    drafts = []
    for key in sorted(standing.held):
        if key[:2] not in now:
            drafts.append(take_back(standing.held.pop(key), move, item))
    for sign, index in sorted(now - standing.bands):
        for number, priced in enumerate(item.bands[index]):
            if priced.part not in (Part.ONCE, Part.PRIZE):
                continue
            draft = once_draft(priced, sign, move, item, rate.bands[index], rule)
            standing.held[sign, index, number] = draft
            drafts.append(draft)
    standing.bands = now
    return drafts


def once_draft(
    priced: Priced, sign: int, move: Moved, item: Item, band: nodes.Band, rule: nodes.Rule
) -> Draft:
    """Return the draft of what a band pays once; mirrored below zero."""
    base = priced.base if sign > 0 or priced.base is None else negate(priced.base)
    units = priced.units if sign > 0 or priced.units is None else negate(priced.units)
    return priced_draft(item, priced, base, units, move=move, rule=rule, band=band)


def take_back(paid: Draft, move: Moved, item: Item) -> Draft:
    """Return the draft that takes back what was paid once, from whoever got it."""
    return Draft(
        payee=paid.payee,
        part=paid.part,
        row=move.stands_on,
        item=item if item.payee == paid.payee else paid.item,
        earned_on=move.row.dated,
        exact=negate(paid.exact),
        window=paid.window,
        scope=paid.scope,
        before=move.before,
        after=move.after,
        unit=paid.unit,
        target=paid.target,
        band_from=paid.band_from,
        band_above=paid.band_above,
        base=None if paid.base is None else negate(paid.base),
        base_of=paid.base_of,
        share=paid.share,
        rate=paid.rate,
        units=None if paid.units is None else negate(paid.units),
        times=paid.times,
        days=paid.days,
        prize=paid.prize,
        undoes=paid,
        origin=paid.origin,
    )


def _shown_share(item: Item, priced: Priced) -> Exact | None:
    """Return the share that the base or units were cut to; a measure adds up credited parts."""
    if priced.of_measure and priced.counting is not None:
        return None if priced.credited == 1 else priced.credited
    return None if item.share == 1 or priced.of_measure or priced.of_target else item.share
