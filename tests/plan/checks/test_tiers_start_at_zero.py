"""The first tier starts at the measure's zero."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """tiered growth {
  on deal  measure %s per quarter  apply marginal
  %s
}"""


def test_zero_is_worded_in_the_unit_of_the_tier(report: Report) -> None:
    assert report("R0206", RULE % ("count", "tier from 10 pay 5 USD per deal")) == [
        "3: first tier must start at 0, found 10"
    ]
    assert report("R0206", RULE % ("sum amount", "tier above 10 USD pay 5%")) == [
        "3: first tier must start at 0 USD, found 10 USD"
    ]


def test_zero_may_be_in_the_tier_or_just_below_it(report: Report) -> None:
    assert report("R0206", RULE % ("count", "tier above 0 pay 5 USD per deal")) == []
    assert report("R0206", RULE % ("count", "tier from 0 pay nothing tier from 10 pay 5 USD per deal")) == []
