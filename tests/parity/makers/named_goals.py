"""Plans about goals and ranks by measures with rows of their own, over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.awarded import SHARED, awards, facts
from tests.parity.makers.goals import BUDGETS, LIMITS, PAYS
from tests.parity.makers.ranked import FIRST, PLACES

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
  field bonus money
  field joined date
  field desk text
  field team team history
  field active flag history
}}

fact profit {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field undoes profit optional reverses
{by_amount}
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field paid date optional
  field asked date
  field closed date event
  field undoes deal optional reverses
{by_amount}
}}

measure bookings {{
  on deal
  take count per quarter by payee
}}

measure counted {{
  on {of}
{credit_of}
{where_of}
  take {taken} per {window} by {key}
}}

spiff pool {{
  on deal{at}
{credit}
  window from 2026-01-10 through 2026-03-31
{where}
{clauses}
}}
"""
TAKEN = ("sum {share} amount", "sum {share} amount", "count", "max amount", "count distinct product")
KEYS = ("payee", "payee", "payee.team", "payee.desk", "payee, payee.team")
OF = ("deal", "deal", "deal", "deal at paid", "profit")
WHERE = ("", "", '  where product is "a"', "  where amount > 50 USD", '  where payee.team is "north"')
CREDIT = ("", "", SHARED, "  credit closer")


def ranks(chance: Chance) -> str:
    """A rank by a named measure, perhaps one whose places go to others."""
    key = chance.one_of(KEYS)
    ties = chance.one_of(["share", "all", "first"])
    award = "" if key.startswith("payee,") or key == "payee" else awards(chance, "contributors", own=False)
    if key in ("payee.team", "payee.desk") and chance.flip():
        award = awards(chance, key, own=False)
    lines = [
        f"  rank counted ties {ties}",
        f"  place 1 pay {chance.one_of(FIRST)}",
        chance.one_of(PLACES),
        chance.one_of(["", "", "  budget 60 USD then prorate"]),
        award.split("\n")[0],
    ]
    if ties == "share" or "budget" in lines[3] or "remainder" in award:
        lines.append(f"  remainder to {chance.one_of(['first', 'last', 'nobody'])}")
    return _plan(chance, key, lines, credit=chance.one_of(CREDIT))


GOALS = ("counted >= {least}", "counted > {least}")
OWN = ("count >= 2", "sum {share} amount >= 100 USD", "max amount >= 20 USD")


def goals(chance: Chance) -> str:
    """Goals on named measures, perhaps beside some that the rule's own rows move."""
    key = chance.one_of(KEYS)
    credit, taken = chance.one_of(CREDIT), chance.one_of(TAKEN)
    least = chance.one_of(["50 USD", "100 USD", "20 USD"]) if "amount" in taken else chance.one_of("123")
    lines = [f"  goal {chance.one_of(GOALS).format(least=least)}"]
    if chance.number(0, 2) == 0:
        share = "credited" if credit == SHARED else ""
        lines.append(f"  goal {chance.one_of(OWN).format(share=share)} by {key}")
        if chance.flip():
            lines.reverse()
    if chance.number(0, 3) == 0:
        lines.append("  goal bookings >= 2" + ("" if key == "payee" else f" by {key}"))
    lines.append(f"  pay {chance.one_of(PAYS).replace('payee.goal', 'payee.bonus')}")
    if "payee" not in key.split(", "):
        whom = [key] if key in ("payee.team", "payee.desk") else []
        award = awards(chance, chance.one_of(["contributors", *whom, *whom]), own=taken != TAKEN[3])
        return _plan(chance, key, [*lines, award], taken, credit)
    lines += chance.some(LIMITS, most=2)
    if chance.number(0, 1) == 0:
        lines.append(chance.one_of(BUDGETS))
    return _plan(chance, key, lines, taken, credit)


def _plan(chance: Chance, key: str, lines: list[str], taken: str = "", credit: str = "") -> str:
    credit_of = chance.one_of(CREDIT)
    share = chance.one_of(["credited", "full"]) if credit_of == SHARED else ""
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down"]),
        step=chance.one_of(["0.01", "0.05"]),
        place=chance.one_of(["line", "fact"]),
        by_amount=chance.one_of(["", "", "  order by amount"]),
        of=chance.one_of(OF),
        credit_of=credit_of,
        where_of=chance.one_of(WHERE),
        taken=(taken or chance.one_of(TAKEN)).format(share=share),
        window=chance.one_of(["month", "quarter", "lifetime"]),
        key=key,
        at=chance.one_of(["", "", "", " at paid"]),
        credit=credit,
        where=chance.one_of(WHERE),
        clauses="\n".join(lines),
    )


def facts_of_both(chance: Chance):
    """Deals and profits of the same payees, of which many bring the same, and payees with a bonus."""
    found = facts(chance)
    reps = sorted({rep["id"] for rep in found["rep"]})
    for kind in ("deal", "profit"):
        for row in found[kind]:
            row |= {"opener": chance.one_of(reps), "closer": chance.one_of(reps)}
            row["product"] = chance.one_of(["a", "b", "c"])
            if not row["undoes"] and chance.flip():
                row["amount"] = chance.one_of(["0.00", "10.00", "20.00", "100.00", "-10.00"])
    for row in found["deal"]:
        row["asked"] = chance.one_of([row["closed"], "2026-01-05", "2026-02-20"])
        row["paid"] = chance.one_of(["", row["closed"], "2026-02-20", "2026-03-31"])
    bonus = {rep: chance.one_of(["0.00", "99.99", "10.01"]) for rep in reps}
    for rep in found["rep"]:
        rep["bonus"] = bonus[rep["id"]]
    return found
