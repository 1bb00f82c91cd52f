from __future__ import annotations

from decimal import Decimal

import pytest

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes_of_rule, rule_of

SPIFF = "on deal window from 2026-07-01 through 2026-09-30"
TIERED = "on deal measure sum amount per quarter apply marginal"
TABLE = 'table t on deal by type { row "new" gives 14% row any gives 8% }\n'


def pay_of(clauses: str, kind: str = "revenue_share", blocks: str = "") -> tuple[nodes.PayPart, ...]:
    rate = rule_of(clauses, kind, blocks).versions[0].rate
    assert isinstance(rate, nodes.Pay)
    return rate.parts


def band_of(clauses: str, blocks: str = "") -> nodes.Band:
    rate = rule_of(clauses, "tiered", blocks).versions[0].rate
    assert isinstance(rate, nodes.Bands)
    return rate.bands[-1]


def test_a_share_of_a_field() -> None:
    match pay_of("on deal pay 14% of amount"):
        case (
            nodes.ShareOf(
                rate=nodes.Constant(value=rate), base=nodes.FieldRead(names=("amount",)), text=text
            ),
        ):
            assert (rate, text) == (Decimal("0.14"), "14% of amount")
        case other:
            pytest.fail(str(other))


def test_the_rate_may_stand_in_a_field_or_a_table() -> None:
    match pay_of("on deal pay payee.rate of mrr otherwise amount"):
        case (
            nodes.ShareOf(rate=nodes.FieldRead(root=nodes.Root.PAYEE), base=nodes.OtherwiseRead(text=text)),
        ):
            assert text == "mrr otherwise amount"
        case other:
            pytest.fail(str(other))
    match pay_of("on deal pay t of amount", blocks=TABLE):
        case (nodes.ShareOf(rate=nodes.TableRead(table="t")),):
            pass
        case other:
            pytest.fail(str(other))


def test_money_per_row_and_unit() -> None:
    match pay_of("on deal pay 500 USD per deal plus 2 USD per unit of seats", "flat"):
        case (
            nodes.PerRow(amount=nodes.Constant(value=amount)),
            nodes.PerUnit(quantity=nodes.FieldRead(names=("seats",))),
        ):
            assert amount == Decimal(500)
        case other:
            pytest.fail(str(other))


def test_plus_adds_another_form() -> None:
    match pay_of("on deal pay 5% of amount plus 25 USD per deal"):
        case (nodes.ShareOf(), nodes.PerRow()):
            pass
        case other:
            pytest.fail(str(other))


def test_nothing_has_no_parts() -> None:
    assert pay_of("on deal pay nothing") == ()


def test_money_per_quota_needs_a_target() -> None:
    quota = "quota q by partner per quarter as money\n"
    clauses = "on deal measure sum amount per quarter against q pay 1,000 USD per quota"
    match pay_of(clauses, "flat", quota):
        case (nodes.PerQuota(),):
            pass
        case other:
            pytest.fail(str(other))
    assert mistakes_of_rule("on deal pay 1,000 USD per quota", "flat") == [
        "R0202 '1,000 USD per quota': `per quota` needs a `measure … against` a quota"
    ]


def test_a_bare_percentage_in_a_tier_is_of_the_measure() -> None:
    match band_of(f"{TIERED} tier from 0 USD pay 2%"):
        case nodes.Band(
            start=start, is_included=True, pay=nodes.Pay(parts=(nodes.ShareOf(base=None),)), text=text
        ):
            assert (start, text) == (Decimal(0), "tier from 0 USD pay 2%")
        case other:
            pytest.fail(str(other))


def test_a_tier_above_does_not_hold_its_bound() -> None:
    band = band_of(f"{TIERED} tier from 0 USD pay 1% tier above 5 USD pay 2% plus 100 USD once")
    assert not band.is_included
    match band.pay.parts:
        case (nodes.ShareOf(), nodes.Once(rate=None)):
            pass
        case other:
            pytest.fail(str(other))


def test_once_may_be_a_share() -> None:
    match band_of(f"{TIERED} tier from 0 USD pay 10% of payee.manager.fee once").pay.parts:
        case (nodes.Once(amount=nodes.FieldRead(text="payee.manager.fee"), rate=nodes.Constant(value=rate)),):
            assert rate == Decimal("0.1")
        case other:
            pytest.fail(str(other))


def test_a_prize_is_named() -> None:
    clauses = f'{SPIFF} goal count >= 5 pay prize "Trip to Rome" once'
    match pay_of(clauses, "spiff"):
        case (nodes.Prize(name="Trip to Rome"),):
            pass
        case other:
            pytest.fail(str(other))


def test_bounds_against_a_target_are_ratios() -> None:
    clauses = "on deal measure sum amount per quarter against 9,000 USD apply whole tier from 0% pay 1%"
    assert band_of(clauses + " tier from 80% pay 2%").start == Decimal("0.8")
    assert mistakes_of_rule(clauses + " tier from 80 USD pay 2%", "tiered")[0].startswith(
        "R0401 '80 USD': a tier against a target begins at a percentage of it"
    )


@pytest.mark.parametrize(
    ("kind", "clauses", "wrong"),
    [
        (
            "revenue_share",
            "on deal pay 5 USD per deal",
            "'5 USD per deal': a `revenue_share` pays a percentage",
        ),
        ("revenue_share", "on deal pay 5 USD once", "'5 USD once': a `revenue_share` pays a percentage"),
        ("revenue_share", "on deal pay 5%", "'5%': `5%` of what?"),
        ("revenue_share", "on deal pay 5 USD", "'5 USD': `5 USD` for what?"),
        ("flat", "on deal pay 5% of amount", "'5% of amount': a `flat` pays money per deal, unit or quota"),
        ("flat", "on deal pay 5 USD per unit", "'per unit': `per unit` of what?"),
        ("spiff", f"{SPIFF} pay 5 USD once", "'5 USD once': this rule pays a percentage of a base"),
        ("spiff", f"{SPIFF} goal count >= 5 pay 5 USD", "'5 USD': `5 USD` for what?"),
        ("spiff", f"{SPIFF} goal count >= 5 pay 5% of amount", "'5% of amount': a goal or a place pays"),
        ("tiered", f"{TIERED} tier from 0 USD pay 5 USD", "'5 USD': `5 USD` for what?"),
    ],
)
def test_pay_of_a_form_that_the_kind_does_not_have(kind: str, clauses: str, wrong: str) -> None:
    found = mistakes_of_rule(clauses, kind)
    assert [message[: len(wrong) + 6] for message in found] == [f"R0223 {wrong}"]


@pytest.mark.parametrize(
    ("kind", "clauses", "wrong"),
    [
        ("revenue_share", "on deal pay seats of amount", "'seats': a rate must be a percentage"),
        ("revenue_share", "on deal pay 5% of seats", "'seats': a percentage is paid of money"),
        ("flat", "on deal pay 5 USD per unit of amount", "'amount': units are counted by a number"),
        ("flat", "on deal pay seats per deal", "'seats': expected an amount of money"),
        ("tiered", f"{TIERED} tier from 0 pay 5%", "'0': units do not fit together: `sum amount` is money"),
        (
            "tiered",
            f"{TIERED} tier from 0 USD pay 5 USD per unit",
            "'5 USD per unit': `5 USD per unit` is paid of",
        ),
        ("tiered", f"{TIERED} tier from seats pay 5%", "'seats': a tier begins at an amount"),
        (
            "tiered",
            "on deal measure count per month apply marginal tier from 0 pay 5%",
            "'5%': `5%` is paid of money, `count` is a number",
        ),
    ],
)
def test_pay_of_a_unit_that_does_not_fit(kind: str, clauses: str, wrong: str) -> None:
    found = mistakes_of_rule(clauses, kind)
    assert [message[: len(wrong) + 6] for message in found] == [f"R0401 {wrong}"]


def test_pay_is_per_the_fact_of_the_rule() -> None:
    assert mistakes_of_rule("on lead credit agent pay 5 USD per deal", "flat") == [
        "R0303 'deal': `per deal` in a rule on `lead`"
    ]
    assert mistakes_of_rule("on lead credit agent pay 5 USD per leed", "flat") == [
        "R0301 'leed': unknown unit `leed`"
    ]


def test_every_part_and_tier_is_looked_at() -> None:
    clauses = f"{TIERED} tier from 0 pay amuont tier from 5 EUR pay 5% plus 3 USD"
    found = mistakes_of_rule(clauses, "tiered")
    assert [message.split(":")[0] for message in found] == [
        "R0401 '0'",
        "R0301 'amuont'",
        "R0402 '5 EUR'",
        "R0223 '3 USD'",
    ]


def test_packages_of_a_field_and_of_the_measure() -> None:
    match pay_of("on deal pay 2 USD per started 1,000 of seats above 5", "flat"):
        case (nodes.PerUnit(quantity=nodes.FieldRead(), above=nodes.Constant(), package=nodes.Package()),):
            pass
        case other:
            pytest.fail(str(other))
    match pay_of("on deal measure count per month pay 2 USD per full 10", "flat"):
        case (nodes.PerUnit(quantity=None, package=nodes.Package(is_full=True)),):
            pass
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        ("pay 2 USD per full 10", "R0223 'per full 10': `per full 10` of what?"),
        ("pay 2 USD per started 0 of seats", "R0407 '0': expected packages of a size above zero, found 0"),
        (
            "pay 2 USD per started 10 of amount",
            "R0401 '10': units do not fit together: `amount` is money (USD), `10` is a number",
        ),
        (
            "pay 2 USD per unit of seats above 5 USD",
            "R0401 '5 USD': units do not fit together: `seats` is a number, `5 USD` is money (USD)",
        ),
        (
            "pay 2 USD per started 5 of closed",
            "R0401 'closed': packages are counted of a number or of money, `closed` is a date",
        ),
    ],
)
def test_what_is_counted_must_fit(clauses: str, said: str) -> None:
    assert mistakes_of_rule(f"on deal {clauses}", "flat") == [said]


def test_what_lies_above_a_bound_of_the_measure() -> None:
    match pay_of("on deal measure sum seats per month pay 2 USD per unit above seats", "flat"):
        case (nodes.PerUnit(quantity=None, above=nodes.FieldRead(), package=None),):
            pass
        case other:
            pytest.fail(str(other))
    tiers = f"{TIERED.replace('marginal', 'whole')} tier from 0 USD pay 5%"
    assert mistakes_of_rule(f"{tiers} above 5%", "tiered") == [
        "R0401 '5%': units do not fit together: `sum amount` is money (USD), `5%` is a percentage"
    ]
    assert mistakes_of_rule("on deal pay 5% above 5 USD") == ["R0223 '5% above 5 USD': `5%` of what?"]
    assert mistakes_of_rule("on deal pay 2 USD per unit above 5", "flat") == [
        "R0223 'per unit above 5': `per unit` of what?"
    ]
    assert mistakes_of_rule("on deal pay 2 USD per deal above 5", "flat") == [
        "R0223 'above 5': `per deal` counts rows or quotas, not `above 5`"
    ]


def test_a_part_of_a_row_is_paid_row_by_row() -> None:
    assert mistakes_of_rule(f"{TIERED} tier from 0 USD pay 5% of amount above 5 USD once", "tiered") == [
        "R0223 'amount above 5 USD': `amount above 5 USD` can be paid by a percentage of each row only"
    ]
    assert mistakes_of_rule("on deal pay 5% of amount less earnings of nobody") == [
        "R0301 'nobody': unknown rule `nobody`"
    ]
