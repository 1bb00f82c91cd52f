"""Limits fit the rule that they limit."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

TIERED = """tiered growth {
  on deal
  measure sum amount per quarter
  apply %s
  tier from 0 USD pay 2%%
  %s
}"""


def test_a_limit_per_deal_needs_pay_per_deal(report: Report) -> None:
    for method in ("marginal", "from_crossing", "from_next"):
        assert report("R0213", TIERED % (method, "cap 5 USD per deal")) == []
    for method in ("whole", "interpolated"):
        assert report("R0213", TIERED % (method, "floor 5 USD per deal")) == [
            f"6: a floor `per deal` must not follow `apply {method}`, which raises earlier pay later on"
        ]


def test_a_floor_of_a_window_comes_last(report: Report) -> None:
    last = "cap 9 USD per deal\n  floor 5 USD per month"
    assert report("R0213", TIERED % ("marginal", last)) == []
    first = "floor 5 USD per month\n  cap 9 USD per deal"
    assert report("R0213", TIERED % ("marginal", first)) == [
        "6: a floor `per month` must be the last of `times`, `cap`, `floor` and `deduct`, "
        "found `cap 9 USD per deal` after it"
    ]


def test_a_floor_needs_a_last_day(report: Report) -> None:
    assert report("R0213", TIERED % ("marginal", "floor 5 USD per plan")) == []
    assert report("R0213", TIERED % ("marginal", "floor 5 USD per lifetime")) == [
        "6: a floor must have a window with a last day, found `per lifetime`"
    ]


def test_a_rank_takes_no_limit(report: Report) -> None:
    rule = """spiff race {
  on deal  window from 2026-07-01 through 2026-09-30  rank sum amount by payee ties share
  place 1 pay 50 USD once  remainder to first
  cap 20 USD per month
  times 200%
}"""
    assert report("R0213", rule) == [
        "4: `cap` must not stand beside a `rank`, whose places pay fixed amounts",
        "5: `times` must not stand beside a `rank`, whose places pay fixed amounts",
    ]


def test_a_limit_of_a_window_is_one_amount(report: Report) -> None:
    some_times = 'times 9,000% when type is "new" cap 50% of amount per deal'
    assert report("R0213", TIERED % ("marginal", some_times)) == []
    assert report("R0213", TIERED % ("marginal", "cap 50% of amount per month")) == [
        "6: a cap `per month` must be one amount for all rows, found `50% of amount`"
    ]


def test_a_floor_of_a_window_is_by_payee(report: Report) -> None:
    assert report("R0213", TIERED % ("marginal", "floor 5 USD per month by payee, product")) == []
    assert report("R0213", TIERED % ("marginal", "floor 5 USD per month by all")) == [
        "6: a floor `per month` must be by payee, or nobody is lifted to it"
    ]


def test_deductions_are_made_row_by_row(report: Report) -> None:
    base = "revenue_share base { on deal pay 5% of amount }\n"
    spiff = "spiff s { on deal window from 2026-07-01 through 2026-09-30 goal count >= 5 pay 9 USD once"
    assert report("R0213", f"{base}{spiff} deduct earnings of base }}") == [
        "2: `deduct earnings of base` is of one `deal`, and `goal count >= 5` pays for many"
    ]
