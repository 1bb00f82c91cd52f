"""Least and most: of a sale, of a window, of a balance."""

from __future__ import annotations

from tests.vectors.kinds.shares import TOTAL, commission, made
from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Paid, Scenario, Unrounded
from tests.vectors.writing import (
    FINE,
    SELLERS,
    block,
    fact,
    fraction,
    money,
    number,
    payee,
    percent,
    plan,
)


@kind("rate_clamped")
def rate_clamped(row: Row) -> Scenario:
    """A share, not less than one amount and not more than another."""
    terms = row.terms
    return commission(
        row,
        "field amount money",
        rule=(
            "revenue_share",
            f"pay {fraction(terms['rate'])} of amount",
            f"floor {money(terms['min'])} per sale",
            f"cap {money(terms['max'])} per sale",
        ),
        commission=TOTAL,
    )


@kind("percent_plus_flat_capped")
def percent_plus_flat_capped(row: Row) -> Scenario:
    """A share and an amount, never more than the sale; the shop has the rest."""
    terms = row.terms
    parts = []
    if terms["percent"] != "0":
        parts.append(f"{percent(terms['percent'])} of amount")
    if terms["flat"] != "0":
        parts.append(f"{money(terms['flat'])} per sale")
    kind_of_rule = "revenue_share" if terms["percent"] != "0" else "flat"
    return Scenario(
        plan=plan(
            payee(),
            payee("shop"),
            fact("sale", "field shop shop", "field amount money"),
            block(
                f"{kind_of_rule} commission",
                "on sale",
                f"pay {' plus '.join(parts)}",
                "cap 100% of amount per sale",
            ),
            block(
                "revenue_share rest",
                "on sale",
                "credit shop",
                "pay 100% of amount less earnings of commission",
            ),
        ),
        facts={
            "seller": SELLERS,
            "shop": [{"id": "shop"}],
            "sale": made([{**given, "shop": "shop"} for given in row.facts]),
        },
        looks={"commission": TOTAL, "rest": Look(payee="shop")},
    )


@kind("credit_within_limit")
def credit_within_limit(row: Row) -> Scenario:
    """A credit is booked whole or, where the balance would exceed a limit, not at all."""
    return commission(
        row,
        "field balance money",
        "field credit money",
        "derive balance_then = balance + credit",
        rule=(
            "revenue_share",
            f"where balance_then <= {money(row.terms['limit'])}",
            "pay 100% of credit",
        ),
        booked=Paid(rule="commission"),
    )


@kind("unit_rate_clamped")
def unit_rate_clamped(row: Row) -> Scenario:
    """Money per unit, less a reduction, within what the window's maximum leaves."""
    terms = row.terms
    fields = ["field quantity number", f"derive gross = {money(terms['rate'])} * quantity"]
    clauses = ["pay 100% of gross"]
    if "discount_percent" in terms:
        fields.append(f"derive net = gross - gross * {percent(terms['discount_percent'])}")
        clauses = ["pay 100% of net"]
    given = [{"already_paid": "0", **given} for given in row.facts]
    if "maximum" in terms:
        fields += [
            "field already_paid money",
            f"derive room = {money(terms['maximum'])} - already_paid at least 0 USD",
        ]
        clauses.append("cap 100% of room per sale")
    least = [f"guarantee {money(terms['minimum'])} per month"] if "minimum" in terms else []
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", fields),
            block("revenue_share units", "on sale", clauses),
            statement="\n".join(["per month", *least]),
        ),
        facts={"seller": SELLERS, "sale": made(given)},
        looks={"total": TOTAL},
    )


@kind("spread_fixed")
def spread_fixed(row: Row) -> Scenario:
    """A reduction that is spread over lines in proportion, and never exceeds them."""
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money"),
            block(
                "revenue_share reduction",
                "on sale",
                "effective from 2026-01-01 through 2026-01-31",
                "pay 100% of amount",
                f"budget {money(row.terms['reduction'])} then prorate",
                "remainder to first",
            ),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"parts": [Look(rule="reduction", fact=str(place)) for place in range(1, len(row.facts) + 1)]},
    )


@kind("pct_per_txn_clamped")
def pct_per_txn_clamped(row: Row) -> Scenario:
    """A share of each transaction within limits, after a free amount or a free number of them."""
    terms = row.terms
    if terms["free_amount"] != "0":
        measure, free, pay = "sum amount", money(terms["free_amount"]), percent(terms["rate_percent"])
        zero = "0 USD"
        terms["free_events"]  # The free amount governs where both are given.
    else:
        measure, free, pay = (
            "count",
            number(terms["free_events"]),
            f"{percent(terms['rate_percent'])} of amount",
        )
        zero = "0"
    requires(terms, fixed="0")
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money"),
            block(
                "tiered commission",
                "on sale",
                f"measure {measure} per month by payee",
                "apply marginal",
                f"tier from {zero} pay nothing",
                f"tier above {free} pay {pay}",
                f"floor {money(terms['min'])} per sale",
                f"cap {money(terms['max'])} per sale",
            ),
            rounding=FINE,
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"amount": Unrounded()},
    )
