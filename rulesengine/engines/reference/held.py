"""What has been paid under one limit: the running total, and how much of it was let through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from rulesengine.engines.reference.rows import Ceiling, Moment, PayeeId
from rulesengine.model.exact import ZERO, Exact, absolute, add, divide, multiply

RoundOff = Callable[[Exact], Decimal]
Claimant = tuple[tuple[str, str], PayeeId]
"""The row judged by, and the payee."""


@dataclass(slots=True, kw_only=True)
class Claim:
    """What a payee asked of a sum that several share for one row and all its lines, and what it got."""

    asked: Decimal = ZERO
    paid: Decimal = ZERO
    asked_back: Decimal = ZERO
    """What rows that undo it asked, with the sign turned: of the sign of `asked`, but for corrections."""
    taken_back: Decimal = ZERO
    is_made: bool = False
    """Whether the row itself has come. On one day, rows that undo it may stand before it."""

    def take_in(self, asked: Decimal, paid: Decimal) -> None:
        """Take in what the row asks and gets on a line, less what was undone before it on the same day."""
        self.asked += asked
        self.paid += paid

    def take_back(self, asked: Decimal, round_off: RoundOff, *, all_is_paid: bool) -> Decimal:
        """Return the amount that undoing the row takes back: of what it got, in proportion.

        As long as the sum holds nothing back it has no say: then it is what is asked, be it more than the
        row got, as where lower tiers of other rows are taken back with it.

        Args:
            asked: what a line that undoes it asks, of the other sign.
            all_is_paid: whether all that was asked of the sum was paid.
            round_off: the rule's rounding.
        """
        self.asked_back -= asked
        whole = self.asked.copy_abs()
        undone = self.asked_back if self.asked >= 0 else -self.asked_back
        if all_is_paid and self.paid == self.asked:
            due = self.asked_back
        elif undone >= whole:
            due = self.paid  # all of it, also where it was cut to a sum that is no multiple of the step
        elif undone <= 0:
            due = ZERO
        else:
            due = round_off(multiply(self.paid, divide(undone, whole)))
        passed = self.taken_back - due
        self.taken_back = due
        return passed


@dataclass(slots=True)
class Held:
    """The state of one limit in one scope."""

    total: Decimal = ZERO
    paid: Decimal = ZERO
    """What was let through of the total. What is taken back of a claim stays out of both."""
    claims: dict[Claimant, Claim] = field(default_factory=dict)
    earned: dict[object, Exact] = field(default_factory=dict)
    """What each row with those that undo it earned exactly."""
    last: Moment | None = None
    """When the last row came under it."""

    @property
    def is_undone(self) -> bool:
        """Whether nothing is earned, or all of it was undone: what is left are cents of rounding."""
        return not any(self.earned.values())

    def count(self, paid: Decimal) -> None:
        """Count what was paid without this limit, under another version of the rule."""
        self.total += paid
        self.paid += paid

    def let_through(
        self, asked: Decimal, earned: Mapping[object, Exact], ceiling: Ceiling, round_off: RoundOff
    ) -> Decimal:
        """Take an amount in and return what the limit lets through: clamp(after) - clamp(before).

        A floor lifts no cents that rounding left of what was undone in full.

        What is paid in all never exceeds what was earned under the limit, nor falls below nothing,
        even where an amendment has moved the limit in between.
        """
        before, after = self.total, self.total + asked
        was_held = self._held(before, ceiling)
        for whose, exact in earned.items():
            self.earned[whose] = add(self.earned.get(whose, ZERO), exact)
        paid = self.paid + round_off(self._held(after, ceiling)) - round_off(was_held)
        if not ceiling.is_floor:
            paid = min(max(paid, min(after, ZERO)), max(after, ZERO))
        passed = paid - self.paid
        self.total, self.paid = after, paid
        return passed

    def _held(self, total: Decimal, ceiling: Ceiling) -> Exact:
        return total if ceiling.is_floor and ceiling.amount and self.is_undone else clamp(total, ceiling)

    def take_back(self, claim: Claim, asked: Decimal, round_off: RoundOff) -> Decimal:
        """Return what a row that undoes another takes back of a shared limit: what that row got.

        It stays out of the pot: neither the total nor what was let through of it falls, so nobody else
        is paid for it, and nobody's own minus is held back by it.
        """
        return claim.take_back(asked, round_off, all_is_paid=self.total == self.paid)


def clamp(total: Exact, ceiling: Ceiling) -> Exact:
    """Return what may be paid of a running total.

    A cap mirrors below zero; a floor lifts what is above zero and leaves the rest. A floor of zero
    leaves nothing below zero.
    """
    if ceiling.is_floor and ceiling.amount == 0:
        return max(total, ZERO)
    if ceiling.is_floor:
        return max(total, ceiling.amount) if total > 0 else total
    bounded = min(absolute(total), ceiling.amount)
    return bounded if total >= 0 else -bounded
