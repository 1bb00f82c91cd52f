"""Rounding to a step. Values lose digits here and in `parts.py`, which cuts a whole, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)
from enum import StrEnum
from fractions import Fraction

from rulesengine.model.exact import EXACT, Exact
from rulesengine.model.quick_dataclass import dataclass


class RoundingMode(StrEnum):
    """How a value between two steps is rounded; every mode acts on the magnitude.

    Acting on the magnitude means that a refund of an amount rounds to minus what the amount
    rounded to (language reference, "Rounding").
    """

    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


# Rounds, unlike the exact context: this is the one place where digits are lost.
_QUANTIZE = Context(prec=400, traps=[InvalidOperation, Overflow])
_LIBRARY_MODES = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_DOWN: ROUND_HALF_DOWN,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.UP: ROUND_UP,
    RoundingMode.DOWN: ROUND_DOWN,
}


class RoundingPlace(StrEnum):
    """What is rounded: each line, or a sum of a rule's lines for one payee: those on one fact, those
    in the measure's window, or those of one band in it."""

    LINE = "line"
    FACT = "fact"
    BAND = "band"
    WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """A rounding as the plan words it: `half_up to 0.01 per line`."""

    mode: RoundingMode
    step: Decimal
    place: RoundingPlace

    def __str__(self) -> str:
        return f"{self.mode} to {self.step:f} per {self.place}"


class Remainder(StrEnum):
    """Who gets the steps that are left over when an amount is cut into parts."""

    FIRST = "first"
    LAST = "last"
    IN_TURN = "in_turn"
    """Who has waited longest since the last one."""
    LARGEST_SHARE = "largest_share"
    LARGEST_FRACTION = "largest_fraction"
    """Whose part was cut by most."""
    NOBODY = "nobody"
    """They are not paid."""


def round_to(value: Exact, step: Decimal, mode: RoundingMode) -> Decimal:
    """Return `value` rounded to a whole number of steps.

    Args:
        value: any exact value.
        step: above zero, such as 0.01 or 0.05.
        mode: acts on the magnitude, so round_to(-x) == -round_to(x).
    """
    if isinstance(value, Decimal) and is_power_of_ten(step):
        # The standard library rounds decimals to a power of ten in the same modes, and faster.
        rounded = value.quantize(step, _LIBRARY_MODES[mode], _QUANTIZE)
        return rounded if rounded else rounded.copy_abs()
    return round_fraction(Fraction(value), step, mode)


def is_power_of_ten(step: Decimal) -> bool:
    """Return whether rounding to a step cuts digits off."""
    return step.as_tuple().digits == (1,)


def quantizer(mode: RoundingMode) -> Callable[[Decimal, Decimal], Decimal]:
    """Return what rounds decimals to powers of ten as `round_to` does, but leaves a zero its sign."""
    return Context(prec=400, rounding=_LIBRARY_MODES[mode], traps=[InvalidOperation, Overflow]).quantize


def rounder(rounding: Rounding) -> Callable[[Exact], Decimal]:
    """Return what rounds as `round_to` does, made ready for one step and mode."""
    step, mode = rounding.step, rounding.mode
    quantize, is_power = quantizer(mode), is_power_of_ten(step)

    def round_off(value: Exact) -> Decimal:
        if not is_power or not isinstance(value, Decimal):
            return round_to(value, step, mode)
        rounded = quantize(value, step)
        return rounded if rounded else rounded.copy_abs()

    return round_off


def round_fraction(value: Fraction, step: Decimal, mode: RoundingMode) -> Decimal:
    """Return `value` rounded to a whole number of steps, for any value and step."""
    units = value / Fraction(step)
    whole, rest = divmod(abs(units.numerator), units.denominator)
    match mode:
        case RoundingMode.DOWN:
            rises = False
        case RoundingMode.UP:
            rises = rest > 0
        case RoundingMode.HALF_UP:
            rises = 2 * rest >= units.denominator
        case RoundingMode.HALF_DOWN:
            rises = 2 * rest > units.denominator
        case RoundingMode.HALF_EVEN:
            twice = 2 * rest
            rises = twice > units.denominator or (twice == units.denominator and whole % 2 == 1)
    steps = whole + rises
    return EXACT.multiply(Decimal(-steps if units < 0 else steps), step)


def minor_zero(step: Decimal) -> Decimal:
    """Return zero with as many decimals as the minor unit: adding it fixes how an amount looks."""
    return step - step
