"""Step 8 for ranks: places settled on the last day of the window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.accumulate import Move, accumulate
from rulesengine.engines.reference.look_up import price, scope_label, views
from rulesengine.engines.reference.rate import unit_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.round_off import round_exact
from rulesengine.engines.reference.rows import Draft, Item, Key, PayeeId, Scope
from rulesengine.engines.results import Part
from rulesengine.model.exact import ONE, ZERO, Exact, multiply
from rulesengine.model.rounding import Remainder, cut
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Ties


class Entrant:
    """One key of a rank: its total, when it got there, and the last row that counted."""

    def __init__(self, keys: Key, item: Item) -> None:
        self.keys, self.item = keys, item
        self.total: Exact = ZERO
        self.since: tuple[object, ...] = ()
        self.contributors: dict[PayeeId, None] = {}


def rank(
    items: list[Item],
    moves: list[Move] | None,
    rule: nodes.Rule,
    through: date,
    reader: Reader,
) -> list[Draft]:
    """Return what the places pay, dated the window's last day; nothing before it is over.

    Only keys above zero are ranked. Equal totals share a place: under `ties share` they take as
    many places as they are and divide what those pay; under `all` each gets the best of them;
    under `first` the one that got to its total first has the better place.
    """
    ranking, last_day = rule.rank, rule.effective.end
    if ranking is None or last_day > through:
        return []
    drafts: list[Draft] = []
    place = 1
    for _, tied in groupby(_standings(items, moves, ranking), key=_group(ranking.ties)):
        entrants = list(tied)
        drafts += _pay_places(entrants, place, ranking, rule, reader)
        place += len(entrants)
    return drafts


def _standings(items: list[Item], moves: list[Move] | None, ranking: nodes.Rank) -> list[Entrant]:
    entrants: dict[Key, Entrant] = {}
    for moved in accumulate(items, moves, ranking.measure.aggregate.kind):
        keys = moved.scope.keys
        if keys not in entrants:
            if moved.item is None:
                continue
            entrants[keys] = Entrant(keys, moved.item)
        entrant = entrants[keys]
        if moved.after != entrant.total:
            entrant.total, entrant.since = moved.after, moved.sort_key
        if moved.item is not None:
            entrant.item = moved.item
            if moved.item.row.counts > 0:
                entrant.contributors[moved.item.payee] = None
    ranked = [entrant for entrant in entrants.values() if entrant.total > 0]
    ranked.sort(key=lambda entrant: entrant.since)
    return sorted(ranked, key=lambda entrant: entrant.total, reverse=True)


def _group(ties: Ties) -> Callable[[Entrant], object]:
    if ties is Ties.FIRST:
        return lambda entrant: entrant.keys
    return lambda entrant: entrant.total


def _pay_places(
    entrants: list[Entrant], place: int, ranking: nodes.Rank, rule: nodes.Rule, reader: Reader
) -> list[Draft]:
    """Return what a group of equal keys gets for the places it takes."""
    count = len(entrants)
    taken = [pay for pay in ranking.places if place <= pay.place < place + count]
    if ranking.ties is not Ties.SHARE:
        taken = [pay for pay in taken if pay.place == place]
    drafts: list[Draft] = []
    for pay in taken:
        for part in pay.pay.parts:
            shares = count if ranking.ties is Ties.SHARE and not isinstance(part, nodes.Prize) else 1
            for number, entrant in enumerate(entrants):
                drafts.append(_place(entrant, pay, part, shares, number, ranking, rule, reader))
    return drafts


def _place(
    entrant: Entrant,
    pay: nodes.PlacePay,
    part: nodes.PayPart,
    shares: int,
    number: int,
    ranking: nodes.Rank,
    rule: nodes.Rule,
    reader: Reader,
) -> Draft:
    item = entrant.item
    judge, own = views(item.row, item.payee)
    priced = price(part, item.row, item.share, judge, own, reader)
    value = multiply(priced.rate, priced.base if priced.base is not None else ONE)
    whole: Decimal | None = None
    exact: Exact = value
    if shares > 1:
        rounded = round_exact(value, rule.rounding)
        to = ranking.remainder or Remainder.FIRST
        parts = cut(rounded, (ONE,) * shares, reader.plan.minor_unit, to)
        whole, exact = rounded, parts[number]
    return Draft(
        payee=item.payee,
        part=Part.PRIZE if priced.prize else Part.PLACE,
        row=None,
        item=item,
        earned_on=rule.effective.end,
        exact=ZERO if priced.prize else exact,
        part_number=pay.place,
        scope=scope_label(ranking.measure.keys, Scope(entrant.keys, None)),
        after=entrant.total,
        unit=unit_of(ranking.measure),
        base=priced.base,
        base_of=priced.base_of,
        rate=priced.rate if not priced.prize else None,
        units=priced.units,
        whole=whole,
        prize=priced.prize,
        contributors=tuple(entrant.contributors),
        origin=pay.origin,
    )
