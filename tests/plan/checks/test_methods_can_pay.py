"""A tier method can pay what its tiers say."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """tiered growth {
  on deal
  measure sum amount per quarter
  apply interpolated
  tier from 0 USD pay %s
  tier from 100 USD pay %s
}"""


def test_rates_and_amounts_once_move(report: Report) -> None:
    assert report("R0212", RULE % ("2%", "4%")) == []
    assert report("R0212", RULE % ("2% plus 5 USD once", "4% plus 9 USD once")) == []
    assert report("R0212", RULE % ("nothing", "4%")) == []


def test_parts_must_match(report: Report) -> None:
    assert report("R0212", RULE % ("2%", "4% plus 9 USD once")) == [
        "6: `interpolated` must find the same parts in the next tier, found `4% plus 9 USD once` after `2%`"
    ]
    assert report("R0212", RULE % ("2%", "nothing")) == [
        "6: `interpolated` must find the same parts in the next tier, found `nothing` after `2%`"
    ]


def test_a_rate_needs_a_way_to_move_along(report: Report) -> None:
    rule = (RULE % ("2%", "3%")).replace("\n}", "\n  tier above 100 USD pay 4%\n}")
    assert report("R0212", rule) == [
        "7: `interpolated` must move from one bound to a higher one, "
        "found `tier above 100 USD pay 4%` after `tier from 100 USD pay 3%`"
    ]


def test_money_per_deal_and_prizes_do_not_move(report: Report) -> None:
    assert report("R0212", RULE % ("5 USD per deal", "9 USD per deal")) == [
        "5: `interpolated` cannot pay `5 USD per deal`, which does not move between two tiers",
        "6: `interpolated` cannot pay `9 USD per deal`, which does not move between two tiers",
    ]


def test_packages_come_whole(report: Report) -> None:
    tiers = """tiered r {
  on deal
  measure count per quarter
  apply %s
  tier from 0 pay 2 USD per full 5%s
  tier from 10 pay 3 USD per full 5%s
}"""
    for method in ("marginal", "whole", "from_crossing", "from_next"):
        assert report("R0212", tiers % (method, "", "")) == []
    assert report("R0212", tiers % ("interpolated", "", "")) == [
        "5: `interpolated` cannot pay `2 USD per full 5`, which does not move between two tiers",
        "6: `interpolated` cannot pay `3 USD per full 5`, which does not move between two tiers",
    ]
    of_another = " USD of amount"
    assert report("R0212", tiers % ("whole", of_another, of_another)) == []
    assert report("R0212", tiers % ("marginal", of_another, "")) == [
        "5: `marginal` cuts a row at the bounds of tiers, and packages of another quantity cannot be cut"
    ]
    assert report("R0212", RULE.replace("interpolated", "marginal") % ("2% of amount above 5 USD", "4%")) == [
        "5: `marginal` cuts a row at the bounds of tiers, and what lies above a bound cannot be cut"
    ]
