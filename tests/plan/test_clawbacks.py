"""What `clawback` lines mean to the plan, and which mistakes they can have."""

from __future__ import annotations

import pytest

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes_of_rule, rule_of

PAID = "on deal pay 10% of amount "


def test_what_is_unearned_and_when_it_is_given_back() -> None:
    line = "clawback unearned over term started months from closed on cancelled at 1 month after cancelled"
    (clawback,) = rule_of(f"{PAID}{line} then restore on started").versions[0].clawbacks
    assert clawback.unearned is not None and clawback.unearned.method is nodes.SpanMethod.STARTED
    assert clawback.within is None and clawback.share == 1
    assert isinstance(clawback.at, nodes.DateAfter)
    assert clawback.restore is not None and clawback.restore.names == ("started",)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "clawback 101% on cancelled",
            "'101%': what is taken back is above 0% and at most 100% of the award",
        ),
        ("clawback 0% on cancelled", "'0%': what is taken back is above 0% and at most 100% of the award"),
        (
            "clawback 100% on closed",
            "'closed': each row is dated by `closed`, so everything is taken back at once",
        ),
        (
            "clawback 100% unless closed within 9 days of closed",
            "'closed': each row is dated by `closed`, so nothing is ever taken back",
        ),
        (
            "clawback 50% on cancelled then restore on cancelled",
            "'cancelled': what is taken back on `cancelled` is given back on the same day",
        ),
        (
            "clawback 50% on cancelled clawback 100% on cancelled within 9 days of closed",
            "'clawback 100% on cancelled within 9 days of closed': "
            "this is never reached: of several on one date the first that applies counts",
        ),
    ],
)
def test_clawbacks_that_cannot_be_meant(lines: str, expected: str) -> None:
    assert mistakes_of_rule(PAID + lines) == [f"R0247 {expected}"]


def test_a_limit_is_counted_from_a_date_that_is_there() -> None:
    assert mistakes_of_rule(f"{PAID}clawback 50% on cancelled within 9 days of started") == [
        "R0501 'started': `started` may be missing here"
    ]


def test_a_rank_and_a_calendar_have_nothing_to_take_back() -> None:
    ranked = "on deal window from 2026-07-01 through 2026-09-30 rank sum amount by payee ties all "
    places = "place 1 pay 5 USD once clawback 50% on cancelled"
    assert [line[:5] for line in mistakes_of_rule(ranked + places, "spiff")] == ["R0247"]
    found = mistakes_of_rule("on agent per month pay 100% of fee clawback 50% on closed")
    assert "R0247" in {line[:5] for line in found}
