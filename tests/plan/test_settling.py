"""The `statement` block: what its amounts may be, for whom, and per what."""

from __future__ import annotations

import pytest

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes, plan_of

NEW = 'segment new of partner { where tier is "silver" } '
DEALS = 'segment renewals of deal { where type is "renewal" } '
RULE = "revenue_share r { on deal where payee in new pay 1% of amount } "


def found(clause: str, blocks: str = "") -> list[str]:
    return mistakes(f"{blocks}{RULE if NEW in blocks else ''}statement {{ per month {clause} }}")


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        (
            "guarantee 15% per month for agent",
            "R0401 '15%': a guarantee must be money, `15%` is a percentage",
        ),
        ("cap 500 per month then forfeit", "R0401 '500': a cap must be money, `500` is a number"),
        (
            "guarantee 500 EUR per month for agent",
            "R0402 '500 EUR': two currencies in one sum: `500 EUR` is in EUR, what is paid here is in USD",
        ),
        (
            "guarantee payee.months per month for agent",
            "R0401 'payee.months': a guarantee must be money, `payee.months` is a number",
        ),
        (
            "guarantee payee.target per month for partner",
            "R0501 'payee.target': `payee.target` may be missing here",
        ),
        (
            "guarantee amount per month for partner",
            "R0301 'amount': `amount` has no meaning here: a statement stands on no row; "
            "write a field of the payee, such as `payee.draw`",
        ),
        (
            "guarantee m so far per month for agent",
            "R0303 'm so far': `m so far` is read on a row, and a statement stands on none",
        ),
        (
            "guarantee 5 USD per week for agent",
            "R0252 'week': statements are per month, this amount is per week",
        ),
        (
            "guarantee 5 USD per month",
            "R0254 'guarantee 5 USD per month': the plan has payees of several kinds, "
            "`agent` and `partner`: for whom is this?",
        ),
        (
            "guarantee 5 USD per month for partners",
            "R0301 'partners': unknown payee kind or segment `partners`",
        ),
        (
            "guarantee 5 USD per month for agent for 3 months from payee.fee",
            "R0401 'payee.fee': expected a date, `payee.fee` is money (USD)",
        ),
        (
            "guarantee 5 USD per month for deal",
            "R0303 'deal': `deal` is a fact kind, expected a payee kind or segment",
        ),
        (
            "rounding half_up to 0.001",
            "R0405 '0.001': a statement's rounding step must be a multiple of 0.01, found 0.001",
        ),
        ("negative carry negative forgive", "R0203 'negative forgive': `negative` may stand only once"),
    ],
)
def test_what_an_amount_must_be(clause: str, message: str) -> None:
    assert found(clause) == [message]


def test_nobody_in_a_segment_of_facts_is_paid() -> None:
    rule = "revenue_share q { on deal where deal in renewals pay 1% of amount } "
    assert found("guarantee 5 USD per month for renewals", DEALS + rule) == [
        "R0254 'renewals': `renewals` holds rows of `deal`, nobody who is paid"
    ]


def test_a_rule_is_not_called_statement() -> None:
    assert mistakes("revenue_share statement { on deal pay 1% of amount }") == [
        "R0302 'statement': `statement` is a word of the language and cannot name a rule"
    ]


def test_a_finer_step_of_lines_needs_a_rounded_total() -> None:
    header = """plan p {{ currency USD effective from 2026-01-01 rounding half_up to {step} per line }}
statement {{ per month {rounding} }}"""
    for step in ("0.001", "0.0025", "0.000000000001", "0.01", "5"):
        assert mistakes(header.format(step=step, rounding="rounding half_up to 0.01"), header="") == []
    for step in ("0.003", "0.0000000000001", "0"):
        assert mistakes(header.format(step=step, rounding="rounding half_up to 0.01"), header="") != []
    (message,) = mistakes(header.format(step="0.001", rounding=""), header="")
    assert message == "R0405 '0.001': rounding step must be a multiple of 0.01, found 0.001"


def test_a_settlement_as_it_is_written() -> None:
    plan = plan_of(
        f"{NEW}{RULE}statement {{ per month  guarantee 5 USD per month for new for 3 months from 2026-02-01 "
        "draw payee.fee per month kept for agent  negative forgive }"
    )
    assert plan.settlement is not None
    (guarantee,), (draw,) = plan.settlement.guarantees, plan.settlement.draws
    assert (guarantee.kind, guarantee.segment, draw.kind, draw.segment) == ("partner", "new", "agent", "")
    assert guarantee.time is not None and guarantee.time.text == "for 3 months from 2026-02-01"
    assert draw.time is None
    assert plan.settlement.negative is nodes.Negative.FORGIVE
    assert plan_of("statement { per month }").settlement is None
