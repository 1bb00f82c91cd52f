"""Values of fields as all engines have them: numbers, keys, and derived amounts in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rulesengine.diagnostics import InternalError
from rulesengine.model.exact import EXACT, HUNDRED, Exact, as_text, grouped, multiply
from rulesengine.model.money import minor_digits
from rulesengine.model.types import MoneyType, PercentType, Type

Scalar = Exact | str | date | bool | tuple[str, ...]


def number(value: Scalar) -> Exact:
    """Return a value that the checks know to be a number."""
    if value.__class__ is Decimal:
        return value
    if isinstance(value, bool | str | date | tuple):
        raise InternalError(f"{value!r} is no number")
    return value


def shown_amount(value: Exact, kind: Type) -> str:
    """Return a number of a derived amount: money with its cents, percents as such."""
    match kind:
        case PercentType():
            return f"{grouped(multiply(value, HUNDRED))} %"
        case MoneyType(currency=currency) if isinstance(value, Decimal):
            digits = minor_digits(currency) or 0
            places = max(digits, -int(value.normalize(EXACT).as_tuple().exponent))
            return f"{value:,.{places}f}"
        case _:
            return grouped(value)


def as_key(value: Scalar | None) -> str:
    """Return a value as a key has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value) if isinstance(value, str | date) else as_text(value)
