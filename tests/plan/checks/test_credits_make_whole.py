"""Credits make 100%."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """fact deal {
  field id text key  field first partner credited  field second partner  field third partner
  field amount money  field closed date event
}
revenue_share shared { on deal %s pay 5%% of amount }"""


def test_thirds_cannot_be_written_and_do_not_make_100(report: Report) -> None:
    credits = "credit 33.33% to first credit 33.33% to second credit 33.33% to third"
    assert report("R0208", RULE % credits) == ["5: credits must make 100%, found 99.99%"]


def test_more_than_the_whole(report: Report) -> None:
    assert report("R0208", RULE % "credit 100% to first credit 20% to second") == [
        "5: credits must make 100%, found 120%"
    ]


def test_whole(report: Report) -> None:
    assert report("R0208", RULE % "credit 62.5% to first credit 37.5% to second") == []
    assert report("R0208", RULE % "credit second") == []
