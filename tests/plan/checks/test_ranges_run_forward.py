"""A range of dates ends on or after the day it begins."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = "spiff push { on deal window from 2026-07-02 through %s pay 5 USD per deal }"


def test_a_day_too_early(report: Report) -> None:
    assert report("R0503", RULE % "2026-07-01") == [
        "1: range must end on or after 2026-07-02, found 2026-07-01"
    ]


def test_one_day_is_a_range(report: Report) -> None:
    assert report("R0503", RULE % "2026-07-02") == []


def test_the_plan_itself(report: Report) -> None:
    plan = "plan p { currency USD effective from 2026-12-31 through 2026-01-01 rounding up to 0.01 per line }"
    assert report("R0503", plan) == ["1: range must end on or after 2026-12-31, found 2026-01-01"]
