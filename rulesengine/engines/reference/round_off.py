"""Step 6, round: from exact to payable, in the mode, to the step and at the place the rule names."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.drafts import Draft
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact, add
from rulesengine.model.rounding import Rounding, RoundingPlace, round_to


def round_exact(value: Exact, rounding: Rounding) -> Decimal:
    """Return a value rounded as the rule says."""
    return round_to(value, rounding.step, rounding.mode)


def round_drafts(drafts: Iterable[Draft], rounding: Rounding) -> list[Draft]:
    """Return the drafts with their amounts.

    `per line` rounds each draft by itself. `per fact` rounds the running sum of a payee's drafts
    on one row and takes the difference, so that the row's lines meet its rounded sum; `per window`
    does so with the sum of the measure's window, `per band` with that of each band in it.
    A draft that is a move of an amount paid once brings the amount before it, `rounded_from`, with it: it
    is the rounded amount after less the rounded amount before, wherever the rule rounds.
    Drafts that are exactly zero are dropped; prizes stay.
    """
    sums: dict[object, Exact] = {}
    result = []
    for number, (_, group) in enumerate(groupby(drafts, key=group_key)):
        for draft in group:
            if draft.exact == 0 and not draft.prize:
                continue
            if draft.rounded_from is not None:
                amount = round_exact(add(draft.rounded_from, draft.exact), rounding) - round_exact(
                    draft.rounded_from, rounding
                )
                result.append(replace(draft, amount=amount, rounded_from=draft.rounded_from or None))
                continue
            place = _place(draft, rounding.place, number)
            if place is None:
                result.append(replace(draft, amount=round_exact(draft.exact, rounding)))
                continue
            before = sums.get(place, ZERO)
            after = sums[place] = add(before, draft.exact)
            amount = round_exact(after, rounding) - round_exact(before, rounding)
            shown = None if rounding.place is RoundingPlace.FACT else before
            result.append(replace(draft, amount=amount, rounded_from=shown))
    return result


def _place(draft: Draft, place: RoundingPlace, award: int) -> object:
    """Return whose running sum is rounded with a draft, None where it is the draft alone."""
    scope = draft.item.scope if draft.item else None
    match place:
        case RoundingPlace.LINE:
            return None
        case RoundingPlace.FACT:
            return award
        case RoundingPlace.WINDOW:
            return (scope, draft.payee)
        case RoundingPlace.BAND:
            return (scope, draft.payee, draft.band_from, draft.band_above)


def group_key(draft: Draft) -> tuple[object, ...]:
    """Return what makes drafts one award: the row they stand on and the payee."""
    return (id(draft.row) if draft.row is not None else draft.earned_on, draft.payee)
