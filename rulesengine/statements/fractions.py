"""Numbers in columns of twelve decimals, and beside them in full those that do not end there.

The column `fractions` of a line names them: `share=1/3 exact=1000/3`, in the order of the columns and in
lowest terms, so that a line reads back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from rulesengine.model.exact import Exact, divide

PLACES = 12
"""Decimals of the columns."""

_STEP = Decimal(1).scaleb(-PLACES)
_DISPLAY = Context(prec=60, rounding=ROUND_HALF_EVEN)


def shown(value: Exact | None) -> Decimal | None:
    """Return a number as its column holds it: rounded half even to twelve decimals."""
    if isinstance(value, Fraction):
        value = _DISPLAY.divide(Decimal(value.numerator), Decimal(value.denominator))
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    is_longer = isinstance(exponent, int) and exponent < -PLACES
    # What has too many digits for the column is left as it is, for the column to refuse.
    fits = value.adjusted() < _DISPLAY.prec - PLACES
    return value.quantize(_STEP, context=_DISPLAY) if is_longer and fits else value


def fractions_text(values: Iterable[tuple[str, Exact | None]]) -> str:
    """Return the numbers that their columns do not hold in full, by name; empty for none."""
    return " ".join(
        f"{name}={in_full.numerator}/{in_full.denominator}"
        for name, value in values
        if value is not None and shown(value) != value
        for in_full in (Fraction(value),)
    )


def read_fractions(text: str) -> dict[str, Exact]:
    """Return the numbers that a `fractions` column holds, by name.

    Raises:
        ValueError: the text is no such column's.
    """
    found: dict[str, Exact] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        numerator, _, denominator = value.partition("/")
        found[name] = divide(Fraction(int(numerator)), Fraction(int(denominator)))
    return found
