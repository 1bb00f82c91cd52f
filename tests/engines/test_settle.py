"""The arithmetic of settling, at and beside its bounds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rulesengine.diagnostics import Span
from rulesengine.engines.settle import Account, Terms, Unit, settle_statement
from rulesengine.model.rounding import RoundingMode
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Negative

SPAN = Span("p.rules", 1, 1, 1, 2)
CENT = Unit(RoundingMode.HALF_UP, Decimal("0.01"))
CAP = nodes.Constant(origin=SPAN, value=Decimal(500), type=None, text="500 USD")  # type: ignore[arg-type]


SETTLEMENT = nodes.Settlement(
    origin=SPAN,
    guarantees=(),
    draws=(),
    recovery=nodes.Recovery(origin=SPAN, rate=Decimal("0.5"), above=None, text=""),
    cap=nodes.StatementCap(origin=SPAN, amount=CAP, is_carried=True, text=""),
    negative=Negative.CARRY,
    says_negative=True,
    minimum=None,
    rounding=None,
    text="",
)


def settled(earnings: str, account: Account, terms: Terms) -> tuple[Decimal, Decimal, Decimal]:
    """Return what is paid, what is carried and what is owed."""
    after, steps = settle_statement(Decimal(earnings), account, terms, SETTLEMENT, CENT)
    paid = Decimal(earnings) + sum((step.amount for step in steps), Decimal(0))
    return paid, after.carried, after.owed


D = Decimal


@pytest.mark.parametrize(
    ("earnings", "carried", "owed", "expected"),
    [
        ("100", "0", "0", (D(200), D(0), D(100))),
        ("200", "0", "0", (D(200), D(0), D(0))),
        ("200.01", "0", "60", (D(200), D(0), D("59.99"))),
        ("200.02", "0", "60", (D("200.01"), D(0), D("59.99"))),
        ("400", "0", "60", (D(340), D(0), D(0))),
        ("400", "-250", "60", (D(200), D(0), D(110))),
        ("-10", "0", "0", (D(200), D(0), D(210))),
        ("600", "0", "0", (D(500), D(100), D(0))),
        ("700", "0", "60", (D(500), D(140), D(0))),
        ("0", "500", "0", (D(500), D(0), D(0))),
    ],
)
def test_draw_recovery_and_cap(earnings: str, carried: str, owed: str, expected: tuple[Decimal, ...]) -> None:
    terms = Terms(draw=D(200), is_recoverable=True, above=D(200), cap=D(500))
    assert settled(earnings, Account(carried=D(carried), owed=D(owed)), terms) == expected


@pytest.mark.parametrize(
    ("earnings", "carried", "expected"),
    [
        ("49.99", "0", (D(0), D("49.99"), D(0))),
        ("50", "0", (D(50), D(0), D(0))),
        ("0", "0", (D(0), D(0), D(0))),
        ("-0.01", "0", (D(0), D("-0.01"), D(0))),
        ("10", "39.99", (D(0), D("49.99"), D(0))),
        ("60", "-10.01", (D(0), D("49.99"), D(0))),
    ],
)
def test_minimum_and_below_zero(earnings: str, carried: str, expected: tuple[Decimal, ...]) -> None:
    assert settled(earnings, Account(carried=D(carried)), Terms(minimum=D(50))) == expected


def test_a_guarantee_looks_at_the_period_alone() -> None:
    terms = Terms(guarantee=D(100))
    assert settled("-50", Account(carried=D(-30)), terms) == (D(70), D(0), D(0))
    assert settled("100", Account(carried=D(-30)), terms) == (D(70), D(0), D(0))
