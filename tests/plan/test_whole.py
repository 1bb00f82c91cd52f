"""Nothing that is written is left out of a checked plan without a word."""

from __future__ import annotations

import pytest

from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.plan import check
from tests.properties.road import checked

PLAN = """
plan p { currency USD  effective from 2026-01-01  rounding half_up to 0.01 per line }
payee rep { field id text key }
fact deal { field id text key  field rep rep credited  field amount money  field closed date event }
"""
SHARES = "fact share { field id text key  field deal deal  field rep rep credited  field weight number }"
SPIFF = """
spiff pool {
  on deal
  window from 2026-01-10 through 2026-03-31
  goal sum amount >= 50 USD by payee
  pay 10 USD once
  budget 150 USD then prorate
  remainder to first
}
"""
SHARED = """
revenue_share shared {
  on earnings of pool
  credit each share by weight
  pay 20% of earning
  remainder to first
}
"""


def test_shares_in_rows_need_a_row_that_they_share():
    text = PLAN + SHARES + SPIFF + SHARED
    with pytest.raises(Rejected) as refused:
        checked(text)
    (found,) = refused.value.diagnostics
    assert found.code == "R0239"
    assert found.message.startswith("rows of `share` share the credit for a row: the budget of `pool`")


def test_a_rule_that_comes_to_nothing_is_a_fault(monkeypatch):
    lower = check.lower_rules
    monkeypatch.setattr(check, "lower_rules", lambda *given: lower(*given)[1:])
    with pytest.raises(InternalError, match="`pool` has come to nothing"):
        checked(PLAN + SPIFF)
