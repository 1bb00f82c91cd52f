"""A plan of twenty rules and seeded facts for it: all five kinds, every tier method, limits."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

_HEADER = """plan benchmark {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_even to 0.01 per line
}
payee agent {
  field id text key
  field tier text one of "silver", "gold", "platinum"
  field team text
  field tags list of text
}
fact deal {
  field id text key
  field agent agent credited
  field helper agent
  field product text one of "crm", "erp", "bi"
  field type text one of "new", "renewal"
  field units number
  field amount money
  field closed date event
  field cancelled date optional
}
segment experts of agent {
  where tags has any of "certified", "trainer"
}
table product_rate on deal by product, payee.tier {
  row "crm", "platinum" gives 14%
  row "crm", any gives 11%
  row any, "gold" gives 9%
  row any, any gives 8%
}
statement {
  per month
}
"""

_SHARES = [
    ("share", "pay product_rate of amount"),
    ("capped_share", "pay 3% of amount\n  cap 2,000 USD per month by payee"),
    ("floored_share", "pay 1% of amount\n  floor 25 USD per deal"),
    ("new_share", 'where type is "new"\n  pay 2% of amount\n  times 150% when product is "crm"'),
    ("expert_share", "where payee in experts\n  pay 1.25% of amount"),
]
_FLATS = [
    ("per_deal", 'where type is "new"\n  pay 50 USD per deal'),
    ("per_unit", "pay 1.75 USD per unit of units"),
    ("large_fee", "where amount >= 20,000 USD\n  pay 200 USD per deal"),
    ("team_fee", "credit 70% to agent\n  credit 30% to helper\n  pay 40 USD per deal"),
]
_TIERS = "tier from 0 USD pay 1%\n  tier from 50,000 USD pay 1.5%\n  tier from 150,000 USD pay 2%"


def plan_text() -> str:
    """Return the plan: exactly twenty rules."""
    rules = [f"revenue_share {name} {{\n  on deal\n  {body}\n}}" for name, body in _SHARES]
    rules += [f"flat {name} {{\n  on deal\n  {body}\n}}" for name, body in _FLATS]
    for method in ("marginal", "whole", "from_crossing", "from_next", "interpolated"):
        rules.append(
            f"tiered {method}_growth {{\n  on deal\n  measure sum amount per quarter by payee\n"
            f"  apply {method}\n  {_TIERS}\n}}"
        )
    rules.append(
        "tiered counted {\n  on deal\n  measure count per month by payee\n  apply marginal\n"
        "  tier from 0 pay nothing\n  tier from 10 pay 20 USD per deal\n}"
    )
    rules.append(
        "installments parts {\n  on deal\n  where amount >= 10,000 USD\n  pay 3% of amount\n"
        "  split into 6 months starting 1 month after closed\n  remainder to first\n"
        "  stop on cancelled then forfeit\n}"
    )
    rules.append(
        "spiff budgeted {\n  on deal\n  window from 2026-04-01 through 2026-06-30\n"
        "  pay 25 USD per deal\n  budget 10,000 USD then first_come on closed\n}"
    )
    rules.append(
        "spiff team_goal {\n  on deal\n  window from 2026-07-01 through 2026-09-30\n"
        "  goal count >= 100 by payee.team\n  pay 100 USD once\n  award each member of payee.team\n}"
    )
    rules.append("revenue_share override {\n  on earnings of share\n  pay 5% of earning\n}")
    rules.append(
        "spiff race {\n  on deal\n  window from 2026-10-01 through 2026-10-31\n"
        "  rank sum amount by payee ties share\n  remainder to first\n  place 1 pay 1,000 USD once\n"
        "  place 2 pay 500 USD once\n}"
    )
    assert len(rules) == 20
    return _HEADER + "\n".join(rules) + "\n"


def write_facts(folder: Path, deals: int, agents: int = 100) -> None:
    """Write `agent.csv` and `deal.csv`; the same for the same numbers."""
    chance = random.Random(20260101)
    with (folder / "agent.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "tier", "team", "tags"])
        for number in range(agents):
            tier = chance.choice(["silver", "gold", "platinum"])
            tags = ";".join(chance.sample(["certified", "trainer", "onboarding", "audit"], 2))
            writer.writerow([f"a{number:03}", tier, f"team{number % 8}", tags])
    with (folder / "deal.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        columns = ["id", "agent", "helper", "product", "type", "units", "amount", "closed", "cancelled"]
        writer.writerow(columns)
        for number in range(deals):
            closed = date(2026, 1, 1) + timedelta(days=chance.randrange(365))
            cancelled = closed + timedelta(days=90) if chance.randrange(20) == 0 else ""
            writer.writerow(
                [
                    f"d{number:06}",
                    f"a{chance.randrange(agents):03}",
                    f"a{chance.randrange(agents):03}",
                    chance.choice(["crm", "erp", "bi"]),
                    chance.choice(["new", "renewal"]),
                    chance.randrange(1, 60),
                    f"{chance.randrange(100, 40_000)}.{chance.randrange(100):02}",
                    closed,
                    cancelled,
                ]
            )
