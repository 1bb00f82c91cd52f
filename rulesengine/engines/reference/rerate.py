"""Step 5 for `whole` and `interpolated`: the band of the total decides for every row in the scope.

Each scope keeps an account for each payee and version of the rule: what the payee's rows are worth
in every band. A row is paid at the band of the total with it; when the band (or, interpolated,
the place between two bands) changes, every account gains or loses the difference as a true-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from rulesengine.engines.bands import Slice, band_at, bounds_of
from rulesengine.engines.measures import unit_of
from rulesengine.engines.reference.accumulate import Moved
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.keys import scope_label
from rulesengine.engines.reference.levels import Level, level_at, shown_way
from rulesengine.engines.reference.rate import (
    Leading,
    along_measure,
    leading_factors,
    of_total,
    once_draft,
    priced_draft,
    take_back,
)
from rulesengine.engines.reference.rows import Item, PayeeId, Priced, Scope
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, add, divide, multiply, subtract, total
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Method


class OncePaid(NamedTuple):
    """What an amount paid once, which moves with the total, came to."""

    exact: Exact
    amount: Decimal


_NOTHING_YET = OncePaid(ZERO, Decimal(0))

RoundOff = Callable[[Exact], Decimal]


@dataclass(slots=True)
class Account:
    """What one payee's rows under one version of the rule are worth in each band."""

    item: Item
    values: list[Exact]
    terms: Terms | None
    applied: Exact = ZERO
    """What the rows have been paid, exactly, by own lines and true-ups."""
    quantity: Exact = ZERO
    paid_rate: Exact = ZERO


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows must have in common for a true-up to be one product; None for those that differ."""

    rates: tuple[Exact, ...]
    leading: Leading
    is_ratio: bool
    of_target: bool


@dataclass(slots=True)
class Standing:
    """The state of one scope."""

    accounts: dict[tuple[PayeeId, int], Account] = field(default_factory=dict)
    last: Item | None = None
    held_band: tuple[int, int] | None = None
    held: list[Draft] = field(default_factory=list)
    once_paid: dict[int, OncePaid] = field(default_factory=dict)


def rerate(moved: list[Moved], rule: nodes.Rule, round_off: RoundOff) -> list[Draft]:
    """Return own lines, true-ups and once-lines of every row, in order.

    Args:
        moved: the measure before and after every row.
        rule: its bands are `whole` or `interpolated` in every version.
        round_off: the rule's rounding; an interpolated amount paid once moves with the total, and
            each move is the rounded amount after less the rounded amount before.
    """
    drafts: list[Draft] = []
    standings: dict[Scope, Standing] = {}
    for move in moved:
        standing = standings.setdefault(move.scope, Standing())
        item = standing.last = move.item or standing.last
        if item is None:
            continue
        # Earlier rows are brought to the new level before the row joins them, but its own line
        # reads first.
        true_ups = _true_ups(move, item.target, standing, rule)
        if move.item is not None:
            drafts += _own(move, move.item, standing, rule)
        drafts += true_ups
        drafts += _once(move, item, standing, rule, round_off)
    return drafts


def _true_ups(move: Moved, target: Exact | None, standing: Standing, rule: nodes.Rule) -> list[Draft]:
    """Bring every account to the new level: that of the total, against the target of the row."""
    drafts = []
    for (payee, _), account in standing.accounts.items():
        bands = account.item.version.rate
        if not isinstance(bands, nodes.Bands):
            continue
        level = level_at(bands, target, move.after)
        now = level.of(account.values)
        if now != account.applied:
            drafts.append(_true_up(move, payee, account, bands, level, target, rule))
            account.applied = now
    return drafts


def _true_up(
    move: Moved,
    payee: PayeeId,
    account: Account,
    bands: nodes.Bands,
    level: Level,
    target: Exact | None,
    rule: nodes.Rule,
) -> Draft:
    """Return what an account gains: its quantity at the new rate instead of the old one.

    Rows at rates of their own have no such product; then the line carries what they are worth now.
    """
    now = level.of(account.values)
    base: Exact | None = now
    units = rate = rate_before = times = days = None
    if account.terms is not None:
        rate, rate_before = level.of(list(account.terms.rates)), account.paid_rate
        times, days = account.terms.leading
        base = account.quantity if account.terms.is_ratio else None
        units = None if account.terms.is_ratio else account.quantity
        account.paid_rate = rate
    measure = rule.measure
    return Draft(
        payee=payee,
        part=Part.TRUE_UP,
        row=move.stands_on,
        item=account.item,
        earned_on=move.row.dated,
        exact=subtract(now, account.applied),
        window=move.scope.label,
        scope=scope_label(measure.keys, move.scope) if measure else "",
        before=move.before,
        after=move.after,
        unit=unit_of(measure),
        target=target,
        band_from=None if level.band is None else bands.bands[level.band].start,
        band_above=level.band is not None and not bands.bands[level.band].is_included,
        towards_next=shown_way(level),
        base=base,
        base_of="quota" if account.terms is not None and account.terms.of_target else "earlier rows",
        rate=rate,
        rate_before=rate_before,
        units=units,
        times=times,
        days=days,
        origin=bands.origin,
    )


def _own(move: Moved, item: Item, standing: Standing, rule: nodes.Rule) -> list[Draft]:
    bands = item.version.rate
    if not isinstance(bands, nodes.Bands):
        return []
    level = level_at(bands, item.target, move.after)
    leading = leading_factors(item)
    values = [_worth(parts, move, item, leading) for parts in item.bands]
    terms = _terms(item, leading)
    account = standing.accounts.setdefault(
        (item.payee, item.version_index), Account(item, [ZERO] * len(values), terms)
    )
    account.item = item
    account.values = [add(old, new) for old, new in zip(account.values, values, strict=True)]
    account.applied = level.of(account.values)
    account.terms = terms if terms == account.terms else None
    if account.terms is not None:
        account.quantity = add(account.quantity, _quantity(_first_priced(item), move, item))
        account.paid_rate = level.of(list(account.terms.rates))
    return _own_drafts(move, item, bands, level, rule)


def _worth(parts: tuple[Priced, ...], move: Moved, item: Item, leading: Leading) -> Exact:
    """Return what the row is worth in a band."""
    return leading.of(
        total([multiply(priced.rate, _quantity(priced, move, item)) for priced in _running(parts)])
    )


def _own_drafts(move: Moved, item: Item, bands: nodes.Bands, level: Level, rule: nodes.Rule) -> list[Draft]:
    if level.band is None:
        return []
    band = bands.bands[level.band]
    here = _running(item.bands[level.band])
    ahead = _running(item.bands[level.band + 1]) if level.towards_next != 0 else here
    drafts = []
    for priced, next_priced in zip(here, ahead, strict=True):
        rate = add(priced.rate, multiply(level.towards_next, subtract(next_priced.rate, priced.rate)))
        quantity = _quantity(priced, move, item)
        base, units = (quantity, None) if priced.is_ratio else (None, quantity)
        at_rate = along_measure(_at_rate(priced, rate), Slice(0, move.before, move.after))
        draft = priced_draft(item, at_rate, base, units, move=move, rule=rule, band=band)
        drafts.append(replace(draft, towards_next=shown_way(level)))
    return drafts


def _once(move: Moved, item: Item, standing: Standing, rule: nodes.Rule, round_off: RoundOff) -> list[Draft]:
    bands = item.version.rate
    if not isinstance(bands, nodes.Bands):
        return []
    if bands.method is Method.INTERPOLATED:
        return _once_interpolated(move, item, bands, standing, rule, round_off)
    index = band_at(bounds_of(bands, item.target), move.after) if move.after != 0 else None
    now = None if index is None else (-1 if move.after < 0 else 1, index)
    if now == standing.held_band:
        return []
    drafts = [take_back(paid, move, item) for paid in reversed(standing.held)]
    standing.held_band, standing.held = now, []
    if now is not None:
        standing.held = [
            once_draft(priced, now[0], move, item, bands.bands[now[1]], rule)
            for priced in item.bands[now[1]]
            if priced.part in (Part.ONCE, Part.PRIZE)
        ]
    return drafts + standing.held


def _once_interpolated(
    move: Moved,
    item: Item,
    bands: nodes.Bands,
    standing: Standing,
    rule: nodes.Rule,
    round_off: RoundOff,
) -> list[Draft]:
    level = level_at(bands, item.target, move.after)
    sign = (move.after > 0) - (move.after < 0)
    here = () if level.band is None or sign == 0 else _paid_once(item.bands[level.band])
    ahead = _paid_once(item.bands[level.band + 1]) if level.band is not None and level.towards_next else here
    due: dict[int, tuple[Priced, Exact]] = {}
    for number, (priced, next_priced) in enumerate(zip(here, ahead, strict=True)):
        values = (_once_value(priced), _once_value(next_priced))
        exact = add(values[0], multiply(level.towards_next, subtract(values[1], values[0])))
        due[number] = (priced, multiply(exact, ONE * sign))
    drafts = []
    for number in sorted(set(due) | set(standing.once_paid)):
        before = standing.once_paid.get(number, _NOTHING_YET)
        priced_now, worth = due.get(number, (None, ZERO))
        now = OncePaid(worth, round_off(worth))
        if now.amount == before.amount:
            continue  # what it is worth moves on when the payable amount does
        drafts.append(_once_moves(move, item, bands, level, rule, priced_now, before.exact, now.exact))
        standing.once_paid[number] = now
    return drafts


def _once_moves(
    move: Moved,
    item: Item,
    bands: nodes.Bands,
    level: Level,
    rule: nodes.Rule,
    priced: Priced | None,
    before: Exact,
    now: Exact,
) -> Draft:
    band = bands.bands[level.band] if level.band is not None else bands.bands[0]
    measure = rule.measure
    return Draft(
        payee=item.payee,
        part=Part.ONCE,
        row=move.stands_on,
        item=item,
        earned_on=move.row.dated,
        exact=subtract(now, before),
        rounded_from=before,
        window=move.scope.label,
        scope=scope_label(measure.keys, move.scope) if measure else "",
        before=move.before,
        after=move.after,
        unit=unit_of(measure),
        target=item.target,
        band_from=band.start,
        band_above=not band.is_included,
        towards_next=shown_way(level),
        base=now,
        base_of=priced.base_of if priced else "",
        readings="; ".join(item.readings),
        origin=priced.origin if priced else band.origin,
    )


def _running(parts: tuple[Priced, ...]) -> tuple[Priced, ...]:
    return tuple(priced for priced in parts if priced.part not in (Part.ONCE, Part.PRIZE))


def _paid_once(parts: tuple[Priced, ...]) -> tuple[Priced, ...]:
    return tuple(priced for priced in parts if priced.part is Part.ONCE)


def _once_value(priced: Priced) -> Exact:
    return multiply(priced.rate, priced.base if priced.base is not None else ONE)


def _quantity(priced: Priced, move: Moved, item: Item) -> Exact:
    if priced.of_target:
        return divide(move.by, item.target) if item.target else ZERO
    if priced.of_measure:
        return of_total(priced, Slice(0, move.before, move.after))
    if priced.base is not None:
        return priced.base
    return priced.units if priced.units is not None else ZERO


def _terms(item: Item, leading: Leading) -> Terms | None:
    """Return the terms of a row if every band has at most one part, all on one quantity."""
    running = [_running(parts) for parts in item.bands]
    shapes = {
        (parts[0].of_measure, parts[0].of_target, parts[0].base_of, parts[0].is_ratio, parts[0].counting)
        for parts in running
        if parts
    }
    if len(shapes) != 1 or any(len(parts) > 1 for parts in running):
        return None
    rates = tuple(parts[0].rate if parts else ZERO for parts in running)
    first = _first_priced(item)
    return Terms(rates, leading, first.is_ratio, first.of_target)


def _first_priced(item: Item) -> Priced:
    return next(priced for parts in item.bands for priced in _running(parts))


def _at_rate(priced: Priced, rate: Exact) -> Priced:
    return priced if rate == priced.rate else replace(priced, rate=rate)
