"""Shares of a period, by days."""

from __future__ import annotations

from tests.vectors.kinds.shares import TOTAL, made
from tests.vectors.kinds.tiers import SELLERS
from tests.vectors.registry import CannotSay, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Scenario, Unrounded
from tests.vectors.writing import FINE, block, fact, payee, plan


@kind("period_share")
def period_share(row: Row) -> Scenario:
    """The days of a period that count, as a share of 1 that is paid to nine decimals."""
    if (row.terms["mode"], row.terms["dp"]) != ("half_up", 9):
        raise CannotSay
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "service",
                "field started date",
                "field ended date",
                "field billed_from date",
                "field billed_until date",
                "derive share = days from started until ended / days from billed_from until billed_until",
            ),
            block("flat share_of_period", "on service", "pay 1 USD per unit of share"),
            rounding=FINE,
        ),
        facts={
            "seller": SELLERS,
            "service": made(
                [
                    {
                        "started": given["start"],
                        "ended": given["end"],
                        "billed_from": given["period_start"],
                        "billed_until": given["period_end"],
                    }
                    for given in row.facts
                ]
            ),
        },
        looks={"share": Unrounded()},
    )


@kind("blended_target")
def blended_target(row: Row) -> Scenario:
    """The bonus of a year, in parts by the days of each assignment in it."""
    requires(row.terms["rounding"], mode="half_up", dp=2)
    year, month = row.terms["month"].split("-")
    if month < row.facts[-1]["start"].split("-")[1]:
        raise CannotSay
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "assignment",
                "field bonus money",
                "field started date",
                "field ended date",
                f"derive days_of_year = days from {year}-01-01 through {year}-12-31",
                "derive part = bonus * (days from started through ended / days_of_year)",
            ),
            block("revenue_share effective_bonus", "on assignment", "pay 100% of part"),
            effective=f"from {year}-01-01 through {year}-12-31",
            rounding=FINE,
            statement="per year",
        ),
        facts={
            "seller": SELLERS,
            "assignment": [
                {
                    "id": str(place),
                    "seller": "ana",
                    "sold": given["start"],
                    "bonus": given["bonus"],
                    "started": given["start"],
                    "ended": given["end"],
                }
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        period=year,
        looks={"effective": TOTAL},
    )
