"""Conversion: an amount in another currency becomes the rule's, at the rate of its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulesengine.diagnostics import InternalError
from rulesengine.engines.exchange import Converted, NoRate, RateToCome
from rulesengine.engines.reference.view import View
from rulesengine.engines.values import number
from rulesengine.model.exact import Exact, grouped, multiply
from rulesengine.model.rounding import round_to
from rulesengine.plan import nodes

if TYPE_CHECKING:
    from rulesengine.engines.reference.reader import Reader


def converted(reader: Reader, operand: nodes.Operand, view: View) -> Converted | None:
    """Return how an amount became the rule's currency; None where it is none, or in it already."""
    match operand:
        case nodes.OtherwiseRead(read=read, default=default):
            found = reader.as_it_stands(read, view) is not None
            return converted(reader, read if found else default, view)
        case nodes.ShareOfRead(of=of):
            return converted(reader, of, view)
        case nodes.FieldRead(currency=str() | nodes.FieldRead() as currency):
            found_amount = reader.as_it_stands(operand, view)
            if found_amount is None:
                return None
            code = currency if isinstance(currency, str) else reader.as_it_stands(currency, view)
            if view.convert is None or not isinstance(code, str):
                raise InternalError(f"{operand.text} is in another currency, and nothing converts it")
            if code == view.convert.to:
                return None
            try:
                return _convert(reader, number(found_amount), code, view.convert, view)
            except NoRate as problem:
                problem.field, problem.value = operand.text, f"{grouped(number(found_amount))} {code}"
                raise
        case _:
            return None


def _convert(reader: Reader, original: Exact, currency: str, convert: nodes.Convert, view: View) -> Converted:
    day = reader.day_of(convert.anchor, view.converts_at or view)
    if day is None:
        raise RateToCome(f"{convert.text}: the date is missing")
    found = reader.quote(convert.rates, currency, convert.to, day)
    if view.rate_days is not None:
        view.rate_days.append(day)
    amount = multiply(original, found.rate)
    if convert.mode is not None and convert.step is not None:
        amount = round_to(amount, convert.step, convert.mode)
    return Converted(original=original, currency=currency, amount=amount, quote=found)
