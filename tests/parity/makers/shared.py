"""Plans about what several share: credit, caps and floors, budgets and rivals over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.undoing import Row, key_of, like, undoing
from tests.parity.makers.values import amounts, days, size

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
  field team text
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field asked date
  field undoes deal optional reverses
  field minutes number
  field hours number
  derive opening = minutes / 7
  derive closing = hours / (minutes + 3)
}}

{shares}
revenue_share sales {{
  on deal
{clauses}
}}
{others}
"""
CREDITS = (
    "",
    "  credit 60% to opener\n  credit 40% to closer",
    "  credit 2 to opener\n  credit 1 to closer",
    "  credit each deal_share by weight",
    "  credit each deal_share equally",
    "  credit each deal_share by portion",
    "  credit opening to opener\n  credit closing to closer",
)
PAYS = (
    "  pay 10% of amount",
    "  pay 10% of amount plus 3.33 USD per deal",
    "  pay 7.77% of amount",
    "  pay 33.33% of amount",
)
SHARES = """fact deal_share {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
  field of number
  derive portion = weight / of
}
"""
LIMITS = (
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 15 USD per deal by payee",
    "  cap 40 USD per quarter by product",
    "  cap 50 USD per plan by payee.team",
    "  cap 8% of amount per deal by payee",
    "  floor 5 USD per deal by payee",
    "  floor 0 USD per deal by payee",
    "  times 1.15",
    '  times 0.5 where product is "a"',
)
FLOORS = ("  floor 30 USD per month by payee", "  floor 45.55 USD per quarter by payee")
REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody")
BUDGETS = (
    "  budget 60 USD then first_come on closed",
    "  budget 60 USD then first_come on asked",
    "  budget 35 USD by product then first_come on asked",
    "  budget 60 USD then prorate\n  remainder to {to}",
)
AMENDED = (
    "  amend from 2026-02-10 {\n    cap 12 USD per month by payee\n  }",
    "  amend from 2026-02-10 {\n    cap 27.77 USD per month by payee\n    times 0.9\n  }",
    "  amend from 2026-02-10 {\n    cap 55 USD per quarter by product\n  }",
)
RIVAL = """
flat rival {{
  on deal
  pay 12 USD per deal
}}

choose better {{
  take {take} per deal
  among sales
  among rival
}}
"""


def plans(chance: Chance) -> str:
    """A rule with credit, limits and perhaps a rival."""
    lines = [chance.one_of(CREDITS), chance.one_of(PAYS)]
    is_shared = bool(lines[0])
    lines += chance.some(LIMITS, most=3)
    if chance.number(0, 3) == 0:
        lines.append(chance.one_of(FLOORS))
    # Shares that the plan cannot tell to come out even need somebody who gets what is left over.
    if "each" in lines[0] or " 2 to" in lines[0] or "opening" in lines[0]:
        lines.append(f"  remainder to {chance.one_of((*REMAINDERS, 'in_turn', 'in_turn'))}")
    if chance.number(0, 2) == 0 and "remainder" not in lines[-1]:
        lines.append(chance.one_of(BUDGETS).format(to=chance.one_of(REMAINDERS)))
    if "remainder" not in lines[-1] and chance.number(0, 3) == 0:
        lines.append(chance.one_of(AMENDED))
    others = ""
    if not is_shared and chance.number(0, 3) == 0:
        others = RIVAL.format(take=chance.one_of(["highest", "first"]))
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(["line", "fact"]),
        clauses="\n".join(line for line in lines if line),
        others=others,
        shares=SHARES if "each" in lines[0] else "",
    )


REPS = ("ana", "bob", "cem")


def facts(chance: Chance):
    """Deals, some of which undo others, and the shares of them."""
    day, amount = days(chance, 120), amounts(chance, -5_000, 40_000)

    def made(number: int, undone: Row | None) -> Row:
        return {
            "id": key_of(chance, number),
            "opener": chance.one_of(REPS),
            "closer": chance.one_of(REPS),
            "product": chance.one_of(["a", "b"]),
            "amount": like(chance, undone, "amount", amount),
            "closed": like(chance, undone, "closed", day),
            "asked": day(),
            "minutes": str(chance.number(0, 4)),
            "hours": str(chance.number(0, 2)),
        }

    deals = undoing(chance, 110, made)
    shares = [
        {
            "id": f"S-{number}",
            "deal": chance.one_of(deals)["id"],
            "rep": chance.one_of(REPS),
            "weight": str(chance.number(0, 7)),
            "of": chance.one_of(["1", "3", "7", "12"]),
        }
        for number in range(size(chance, 130))
    ]
    reps = [{"id": name, "team": team} for name, team in zip(REPS, ("north", "north", "south"), strict=True)]
    return {"rep": reps, "deal": deals, "deal_share": shares}
