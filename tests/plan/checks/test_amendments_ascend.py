"""Amendments follow each other in time."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """flat fee {
  on deal
  pay 5 USD per deal
  amend from 2026-04-01 { pay 6 USD per deal }
  amend from %s { pay 7 USD per deal }
}"""


def test_two_amendments_of_one_day(report: Report) -> None:
    assert report("R0504", RULE % "2026-04-01") == [
        "5: amendment must start after 2026-04-01, found 2026-04-01"
    ]


def test_in_order(report: Report) -> None:
    assert report("R0504", RULE % "2026-04-02") == []
