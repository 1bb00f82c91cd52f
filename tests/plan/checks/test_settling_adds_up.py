"""The clauses of the `statement` block go together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Report = Callable[[str, str], list[str]]
DRAW = "draw 2,000 USD per month recoverable\nrecover 100% of earnings above 2,000 USD\n"


def block(*lines: str, per: str = "month") -> str:
    return "\n".join(["statement {", f"per {per}", *lines, "}"])


def test_a_recoverable_draw_is_paid_back(report: Report) -> None:
    assert report("R0251", block(DRAW, "negative carry")) == []
    assert report("R0251", block("draw 2,000 USD per month kept")) == []
    assert report("R0251", block("draw 2,000 USD per month recoverable", "negative carry")) == [
        "3: nothing pays this recoverable draw back"
    ]
    assert report("R0251", block("draw 2,000 USD per month kept", "recover 50% of earnings")) == [
        "4: there is no recoverable draw to pay back"
    ]


@pytest.mark.parametrize("line", [DRAW, "minimum 50 USD then carry", "cap 50,000 USD per month then carry"])
def test_what_runs_on_says_what_is_below_zero(report: Report, line: str) -> None:
    for word in ("carry", "forgive", "stands"):
        assert report("R0251", block(line, f"negative {word}")) == []
    assert report("R0251", block(line)) == ["3: what becomes of a statement below zero is not said"]


def test_what_ends_with_its_statement_need_not(report: Report) -> None:
    lines = ["guarantee 9 USD per month", "cap 500 USD per month then forfeit", "rounding up to 0.05"]
    assert report("R0251", block(*lines)) == []


def test_one_statement_has_no_next_one(report: Report) -> None:
    assert report("R0251", block(per="plan")) == []
    assert report("R0251", block("negative carry", per="plan")) == [
        "1: a plan with one statement has no next one to settle with"
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["cap 5 USD per month then forfeit", "guarantee 5 USD per month"], []),
        (
            ["cap 5 USD per month then forfeit", "guarantee 6 USD per month"],
            ["4: a guarantee of 6 USD is above the cap of 5 USD"],
        ),
        (
            ["cap 5 USD per month then forfeit", "draw 6 USD per month kept"],
            ["4: a draw of 6 USD is above the cap of 5 USD"],
        ),
        (
            ["cap 5 USD per month then forfeit", "minimum 6 USD then carry", "negative carry"],
            ["4: a minimum of 6 USD is above the cap of 5 USD"],
        ),
        (["draw 5 USD per month kept", "minimum 5 USD then carry", "negative carry"], []),
        (
            ["draw 5 USD per month kept", "minimum 6 USD then carry", "negative carry"],
            ["3: a draw of 5 USD is below the minimum of 6 USD"],
        ),
        (["minimum 0 USD then carry", "negative carry"], ["3: a minimum must be above zero, found 0 USD"]),
        (["guarantee 0 USD per month"], ["3: a guarantee must be above zero, found 0 USD"]),
    ],
)
def test_no_amount_makes_another_void(report: Report, lines: list[str], found: list[str]) -> None:
    assert report("R0253", block(*lines)) == found


@pytest.mark.parametrize("rate", ["0%", "101%"])
def test_what_pays_back_is_a_part_of_earnings(report: Report, rate: str) -> None:
    lines = ["draw 2,000 USD per month recoverable", f"recover {rate} of earnings above 2,000 USD"]
    assert report("R0253", block(*lines, "negative carry")) == [
        "4: what pays back is above 0% and at most 100% of earnings, "
        f"found `recover {rate} of earnings above 2,000 USD`"
    ]


def test_of_several_lines_each_is_for_somebody(report: Report) -> None:
    segments = (
        'segment a of partner { where tier is "gold" }  segment b of partner { where tier is "silver" }\n'
    )
    in_order = ["draw 1 USD per month kept for a", "draw 2 USD per month kept for b"]
    assert report("R0254", segments + block(*in_order, "draw 3 USD per month kept")) == []
    assert report("R0254", segments + block("draw 3 USD per month kept for partner", *in_order)) == [
        "5: nobody gets this draw: a line above is for the same payees",
        "6: nobody gets this draw: a line above is for the same payees",
    ]


@pytest.mark.parametrize(
    ("draw", "above", "is_safe"),
    [
        ("2,000 USD", "above 2,000 USD", True),
        ("2,000 USD", "above 2,500 USD", True),
        ("2,000 USD", "above 1,999 USD", False),
        ("2,000 USD", "", False),
    ],
)
def test_who_earns_more_is_not_paid_less(report: Report, draw: str, above: str, is_safe: bool) -> None:
    lines = [f"draw {draw} per month recoverable", f"recover 50% of earnings {above}", "negative carry"]
    found = "4: who earns a little more than the draw is paid less than it, while something is owed"
    assert report("R0255", block(*lines)) == ([] if is_safe else [found])
