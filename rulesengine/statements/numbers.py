"""Numbers as people read them: grouped thousands, minor digits for money, a space before `%`.

A number that ends is shown with all its digits. One that does not end is cut after `PLACES` of them
and says so with `…`; nothing here rounds.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from rulesengine.model.exact import EXACT, HUNDRED, Exact, multiply
from rulesengine.model.money import minor_digits

PLACES = 10
"""So many digits after the point are shown of a number that does not end."""


def number(value: Exact, at_least: int = 0) -> str:
    """Return a number with grouped thousands and at least so many digits after the point.

    `1,234.5`, `31,250.00`, `333.3333333333…`; zero never has a minus sign.
    """
    if isinstance(value, Fraction):
        return _cut_off(value)
    text = f"{value:,f}"
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0").ljust(at_least, "0")
    if value == 0:
        whole = "0"
    return f"{whole}.{digits}" if digits else whole


def money(value: Exact, currency: str) -> str:
    """Return an amount with at least the currency's minor digits, without its name."""
    return number(value, minor_digits(currency) or 0)


def percent(ratio: Exact) -> str:
    """Return a ratio as a percentage: 0.015 is `1.5 %`."""
    return f"{number(multiply(ratio, HUNDRED))} %"


def cut_down(value: Exact, currency: str) -> Decimal:
    """Return the magnitude cut down to whole minor units, with the value's sign."""
    digits = minor_digits(currency) or 0
    steps = abs(Fraction(value)) * 10**digits // 1
    amount = EXACT.scaleb(Decimal(int(steps)), -digits)
    return -amount if value < 0 else amount


def _cut_off(value: Fraction) -> str:
    whole, rest = divmod(abs(value.numerator), value.denominator)
    digits = rest * 10**PLACES // value.denominator
    return f"{'-' * (value < 0)}{whole:,}.{digits:0{PLACES}}…"
