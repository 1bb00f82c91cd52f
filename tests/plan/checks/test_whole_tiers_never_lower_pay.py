"""Under whole tiers, earning more does not pay less."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """tiered growth {
  on deal
  measure %s per quarter
  apply %s
  %s
}"""


def tiers(measure: str, *lines: str, method: str = "whole") -> str:
    return RULE % (measure, method, "\n  ".join(lines))


def test_a_lower_rate_shows_the_two_amounts(report: Report) -> None:
    assert report(
        "R0601", tiers("sum amount", "tier from 0 USD pay 4%", "tier above 100,000 USD pay 3%")
    ) == ["6: a total of 100,000.01 USD pays 3,000.00 USD, 100,000.00 USD pays 4,000.00 USD"]
    assert report("R0601", tiers("sum amount", "tier from 0 USD pay 4%", "tier from 100,000 USD pay 3%")) == [
        "6: a total of 100,000.00 USD pays 3,000.00 USD, 99,999.99 USD pays 4,000.00 USD"
    ]


def test_an_amount_once_that_is_taken_back(report: Report) -> None:
    lines = ("tier from 0 USD pay 1% plus 500 USD once", "tier from 10,000 USD pay 2%")
    assert report("R0601", tiers("sum amount", *lines)) == [
        "6: a total of 10,000.00 USD pays 200.00 USD, 9,999.99 USD pays 600.00 USD"
    ]


def test_a_count(report: Report) -> None:
    lines = ("tier from 0 pay 50 USD per deal", "tier from 10 pay 40 USD per deal")
    assert report("R0601", tiers("count", *lines)) == ["6: a total of 10 pays 400.00 USD, 9 pays 450.00 USD"]


def test_against_a_quota_an_example_is_given(report: Report) -> None:
    quota = "quota target by partner per quarter as money\n"
    lines = ("tier from 0% pay 4%", "tier from 80% pay 3%")
    assert report(
        "R0601", quota + tiers("sum amount", *lines).replace("per quarter", "per quarter against target")
    ) == [
        "7: a total of 80,000.00 USD of a quota of 100,000.00 USD pays 2,400.00 USD, "
        "79,999.99 USD pays 3,200.00 USD"
    ]


def test_rising_and_marginal_tiers_are_left_alone(report: Report) -> None:
    assert report("R0601", tiers("sum amount", "tier from 0 USD pay 1%", "tier from 100 USD pay 2%")) == []
    falling = ("tier from 0 USD pay 2%", "tier from 100 USD pay 1%")
    assert report("R0601", tiers("sum amount", *falling, method="marginal")) == []
