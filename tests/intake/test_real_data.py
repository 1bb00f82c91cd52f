"""The manifests under fixtures/ read the data sets that the plans are run on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rulesengine.intake import read_book
from rulesengine.model.book import ControlTotal
from rulesengine.model.dates import WindowKind
from rulesengine.model.money import Money
from rulesengine.model.schema import QuotaShape
from rulesengine.model.types import DateType, NumberType, PercentType, RecordType, TextType
from tests.intake.shapes import DATA, KEY, USD, fact, field, payee, schema

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA.name}/ is not beside the repository")


def total_of(totals: tuple[ControlTotal, ...], kind: str) -> ControlTotal:
    """Return the control total of a kind."""
    return next(total for total in totals if total.kind == kind)


@needs_data
def test_adventureworks() -> None:
    """Sums are those that the data's own description gives."""
    salesperson = payee("salesperson", KEY, field("commission_pct", PercentType()), field("bonus", USD))
    order = fact(
        "sales_order",
        KEY,
        field("salesperson", RecordType("salesperson"), is_optional=True, is_credited=True),
        field("order_date", DateType(), is_event=True),
        field("subtotal", USD, decimals=4),
        field("line_count", NumberType()),
    )
    quota = QuotaShape(
        name="sales_quota",
        keys=(("salesperson", RecordType("salesperson")),),
        window=WindowKind.QUARTER,
        type=USD,
        decimals=2,
    )
    got = read_book(
        schema(salesperson, order, quotas=(quota,)), FIXTURES / "adventureworks", root=DATA / "adventureworks"
    )
    assert not got.rejects
    assert [total.rows_accepted for total in got.totals] == [31465, 163, 17]
    orders = got.book.facts["sales_order"]
    assert total_of(got.totals, "sales_order").money_accepted == {"subtotal": Decimal("109846381.4039")}
    sold = [f.values["subtotal"] for f in orders if f.values["salesperson"] is not None]
    assert len(sold) == 3806
    assert sum(value.amount for value in sold if isinstance(value, Money)) == Decimal("80487704.1832")
    assert got.book.payees["salesperson"]["275"].values["commission_pct"] == Decimal("0.012")
    quarters = {key.start for key in got.book.quotas["sales_quota"]}
    assert (min(quarters), max(quarters)) == (date(2011, 4, 1), date(2014, 1, 1))


@needs_data
def test_crm() -> None:
    manager = payee("manager", field("name", is_key=True))
    agent = payee(
        "agent",
        field("name", is_key=True),
        field("manager", RecordType("manager")),
        field("regional_office", TextType(("Central", "East", "West"))),
    )
    opportunity = fact(
        "opportunity",
        KEY,
        field("agent", RecordType("agent"), is_credited=True),
        field("product"),
        field("account", is_optional=True),
        field("stage", TextType(("Prospecting", "Engaging", "Won", "Lost"))),
        field("engaged", DateType(), is_optional=True),
        field("closed", DateType(), is_optional=True, is_event=True),
        field("value", USD, is_optional=True),
    )
    root = DATA / "crm_sales_opportunities"
    got = read_book(schema(manager, agent, opportunity), FIXTURES / "crm", root=root)
    assert not got.rejects
    assert {total.kind: total.rows_accepted for total in got.totals} == {
        "agent": 35,
        "manager": 35,
        "opportunity": 8800,
    }
    assert len(got.book.payees["manager"]) == 6
    assert total_of(got.totals, "opportunity").money_accepted == {"value": Decimal(10005534)}
    products = [f.values["product"] for f in got.book.facts["opportunity"]]
    assert products.count("GTX Pro") == 1480
    assert "GTXPro" not in products
