"""Cutting a whole into parts that are whole numbers of steps, and placing the steps left over."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from rulesengine.model.exact import EXACT, Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Remainder


@dataclass(frozen=True, slots=True)
class Cut:
    """Parts of a whole."""

    amounts: tuple[Decimal, ...]
    favoured: tuple[int, ...]
    """Which parts got something that was left over, in the order in which they got it."""
    left_over: Decimal
    """What nobody got; zero unless that was asked for."""


def cut(
    whole: Decimal,
    weights: tuple[Exact, ...],
    step: Decimal,
    to: Remainder,
    turn: tuple[int, ...] | None = None,
) -> Cut:
    """Cut an amount into parts in proportion to weights; but for `nobody` they add up to it exactly.

    Every part is first cut down (towards zero) to a whole number of steps; what is then left over
    goes a step each to the parts in the order that `to` says. Negative amounts are cut like their
    magnitude.

    Args:
        whole: the rounded amount to cut. What is no whole number of steps goes with the first step.
        weights: one per part, zero or more, not all zero.
        step: above zero.
        to: where left-over steps go. No part without a weight gets one.
        turn: for `in_turn`, all parts in the order that they are due.
    """
    total = sum((Fraction(weight) for weight in weights), Fraction(0))
    exacts = tuple(Fraction(whole) * Fraction(weight) / total for weight in weights)
    return cut_exact(whole, exacts, step, order_of(to, weights, exacts, step, turn))


def cut_exact(whole: Decimal, exacts: tuple[Exact, ...], step: Decimal, order: tuple[int, ...]) -> Cut:
    """Cut exact parts down to whole steps and give what is then missing to `whole` out by an order.

    Args:
        whole: what the parts are to add up to: their sum, rounded to steps.
        exacts: the parts, none with another sign than the whole's.
        step: above zero.
        order: parts that may get a step, the first one first; empty if nobody may.
    """
    sign = -1 if whole < 0 or any(exact < 0 for exact in exacts) else 1
    steps, odd = divmod(Fraction(abs(whole)), Fraction(step))
    parts = [int(abs(Fraction(exact)) // Fraction(step)) for exact in exacts]
    favoured = order[: int(steps) - sum(parts)]
    for index in favoured:
        parts[index] += 1
    amounts = [EXACT.multiply(Decimal(sign * part), step) for part in parts]
    if odd and order:
        rest = EXACT.divide(Decimal(odd.numerator), Decimal(odd.denominator))
        amounts[order[0]] = EXACT.add(amounts[order[0]], rest * sign)
    given = sum(amounts, Decimal(0))
    return Cut(tuple(amounts), favoured, EXACT.subtract(whole, given))


def order_of(
    to: Remainder,
    weights: tuple[Exact, ...],
    exacts: tuple[Exact, ...],
    step: Decimal,
    turn: tuple[int, ...] | None = None,
) -> tuple[int, ...]:
    """Return in which order parts get what is left over; equal ones in their own order."""
    having = [index for index, weight in enumerate(weights) if weight != 0]
    match to:
        case Remainder.FIRST:
            return tuple(having)
        case Remainder.LAST:
            return tuple(reversed(having))
        case Remainder.IN_TURN:
            return tuple(index for index in turn if weights[index] != 0) if turn else tuple(having)
        case Remainder.LARGEST_SHARE:
            return tuple(sorted(having, key=lambda index: -Fraction(weights[index])))
        case Remainder.LARGEST_FRACTION:
            return tuple(sorted(having, key=lambda index: -(abs(Fraction(exacts[index])) % Fraction(step))))
        case Remainder.NOBODY:
            return ()
