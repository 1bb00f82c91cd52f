"""Values of generated facts, with those in mind that engines stumble over.

Half cents that round either way, equal amounts, nothing, less than nothing, more than anybody sells,
the ends of months, and keys that no alphabet has in one order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from tests.chance import Chance

Rows = Mapping[str, Sequence[Mapping[str, str]]]
FIRST = date(2026, 1, 1)
_TIES = (5, 15, 25, 45, 50, 150, 250, 1_245, 2_505, 10_005, 33_335, -5, -25, -2_505)
"""Cents of which 10 % or half end in half a cent or half of five cents."""
_FEW = (0, 1, 99, 5_000, 10_000, 10_000, 15_000, 20_000, 30_000, -5_000, -10_000)
_HUGE = (10**9, 10**11, 10**13 + 1, -(10**12) - 5, 99_999_999_999_999)
_ODD = (
    "Ålesund",
    "Alesund",
    "a\u0301",
    "\u00e1",
    "ß",
    "ẞ",
    "東京",
    "😀",
    "ﬁ",
    "z'z",
    'q"q',
    "x,y",
    "%_",
    "\\",
    "Z",
)


def amounts(chance: Chance, least: int, most: int, *, may_be_huge: bool = True) -> Callable[[], str]:
    """Return what gives the amounts of one book, most of them between two numbers of cents."""
    style = chance.one_of(("any", "any", "any", "ties", "few", "huge" if may_be_huge else "any"))
    others = {"any": (), "ties": _TIES, "few": _FEW, "huge": _HUGE}[style]
    bounded = [cents for cents in others if cents >= least or least < 0]

    def amount() -> str:
        if bounded and chance.number(0, 2 if style != "huge" else 9) > (0 if style != "huge" else 8):
            return money(chance.one_of(bounded))
        return money(chance.number(least, most))

    return amount


def days(chance: Chance, most: int) -> Callable[[], str]:
    """Return what gives the days of one book, up to so many after the first of January 2026."""
    style = chance.one_of(("any", "any", "ends", "few"))

    def day() -> str:
        found = FIRST + timedelta(chance.number(0, most))
        if style == "ends" and chance.flip():
            found = found.replace(day=1) - timedelta(chance.one_of((0, 1, 1)))
        elif style == "few":
            found = found.replace(day=chance.one_of((1, 10)))
        return max(found, FIRST).isoformat()

    return day


def maybe(chance: Chance, day: Callable[[], str]) -> str:
    """Return a day, or nothing."""
    return day() if chance.flip() else ""


def size(chance: Chance, most: int) -> int:
    """Return how many rows a book gets: often many, now and then hardly any."""
    return chance.number(1, chance.one_of((3, most // 3, most, most)))


def money(cents: int) -> str:
    """Return minor units as a file has them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def with_odd_keys(chance: Chance, facts: Rows) -> Rows:
    """Return the facts, once in a while with other keys, wherever these stand."""
    if chance.number(0, 3):
        return facts
    keys = sorted({row["id"] for rows in facts.values() for row in rows if "id" in row})
    odd = {
        key: f"{chance.one_of(_ODD)}{key}" if chance.number(0, 2) else f"{key}{chance.one_of(_ODD)}"
        for key in keys
    }
    return {
        kind: [{name: odd.get(value, value) for name, value in row.items()} for row in rows]
        for kind, rows in facts.items()
    }
