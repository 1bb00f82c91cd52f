"""Plans about what is paid once, by goals and by bands, and taken back, over random facts."""

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
  field team text history
  field goal money
  field rate percent
}}

table product_rate on deal by product {{
  row "a" gives 4%
  row "b" gives 7.77%
  row any gives 3%
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field seats number
  field closed date event
  field asked date
  field aim money
  field undoes deal optional reverses
}}

quota goal_q by rep per quarter as money

{rule}
"""
SPIFF = """spiff push {{
  on deal
{clauses}
  window from 2026-01-10 through 2026-03-20
{goals}
  pay {pay}
{limits}
}}
"""
TIERED = """tiered growth {{
  on deal
{clauses}
  measure {measure} per {window} by {key}{against}
  apply {method}
{tiers}
{limits}
}}
"""
CLAUSES = ("", "", '  where product is "a"', "  credit 60% to opener\n  credit 40% to closer")
GOALS = (
    "count >= 2",
    "count >= 3",
    "sum amount >= 200 USD",
    "sum amount > 100 USD",
    "sum amount >= payee.goal",
    "max amount >= 150 USD",
    "sum seats > 12",
    "count distinct product >= 2",
)
PAYS = (
    "100 USD once",
    "10% of payee.goal once",
    'prize "a trip" once',
    "33.335 USD once plus 10 USD once",
    '50 USD once plus prize "a trip" once',
)
BUDGETS = (
    "  budget 150 USD then first_come on closed",
    "  budget 150 USD then first_come on asked",
    "  budget 110 USD by product then first_come on asked",
    "  budget 150 USD then prorate\n  remainder to first",
)
LIMITS = (
    "  cap 60 USD per month by payee",
    "  cap 120 USD per plan by all",
    "  times 1.1",
    "  cap 12 USD per deal by payee",
)
TIERS = (
    """  tier from 0 USD pay 5%
  tier from 100 USD pay 7% plus 25 USD once
  tier from 250 USD pay 9% plus 10 USD once""",
    """  tier from 0 USD pay 10 USD once
  tier above 100 USD pay prize "a trip" once plus 33.335 USD once""",
    """  tier from 0 USD pay nothing
  tier from 50 USD pay 10% of payee.goal once
  tier from 150 USD pay nothing
  tier from 300 USD pay 3 USD once""",
)
COUNTED = (
    """  tier from 0 pay 5 USD per deal
  tier from 2 pay 20 USD once
  tier from 4 pay 6 USD per deal plus 30 USD once""",
)
REPS = ("ana", "bob", "cem")


def facts(chance: Chance):
    """Deals, some of which undo others, on few days."""
    day, amount = days(chance, 100), amounts(chance, -5_000, 30_000)

    def made(number: int, undone: Row | None) -> Row:
        return {
            "id": key_of(chance, number),
            "opener": chance.one_of(REPS),
            "closer": chance.one_of(REPS),
            "product": chance.one_of(["a", "b", "c"]),
            "amount": like(chance, undone, "amount", amount),
            "seats": str(chance.number(0, 9)),
            "closed": like(chance, undone, "closed", day),
            "asked": day(),
            "aim": chance.one_of(["100.00", "77.70", "333.33"]),
        }

    deals = undoing(chance, 130, made, one_in=3)
    reps = [
        {"id": name, "from": since, "team": team, "goal": goal, "rate": rate}
        for name, team, goal, since, rate in (
            ("ana", "north", "200.00", "2026-01-01", "6%"),
            ("bob", "north", "333.33", "2026-01-01", "6.5%"),
            ("bob", "south", "333.33", "2026-02-01", "6.5%"),
            ("cem", "south", "120.00", "2026-01-01", "12%"),
        )
    ]
    quotas = [
        {"rep": name, "period": period, "amount": amount}
        for name, period, amount in (
            ("ana", "2026-Q1", "250.00"),
            ("ana", "2026-Q2", "310.00"),
            ("bob", "2026-Q1", "99.99"),
            ("cem", "2026-Q1", "400.00"),
        )
    ]
    return {"rep": reps, "deal": deals, "goal_q": quotas}


def header(chance: Chance, rule: str, places: list[str]) -> str:
    """Return a plan with a rule and a way of rounding."""
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(places),
        rule=rule,
    )


def spiffs(chance: Chance) -> str:
    """A rule with goals."""
    keys = chance.one_of(["payee", "payee, product", "payee, payee.team"])
    goals = chance.some(GOALS, least=1, most=3)
    limits = chance.some(LIMITS, most=2)
    if chance.number(0, 1) == 0:
        limits.append(chance.one_of(BUDGETS))
    clauses = chance.one_of(CLAUSES)
    rule = SPIFF.format(
        clauses=clauses,
        goals="\n".join(f"  goal {_credited(goal, clauses)} by {keys}" for goal in goals),
        pay=chance.one_of(PAYS),
        limits="\n".join(limits),
    )
    return header(chance, rule, ["line", "fact"])


def _credited(measure: str, clauses: str) -> str:
    """Return a measure as shared credit asks for it."""
    is_shared = "credit" in clauses
    return (
        measure.replace("sum amount", "sum credited amount").replace("sum seats", "sum full seats")
        if is_shared
        else measure
    )


def tiers(chance: Chance) -> str:
    """A rule whose bands pay something once."""
    is_count = chance.number(0, 3) == 0
    rule = TIERED.format(
        clauses=chance.one_of(CLAUSES[:3]),
        measure="count" if is_count else "sum amount",
        window=chance.one_of(["month", "quarter", "plan"]),
        key=chance.one_of(["payee", "payee.team", "all", "payee, product"]),
        against="",
        method=chance.one_of(["marginal", "from_crossing", "from_next"]),
        tiers=chance.one_of(COUNTED if is_count else TIERS),
        limits="\n".join(chance.some(LIMITS, most=2)),
    )
    return header(chance, rule, ["line", "fact", "window", "band"])
