"""Plans about amounts in several currencies: rates that lack, are too old, rejected or to come."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.undoing import Row, key_of, undoing
from tests.parity.makers.values import days, maybe

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


def plans(chance: Chance) -> str:
    """A plan that converts what it reads, and perhaps what it pays."""
    currency = chance.one_of(["USD", "EUR", "JPY", "CHF"])
    unit = "1" if currency == "JPY" else "0.01"
    is_rounded = chance.flip()
    tiers = ""
    if is_rounded and chance.flip():
        # Totals of quotients need a denominator for all days: they are tried with rounded amounts.
        tiers = TIERS.format(
            window=chance.one_of(["month", "quarter", "deal"]),
            by=chance.one_of(["payee", "currency"]),
            method=chance.one_of(["marginal", "from_crossing"]),
            currency=currency,
        )
    statement = ""
    if chance.flip():
        to = chance.one_of(["payee.currency", "EUR", "USD", "JPY"])
        day = chance.one_of(["payable", "earned", "end of month of earned"])
        statement = f"  convert to {to} at ecb on {day} rounded {chance.one_of(['half_up', 'down'])}\n"
        of_payee = GRANTS if to == "payee.currency" else ()
        statement += chance.one_of(["", "  negative carry\n", "  negative forgive\n", *of_payee])
    amount = chance.one_of(["amount", "list"])
    return PLAN.format(
        currency=currency,
        step=unit,
        anchor=chance.one_of(["closed", "asked", "end of month of closed"]),
        mode=f" rounded half_even to {unit}" if is_rounded else "",
        per=chance.one_of(["currency per EUR", "EUR per currency"]),
        within=chance.one_of([9, 31, 400, 400]),
        credit=chance.one_of(["", "  credit 60% to rep\n  credit 40% to other\n"]),
        where=chance.one_of(["", f"  where {amount} > 20 {currency}\n"]),
        pay=chance.one_of(PAYS).format(currency=currency),
        cap=chance.one_of(["", f"  cap 30 {currency} per month by payee\n"]),
        tiers=tiers,
        statement=statement,
    )


CODES = ("USD", "EUR", "JPY", "CHF")


def facts(chance: Chance):
    """Deals in several currencies, some of which undo others, and rates with gaps."""
    day = days(chance, 80)

    def made(number: int, undone: Row | None) -> Row:
        code = chance.one_of(CODES)
        if undone is not None and chance.number(0, 4):
            code = undone["currency"]
        whole = chance.number(-50, 900)
        amount = str(whole) if code == "JPY" else f"{whole}.{chance.number(0, 99):02}"
        return {
            "id": key_of(chance, number),
            "rep": chance.one_of(["ana", "bo"]),
            "other": chance.one_of(["ana", "bo"]),
            "currency": code,
            "amount": amount,
            "list": str(chance.number(0, 500)),
            "closed": day(),
            "asked": maybe(chance, day),
        }

    deals = undoing(chance, 110, made)
    changed = sorted({day() for _ in range(chance.number(0, 9))})
    rates = [
        {
            "date": since,
            "currency": code,
            "rate": chance.one_of(["1.25", "0.8", "0.9137", "163.07", "2", "0.5", "-1"]),
        }
        for since in changed
        for code in chance.some(["USD", "JPY", "CHF"], most=3)
    ]
    rates += [
        {"date": "2025-12-20", "currency": code, "rate": rate}
        for code, rate in (("USD", "1.1172"), ("JPY", "158.2"), ("CHF", "0.94"))
        if chance.number(0, 30)
    ]
    reps = [
        {
            "id": name,
            "currency": chance.one_of(CODES),
            "least": str(chance.number(0, 30)),
            "most": str(chance.number(20, 90)),
        }
        for name in ("ana", "bo")
    ]
    return {"rep": reps, "deal": deals, "ecb": rates}
