"""A sum over split credit says `credited` or `full`."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """fact deal {
  field id text key  field first partner credited  field second partner  field amount money
  field closed date event
}
tiered shared {
  on deal %s
  measure %s per quarter  apply marginal  tier from 0%s pay %s
}"""
SHARES = "credit 60% to first credit 40% to second"


def test_a_sum_of_shared_deals_must_say_which(report: Report) -> None:
    assert report("R0219", RULE % (SHARES, "sum amount", " USD", "2%")) == [
        "7: `sum` over shared deals must say `credited` or `full`, found `sum amount`"
    ]


def test_said(report: Report) -> None:
    assert report("R0219", RULE % (SHARES, "sum full amount", " USD", "2%")) == []
    assert report("R0219", RULE % (SHARES, "sum credited amount", " USD", "2%")) == []


def test_a_count_and_a_single_credit_need_not_say(report: Report) -> None:
    assert report("R0219", RULE % (SHARES, "count", "", "5 USD per deal")) == []
    assert report("R0219", RULE % ("credit second", "sum amount", " USD", "2%")) == []
