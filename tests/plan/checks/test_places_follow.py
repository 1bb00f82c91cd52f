"""Places of a rank follow each other."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """spiff race {
  on deal  window from 2026-07-01 through 2026-09-30  rank sum amount by payee ties share
  %s  remainder to first
}"""


def test_places_begin_with_the_first(report: Report) -> None:
    assert report("R0217", RULE % "place 2 pay 50 USD once") == ["3: place must be 1, found 2"]


def test_a_place_is_written_once(report: Report) -> None:
    assert report("R0217", RULE % "place 1 pay 50 USD once place 1 pay 40 USD once") == [
        "3: place must be 2, found 1"
    ]


def test_places_in_order(report: Report) -> None:
    assert report("R0217", RULE % "place 1 pay 50 USD once place 2 pay nothing") == []
