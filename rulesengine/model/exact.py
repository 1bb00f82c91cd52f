"""Exact arithmetic: decimals that never round, and fractions where a division does not end.

Every amount, rate, share and quantity inside the project is an `Exact`. The only way from an
`Exact` to a rounded amount is `rulesengine.model.rounding`.
"""

from __future__ import annotations

from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from fractions import Fraction

Exact = Decimal | Fraction

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

# INVARIANT: this context never rounds; a result that would need rounding raises. Its precision is
# far above what a plan can reach: intake admits 18 digits before and 9 after the point, and no
# clause multiplies more than four values (tests/model/test_exact.py).
EXACT = Context(
    prec=400,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Underflow],
)
_add, _subtract, _multiply = EXACT.add, EXACT.subtract, EXACT.multiply
_DIVIDE = Context(prec=60, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])


def add(left: Exact, right: Exact) -> Exact:
    """Return left + right, exactly."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        return _add(left, right)
    return _tidy(Fraction(left) + Fraction(right))


def subtract(left: Exact, right: Exact) -> Exact:
    """Return left - right, exactly."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        return _subtract(left, right)
    return _tidy(Fraction(left) - Fraction(right))


def multiply(left: Exact, right: Exact) -> Exact:
    """Return left x right, exactly."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        return _multiply(left, right)
    return _tidy(Fraction(left) * Fraction(right))


def divide(left: Exact, right: Exact) -> Exact:
    """Return left / right: a decimal where the quotient ends, a fraction where it does not.

    Raises:
        ZeroDivisionError: `right` is zero; callers rule this out first.
    """
    if right == 0:
        raise ZeroDivisionError(f"{left} / {right}")
    return _tidy(Fraction(left) / Fraction(right))


def negate(value: Exact) -> Exact:
    """Return -value, and plain 0 for 0 (a decimal would keep a minus sign)."""
    if value == 0:
        return ZERO
    # A plain minus on a decimal would round to the caller's context.
    return value.copy_negate() if isinstance(value, Decimal) else -value


def absolute(value: Exact) -> Exact:
    """Return the magnitude of `value`."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def total(values: list[Exact] | tuple[Exact, ...]) -> Exact:
    """Return the exact sum; zero for none."""
    result: Exact = ZERO
    for value in values:
        result = add(result, value)
    return result


def as_text(value: Exact) -> str:
    """Return the one canonical spelling of a value: `12.5`, `-3`, or `100/3` for a fraction.

    Trailing zeros after the point and exponents never occur, so equal values have equal texts.
    """
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def from_text(text: str) -> Exact:
    """Read back what `as_text` wrote."""
    if "/" in text:
        return Fraction(text)
    return Decimal(text)


def _tidy(value: Fraction) -> Exact:
    """Turn a fraction whose decimal expansion ends back into a decimal."""
    rest = value.denominator
    while rest % 2 == 0:
        rest //= 2
    while rest % 5 == 0:
        rest //= 5
    if rest != 1:
        return value
    try:
        return _DIVIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def grouped(value: Exact) -> str:
    """Return the value as people read it, `1,234.5`; one that does not end is cut: `33.3333333333…`."""
    if isinstance(value, Fraction):
        scaled = abs(value.numerator) * 10**10 // value.denominator
        sign = "-" if value < 0 else ""
        return f"{sign}{scaled // 10**10:,}.{scaled % 10**10:010}…"
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
