"""A tier can be reached by the rows that count."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

TIERED = """tiered by_size {{
  on deal
  where amount >= 0 USD
  {}
  measure {}
  apply marginal
  tier from 0 USD pay 5%
  tier {} 50,000 USD pay 8%
}}"""


def test_what_a_row_brings(report: Report) -> None:
    for where, tier in (("< 50,000 USD", "from"), ("<= 50,000 USD", "above"), ("<= 40,000 USD", "from")):
        rule = TIERED.format(f"where amount {where}", "sum amount per deal", tier)
        assert report("R0610", rule) == [
            f"8: this tier can never be reached: `amount {where}` keeps `amount` below it"
        ]


def test_what_may_be_reached(report: Report) -> None:
    for where, measure, tier in (
        ("where amount <= 50,000 USD", "sum amount per deal", "from"),
        ("where amount <= 40,000 USD", "sum amount per month", "from"),
        ("", "sum amount per deal", "from"),
        ('where amount <= 40,000 USD or type is "new"', "sum amount per deal", "from"),
    ):
        assert report("R0610", TIERED.format(where, measure, tier)) == []


def test_below_zero_tiers_are_mirrored(report: Report) -> None:
    rule = TIERED.format("where amount <= 40,000 USD", "sum amount per deal", "from")
    assert report("R0610", rule.replace("  where amount >= 0 USD\n", "")) == []


def test_counts_and_largest_amounts(report: Report) -> None:
    count = "tiered n {{ on deal measure count per {} apply marginal tier from 0 pay 5 USD per deal {} }}"
    assert len(report("R0610", count.format("deal", "tier from 2 pay 6 USD per deal"))) == 1
    assert report("R0610", count.format("deal", "tier from 1 pay 6 USD per deal")) == []
    assert report("R0610", count.format("month", "tier from 2 pay 6 USD per deal")) == []
    # Two payees of one deal are counted together.
    shared = count.format("deal by all", "tier from 2 pay 6 USD per deal")
    shared = shared.replace("on deal", "on deal credit 50% to partner credit 50% to partner")
    assert report("R0610", shared) == []
    largest = TIERED.format("where amount < 50,000 USD", "max amount per year", "from")
    assert len(report("R0610", largest.replace("apply marginal", "apply from_crossing"))) == 1
