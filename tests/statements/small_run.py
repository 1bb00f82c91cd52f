"""A small plan with its facts, for the tests that go the whole road."""

from __future__ import annotations

from pathlib import Path

import rulesengine
from rulesengine.statements.run import Run

PLAN = """plan small_2026 {
  title "Small programme"
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}

payee partner {
  field id text key
  field tier text one of "silver", "gold"
}

fact deal {
  field id text key
  field partner partner credited optional
  field type text one of "new", "renewal"
  field amount money
  field closed date event
}

statement {
  per month
}

flat new_logo {
  title "New logos"
  on deal
  where type is "new"
  pay 500 USD per deal
}

tiered growth {
  on deal
  measure sum amount per quarter by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 100,000 USD pay 2%
}

revenue_share shadow {
  on deal
  where payee.tier is "gold"
  memo
  pay 1% of amount
}

installments launch {
  on deal
  where amount >= 50,000 USD
  pay 1% of amount
  split into 3 months starting closed
  remainder to first
}

revenue_share override {
  on earnings of new_logo
  pay 10% of earning
}
"""

PARTNERS = "id,tier\nana,gold\nbob,silver\ncy,silver\n"
DEALS = """id,partner,type,amount,closed
D-1,ana,new,60000.00,2026-01-10
D-2,ana,renewal,80000.00,2026-01-20
D-3,bob,renewal,1000.00,2026-01-21
D-4,ana,new,10.00,2026-02-01
D-5,,new,70.00,2026-01-22
"""
BAD_DEAL = "D-6,dora,new,70.00,2026-01-22\n"


def write_inputs(folder: Path, deals: str = DEALS) -> tuple[Path, Path]:
    """Write plan and facts under a folder; returns the path of each."""
    plan, facts = folder / "plan", folder / "facts"
    plan.mkdir(parents=True)
    facts.mkdir()
    head, rules = PLAN.split("flat new_logo", 1)
    (plan / "plan.rules").write_text(head, encoding="utf-8")
    (plan / "rules.rules").write_text(f"flat new_logo{rules}", encoding="utf-8")
    (facts / "partner.csv").write_text(PARTNERS, encoding="utf-8")
    (facts / "deal.csv").write_text(deals, encoding="utf-8")
    return plan, facts


def small_run(folder: Path, deals: str = DEALS, period: str = "2026-01", through: str | None = None) -> Run:
    """Evaluate the small plan over its facts."""
    plan, facts = write_inputs(folder, deals)
    return rulesengine.evaluate(rulesengine.load_plan(plan), facts=facts, period=period, through=through)
