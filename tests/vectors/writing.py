"""Writes plans: values as the language spells them, and the blocks that every plan has.

Nothing here computes: a percentage is a fraction with its point moved, an amount is a number with
commas and a currency behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from textwrap import indent
from typing import Any

USD = "USD"
UNITS = "JPY"
"""The currency for rows in whole minor units: it has none smaller."""

DAY = "2026-01-10"
"""The date of what happened where a row gives none."""
LATER = "2026-01-20"
"""The date of what happened after that, in the same month and the other half of it."""

SELLERS = [{"id": "ana"}]
"""Who is paid where a row names nobody."""

CENTS = "half_up to 0.01 per line"
FINE = "half_up to 0.000000001 per line"
"""How a row that does not round is rounded: finer than any figure in it; the statement is in cents."""


def number(value: str) -> str:
    """Return a number as the language writes it: `1000` is `1,000`."""
    return f"{Decimal(value):,f}"


def money(value: str, currency: str = USD) -> str:
    """Return an amount: `1000` is `1,000 USD`."""
    return f"{number(value)} {currency}"


def percent(value: str) -> str:
    """Return a percentage that is given as one: `12.5` is `12.5%`."""
    return f"{_plain(Decimal(value))}%"


def fraction(value: str) -> str:
    """Return a percentage that is given as a fraction: `0.05` is `5%`."""
    return f"{_plain(Decimal(value).scaleb(2))}%"


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(terms: Mapping[str, Any] | None, place: str = "line") -> str:
    """Return how a row rounds: a mode and a number of decimals, or not at all."""
    if terms is None:
        return FINE
    step = f"{Decimal(1).scaleb(-int(terms['dp'])):f}"
    return f"{terms['mode']} to {step} per {place}"


def plan(
    *blocks: str | Iterable[str],
    currency: str = USD,
    rounding: str = CENTS,
    effective: str = "from 2026-01-01",
    statement: str = "per month",
) -> str:
    """Return a plan with these blocks, after the plan block and before the statement block."""
    if rounding == FINE:
        statement += "\nrounding half_up to 0.01"
    head = block(
        "plan conformance",
        f"currency {currency}",
        f"effective {effective}",
        f"rounding {rounding}",
    )
    tail = block("statement", *statement.split("\n"))
    texts = [one for text in blocks for one in ([text] if isinstance(text, str) else text)]
    return "\n".join([head, *texts, tail])


def block(head: str, *lines: str | Iterable[str]) -> str:
    """Return `head { … }` with a line for each clause; clauses may come in lists."""
    clauses: list[str] = []
    for line in lines:
        clauses.extend([line] if isinstance(line, str) else line)
    body = indent("\n".join(clauses), "  ")
    return f"{head} {{\n{body}\n}}\n"


def payee(name: str = "seller", *fields: str | Iterable[str]) -> str:
    """Return a block of payees with a key."""
    return block(f"payee {name}", "field id text key", *fields)


def fact(name: str, *fields: str | Iterable[str], to: str = "seller") -> str:
    """Return a block of facts with a key, who is credited, and a date."""
    return block(
        f"fact {name}",
        "field id text key",
        f"field {to} {to} credited",
        "field sold date event",
        *fields,
    )
