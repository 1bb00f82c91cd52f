"""What `release` lines mean to the plan, and which mistakes they can have."""

from __future__ import annotations

import pytest

from rulesengine.plan import nodes
from tests.plan.helpers import RECORDS, mistakes, plan_of

PAYMENT = """
fact payment {
  field id text key
  field deal deal
  field amount money
  field units number
  field part percent
  field received date event
}
"""


def rule(*lines: str) -> str:
    return "\n".join(["revenue_share r {", "on deal", "pay 10% of amount", *lines, "}"])


def release_of(*lines: str) -> nodes.Release:
    release = plan_of(rule(*lines), records=RECORDS + PAYMENT).rules[0].versions[0].release
    assert release is not None
    return release


def test_the_rest_is_what_the_others_leave() -> None:
    release = release_of(
        "release 70% at closed", "release 12.5% at started", "release rest at cancelled", "remainder to last"
    )
    assert [str(part.share) for part in release.parts] == ["0.70", "0.125", "0.175"]


def test_one_part_leaves_no_cents() -> None:
    assert release_of("release 100% at started").remainder is None
    assert release_of("release rest as payment.amount reaches amount").remainder is None
    assert mistakes(rule("release 100% at started", "remainder to first")) == [
        "R0201 'remainder to first': nothing is divided here, so there is no remainder"
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["release 60% at closed"],
            "R0245 'release 60% at closed': the parts make 60%, so 40% would never be paid",
        ),
        (
            ["release 60% at closed", "release 60% at started"],
            "R0245 'release 60% at started': the parts make 120%, so more than the award would be paid",
        ),
        (
            ["release rest at closed", "release 60% at started"],
            "R0245 'release rest at closed': `release rest` stands once, as the last of the parts",
        ),
        (
            ["release 100% at closed", "release rest at started"],
            "R0245 'release rest at started': nothing is left for `rest`: the parts before make 100%",
        ),
        (
            ["release 0% at closed", "release rest at closed"],
            "R0245 '0%': a part must be above 0% and at most 100%",
        ),
        (["release 100% at amount"], "R0401 'amount': expected a date, `amount` is money (USD)"),
        (
            ["release 100% as lead.amount reaches amount"],
            "R0248 'lead.amount': a `lead` does not say which `deal` it is for",
        ),
        (
            ["release 100% as payment.part reaches 0%"],
            "R0245 '0%': 0% has been reached from the start",
        ),
        (
            ["release 100% as payment.amount reaches 100%"],
            "R0401 '100%': units do not fit together: `amount` is money (USD), `100%` is a percentage",
        ),
        (
            ["release 100% as payment reaches amount"],
            "R0303 'payment': `payment` is a kind of fact; which amount of it adds up?",
        ),
    ],
)
def test_parts_that_cannot_be(lines: list[str], expected: str) -> None:
    assert mistakes(rule(*lines, *["remainder to first"] * (len(lines) > 1)), records=RECORDS + PAYMENT) == [
        expected
    ]


def test_what_adds_up_and_what_is_reached_are_alike() -> None:
    found = mistakes(rule("release 100% as payment.units reaches amount"), records=RECORDS + PAYMENT)
    assert [line[:5] for line in found] == ["R0401"]


def test_instalments_may_be_released() -> None:
    text = rule("release 50% at closed", "release 50% at started", "remainder to last")
    assert mistakes(text.replace("revenue_share", "installments")) == []
    bare = "installments r { on deal pay 10% of amount }"
    assert mistakes(bare) == ["R0202 'r': `installments` needs `split`, or `release` lines"]


def test_nothing_belongs_to_a_row_of_a_calendar() -> None:
    text = """revenue_share r {
      on partner per month  pay 10% of target otherwise 1 USD
      release 100% as payment.amount reaches target }"""
    assert "R0248 'payment.amount': a `payment` belongs to no row of a calendar" in mistakes(
        text, records=RECORDS + PAYMENT
    )
