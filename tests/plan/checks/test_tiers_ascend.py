"""Tiers ascend."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """tiered growth {
  on deal  measure sum amount per quarter  apply marginal
  tier from 0 USD pay 1%%
  %s
}"""


def test_every_tier_that_does_not_rise_is_found(report: Report) -> None:
    tiers = "tier from 100 USD pay 2%\n  tier from 80 USD pay 3%\n  tier from 90 USD pay 4%"
    assert report("R0207", RULE % tiers) == [
        "5: tier must start above 100 USD, found 80 USD",
        "6: tier must start above 100 USD, found 90 USD",
    ]


def test_equal_bounds_do_not_rise(report: Report) -> None:
    tiers = "tier from 100 USD pay 2%\n  tier from 100.00 USD pay 3%"
    assert report("R0207", RULE % tiers) == ["5: tier must start above 100 USD, found 100.00 USD"]


def test_above_follows_from_at_one_bound(report: Report) -> None:
    assert report("R0207", RULE % "tier from 100 USD pay 2%\n  tier above 100 USD pay 3%") == []
    assert report("R0207", RULE % "tier above 100 USD pay 2%\n  tier from 100 USD pay 3%") == [
        "5: tier must start above 100 USD, found 100 USD"
    ]


def test_an_amendment_has_tiers_of_its_own(report: Report) -> None:
    amend = (
        "tier from 100 USD pay 2%\n  amend from 2026-07-01 { tier from 0 USD pay 2% tier from 50 USD pay 3% }"
    )
    assert report("R0207", RULE % amend) == []
