"""Plans about limits: amendments that put one in the place of another, amounts that move, windows
from an anniversary, and rows that undo others under all of them."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.undoing import Row, key_of, like, undoing
from tests.parity.makers.values import amounts, days

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
  field team text
  field most money
  field joined date
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field ceiling money
  field closed date event
  field undoes deal optional reverses
}}

revenue_share sales {{
  on deal
{clauses}
}}
"""
CREDITS = ("", "  credit 60% to opener\n  credit 40% to closer")
PAYS = ("  pay 10% of amount", "  pay 33.33% of amount plus 3.33 USD per deal")
LIMITS = (
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 40 USD per quarter by product",
    "  cap payee.most per month by payee",
    "  cap payee.most per plan by all",
    "  cap payee.most per month by payee.team",
    "  cap payee.most per quarter by all",
    "  cap 15 USD per deal by payee",
    "  cap ceiling per deal by all",
    "  cap 45 USD per year from payee.joined by payee",
    "  cap payee.most per month from payee.joined by payee.team",
    "  floor 5 USD per deal by payee",
    "  floor 0 USD per deal by all",
    "  times 1.15",
    '  times 0.5 where product is "a"',
)
LAST = ("", "", "  floor 30 USD per month by payee", "  floor 25 USD per quarter from payee.joined by payee")


def plans(chance: Chance) -> str:
    """A rule with limits, and often an amendment with others."""

    def limits(most: int) -> list[str]:
        return chance.some(LIMITS, least=1, most=most)

    lines = [
        chance.one_of(CREDITS),
        chance.one_of(PAYS),
        *limits(3),
        chance.one_of(LAST),
    ]
    for start in ("2026-01-20", "2026-02-15")[: chance.number(0, 2)]:
        lines += [f"  amend from {start} {{", *(f"  {line}" for line in limits(2)), "  }"]
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(["line", "fact"]),
        clauses="\n".join(line for line in lines if line),
    )


JOINED = ("2025-01-31", "2025-03-15", "2026-01-01", "2026-01-10", "2024-02-29")
REPS = ("ana", "bob", "cem")


def facts(chance: Chance):
    """Deals, some of which undo others, and reps with amounts and dates of their own."""
    day, amount = days(chance, 80), amounts(chance, -5_000, 40_000)
    ceiling = amounts(chance, 0, 6_000)

    def made(number: int, undone: Row | None) -> Row:
        return {
            "id": key_of(chance, number),
            "opener": undone["opener"] if undone else chance.one_of(REPS),
            "closer": undone["closer"] if undone else chance.one_of(REPS),
            "product": chance.one_of(["a", "b"]),
            "amount": like(chance, undone, "amount", amount),
            "ceiling": ceiling(),
            "closed": like(chance, undone, "closed", day),
        }

    deals = undoing(chance, 110, made, one_in=3)
    reps = [
        {"id": name, "team": team, "most": ceiling(), "joined": chance.one_of(JOINED)}
        for name, team in zip(REPS, ("north", "north", "south"), strict=True)
    ]
    return {"rep": reps, "deal": deals}
