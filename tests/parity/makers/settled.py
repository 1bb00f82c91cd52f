"""Statement blocks: what lifts, cuts and carries what a statement comes to."""

from __future__ import annotations

from tests.chance import Chance


def statement(chance: Chance, one_in: int = 12) -> str:
    """A statement block; once in so many one that settles, which takes the batch engine ten times as long."""
    if chance.number(1, one_in) > 1:
        return "statement { per month }"
    who = chance.one_of(["", " for gold"])
    lines = [
        chance.one_of(
            [
                "",
                "guarantee 20 USD per month",
                "guarantee payee.bonus per month for gold",
                "guarantee 25 USD per month for 2 months from 2026-02-03",
            ]
        ),
        *chance.one_of(
            [
                ("",),
                (f"draw payee.target per month kept{who}",),
                (
                    f"draw 33.33 USD per month recoverable{who}",
                    "recover 50% of earnings above 33.33 USD",
                ),
                (f"draw payee.bonus per month recoverable{who}", "recover 33.3% of earnings"),
            ]
        ),
        chance.one_of(["", "cap 60 USD per month then carry", "cap 60 USD per month then forfeit"]),
        chance.one_of(["negative carry", "negative forgive", "negative stands"]),
        chance.one_of(["", "minimum 15 USD then carry"]),
        chance.one_of(["", "rounding half_even to 0.05"]),
    ]
    block = "statement { per month  " + "  ".join(line for line in lines if line) + " }"
    window = chance.one_of(["month", "month", "week", "half_month", "quarter"])
    return block.replace("per month", f"per {window}")
