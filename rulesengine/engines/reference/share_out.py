"""Step 6 where credit is shared: a row's pay is rounded as a whole and cut into its payees' parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.round_off import round_drafts, round_exact
from rulesengine.engines.reference.rows import PayeeId, Row
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, add, total
from rulesengine.model.parts import Cut, cut_exact, order_of
from rulesengine.model.rounding import Remainder, Rounding, RoundingPlace


@dataclass(slots=True)
class Turns:
    """Who waits since when for something that is left over: those who never had it come first."""

    count: int = 0
    last: dict[PayeeId, int] = field(default_factory=dict)
    of_row: dict[object, tuple[PayeeId, ...]] = field(default_factory=dict)

    def order(self, payees: list[PayeeId], row: object) -> tuple[PayeeId, ...]:
        """Return the payees of a row, the one that has waited longest first.

        Whoever asks again for a row, because it is undone, gets the order that it had.
        """
        if row not in self.of_row:
            self.of_row[row] = tuple(sorted(payees, key=lambda payee: self.last.get(payee, 0)))
        return self.of_row[row]

    def give(self, payees: list[PayeeId]) -> None:
        """Note down who got something, in the order in which they got it."""
        for payee in payees:
            self.count += 1
            self.last[payee] = self.count


def round_shared(drafts: list[Draft], rounding: Rounding) -> list[Draft]:
    """Return the drafts with their amounts; those of shared rows add up to the row's rounded pay.

    Of each row and each step of the pay (under `per fact`, of the row) the exact parts of the payees
    add up to a whole, which is rounded as the rule says. Every part is cut down to a whole number of
    steps; what is left over goes a step each where `remainder to` says. What is paid once, and
    true-ups on earlier rows, are each payee's own and are rounded by themselves.
    """
    shared = [index for index, draft in enumerate(drafts) if _is_shared(draft)]
    if not shared:
        return round_drafts(drafts, rounding)
    amounts: dict[int, Draft] = {}
    rows: dict[int, list[int]] = {}
    for index in shared:
        if drafts[index].exact != 0:
            rows.setdefault(id(drafts[index].row), []).append(index)
    turns = Turns()
    # Rows that undo others go by the turns of those, so these have to be known first.
    for indexes in sorted(rows.values(), key=lambda indexes: _row(drafts[indexes[0]]).follows):
        amounts |= _share_out(drafts, indexes, rounding, turns)
    own = round_drafts([draft for draft in drafts if not _is_shared(draft)], rounding)
    others = {id(draft.tag): draft for draft in own}
    result = []
    for index, draft in enumerate(drafts):
        found = amounts.get(index) if _is_shared(draft) else others.get(id(draft.tag))
        if found is not None:
            result.append(found)
    return result


def _is_shared(draft: Draft) -> bool:
    item = draft.item
    is_of_row = draft.part in (Part.BASE, Part.BAND) and draft.row is not None
    return is_of_row and item is not None and item.version.remainder is not None


def _row(draft: Draft) -> Row:
    assert draft.row is not None
    return draft.row


def _share_out(drafts: list[Draft], indexes: list[int], rounding: Rounding, turns: Turns) -> dict[int, Draft]:
    """Return the drafts of one row with their amounts, by their index."""
    row = _row(drafts[indexes[0]])
    places = {drafts[index].payee: _place(drafts[index]) for index in indexes}
    payees = sorted(places, key=lambda payee: places[payee])
    turn = turns.order(payees, _whose(row))
    result: dict[int, Draft] = {}
    favoured: dict[PayeeId, None] = {}
    for group in _groups(drafts, indexes, rounding).values():
        mine = [payee for payee in payees if any(drafts[index].payee == payee for index in group)]
        parts = _cut([drafts[index] for index in group], mine, turn, rounding)
        for number, payee in enumerate(mine):
            own = [index for index in group if drafts[index].payee == payee]
            result |= _fit(drafts, own, parts.amounts[number], parts, rounding)
        favoured |= dict.fromkeys(mine[index] for index in parts.favoured)
    if not row.follows:
        turns.give(list(favoured))
    return result


def _place(draft: Draft) -> int:
    return draft.item.place if draft.item is not None else 0


def _whose(row: Row) -> object:
    """Return what a row and those that undo it have in common; lines of a rule are told apart."""
    root = (row.root.kind, row.root.key) if row.root else row.order
    line = (row.earning.payee, row.earning.part, row.earning.origin) if row.earning else ()
    return (root, line)


def _groups(drafts: list[Draft], indexes: list[int], rounding: Rounding) -> dict[object, list[int]]:
    groups: dict[object, list[int]] = {}
    for index in indexes:
        draft = drafts[index]
        step = () if rounding.place is RoundingPlace.FACT else (draft.origin, draft.band_from)
        # Parts that add and parts that take are no parts of one whole.
        groups.setdefault((step, draft.exact < 0), []).append(index)
    return groups


def _cut(group: list[Draft], payees: list[PayeeId], turn: tuple[PayeeId, ...], rounding: Rounding) -> Cut:
    exacts = tuple(total([draft.exact for draft in group if draft.payee == payee]) for payee in payees)
    shares = {draft.payee: draft.item.share if draft.item else ONE for draft in group}
    weights = tuple(shares[payee] for payee in payees)
    item = group[0].item
    to = (item.version.remainder if item else None) or Remainder.FIRST
    turn_of_payees = tuple(payees.index(payee) for payee in turn if payee in payees)
    order = order_of(to, weights, exacts, rounding.step, turn_of_payees)
    return cut_exact(round_exact(total(list(exacts)), rounding), exacts, rounding.step, order)


def _fit(
    drafts: list[Draft], own: list[int], amount: Decimal, parts: Cut, rounding: Rounding
) -> dict[int, Draft]:
    """Return a payee's drafts of one whole, fitted so that they add up to the payee's part."""
    whole: Decimal | None = sum(parts.amounts, ZERO) + parts.left_over
    if rounding.place is RoundingPlace.FACT and not parts.left_over:
        whole = None  # of several parts of the pay: no line can be redone from it
    so_far: Exact = ZERO
    given = ZERO
    result: dict[int, Draft] = {}
    for index in own:
        so_far = add(so_far, drafts[index].exact)
        upto = amount if index == own[-1] else round_exact(so_far, rounding)
        result[index] = replace(drafts[index], amount=upto - given, shared=whole, left_over=parts.left_over)
        given = upto
    return result
