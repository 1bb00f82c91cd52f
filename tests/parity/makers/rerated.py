"""Plans whose bands decide for earlier rows too: `whole` and `interpolated`, with what follows from that."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.goals import CLAUSES, TIERED, header

BASE = """revenue_share base {
  on deal
  where product is not "b"
  pay 2% of amount
}

"""
OVERRIDE = """
revenue_share override {
  on earnings of growth
  pay 20% of earning
  cap 9 USD per month by payee
}
"""
WHOLE = (
    """  tier from 0 USD pay 5%
  tier from 100 USD pay 7%
  tier from 250 USD pay 9%""",
    """  tier from 0 USD pay nothing
  tier above 100 USD pay 7% of amount
  tier from 250 USD pay 9% of amount""",
    """  tier from 0 USD pay payee.rate
  tier from 100 USD pay 10%
  tier from 200 USD pay 4%""",
    """  tier from 0 USD pay 1 USD per unit of seats
  tier from 100 USD pay 2.335 USD per unit of seats""",
    """  tier from 0 USD pay 5% plus 10 USD once
  tier from 100 USD pay 7% plus 33.335 USD once""",
    """  tier from 0 USD pay 2 USD once
  tier above 99 USD pay 25 USD once
  tier from 300 USD pay 4.01 USD once""",
    """  tier from 0 USD pay 5% plus 1% of amount
  tier from 100 USD pay 7% plus 2% of amount""",
    """  tier from 0 USD pay product_rate
  tier from 150 USD pay 12%""",
)
STEPS = (
    """  tier from 0 USD pay 3 USD per deal
  tier from 100 USD pay prize "a trip" once plus 4 USD per deal""",
    """  tier from 0 USD pay 3 USD per started 40 USD of amount
  tier from 100 USD pay 5 USD per started 40 USD of amount""",
    """  tier from 0 USD pay 5%
  tier from 100 USD pay 2 USD per deal
  tier from 200 USD pay nothing""",
    """  tier from 0 USD pay 10 USD once
  tier from 100 USD pay 20 USD once plus 5 USD once""",
)
AGAINST = (
    """  tier from 0% pay 5%
  tier from 50% pay 7%
  tier above 100% pay 9%""",
    """  tier from 0% pay 100 USD per quota
  tier from 80% pay 150 USD per quota""",
    """  tier from 0% pay 10 USD once
  tier from 70% pay 100 USD once
  tier from 120% pay 133.33 USD once""",
)
TARGETS = (" against goal_q", " against payee.goal", " against aim", " against 300 USD")
KEYS = ("payee", "payee", "payee, product", "payee.team", "all")
FLOOR = "  floor 30 USD per month by payee"
FACTORS = (
    "  times 1.15",
    '  times 0.5 where product is "a"',
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 40 USD per quarter by product",
    FLOOR,
)
DATED = (
    "  hold until 20 days after closed",
    "  hold until asked",
    "  deduct earnings of base",
    "  deduct earnings of base\n  cap 15 USD per month by payee",
    "  award each contributor",
    "  award contributors equally\n  remainder to last",
    "  award contributors pro_rata\n  remainder to first",
    "  award each member of payee.team",
    "  clawback 60% on asked",
    "  cap 12 USD per month by payee\n  clawback 100% on asked",
    "  cap 20 USD per month by all\n  clawback 50% on asked",
    "  amend from 2026-02-01 {\n    tier from 0 USD pay 6%\n    tier from 130 USD pay 5 USD once\n  }",
    "  amend from 2026-02-01 {\n    times 0.9\n    cap 12 USD per month by payee\n  }",
    "  amend from 2026-02-01 {\n    tier from 0 USD pay 5 USD once\n    tier from 130 USD pay 9%\n  }",
)


def rerated(chance: Chance) -> str:
    """A rule whose bands decide for earlier rows too."""
    is_against = chance.number(0, 2) == 0
    method = chance.one_of(["whole", "interpolated"])
    tiers = chance.one_of(AGAINST if is_against else WHOLE + (STEPS if method == "whole" else ()))
    against = chance.one_of(TARGETS) if is_against else ""
    window, key = chance.one_of(["month", "quarter", "plan"]), chance.one_of(KEYS)
    clauses = chance.one_of((*CLAUSES, "  credit 2 to opener\n  credit 1 to closer"))
    factors = [
        each for each in FACTORS if not (method == "interpolated" and "once" in tiers and "times" in each)
    ]
    limits = chance.some(factors, most=2)
    if " 2 to" in clauses:
        limits.append(f"  remainder to {chance.one_of(['first', 'last', 'nobody', 'largest_share'])}")
    elif chance.flip():
        limits.append(chance.one_of([each for each in DATED if not (is_against and "tier" in each)]))
    behind = limits[-1] if limits else ""
    if "contributor" in behind:
        key = chance.one_of(KEYS[3:])
    elif "member" in behind:
        key = "payee.team"
    if "amend" in behind or "cap" in behind:
        limits = [each for each in limits if each != FLOOR]
    if "goal_q" in against:
        window, key = "quarter", "payee"
        limits = [each for each in limits if "award" not in each]
    limits.sort(key=lambda each: each == FLOOR)
    measure = chance.one_of(["sum amount", "sum amount", "max amount"][: 2 if "pro_rata" in behind else 3])
    if "credit" in clauses and "sum" in measure:
        measure = measure.replace(" ", chance.one_of([" credited ", " full "]))
    rule = TIERED.format(
        clauses=clauses,
        measure=measure,
        window=window,
        key=key,
        against=against,
        method=method,
        tiers=tiers,
        limits="\n".join(limits),
    )
    if "deduct" in rule:
        rule = BASE + rule
    has_override = chance.number(0, 3) == 0
    may_round_windows = not (has_override or "deduct" in rule or "credit" in clauses or "award" in rule)
    places = ["line", "line", "fact", *["window"] * may_round_windows]
    return header(chance, rule + (OVERRIDE if has_override else ""), places)
