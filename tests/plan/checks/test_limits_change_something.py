"""A cap or floor can change what is paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Report = Callable[[str, str], list[str]]

SHARE = "revenue_share share {{ on deal pay 5% of amount {} }}"
FLAT = "flat fee {{ on deal {} pay 500 USD per deal {} }}"


@pytest.mark.parametrize(
    "clauses",
    [
        "cap 10% of amount per deal",
        "times 150% cap 8% of amount per deal",
        'times 150% when type is "new" cap 8% of amount per deal',
        "floor 4% of amount per deal",
    ],
)
def test_a_ratio_that_never_gets_there(report: Report, clauses: str) -> None:
    assert len(report("R0606", SHARE.format(clauses))) == 1


@pytest.mark.parametrize(
    "clauses",
    [
        "cap 5% of amount per deal floor 10 USD per deal",
        'times 300% when type is "new" cap 10% of amount per deal',
        "times payee.factor cap 10% of amount per deal",
        "cap 10% of list_price per deal",
        "cap 100 USD per deal",
        "cap 10% of amount per deal by all",
        "floor 10 USD per deal cap 10% of amount per deal",
    ],
)
def test_a_ratio_that_may_get_there(report: Report, clauses: str) -> None:
    records = """payee partner { field id text key field factor percent field tier text }
fact deal {
  field id text key  field partner partner credited  field amount money  field list_price money
  field type text  field closed date event
}
"""
    assert report("R0606", records + SHARE.format(clauses)) == []


def test_money_per_row(report: Report) -> None:
    assert report("R0606", FLAT.format("", "cap 600 USD per deal")) == [
        "1: `cap 600 USD per deal` can never cut anything: `500 USD per deal` never pays more"
    ]
    assert report("R0606", FLAT.format("", "floor 400 USD per deal")) == [
        "1: `floor 400 USD per deal` can never lift anything: `500 USD per deal` never pays less"
    ]
    # Of a shared deal each payee has a part, which the floor may lift.
    shares = "credit 60% to partner credit 40% to partner"
    assert report("R0606", FLAT.format(shares, "floor 400 USD per deal")) == []
    assert len(report("R0606", FLAT.format(shares, "cap 500 USD per deal"))) == 1


def test_a_cap_behind_another(report: Report) -> None:
    for idle in (
        "cap 100 USD per month cap 1,200 USD per year",
        "cap 100 USD per quarter cap 400 USD per year",
        "cap 100 USD per month cap 150 USD per month",
        "cap 100 USD per month times 200% cap 2,400 USD per year",
    ):
        assert len(report("R0606", FLAT.format("", idle))) == 1, idle
    for may_cut in (
        "cap 100 USD per month cap 1,199 USD per year",
        "cap 1,200 USD per year cap 100 USD per month",
        "cap 100 USD per month by all cap 1,200 USD per year",
        "cap 100 USD per week cap 600 USD per month",
        "cap 100 USD per month times 200% cap 2,399 USD per year",
    ):
        assert report("R0606", FLAT.format("", may_cut)) == [], may_cut


def test_an_amendment_finds_a_total_that_may_be_higher(report: Report) -> None:
    rule = FLAT.format("", "amend from 2026-07-01 { cap 100 USD per month cap 1,200 USD per year }")
    assert report("R0606", rule) == []


def test_tiers_pay_between_their_rates(report: Report) -> None:
    rule = """tiered growth {{
  on deal
  measure sum amount per quarter
  apply {}
  tier from 0 USD pay nothing
  tier from 1,000 USD pay 8%
  cap {} of amount per deal
}}"""
    assert len(report("R0606", rule.format("marginal", "9%"))) == 1
    assert report("R0606", rule.format("from_crossing", "7%")) == []
