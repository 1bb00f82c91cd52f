"""Both engines agree on amounts in several currencies: rates that lack, are too old, rejected or to come."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES

PLAN = """
plan generated {{
  currency {currency}
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to {step} per line
  convert to {currency} at ecb on {anchor}{mode}
}}

rates ecb as {per} within {within} days

payee rep {{
  field id text key
  field currency text
  field least money in currency
  field most money in currency
}}

fact deal {{
  field id text key
  field rep rep credited
  field other rep
  field currency text
  field amount money in currency signed
  field list money in currency
  field closed date event
  field asked date optional
  field undoes deal optional reverses
}}

revenue_share sales {{
  on deal
{credit}{where}  pay {pay}
{cap}}}
{tiers}
statement {{
  per month
{statement}}}
"""
PAYS = ("10% of amount", "7.77% of amount", "50% of list", "3% of amount plus 2 {currency} per deal")
GRANTS = (
    "  guarantee payee.least per month\n",
    "  draw payee.least per month kept\n",
    "  draw payee.least per month recoverable\n  recover 50% of earnings above payee.least\n"
    "  negative carry\n",
    "  draw payee.most per month recoverable\n  recover 33.33% of earnings\n  negative forgive\n",
    "  cap payee.most per month then carry\n  negative carry\n",
    "  minimum payee.least then carry\n  negative carry\n",
)
TIERS = """
tiered growth {{
  on deal
  measure sum amount per {window} by {by}
  apply {method}
  tier from 0 {currency} pay 1%
  tier from 500 {currency} pay 2.5%
}}
"""


@st.composite
def plans(draw) -> str:
    """A plan that converts what it reads, and perhaps what it pays."""
    currency = draw(st.sampled_from(["USD", "EUR", "JPY", "CHF"]))
    unit = "1" if currency == "JPY" else "0.01"
    is_rounded = draw(st.booleans())
    tiers = ""
    if is_rounded and draw(st.booleans()):
        # Totals of quotients need a denominator for all days: they are tried with rounded amounts.
        tiers = TIERS.format(
            window=draw(st.sampled_from(["month", "quarter", "deal"])),
            by=draw(st.sampled_from(["payee", "currency"])),
            method=draw(st.sampled_from(["marginal", "from_crossing"])),
            currency=currency,
        )
    statement = ""
    if draw(st.booleans()):
        to = draw(st.sampled_from(["payee.currency", "EUR", "USD", "JPY"]))
        day = draw(st.sampled_from(["payable", "earned", "end of month of earned"]))
        statement = (
            f"  convert to {to} at ecb on {day} rounded {draw(st.sampled_from(['half_up', 'down']))}\n"
        )
        of_payee = GRANTS if to == "payee.currency" else ()
        statement += draw(st.sampled_from(["", "  negative carry\n", "  negative forgive\n", *of_payee]))
    amount = draw(st.sampled_from(["amount", "list"]))
    return PLAN.format(
        currency=currency,
        step=unit,
        anchor=draw(st.sampled_from(["closed", "asked", "end of month of closed"])),
        mode=f" rounded half_even to {unit}" if is_rounded else "",
        per=draw(st.sampled_from(["currency per EUR", "EUR per currency"])),
        within=draw(st.sampled_from([9, 31, 400, 400])),
        credit=draw(st.sampled_from(["", "  credit 60% to rep\n  credit 40% to other\n"])),
        where=draw(st.sampled_from(["", f"  where {amount} > 20 {currency}\n"])),
        pay=draw(st.sampled_from(PAYS)).format(currency=currency),
        cap=draw(st.sampled_from(["", f"  cap 30 {currency} per month by payee\n"])),
        tiers=tiers,
        statement=statement,
    )


CODES = ("USD", "EUR", "JPY", "CHF")
DAYS = st.integers(0, 80).map(lambda days: (date(2026, 1, 1) + timedelta(days)).isoformat())


@st.composite
def facts(draw):
    """Deals in several currencies, some of which undo others, and rates with gaps."""
    deals = []
    for number in range(draw(st.integers(1, 8))):
        originals = [deal for deal in deals if not deal["undoes"]]
        undone = draw(st.sampled_from(originals)) if originals and draw(st.integers(0, 3)) == 0 else None
        code = draw(st.sampled_from(CODES))
        if undone is not None and draw(st.integers(0, 4)):
            code = undone["currency"]
        whole = draw(st.integers(-50, 900))
        amount = str(whole) if code == "JPY" else f"{whole}.{draw(st.integers(0, 99)):02}"
        deals.append(
            {
                "id": f"D-{number}" if draw(st.booleans()) else f"A-{number}",
                "rep": draw(st.sampled_from(["ana", "bo"])),
                "other": draw(st.sampled_from(["ana", "bo"])),
                "currency": code,
                "amount": amount,
                "list": str(draw(st.integers(0, 500))),
                "closed": draw(DAYS),
                "asked": draw(st.one_of(DAYS, st.just(""))),
                "undoes": undone["id"] if undone else "",
            }
        )
    days = draw(st.lists(DAYS, max_size=6, unique=True))
    rates = [
        {
            "date": day,
            "currency": code,
            "rate": draw(st.sampled_from(["1.25", "0.8", "0.9137", "163.07", "2", "0.5", "-1"])),
        }
        for day in days
        for code in draw(st.sets(st.sampled_from(["USD", "JPY", "CHF"]), max_size=3))
    ]
    rates += [
        {"date": "2025-12-20", "currency": code, "rate": rate}
        for code, rate in (("USD", "1.1172"), ("JPY", "158.2"), ("CHF", "0.94"))
        if draw(st.integers(0, 9))
    ]
    reps = [
        {
            "id": name,
            "currency": draw(st.sampled_from(CODES)),
            "least": str(draw(st.integers(0, 30))),
            "most": str(draw(st.integers(20, 90))),
        }
        for name in ("ana", "bo")
    ]
    return {"rep": reps, "deal": deals, "ecb": rates}


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]))
def test_amounts_in_other_currencies_are_the_same_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
