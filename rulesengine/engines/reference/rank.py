"""Step 8 for ranks: places settled on the last day of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from rulesengine.engines.measures import unit_of
from rulesengine.engines.reference.accumulate import Contributions, Move, accumulate
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.keys import scope_label
from rulesengine.engines.reference.price import price
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.round_off import round_exact
from rulesengine.engines.reference.rows import Item, Key, Scope
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, multiply, total
from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Ties


class Entrant:
    """One key of a rank: its total, when it got there, and the last row that counted."""

    def __init__(self, keys: Key, item: Item) -> None:
        self.keys, self.item = keys, item
        self.total: Exact = ZERO
        self.since: tuple[object, ...] = ()
        self.contributions = Contributions()


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
        entrant.contributions.add(moved)
        if moved.after != entrant.total:
            entrant.total, entrant.since = moved.after, moved.sort_key
        if moved.item is not None:
            entrant.item = moved.item
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
    """Return what a group of equal keys gets for the places it takes.

    Prizes cannot be divided: each of the group gets those of the best place.
    """
    count = len(entrants)
    best = [pay for pay in ranking.places if pay.place == place]
    if count == 1 or ranking.ties is not Ties.SHARE:
        return [
            _place(entrant, pay, part, rule, reader) for entrant in entrants for pay, part in _parts(best)
        ]
    taken = [pay for pay in ranking.places if place <= pay.place < place + count]
    prizes = [(pay, part) for pay, part in _parts(best) if isinstance(part, nodes.Prize)]
    money = [(pay, part) for pay, part in _parts(taken) if not isinstance(part, nodes.Prize)]
    drafts = [_place(entrant, pay, part, rule, reader) for entrant in entrants for pay, part in prizes]
    return drafts + _shared(entrants, place, money, ranking, rule, reader)


def _parts(places: list[nodes.PlacePay]) -> list[tuple[nodes.PlacePay, nodes.PayPart]]:
    return [(pay, part) for pay in places for part in pay.pay.parts]


def _shared(
    entrants: list[Entrant],
    place: int,
    money: Sequence[tuple[nodes.PlacePay, nodes.PayPart]],
    ranking: nodes.Rank,
    rule: nodes.Rule,
    reader: Reader,
) -> list[Draft]:
    """Return equal parts of what all the places of a group pay together."""
    if not money:
        return []
    worth = [_place(entrants[0], pay, part, rule, reader).exact for pay, part in money]
    whole = round_exact(total(worth), rule.rounding)
    to = ranking.remainder or Remainder.FIRST
    parts = cut(whole, (ONE,) * len(entrants), rule.rounding.step, to)
    pay, part = money[0]
    return [
        replace(
            _place(entrant, pay, part, rule, reader),
            part_number=place,
            exact=amount,
            base=None,
            base_of=f"places {place} to {place + len(entrants) - 1}",
            rate=None,
            units=None,
            whole=whole,
            left_over=parts.left_over,
        )
        for entrant, amount in zip(entrants, parts.amounts, strict=True)
    ]


def _place(
    entrant: Entrant, pay: nodes.PlacePay, part: nodes.PayPart, rule: nodes.Rule, reader: Reader
) -> Draft:
    item, ranking = entrant.item, rule.rank
    last_day = rule.effective.end
    # Settled on the last day, so the payee is read as of that day.
    view = View(item.row.root, last_day, item.payee, convert=item.row.convert)
    priced = price(part, item.row, item.share, view, view, reader)
    exact = multiply(priced.rate, priced.base if priced.base is not None else ONE)
    return Draft(
        payee=item.payee,
        part=Part.PRIZE if priced.prize else Part.PLACE,
        row=None,
        item=item,
        earned_on=last_day,
        exact=ZERO if priced.prize else exact,
        part_number=pay.place,
        scope=scope_label(ranking.measure.keys, Scope(entrant.keys, None)) if ranking else "",
        after=entrant.total,
        unit=unit_of(ranking.measure) if ranking else "",
        base=priced.base,
        base_of=priced.base_of,
        rate=None if priced.prize else priced.rate,
        units=priced.units,
        prize=priced.prize,
        contributors=entrant.contributions.parts(),
        origin=pay.origin,
    )
