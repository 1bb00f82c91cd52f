"""Plans about awards to members and contributors, in full and in parts, over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.shared import REPS
from tests.parity.makers.undoing import Row, key_of, like, undoing
from tests.parity.makers.values import amounts, days

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee team {{
  field id text key
}}

payee rep {{
  field id text key
  field joined date
  field desk text
  field team team history
  field active flag history
}}

segment active_reps of rep {{
  where active
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field undoes deal optional reverses
}}

fact profit {{
  field id text key
  field amount money signed
  field closed date event
  field undoes profit optional reverses
}}

measure bookings {{
  on deal
{counted}
  take {taken} {window} by payee
}}

{rule}
"""
POOL = """
revenue_share pool {{
  on {source}
{credit}
  pay {pay}
{limits}
{award}
}}
"""
TIERS = """
tiered pool {{
  on deal
{credit}
  measure sum {share} amount per {window} by {key}
  apply {method}
  tier from 0 USD pay 3%
  tier above 120 USD pay {pay}
{limits}
{award}
}}
"""
GOAL = """
spiff pool {{
  on deal
{credit}
  window from 2026-01-01 through 2026-03-31
  goal sum {share} amount {sign} 150 USD by {key}
  pay {pay}
{limits}
{award}
}}
"""
ON_POOL = """
revenue_share tax {
  on earnings of pool
  pay 19% of earning
}
"""
GOAL_PAYS = ("100 USD once", '50 USD once plus 33.33 USD once plus prize "cup" once')
TIER_PAYS = (
    "7.77% plus 1% of amount",
    "7.77% plus 50 USD once",
    '9% plus 33.33 USD once plus prize "cup" once',
)
SHARED = "  credit 60% to opener\n  credit 40% to closer"
MEMBERS = ("active_reps", "payee.team", "payee.desk")
REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody", "in_turn", "in_turn")
EVEN = ("first", "last", "nobody", "in_turn", "in_turn")
LIMITS = ("", "", "  cap 9 USD per month by payee", "  floor 5 USD per month by payee", "  times 1.15")
BEHIND = ("", "", "  budget 30 USD then first_come on closed", "  hold until 1 month after closed")


def awards(chance: Chance, whom: str, *, own: bool) -> str:
    """An award clause; `own` where the rule has a measure of its own."""
    how = chance.one_of(["each", "equally", "by", "own"] if own else ["each", "equally", "by"])
    one = f"member of {whom}" if whom != "contributors" else "contributor"
    all_ = f"members of {whom}" if whom != "contributors" else "contributors"
    match how:
        case "each":
            return f"  award each {one}"
        case "equally":
            return f"  award {all_} equally\n  remainder to {chance.one_of(EVEN)}"
        case "by":
            return f"  award {all_} pro_rata to bookings\n  remainder to {chance.one_of(REMAINDERS)}"
        case _:
            return f"  award {all_} pro_rata\n  remainder to {chance.one_of(REMAINDERS)}"


def plans(chance: Chance) -> str:
    """A rule whose pay goes to others."""
    limits = "\n".join([chance.one_of(LIMITS), chance.one_of(BEHIND)])
    which = chance.number(0, 4)
    if which == 0:
        award = awards(chance, "active_reps", own=False)
        rule = POOL.format(
            source="profit",
            credit="",
            pay="5.5% of amount",
            limits=limits.replace(" by payee", " by all").replace("floor 5", "cap 5"),
            award=award,
        )
    elif which == 1:
        credit = chance.one_of(["", SHARED])
        award = awards(chance, chance.one_of(MEMBERS), own=False)
        pay = chance.one_of(["10% of amount", "1% of amount plus 3.33 USD per deal"])
        rule = POOL.format(source="deal", credit=credit, pay=pay, limits=limits, award=award)
    else:
        key = chance.one_of(["payee.team", "payee.desk", "all", "payee.team, product"])
        members = [name for name in ("payee.team", "payee.desk") if name in key]
        whom = chance.one_of(["contributors", *members])
        credit = chance.one_of(["", SHARED])
        method = chance.one_of(["marginal", "whole", "whole", "from_crossing", "from_next", "interpolated"])
        rule = (GOAL if which == 4 else TIERS).format(
            credit=credit,
            share=chance.one_of(["credited", "full"]) if credit else "",
            method=method,
            sign=chance.one_of([">=", ">"]),
            pay=chance.one_of(GOAL_PAYS if which == 4 else TIER_PAYS),
            window=chance.one_of(["month", "quarter", "lifetime"]),
            key=key,
            limits="\n".join(line for line in limits.split("\n") if "budget" not in line),
            award=awards(chance, whom, own=True),
        )
    counted = chance.one_of(["", SHARED, '  where product is "a"'])
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(["line", "fact"]),
        counted=counted,
        taken=chance.one_of(["sum {share} amount", "count", "max amount", "count distinct product"]).format(
            share=chance.one_of(["credited", "full"]) if counted == SHARED else ""
        ),
        window=chance.one_of(["per quarter", "per lifetime", "per month", "per year from payee.joined"]),
        rule=rule + chance.one_of(["", "", ON_POOL]),
    )


def facts(chance: Chance):
    """Deals and profits, some of which undo others, and payees who change teams."""
    day = days(chance, 120)
    deals = _rows(chance, "D")
    for deal in deals:
        deal["opener"], deal["closer"] = chance.one_of(REPS), chance.one_of(REPS)
        deal["product"] = chance.one_of(["a", "b"])
    reps = []
    for name in REPS:
        joined, desk = day(), chance.one_of(["x", "y"])
        for since in dict.fromkeys(("2026-01-01" if chance.flip() else day(), day())):
            reps.append(
                {
                    "id": name,
                    "joined": joined,
                    "desk": desk,
                    "from": since,
                    "team": chance.one_of(["north", "south"]),
                    "active": chance.one_of(["yes", "no"]),
                }
            )
    teams = [{"id": "north"}, {"id": "south"}]
    return {"team": teams, "rep": reps, "deal": deals, "profit": _rows(chance, "P")}


def _rows(chance: Chance, letter: str) -> list[dict[str, str]]:
    day, amount = days(chance, 120), amounts(chance, -5_000, 40_000)

    def made(number: int, undone: Row | None) -> Row:
        return {
            "id": key_of(chance, number, letter),
            "amount": like(chance, undone, "amount", amount),
            "closed": like(chance, undone, "closed", day),
        }

    return undoing(chance, 110, made)
