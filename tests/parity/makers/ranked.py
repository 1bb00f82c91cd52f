"""Plans about who takes which place of a rank, and on what the places pay, over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.awarded import MEMBERS, ON_POOL, PLAN, SHARED, awards, facts

RANK = """
spiff pool {{
  on deal
{credit}
  window from 2026-01-10 through 2026-03-31
{where}
  rank {taken} by {key} ties {ties}
  place 1 pay {first}
{places}
{remainder}
{behind}
{award}
}}
"""
FIRST = (
    "100.01 USD once",
    "payee.bonus once",
    '100 USD once plus prize "cup" once',
    '33.33 USD once plus prize "cup" once plus 10% of payee.bonus once',
)
PLACES = (
    "",
    "  place 2 pay 50.02 USD once",
    '  place 2 pay prize "mug" once\n  place 3 pay 7.77 USD once plus prize "pin" once',
    "  place 2 pay 20% of payee.bonus once\n  place 3 pay 0 USD once\n  place 4 pay 1 USD once",
)
BEHIND = (
    "",
    "",
    "  budget 60 USD then prorate",
    "  hold until 1 month after closed",
    "  for first 2 by opener",
)
WHERES = ("", "  where amount > 2 USD", '  where payee.team is "north"')


def plans(chance: Chance) -> str:
    """A rank, perhaps one whose places go to teams."""
    credit = chance.one_of(["", SHARED])
    share = chance.one_of(["credited", "full"]) if credit else ""
    taken = chance.one_of([f"sum {share} amount", "count", "max amount", "count distinct product"])
    key = chance.one_of(["payee", "payee", "payee.team", "payee.desk", "product"])
    ties = chance.one_of(["share", "all", "first"])
    award = ""
    if key != "payee":
        whom = chance.one_of(["contributors", *(name for name in MEMBERS if name == key)])
        award = awards(chance, whom, own="sum" in taken or taken == "count")
    behind = chance.one_of(BEHIND)
    is_cut = ties == "share" or "budget" in behind or "remainder" in award
    rule = RANK.format(
        credit=credit,
        where=chance.one_of(WHERES),
        taken=taken,
        key=key,
        ties=ties,
        first=chance.one_of(FIRST),
        places=chance.one_of(PLACES),
        remainder=f"  remainder to {chance.one_of(['first', 'last', 'nobody'])}" if is_cut else "",
        behind=behind,
        award=award.split("\n")[0],
    )
    text = PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down"]),
        step=chance.one_of(["0.01", "0.05"]),
        place=chance.one_of(["line", "fact"]),
        counted="",
        taken="count",
        window="per quarter",
        rule=rule + chance.one_of(["", ON_POOL]),
    )
    return text.replace("  field joined date\n", "  field joined date\n  field bonus money\n", 1)


def facts_with_ties(chance: Chance):
    """Deals of which many bring the same, and payees with a bonus."""
    found = facts(chance)
    for deal in found["deal"]:
        if not deal["undoes"] and chance.flip():
            deal["amount"] = chance.one_of(["0.00", "10.00", "20.00", "-10.00"])
    bonus = {rep["id"]: chance.one_of(["0.00", "99.99", "10.01"]) for rep in found["rep"]}
    for rep in found["rep"]:
        rep["bonus"] = bonus[rep["id"]]
    return found
