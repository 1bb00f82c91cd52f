"""Plans about when awards are payable: parts, holds, releases and stops over random facts."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.values import amounts, days, maybe, size

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to {step} per {place}
}}

payee partner {{
  field id text key
}}

fact deal {{
  field id text key
  field partner partner credited
  field amount money signed
  field term number decimals 0
  field closed date event
  field planned date optional
  field cancelled date optional
  field ended date optional
}}

fact payment {{
  field id text key
  field deal deal
  field amount money signed
  field received date event
}}

{kind} launch {{
  on deal
{clauses}
{amended}
}}
"""
FLAT = ("  pay 10% of amount", "  pay 10% of amount plus 3.33 USD per deal")
TIERS = """  measure sum amount per quarter by partner
  apply marginal
  tier from 0 USD pay 10% of amount plus 3.33 USD per deal
  tier from 500 USD pay 7.77%"""
ANCHORS = (
    "closed",
    "planned",
    "1 month after closed",
    "2 weeks after planned",
    "start of month after closed",
)
SPANS = ("3 months", "term months", "2 quarters", "5 days", "term weeks", "2 years")
REMAINDERS = ("first", "last", "nobody", "largest_share", "largest_fraction")
SPLITS = ("  split into {n} starting {a}",)
RELEASES = (
    "  release 60% at {a}\n  release rest at {b}",
    "  release 25% at {a}\n  release rest split into {n} starting {b}",
    "  release 33.3% split into {n} starting {a}\n  release rest split into 3 months starting {b}",
    "  release 40% at {a}\n  release rest as payment.amount reaches amount",
    "  release 100% as payment.amount reaches amount",
)


def clauses(chance: Chance, forms: tuple[str, ...]) -> str:
    """When an award is payable."""
    a, b, n = chance.one_of(ANCHORS), chance.one_of(ANCHORS), chance.one_of(SPANS)
    text = chance.one_of(forms).format(a=a, b=b, n=n)
    if "100%" not in text:
        # Of equal parts none is the largest.
        to = REMAINDERS if forms is RELEASES else REMAINDERS[:3]
        text += f"\n  remainder to {chance.one_of(to)}"
    if chance.flip():
        text += f"\n  hold until {chance.one_of(ANCHORS)}"
    for field in chance.some(["cancelled", "ended"], most=2):
        text += f"\n  stop on {field} then {chance.one_of(['forfeit', 'pay_out'])}"
    return text


def plans(chance: Chance) -> str:
    """A rule whose awards are paid in parts, in one version or two."""
    kind, forms, rates = chance.one_of(
        [
            ("installments", SPLITS, FLAT),
            ("installments", RELEASES, FLAT),
            ("tiered", RELEASES, (TIERS,)),
        ]
    )
    amended = ""
    if chance.number(0, 3) == 0:
        amended = f"  amend from 2026-03-01 {{\n{clauses(chance, forms)}\n  }}"
    return PLAN.format(
        step=chance.one_of(["0.01", "0.05", "1"]),
        place="line" if kind == "tiered" else chance.one_of(["line", "fact"]),
        kind=kind,
        clauses=f"{chance.one_of(rates)}\n{clauses(chance, forms)}",
        amended=amended,
    )


def facts(chance: Chance):
    """Deals and payments for them."""
    day, amount = days(chance, 400), amounts(chance, -30_000, 200_000)
    deals = [
        {
            "id": f"D-{number}",
            "partner": chance.one_of(["ana", "bob"]),
            "amount": amount(),
            "term": str(chance.number(1, 14)),
            "closed": day(),
            "planned": maybe(chance, day),
            "cancelled": maybe(chance, day),
            "ended": maybe(chance, day),
        }
        for number in range(size(chance, 40))
    ]
    payments = [
        {
            "id": f"P-{number}",
            "deal": chance.one_of(deals)["id"],
            "amount": amount(),
            "received": day(),
        }
        for number in range(size(chance, 40))
    ]
    return {"partner": [{"id": "ana"}, {"id": "bob"}], "deal": deals, "payment": payments}
