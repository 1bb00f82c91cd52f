"""How an amount came into another currency, in words: the rule's, or the statement's."""

from __future__ import annotations

from rulesengine.engines.results import Line
from rulesengine.model.exact import Exact
from rulesengine.statements.numbers import money
from rulesengine.statements.redo import redo_exchange, redo_paid


def exchanged(line: Line, quantity: Exact) -> str:
    """Return how the base was converted; empty where it was not.

    Example: "1,000.00 USD ÷ 1.1172, ecb 2026-10-30".

    Args:
        quantity: what the line shows it for: all of the row's amount, or the part in a band.
    """
    if line.original is None or line.converted is None:
        return ""
    how = line.base_how.removeprefix("part of ")
    own = f"{money(line.original, line.original_currency)} {line.original_currency}"
    if how and line.original < 0:
        how = f"-({how})"
    text = " ".join(word for word in (f"{how} =" if how else "", own, line.exchange_how) if word)
    exact = redo_exchange(line)
    if exact is not None and exact != line.converted:
        text += f" = {money(exact, line.currency)}, rounded"
    if quantity != line.converted:
        text = f"part of {text} = {money(line.converted, line.currency)}"
    return f"{text}, {line.exchange_rates} {line.exchange_on}"


def paid(line: Line) -> str:
    """Return how the amount became what is paid on the statement; empty where it is that itself.

    Example: "; paid 100.00 EUR × 1.1172 = 111.72, ecb 2026-01-30".
    """
    exact = redo_paid(line)
    if exact is None or line.paid is None:
        return ""
    own = f"{money(line.amount, line.currency)} {line.currency}"
    rounded = "" if exact == line.paid else ", rounded"
    result = f"{money(exact, line.paid_currency)}{rounded}"
    return f"; paid {own} {line.paid_how} = {result}, {line.paid_rates} {line.paid_on}"
