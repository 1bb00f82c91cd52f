"""A budget is enough for one award."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

SPIFF = """spiff push {{
  on deal
  window from 2026-07-01 through 2026-09-30
  goal count >= 3
  pay {} once
  {}
  budget 500 USD then first_come on closed
}}"""


def test_a_goal(report: Report) -> None:
    assert report("R0608", SPIFF.format("501 USD", "")) == [
        "7: a budget of 500 USD cannot pay `501 USD once` even once"
    ]
    assert report("R0608", SPIFF.format("500 USD", "")) == []
    assert len(report("R0608", SPIFF.format("400 USD", "times 150%"))) == 1


def test_what_may_be_enough(report: Report) -> None:
    assert report("R0608", SPIFF.format("900 USD", "times 50%")) == []
    assert report("R0608", SPIFF.format("900 USD", 'times 50% when type is "new"')) == []
    assert report("R0608", SPIFF.format("900 USD", "cap 400 USD per month")) == []


def test_money_per_row(report: Report) -> None:
    rule = "flat fee {{ on deal {} pay 500 USD per deal budget {} then first_come on closed }}"
    assert len(report("R0608", rule.format("", "400 USD"))) == 1
    assert report("R0608", rule.format("", "500 USD")) == []
    # 40% of it may be enough.
    shares = "credit 60% to partner credit 40% to partner"
    assert report("R0608", rule.format(shares, "400 USD")) == []


def test_a_rank(report: Report) -> None:
    rule = """spiff race {{
  on deal
  window from 2026-07-01 through 2026-09-30
  rank count by payee ties all
  place 1 pay {} once
  budget 500 USD then prorate
  remainder to first
}}"""
    assert report("R0608", rule.format("500 USD")) == []
    assert report("R0608", rule.format("600 USD")) == [
        "6: a budget of 500 USD cannot pay `600 USD once` even once"
    ]
