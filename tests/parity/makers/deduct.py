"""Plans about what is taken off the pay of a row: `deduct` among factors, caps and floors."""

from __future__ import annotations

from tests.chance import Chance

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
}}

revenue_share base {{
  on deal
{base}
}}

{kind} top {{
  on deal
{top}
}}
"""
BASES = (
    "  pay 4% of amount",
    '  where product is "a"\n  pay 7.77% of amount\n  cap 9.99 USD per deal',
    "  credit closer\n  pay 33.33% of amount",
    "  credit 60% to opener\n  credit 40% to closer\n  pay 10% of amount",
    "  pay 5% of amount\n  budget 30 USD then first_come on closed",
)
CREDITS = (
    "",
    "",
    "  credit 2 to opener\n  credit 1 to closer",
    "  credit 70% to opener\n  credit 30% to closer",
)
PAYS = (
    "  pay 10% of amount",
    '  where product is "a"\n  pay 10% of amount',
    "  measure sum amount per quarter by payee\n  apply marginal\n"
    "  tier from 0 USD pay 2%\n  tier from 100 USD pay 7.5%",
)
DEDUCTS = ("  deduct earnings of base", "  deduct own earnings of base")
CHANGES = (
    "  times 1.15",
    '  times 0.5 where product is "b"',
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 15 USD per deal by payee",
    "  floor 5 USD per deal by payee",
    "  floor 0 USD per deal by payee",
)
LAST = ("", "", "  floor 30 USD per month by payee")
AMENDED = (
    "",
    "",
    "  amend from 2026-02-10 {\n    deduct own earnings of base\n    times 0.9\n  }",
    "  amend from 2026-02-10 {\n    cap 25 USD per month by payee\n    deduct earnings of base\n  }",
)


def plans(chance: Chance) -> str:
    """A rule that takes off what another one earned, before and after limits and factors."""
    credit, pay = chance.one_of(CREDITS), chance.one_of(PAYS)
    if "measure" in pay and credit:
        pay = pay.replace("sum amount", "sum credited amount")
    before, after = (chance.some(CHANGES, most=2) for _ in range(2))
    lines = [credit, pay, *before, chance.one_of(DEDUCTS)]
    lines += [each for each in after if each not in before or "times" in each]
    lines.append(chance.one_of(LAST))
    lines += ["  remainder to first"] if " 2 to" in credit else []
    if not any("remainder" in line or "floor 30" in line for line in lines):
        lines.append(chance.one_of(AMENDED))
    return PLAN.format(
        mode=chance.one_of(["half_up", "half_even", "down", "up"]),
        step=chance.one_of(["0.01", "0.05", "1"]),
        place=chance.one_of(["line", "fact"]),
        base=chance.one_of(BASES),
        kind="tiered" if "measure" in pay else "revenue_share",
        top="\n".join(line for line in lines if line),
    )
