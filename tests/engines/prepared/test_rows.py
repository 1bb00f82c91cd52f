"""Rows are read by `pay` as `evaluate` reads them: the same values, the same rejects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import rulesengine
from rulesengine.diagnostics import Rejected
from rulesengine.pipeline import LoadedPlan
from rulesengine.prepared import Prepared
from tests.parity.makers.mixed import HEADER
from tests.parity.makers.partners import partner_rows, quota_rows
from tests.properties.road import checked

PLAN = HEADER.replace("MODE", "half_even").replace("PLACE", "line")
PLAN += 'revenue_share rate { on deal  where product is not "hr"  pay rates of amount }\n'
DEAL = {
    "id": "D-9",
    "partner": "ana",
    "product": "crm",
    "amount": "1200.00",
    "units": 3,
    "term": "12",
    "closed": "2026-03-02",
}
EARLIER = {**DEAL, "id": "D-1", "undoes": None}


@pytest.fixture(scope="module")
def loaded() -> LoadedPlan:
    return LoadedPlan(checked(PLAN), ())


@pytest.fixture(scope="module")
def prepared(loaded: LoadedPlan) -> Prepared:
    return rulesengine.prepare(loaded, facts=facts([EARLIER]))


def facts(deals: list[dict[str, object]]) -> dict[str, object]:
    return {"partner": partner_rows(), "goal_q": quota_rows(), "deal": deals, "payment": []}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"amount": Decimal("1200"), "units": Decimal(3), "closed": date(2026, 3, 2)},
        {"amount": "1200 USD", "units": " 3 ", "term": 12, "paid": "", "cancelled": None},
        {"amount": 1200, "closed": " 2026-03-02 "},
        {"amount": "1.2e3"},
        {"amount": Decimal("1200.001")},
        {"amount": 12.5},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("1E+30")},
        {"amount": None},
        {"amount": -5, "units": -1},
        {"units": "1.0000000001", "product": "cmr"},
        {"partner": "anna"},
        {"partner": ""},
        {"other": "nobody"},
        {"closed": "20260302"},
        {"closed": "2026-02-30"},
        {"closed": "2026-W10-1"},
        {"id": "D-1"},
        {"id": "D\n9"},
        {"undoes": "D-1", "amount": "-1200.00"},
        {"undoes": "D-1", "amount": "-1300.00"},
        {"undoes": "D-7", "amount": "-1.00"},
        {"undoes": "D-1", "amount": "-1.00", "closed": "2026-01-01"},
        {"term": "0"},
        {"term": True},
    ],
)
def test_values_and_rejects(loaded: LoadedPlan, prepared: Prepared, changed: dict[str, object]) -> None:
    """What is taken is paid alike; what is not has the same reasons."""
    row = {**DEAL, **changed}
    paid = prepared.pay(row, "deal")
    run = rulesengine.evaluate(loaded, facts=facts([EARLIER, row]), period="2026")
    rejects = {(r.kind, r.key, r.field, r.value, r.code, r.reason) for r in run.reject_values if r.row == 2}
    assert {(r.kind, r.key, r.field, r.value, r.code, r.reason) for r in paid.rejects} == rejects
    lines = [line for line in run.earned.lines if line.fact_id == row["id"]]
    assert list(paid.lines) == ([] if rejects else lines)
    assert paid.is_accepted is not bool(rejects)


def test_a_field_that_is_not_named_is_an_error(prepared: Prepared) -> None:
    with pytest.raises(Rejected, match="amount"):
        prepared.pay({name: value for name, value in DEAL.items() if name != "amount"}, "deal")
    with pytest.raises(Rejected, match="cancelled"):
        prepared.pay({**DEAL, "canceled": None}, "deal")


def test_a_kind_that_is_none_is_an_error(prepared: Prepared) -> None:
    for kind in ("deals", "partner", None):
        with pytest.raises(Rejected):
            prepared.pay(DEAL, kind)


def test_a_row_is_not_kept(prepared: Prepared) -> None:
    assert prepared.pay(DEAL, "deal").lines == prepared.pay(DEAL, "deal").lines


def test_a_line_is_told_in_words(prepared: Prepared) -> None:
    (line,) = prepared.pay(DEAL, "deal").lines
    assert prepared.trace(line) == "1,200.00 × 14 %"


def test_what_earns_nothing_says_why(prepared: Prepared) -> None:
    paid = prepared.pay({**DEAL, "product": "hr"}, "deal")
    assert not paid.lines
    assert [(outcome.rule, outcome.reason.value, outcome.detail) for outcome in paid.not_earning] == [
        ("rate", "condition", 'product is not "hr": product is hr')
    ]
    assert [reason.value for _, _, _, reason in paid.reasons] == ["condition"]
