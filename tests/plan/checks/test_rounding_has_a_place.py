"""Sums that are rounded together are sums of a measure."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

TIERED = """tiered growth {
  on deal
  measure sum amount per quarter
  apply %s
  tier from 0 USD pay 2%%
  rounding half_up to 0.01 per %s
}"""


def test_the_sum_of_a_window(report: Report) -> None:
    assert report("R0226", TIERED % ("whole", "window")) == []
    assert report("R0226", "flat f { on deal pay 1 USD per deal rounding half_up to 0.01 per window }") == [
        "1: `rounding … per window` has no meaning here: `f` has no measure whose window could be summed up"
    ]


def test_the_sum_of_a_band(report: Report) -> None:
    assert report("R0226", TIERED % ("from_next", "band")) == []
    assert report("R0226", TIERED % ("whole", "band")) == [
        "1: `rounding … per band` has no meaning here: under `whole` no band has a sum of its own"
    ]
    flat = "flat f { on deal measure count per month pay 1 USD per full 5 rounding half_up to 0.01 per band }"
    assert report("R0226", flat) == ["1: `rounding … per band` has no meaning here: `f` has no bands"]


def test_the_place_may_come_from_the_plan(report: Report) -> None:
    plan = """plan p {
  currency USD
  effective from 2026-01-01
  rounding half_up to 0.01 per window
}
flat f { on deal pay 1 USD per deal }
"""
    assert report("R0226", plan) == [
        "6: `rounding … per window` has no meaning here: `f` has no measure whose window could be summed up"
    ]
    own = plan.replace("per deal }", "per deal rounding half_up to 0.01 per line }")
    assert report("R0226", own) == []
