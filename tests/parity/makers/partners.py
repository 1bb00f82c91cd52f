"""Facts of the plans in `mixed`: four partners, what they sold, what was paid for it, and their quotas."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.chance import Chance
from tests.parity.makers.values import amounts, days, money, size

PARTNERS = ("ana", "bob", "eva", "ivo")


def partner_rows() -> list[dict[str, str]]:
    """Four partners in two teams; ana is promoted, bob changes team, on 2026-03-01."""
    common = {"rate": "7.5%", "bonus": "12.34", "target": "400.00"}
    rows = [
        ("ana", "", "silver", "north", "eva", "emea;certified"),
        ("ana", "2026-03-01", "gold", "north", "eva", "emea;certified"),
        ("bob", "", "gold", "north", "eva", "new"),
        ("bob", "2026-03-01", "gold", "south", "eva", "new"),
        ("eva", "", "gold", "south", "", ""),
        ("ivo", "", "silver", "south", "eva", "apac"),
    ]
    names = ("id", "from", "tier", "team", "manager", "tags")
    return [dict(zip(names, row, strict=True)) | common for row in rows]


def quota_rows() -> list[dict[str, str]]:
    """Quotas for all but ivo, who has none."""
    return [
        {"partner": partner, "period": f"2026-Q{quarter}", "amount": f"{quarter * 200}.00"}
        for partner in PARTNERS[:3]
        for quarter in range(1, 5)
    ]


def payment_rows(deals: list[dict[str, str]]) -> list[dict[str, str]]:
    """Payments for the deals that are paid: most of it, all of it and more, and a part that goes back."""
    rows = []
    for deal in deals:
        if deal["paid"] and not deal["undoes"]:
            paid, amount = date.fromisoformat(deal["paid"]), Decimal(deal["amount"])
            for number, (days, share) in enumerate([(0, "0.7"), (25, "0.5"), (50, "-0.4")]):
                rows.append(
                    {
                        "id": f"{deal['id']}-{number}",
                        "deal": deal["id"],
                        "amount": str((amount * Decimal(share)).quantize(Decimal("0.01"))),
                        "received": (paid + timedelta(days=days)).isoformat(),
                    }
                )
    return rows


def deal_rows(chance: Chance, most: int = 12, with_reversals: bool = True) -> list[dict[str, str]]:
    """Deals of four partners in five months; some cancelled, some undone in part or in full."""
    rows = []
    day, amount = days(chance, 150), amounts(chance, 0, 100_000)
    for index in range(size(chance, most)):
        closed = date.fromisoformat(day())
        cents = int(amount().replace(".", ""))
        units = chance.number(0, 12)
        row = {
            "id": f"D-{index:02}",
            "partner": chance.one_of(PARTNERS),
            "other": chance.one_of(["", *PARTNERS]),
            "product": chance.one_of(["crm", "erp", "hr"]),
            "amount": money(cents),
            "units": str(units),
            "term": str(chance.number(1, 7)),
            "closed": closed.isoformat(),
            "paid": chance.one_of(["", (closed + timedelta(days=20)).isoformat()]),
            "cancelled": chance.one_of(["", "", (closed + timedelta(days=75)).isoformat()]),
            "undoes": "",
        }
        rows.append(row)
        if with_reversals and chance.number(0, 3) == 0:
            part = chance.one_of([cents, cents // 3])
            later = closed + timedelta(days=chance.number(0, 60))
            rows.append(
                row
                | {
                    "id": f"R-{index:02}",
                    "amount": money(-part),
                    "units": "0",
                    "closed": later.isoformat(),
                    "paid": later.isoformat() if row["paid"] else "",
                    "cancelled": "",
                    "undoes": row["id"],
                }
            )
    return rows


def facts(chance: Chance) -> dict[str, list[dict[str, str]]]:
    """A book of the plans in `mixed`."""
    deals = deal_rows(chance, most=70, with_reversals=chance.number(0, 3) > 0)
    return {"partner": partner_rows(), "deal": deals, "payment": payment_rows(deals), "goal_q": quota_rows()}
