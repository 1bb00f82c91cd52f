"""Rules lie within the plan's dates, amendments within their rule's."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """flat fee {
  on deal
  %s
  pay 5 USD per deal
}"""


def test_both_ends_of_the_plan_are_inside(report: Report) -> None:
    assert report("R0502", RULE % "effective from 2026-01-01 through 2026-12-31") == []
    assert report("R0502", RULE % "effective from 2026-12-31") == []


def test_a_day_outside_on_each_side(report: Report) -> None:
    assert report("R0502", RULE % "effective from 2025-12-31 through 2027-01-01") == [
        "3: rule must begin on or after 2026-01-01, found 2025-12-31",
        "3: rule must end on or before 2026-12-31, found 2027-01-01",
    ]


def test_a_rule_without_an_end_may_not_begin_after_the_plan(report: Report) -> None:
    assert report("R0502", RULE % "effective from 2027-01-01") == [
        "3: rule must end on or before 2026-12-31, found 2027-01-01"
    ]


def test_an_amendment_holds_from_the_second_day_at_the_earliest(report: Report) -> None:
    rule = RULE % "effective from 2026-03-01 through 2026-06-30"
    amended = rule.replace("per deal\n", "per deal\n  amend from %s { pay 6 USD per deal }\n")
    assert report("R0502", amended % "2026-03-02") == []
    assert report("R0502", amended % "2026-06-30") == []
    assert report("R0502", amended % "2026-03-01") == [
        "5: amendment must start after 2026-03-01, found 2026-03-01"
    ]
    assert report("R0502", amended % "2026-07-01") == [
        "5: amendment must start on or before 2026-06-30, found 2026-07-01"
    ]
