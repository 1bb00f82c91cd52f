"""Both engines agree on when awards are payable: parts, holds, releases and stops over random facts."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES

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
SPLITS = ("  split into {n} starting {a}",)
RELEASES = (
    "  release 60% at {a}\n  release rest at {b}",
    "  release 25% at {a}\n  release rest split into {n} starting {b}",
    "  release 33.3% split into {n} starting {a}\n  release rest split into 3 months starting {b}",
    "  release 40% at {a}\n  release rest as payment.amount reaches amount",
    "  release 100% as payment.amount reaches amount",
)


@st.composite
def clauses(draw, forms: tuple[str, ...]) -> str:
    """When an award is payable."""
    a, b, n = draw(st.sampled_from(ANCHORS)), draw(st.sampled_from(ANCHORS)), draw(st.sampled_from(SPANS))
    text = draw(st.sampled_from(forms)).format(a=a, b=b, n=n)
    if "100%" not in text:
        text += f"\n  remainder to {draw(st.sampled_from(['first', 'last', 'nobody']))}"
    if draw(st.booleans()):
        text += f"\n  hold until {draw(st.sampled_from(ANCHORS))}"
    for field in draw(st.lists(st.sampled_from(["cancelled", "ended"]), unique=True)):
        text += f"\n  stop on {field} then {draw(st.sampled_from(['forfeit', 'pay_out']))}"
    return text


@st.composite
def plans(draw) -> str:
    """A rule whose awards are paid in parts, in one version or two."""
    kind, forms, rates = draw(
        st.sampled_from(
            [
                ("installments", SPLITS, FLAT),
                ("installments", RELEASES, FLAT),
                ("tiered", RELEASES, (TIERS,)),
            ]
        )
    )
    amended = ""
    if draw(st.integers(0, 3)) == 0:
        amended = f"  amend from 2026-03-01 {{\n{draw(clauses(forms))}\n  }}"
    return PLAN.format(
        step=draw(st.sampled_from(["0.01", "0.05", "1"])),
        place="line" if kind == "tiered" else draw(st.sampled_from(["line", "fact"])),
        kind=kind,
        clauses=f"{draw(st.sampled_from(rates))}\n{draw(clauses(forms))}",
        amended=amended,
    )


DAYS = st.integers(0, 400).map(lambda days: (date(2026, 1, 1) + timedelta(days)).isoformat())
AMOUNTS = st.integers(-30_000, 200_000).map(lambda cents: f"{cents / 100:.2f}")


@st.composite
def facts(draw):
    """Deals and payments for them."""
    deals = [
        {
            "id": f"D-{number}",
            "partner": draw(st.sampled_from(["ana", "bob"])),
            "amount": draw(AMOUNTS),
            "term": str(draw(st.integers(1, 14))),
            "closed": draw(DAYS),
            "planned": draw(st.one_of(st.just(""), DAYS)),
            "cancelled": draw(st.one_of(st.just(""), DAYS)),
            "ended": draw(st.one_of(st.just(""), DAYS)),
        }
        for number in range(draw(st.integers(1, 6)))
    ]
    payments = [
        {
            "id": f"P-{number}",
            "deal": draw(st.sampled_from(deals))["id"],
            "amount": draw(AMOUNTS),
            "received": draw(DAYS),
        }
        for number in range(draw(st.integers(0, 6)))
    ]
    return {"partner": [{"id": "ana"}, {"id": "bob"}], "deal": deals, "payment": payments}


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 6, 30), date(2030, 12, 31)]))
def test_awards_are_paid_in_the_same_parts_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate == "same", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
