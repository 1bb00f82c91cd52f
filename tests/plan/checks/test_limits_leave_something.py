"""A cap or floor does not replace what its rule pays."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

FLAT = "flat fee {{ on deal {} pay 500 USD per deal {} }}"
SHARE = "revenue_share share {{ on deal pay 10% of amount {} }}"


def test_money_per_row(report: Report) -> None:
    assert report("R0607", FLAT.format("", "cap 300 USD per deal")) == [
        "1: `cap 300 USD per deal` cuts every amount: `500 USD per deal` always pays more"
    ]
    assert report("R0607", FLAT.format("", "floor 700 USD per deal")) == [
        "1: `floor 700 USD per deal` lifts every amount: `500 USD per deal` always pays less"
    ]


def test_a_share_of_the_same_field(report: Report) -> None:
    assert len(report("R0607", SHARE.format("cap 5% of amount per deal"))) == 1
    assert len(report("R0607", SHARE.format("times 50% floor 6% of amount per deal"))) == 1


def test_what_may_leave_something(report: Report) -> None:
    for rule in (
        # Of a shared deal one payee may have 200 USD.
        FLAT.format("credit 60% to partner credit 40% to partner", "cap 300 USD per deal"),
        FLAT.format("", "cap 300 USD per month"),
        FLAT.format("", "cap 300 USD per deal by all"),
        FLAT.format("", 'times 50% when type is "new" cap 300 USD per deal'),
        FLAT.format("credit 2 to partner credit 3 to partner remainder to first", "cap 300 USD per deal"),
        SHARE.format("cap 300 USD per deal"),
        SHARE.format("cap 5% of amount per deal").replace("of amount cap", "of amount above 100 USD cap"),
        SHARE.format("deduct earnings of fee cap 5% of amount per deal") + FLAT.format("", ""),
        SHARE.format("cap 5% of amount per deal").replace("amount cap", "amount less earnings of fee cap")
        + FLAT.format("", ""),
        SHARE.format('times 40% when type is "new" cap 5% of amount per deal'),
    ):
        assert report("R0607", rule) == [], rule
