"""Shares of a period, by days."""

from __future__ import annotations

from tests.vectors.kinds.shares import TOTAL, made
from tests.vectors.registry import CannotSay, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario, Unrounded
from tests.vectors.writing import (
    FINE,
    SELLERS,
    UNITS,
    block,
    fact,
    number,
    payee,
    plan,
    rounded,
)


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


@kind("prorate_days")
def prorate_days(row: Row) -> Scenario:
    """An amount for some of the days of a period."""
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "sale",
                "field amount money",
                "field active_days number",
                "field period_days number",
                "derive active = amount * (active_days / period_days)",
            ),
            block("revenue_share active_part", "on sale", "pay 100% of active"),
            currency=UNITS,
            rounding=rounded(row.terms["rounding"]),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"amount": TOTAL},
    )


@kind("swap_proration")
def swap_proration(row: Row) -> Scenario:
    """The old amount is given back and the new one charged for the days that are left."""
    terms = row.terms
    left = f"({number(terms['active_days'])} / {number(terms['period_days'])})"
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "sale",
                "field old money",
                "field new money",
                f"derive given_back = 0 USD - old * {left}",
                f"derive charged = new * {left}",
            ),
            block("revenue_share credit_note", "on sale", "pay 100% of given_back"),
            block("revenue_share charge", "on sale", "pay 100% of charged"),
            rounding=rounded(terms["rounding"]),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={
            "credit": Look(rule="credit_note", taken=True),
            "charge": Look(rule="charge"),
            "net": TOTAL,
        },
    )
