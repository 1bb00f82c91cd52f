"""Rounding to what can be paid, where the currency is one of each row."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import Expr, Literal, Sort, integer, null, text
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import Number, Plain, Value, multiply, number, otherwise, rounded
from rulesengine.model.money import minor_digits
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingMode

USUAL = 2
"""Decimals of most currencies."""
MOST_DECIMALS = 4
"""Of any currency."""


@dataclass(frozen=True, slots=True)
class MinorUnit:
    """The minor unit of a currency, 10**-decimals."""

    up: Number
    """10**decimals."""
    down: Number
    """10**(MOST_DECIMALS - decimals)."""


def minor_unit_of(compilation: Compilation, source: From, currency: Expr) -> MinorUnit:
    """Return the minor unit of a currency, joined."""
    if isinstance(currency, Literal):
        found = minor_digits(str(currency.value))
        return _unit(USUAL if found is None else found)
    made, name = ("minor units",), "currencies_with_other_decimals"
    if made not in compilation.relations:
        rows = [
            [text(code), *(integer(10**power) for power in (digits, MOST_DECIMALS - digits))]
            for code, digits in _others().items()
        ]
        columns: dict[str, Value] = {"currency": Plain(null(Sort.TEXT))}
        columns |= {each: Number(null(Sort.INT), 0, 10**MOST_DECIMALS) for each in ("up", "down")}
        comment = f"currencies whose minor unit has not {USUAL} decimals (ISO 4217)"
        compilation.relations[made] = compilation.add_rows(name, comment, columns, rows)
    unit = source.join(compilation.relations[made], {"currency": currency})
    usual = _unit(USUAL)
    return MinorUnit(otherwise(unit.num("up"), usual.up), otherwise(unit.num("down"), usual.down))


def to_minor_unit(value: Number, unit: MinorUnit, mode: RoundingMode) -> Number:
    """Return an amount rounded to the minor unit of its currency."""
    steps = multiply(rounded(multiply(value, unit.up), Decimal(1), mode), unit.down)
    return Number(steps.top, steps.scale + MOST_DECIMALS, steps.most)


def _unit(decimals: int) -> MinorUnit:
    return MinorUnit(number(10**decimals), number(10 ** (MOST_DECIMALS - decimals)))


def _others() -> dict[str, int]:
    from babel.core import get_global

    found = {code: minor_digits(code) for code in sorted(get_global("all_currencies"))}
    return {code: digits for code, digits in found.items() if digits is not None and digits != USUAL}
