"""Both engines refuse a run whose statements ask for an amount that divides by zero, in the same words."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from rulesengine.intake import read_book
from tests.parity.compare import differences
from tests.properties.road import checked

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}}

payee rep {{
  field id text key
  field base money
  field parts number history
  derive each = base / parts
}}

fact deal {{
  field id text key
  field rep rep credited
  field amount money signed
  field closed date event
}}

revenue_share sales {{
  on deal
  pay 10% of amount
}}

statement {{
  per month
{clauses}
}}
"""
CLAUSES = (
    "  draw payee.each per month kept",
    "  guarantee 5 USD per month\n  minimum payee.each then carry\n  negative carry",
    "  minimum payee.each then carry\n  negative carry",
    "  minimum 5 USD then carry\n  cap payee.each per month then carry\n  negative carry",
)
ANSWERS = [*product(CLAUSES, ("2", "0"), ("5", "0"), ("-50.00", "0.00", "100.00"))]


@pytest.mark.parametrize(("clauses", "of_ana", "of_bo", "amount"), ANSWERS)
def test_the_first_amount_that_divides_by_zero_is_named(clauses, of_ana, of_bo, amount):
    facts = {
        "rep": [
            {"id": "bo", "base": "50", "parts": of_bo, "from": "2026-01-01"},
            {"id": "ana", "base": "100", "parts": of_ana, "from": "2026-02-01"},
        ],
        "deal": [{"id": "D-1", "rep": "ana", "amount": amount, "closed": "2026-02-10"}],
    }
    plan = checked(PLAN.format(clauses=clauses))
    assert differences(plan, read_book(plan.schema, facts).book, date(2026, 4, 30)) == []
