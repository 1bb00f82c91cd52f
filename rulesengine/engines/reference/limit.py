"""Step 7, limit: caps and floors as differences of a clamped running total, and deductions.

Works on rounded amounts, in the order written, so that a limit is met to the cent and can be
redone from the statement. A `times` written after a limit multiplies what the limit left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY, Draft
from rulesengine.engines.reference.held import Claim, Held, RoundOff
from rulesengine.engines.reference.keys import place_of
from rulesengine.engines.reference.round_off import group_key
from rulesengine.engines.reference.rows import Ceiling, Deduction, Factor, Item, Scope
from rulesengine.engines.reference.with_earnings import deducts
from rulesengine.engines.results import Part
from rulesengine.engines.spent import told
from rulesengine.engines.standings import Clamped, Place
from rulesengine.model.change import replace
from rulesengine.model.dates import Window
from rulesengine.model.exact import ONE, ZERO, Exact, add, multiply, negate, subtract

WindowOn = Callable[[date, Window], Window]
"""The window like another one that a day lies in."""
ZERO_AMOUNT = Decimal(0)


def limit(
    drafts: list[Draft], held: dict[Scope, Held], round_off: RoundOff, window_on: WindowOn
) -> list[Draft]:
    """Return the drafts, each award followed by the lines of its limits and later factors.

    Args:
        held: gets the state of each limit after the last award.
    """
    limits = _Limits(held, round_off, window_on)
    result: list[Draft] = []
    for _, group in groupby(drafts, key=group_key):
        award = list(group)
        result += [draft for draft in award if draft.part is not Part.DEDUCT]
        if award[0].item is not None:
            result += limits.adjust(award, award[0].item)
    return result


def clamped(held: Mapping[Scope, Held]) -> dict[Place, Clamped]:
    """Return where the limits over windows stand that hold each row as it comes."""
    return {
        place_of(scope): Clamped(each.total, each.paid, each.last)
        for scope, each in held.items()
        if scope.window is not None and each.last is not None
    }


def nothing_yet(items: list[Item]) -> list[Draft]:
    """Return a draft of nothing for each row that something is deducted on.

    They stand first in their awards, so that a row that earns nothing is deducted from as well;
    `limit` takes them out again.
    """
    return [
        Draft(
            payee=item.payee,
            part=Part.DEDUCT,
            row=item.row,
            item=item,
            earned_on=item.row.dated,
            exact=ZERO,
            origin=item.version.origin,
        )
        for item in items
        if deducts(item)
    ]


class _Limits:
    """The running totals of a rule's limits."""

    def __init__(self, held: dict[Scope, Held], round_off: RoundOff, window_on: WindowOn) -> None:
        self.held, self.round_off, self.window_on = held, round_off, window_on

    def adjust(self, award: list[Draft], item: Item) -> list[Draft]:
        """Return the lines that the limits and later factors add to an award."""
        paid = sum((draft.amount for draft in award), ZERO_AMOUNT)
        first = award[0]
        lines: list[Draft] = []
        earned: dict[object, Exact] = {}
        for draft in award:
            add_earned(earned, draft)
        limited = False
        for adjuster in item.adjusters:
            match adjuster:
                case Factor() if limited:
                    after = self.round_off(multiply(paid, adjuster.factor))
                    if after != paid:
                        lines.append(_times(first, adjuster, paid, after))
                    paid = after
                case Factor():
                    continue  # multiplied the exact pay already (rate.leading_factors)
                case Deduction():
                    limited = True
                    line = _deducted(first, item, adjuster, self.round_off)
                    lines += line
                    for draft in line:
                        add_earned(earned, draft)
                        paid += draft.amount
                case Ceiling():
                    limited = True
                    if not is_settled_later(adjuster):
                        held, paid = self._limited(first, adjuster, paid, earned)
                        lines += held
        for other in item.other_limits:
            if not is_settled_later(other):
                self._held(other, first).count(paid)
        return lines

    def _limited(
        self, first: Draft, ceiling: Ceiling, asked: Decimal, earned: Mapping[object, Exact]
    ) -> tuple[list[Draft], Decimal]:
        held = self._held(ceiling, first)
        before = held.total
        row = first.row
        root = row.root if row else None
        claimant = ((root.kind, root.key) if root else ("", ""), first.payee)
        claim = held.claims.get(claimant) if ceiling.is_shared else None
        follows = row is not None and row.follows
        if claim is not None and claim.is_made and follows:
            left = held.take_back(claim, asked, self.round_off)
        else:
            left = held.let_through(asked, earned, ceiling, self.round_off)
            if claim is None:
                claim = held.claims[claimant] = Claim()
            claim.take_in(asked, left)
            claim.is_made |= not follows
        if left == asked:
            return [], left
        return [_limit_line(first, ceiling, before, held, left - asked, self._window(ceiling, first))], left

    def _held(self, ceiling: Ceiling, first: Draft) -> Held:
        held = self.held.setdefault(scope_of(ceiling, first, self.window_on), Held())
        held.last = (first.earned_on, first.row.order if first.row is not None else LAST_IN_THE_DAY)
        return held

    def _window(self, ceiling: Ceiling, first: Draft) -> str:
        return scope_of(ceiling, first, self.window_on).label


def _limit_line(
    first: Draft, ceiling: Ceiling, before: Decimal, held: Held, amount: Decimal, window: str
) -> Draft:
    shown: tuple[Exact, Exact] = before, ZERO if ceiling.is_floor and held.is_undone else held.total
    if ceiling.is_shared and not ceiling.is_floor:
        shown = told(*shown, ceiling.amount)
    return Draft(
        payee=first.payee,
        part=Part.FLOOR if ceiling.is_floor else Part.CAP,
        row=first.row,
        item=first.item,
        earned_on=first.earned_on,
        exact=amount,
        amount=amount,
        window=window,
        scope=ceiling.label,
        before=shown[0],
        after=shown[1],
        target=ceiling.amount,
        contributors=first.contributors,
        origin=ceiling.origin,
    )


def _times(first: Draft, factor: Factor, paid: Decimal, after: Decimal) -> Draft:
    return Draft(
        payee=first.payee,
        part=Part.TIMES,
        row=first.row,
        item=first.item,
        earned_on=first.earned_on,
        exact=multiply(paid, subtract(factor.factor, ONE)),
        amount=after - paid,
        base=paid,
        base_of="what the limit left",
        times=factor.factor,
        contributors=first.contributors,
        origin=factor.origin,
    )


def _deducted(first: Draft, item: Item, deduction: Deduction, round_off: RoundOff) -> list[Draft]:
    """Return the line that takes off what another rule earned on the row itself.

    A true-up is paid to others on the row that brought it; nothing is deducted for them there.
    """
    if item.row is not first.row or deduction.amount == 0:
        return []
    share = None if item.share == 1 or deduction.earnings.is_own else item.share
    return [
        Draft(
            payee=first.payee,
            part=Part.DEDUCT,
            row=first.row,
            item=item,
            earned_on=first.earned_on,
            exact=negate(deduction.amount),
            amount=-round_off(deduction.amount),
            base=deduction.amount,
            base_of=deduction.earnings.rule,
            share=share,
            origin=deduction.origin,
        )
    ]


def scope_of(ceiling: Ceiling, draft: Draft, window_on: WindowOn) -> Scope:
    """Return the scope of a limit for a line.

    A true-up is dated by the row that brought it, not by the payee's own last row, so it may fall
    in another window than that row's: under a cap, where a row that undoes another brought it, in that
    of the other row.
    """
    window, row = ceiling.scope.window, draft.row
    is_own = draft.item is not None and draft.item.row is row
    if window is None or is_own:
        return ceiling.scope
    day, begins = draft.earned_on, window.anchor or date.min
    if row is not None and row.follows and not ceiling.is_floor and begins <= row.judged_on:
        day = row.judged_on
    return ceiling.scope if day in window.days else replace(ceiling.scope, window=window_on(day, window))


def add_earned(earned: dict[object, Exact], draft: Draft) -> None:
    """Add up what rows and those that undo them earn exactly, before limits."""
    if draft.part in (Part.CAP, Part.FLOOR, Part.TIMES):
        return
    root = draft.row.root if draft.row else None
    whose = (root.kind, root.key) if root else draft.tag
    earned[whose] = add(earned.get(whose, ZERO), draft.exact)


def is_settled_later(ceiling: Ceiling) -> bool:
    return ceiling.is_floor and ceiling.scope.window is not None
