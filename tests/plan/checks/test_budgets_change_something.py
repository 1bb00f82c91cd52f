"""A budget can cut what is paid."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

SPIFF = """spiff push {{
  on deal
  window from 2026-07-01 through 2026-09-30
  goal count >= 3 by {}
  pay 500 USD once
  {}
  budget {} then first_come on closed
}}"""
EQUALLY = "award contributors equally remainder to first"


def test_a_goal_is_paid_once_for_each_key(report: Report) -> None:
    assert report("R0609", SPIFF.format("payee", "", "500 USD by payee")) == [
        "7: a budget of 500 USD can never be used up: `500 USD once` pays no more"
    ]
    assert len(report("R0609", SPIFF.format("all", EQUALLY, "600 USD"))) == 1
    assert len(report("R0609", SPIFF.format("payee.team", EQUALLY, "600 USD by payee.team"))) == 1


def test_what_may_be_used_up(report: Report) -> None:
    for rule in (
        SPIFF.format("payee", "", "600 USD"),
        SPIFF.format("payee", 'times 150% when type is "new"', "600 USD by payee"),
        SPIFF.format("all", "award each contributor", "600 USD"),
        SPIFF.format("payee.team", EQUALLY, "600 USD"),
    ):
        assert report("R0609", rule) == [], rule


def test_a_cap_of_the_whole_plan(report: Report) -> None:
    rule = "revenue_share share {{ on deal pay 5% of amount {} budget 900 USD {} then first_come on closed }}"
    assert len(report("R0609", rule.format("cap 900 USD per plan by all", ""))) == 1
    assert len(report("R0609", rule.format("cap 800 USD per lifetime", "by payee"))) == 1
    assert report("R0609", rule.format("cap 800 USD per lifetime", "")) == []
    assert report("R0609", rule.format("cap 800 USD per year by all", "")) == []
    assert report("R0609", rule.format("cap 800 USD per plan by all times 200%", "")) == []
