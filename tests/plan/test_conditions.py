from __future__ import annotations

from decimal import Decimal

import pytest

from rulesengine.model.types import FlagType, RecordType
from rulesengine.plan import nodes
from tests.plan.helpers import (
    HEADER,
    RECORDS,
    condition_of,
    found_in,
    mistakes_of_condition,
    mistakes_of_rule,
)


def test_a_comparison_names_its_two_sides() -> None:
    match condition_of("amount >= 120,000 USD"):
        case nodes.Compare(
            left=nodes.FieldRead(root=nodes.Root.ROW, names=("amount",)),
            comparison=nodes.Comparison.AT_LEAST,
            right=nodes.Constant(value=value, text=text),
            text=whole,
        ):
            assert (value, text, whole) == (Decimal(120000), "120,000 USD", "amount >= 120,000 USD")
        case other:
            pytest.fail(str(other))


def test_a_flag_alone_is_true() -> None:
    match condition_of("not renewed"):
        case nodes.Not(test=nodes.IsOneOf(values=(nodes.Constant(value=True, type=type_),))):
            assert type_ == FlagType()
        case other:
            pytest.fail(str(other))


def test_is_not_is_the_opposite_of_is() -> None:
    match condition_of('type is not "new"'):
        case nodes.Not(test=nodes.IsOneOf(values=(nodes.Constant(value="new"),)), text='type is not "new"'):
            pass
        case other:
            pytest.fail(str(other))


def test_the_name_of_the_kind_stands_for_the_row() -> None:
    match condition_of("deal.amount > 5 USD"):
        case nodes.Compare(left=nodes.FieldRead(names=("amount",), text="deal.amount")):
            pass
        case other:
            pytest.fail(str(other))


def test_payee_alone_is_the_credited_payee() -> None:
    gold = 'segment gold of partner { where tier is "gold" }'
    assert mistakes_of_rule("on deal where payee in gold pay 1% of amount", blocks=gold) == []
    match condition_of('payee is "ana"'):
        case nodes.IsOneOf(left=nodes.FieldRead(root=nodes.Root.PAYEE, names=(), type=type_)):
            assert type_ == RecordType("partner")
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize(
    "text",
    [
        "closed >= 30 days after 2026-01-01",
        "closed >= start of month after end of quarter of closed",
        "amount >= 50% of amount",
        "mrr otherwise amount > 5 USD",
        "mrr otherwise 0 USD > 5 USD",
        'payee.tags has none of "a", "b"',
        'partner.manager.team is one of "x", "y"',
        "partner is payee",
        "margin is 5%",
        "seats is one of 1, 2",
    ],
)
def test_conditions_that_fit(text: str) -> None:
    assert mistakes_of_condition(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("amount > 5", "R0401 '5': units do not fit together: `amount` is money (USD), `5` is a number"),
        (
            "amount > 5%",
            "R0401 '5%': units do not fit together: `amount` is money (USD), `5%` is a percentage",
        ),
        ("amount > 5 EUR", "R0402 '5 EUR': two currencies in one sum: `amount` is money (USD),"),
        ("amount > 5 XXQ", "R0403 '5 XXQ': unknown currency `XXQ`"),
        ("amount > seats", "R0401 'seats': units do not fit together"),
        ("closed > amount", "R0401 'amount': units do not fit together"),
        ("amount > 3 days after closed", "R0401 'amount': `3 days after closed` is a date"),
        ("amount", "R0401 'amount': only a flag can stand alone, `amount` is money (USD)"),
        ('type is "nwe"', 'R0404 \'"nwe"\': `type` is never "nwe"; it is one of "new", "renewal"'),
        ('type has any of "new"', "R0401 'type': `has` looks into a list of text, `type` is text"),
        ('payee.tags is "a"', "R0401 'payee.tags is \"a\"': `is` compares one value"),
        ('renewed is "yes"', "R0401 '\"yes\"': units do not fit together"),
        ("amount.cents > 5", "R0303 'cents': `amount` is money (USD) and has no fields"),
        ("payee in nowhere", "R0301 'nowhere': unknown segment `nowhere`"),
    ],
)
def test_conditions_that_do_not_fit(text: str, wrong: str) -> None:
    found = mistakes_of_condition(text)
    assert [message[: len(wrong)] for message in found] == [wrong]


def test_both_origins_of_a_unit_are_shown() -> None:
    text = HEADER + RECORDS + "flat r { on deal where amount > seats pay 5 USD per deal }"
    (diagnostic,) = found_in(text)
    lines = text.split("\n")
    places = [(lines[r.span.line - 1].strip(), r.message) for r in diagnostic.related]
    assert places == [
        ("field amount money signed", "`amount` is money (USD)"),
        ("field seats number", "`seats` is a number"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "mrr is present and mrr > 5 USD",
        "mrr is missing or mrr > 5 USD",
        "not mrr is missing and mrr > 5 USD",
        "not (mrr is missing) and mrr > 5 USD",
        "(mrr is present and renewed) and mrr > 5 USD",
        "not (mrr is missing or renewed) and mrr > 5 USD",
        "(mrr is missing or renewed) or mrr > 5 USD",
        "(mrr is present or mrr is present) and mrr > 5 USD",
        'helper is present and helper.team is "x"',
        'helper.boss is present and helper.boss.team is "x"',
        "mrr is missing",
        "helper.boss.target is missing",
    ],
)
def test_a_guard_makes_an_optional_value_safe(text: str) -> None:
    assert mistakes_of_condition(text) == []


@pytest.mark.parametrize(
    ("text", "covered", "missing"),
    [
        ("mrr > 5 USD", "mrr", "mrr"),
        ("mrr > 5 USD and mrr is present", "mrr", "mrr"),
        ("mrr is present or mrr > 5 USD", "mrr", "mrr"),
        ("(mrr is present or renewed) and mrr > 5 USD", "mrr", "mrr"),
        ("not mrr is present and mrr > 5 USD", "mrr", "mrr"),
        ('helper.team is "x"', "helper.team", "helper"),
        ('helper is present and helper.boss.team is "x"', "helper.boss.team", "helper.boss"),
        ("amount > 50% of mrr", "mrr", "mrr"),
        ("closed > 3 days after started", "started", "started"),
        ("payee.target > 5 USD", "payee.target", "payee.target"),
    ],
)
def test_an_optional_value_needs_a_guard(text: str, covered: str, missing: str) -> None:
    assert mistakes_of_condition(text) == [f"R0501 '{covered}': `{missing}` may be missing here"]


def test_a_guard_in_an_earlier_line_holds_for_all_that_follows() -> None:
    clauses = "on deal where mrr is present where mrr > 5 USD pay 5% of mrr times 150% when mrr > 9 USD"
    assert mistakes_of_rule(clauses) == []
    assert mistakes_of_rule("on deal where mrr > 5 USD where mrr is present pay 5% of mrr") == [
        "R0501 'mrr': `mrr` may be missing here"
    ]


def test_a_condition_of_a_factor_guards_the_factor() -> None:
    clauses = "on deal pay 5% of amount times 50% when payee.target is present and payee.target > 5 USD"
    assert mistakes_of_rule(clauses) == []


def test_a_mistaken_guard_is_reported_once() -> None:
    clauses = "on deal where mrr is present and amuont > 5 USD pay 5% of mrr"
    assert mistakes_of_rule(clauses) == ["R0301 'amuont': unknown name `amuont`; `deal` has no such field"]


def test_every_test_of_a_condition_is_looked_at() -> None:
    found = mistakes_of_condition('amount > 5 and (tpye is "new" or closed > 3 USD)')
    assert [message.split(":")[0] for message in found] == ["R0401 '5'", "R0301 'tpye'", "R0401 '3 USD'"]
