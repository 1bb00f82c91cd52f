"""Money: an exact amount with its currency, and the currencies there are."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from rulesengine.model.exact import Exact, add, as_text, multiply, negate, subtract
from rulesengine.model.quick_dataclass import dataclass


class CurrencyMismatch(Exception):
    """Two amounts of different currencies met in one sum."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; sums refuse any other currency."""

    amount: Exact
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(subtract(self.amount, self._same(other)), self.currency)

    def __neg__(self) -> Money:
        return Money(negate(self.amount), self.currency)

    def __mul__(self, factor: Exact) -> Money:
        return Money(multiply(self.amount, factor), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __str__(self) -> str:
        return f"{as_text(self.amount)} {self.currency}"

    def _same(self, other: Money) -> Exact:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other}")
        return other.amount


@cache
def minor_digits(currency: str) -> int | None:
    """Return how many decimals the currency's minor unit has (ISO 4217), None if unknown.

    USD 2, JPY 0, KWD 3. Source: the ISO 4217 table that ships with Babel.
    """
    # Babel takes longer to import than a plan takes to parse, so it is loaded when first asked.
    from babel.core import get_global
    from babel.numbers import get_currency_precision

    if currency not in get_global("all_currencies"):
        return None
    return get_currency_precision(currency)


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount that can be paid, such as 0.01 for USD.

    Raises:
        KeyError: the currency is not in ISO 4217; `plan` has checked it before.
    """
    digits = minor_digits(currency)
    if digits is None:
        raise KeyError(currency)
    return Decimal(1).scaleb(-digits)
