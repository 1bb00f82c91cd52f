"""Which rules code is written for, and what the code looks like."""

from __future__ import annotations

import pytest

import rulesengine
from rulesengine.pipeline import LoadedPlan
from rulesengine.prepared import Prepared
from tests.parity.makers.mixed import HEADER
from tests.parity.makers.partners import partner_rows, quota_rows
from tests.properties.road import checked

PLAN = HEADER.replace("MODE", "half_even").replace("PLACE", "line")


def prepared(rules: str, place: str = "line") -> Prepared:
    plan = checked(HEADER.replace("MODE", "half_up").replace("PLACE", place) + rules)
    facts = {"partner": partner_rows(), "goal_q": quota_rows(), "deal": [], "payment": []}
    return rulesengine.prepare(LoadedPlan(plan, ()), facts=facts)


@pytest.mark.parametrize(
    "rule",
    [
        'revenue_share r { on deal where partner in gold and (product is "crm" or units >= 3)\n'
        "  pay 5% of net }",
        'revenue_share r { on deal at paid where payee.tags has any of "a", "b" pay rates of amount }',
        "revenue_share r { on deal pay payee.rate of amount times 150% when cancelled is missing }",
        "revenue_share r { on deal pay 5% of amount cap 100 USD per deal floor 10 USD per deal times 50% }",
        "revenue_share r { on deal pay 5% of amount cap 100 USD per month by payee }",
        "revenue_share r { on deal pay 5% of amount amend from 2026-03-01 { pay 6% of amount } }",
        "revenue_share r { on deal memo pay 5% of amount }",
        "flat r { on deal credit 70% to partner\n  credit 30% to partner pay 5 USD per deal }",
        "flat r { on deal credit each level of partner.manager through 3 pay 5 USD per deal }",
        "flat r { on deal pay 5 USD per unit of units }",
        "flat r { on deal pay 2 USD per started 10 of units }",
        "tiered r { on deal measure sum amount per quarter by payee apply marginal\n"
        "  tier from 0 USD pay 1% tier from 100 USD pay 2% }",
        "tiered r { on deal measure sum amount per quarter by payee against goal_q apply from_crossing\n"
        "  tier from 0% pay 1% tier from 100% pay 2% }",
        "tiered r { on deal measure count per month by payee.team apply from_next\n"
        "  tier from 0 pay nothing tier from 2 pay 5 USD per deal }",
        "tiered r { on deal measure sum amount per year by payee apply whole\n"
        "  tier from 0 USD pay 1% tier from 100 USD pay 2% }",
        "installments r { on deal pay 5% of amount split into term months starting 1 month after closed\n"
        "  remainder to first stop on cancelled then forfeit }",
        "revenue_share r { on deal pay 5% of amount hold until paid }",
        "revenue_share s { on deal pay 5% of amount }\nflat r { on deal pay 9 USD per deal }\n"
        "choose best { take highest per deal among s among r }",
        "revenue_share s { on deal pay 5% of amount }\n"
        "revenue_share r { on earnings of s pay 10% of earning }",
    ],
)
def test_code_is_written(rule: str) -> None:
    assert prepared(rule).left_to_judge == {}


def test_what_has_no_code_is_named_with_the_reason() -> None:
    rule = "tiered r { on deal measure booked apply marginal tier from 0 USD pay 1% }"
    assert prepared(rule).left_to_judge == {"r": "a named measure is moved"}


def test_the_code_can_be_read() -> None:
    text = prepared('flat r { on deal where product is "crm" pay 5 USD per deal }').source
    assert "if not (product == 'crm'):" in text
    assert "exact = n5" in text


def test_no_value_of_a_plan_or_row_becomes_code() -> None:
    rule = 'flat r { on deal where payee.team starts with "\'); raise SystemExit #" pay 5 USD per deal }'
    ready = prepared(rule)
    row = {"partner": "ana", "product": "crm", "amount": 1, "units": 1, "term": 1, "closed": "2026-03-02"}
    assert not ready.pay({**row, "id": "'); raise SystemExit #"}, "deal").lines
    assert ready.left_to_judge == {}
