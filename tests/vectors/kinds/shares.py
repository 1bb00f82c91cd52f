"""A percentage or an amount for each sale, on one field or a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Column, Count, Look, Paid, Scenario, Unrounded
from tests.vectors.writing import (
    CENTS,
    DAY,
    SELLERS,
    block,
    fact,
    fraction,
    money,
    payee,
    percent,
    plan,
    rounded,
)

SIGNED = "field amount money signed"


def made(facts: Sequence[Mapping[str, object]], day: str = DAY) -> list[dict[str, object]]:
    """Return facts as rows of one seller, numbered from 1, all on one day."""
    return [
        {"id": str(place), "seller": "ana", "sold": day, **given}
        for place, given in enumerate(facts, start=1)
    ]


def commission(
    row: Row, *fields: str, rule: Sequence[str], rounding: str = CENTS, **looks: object
) -> Scenario:
    """Return a plan of one rule on the sales of the row."""
    kind_of_rule, *clauses = rule
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", fields),
            block(f"{kind_of_rule} commission", "on sale", clauses),
            rounding=rounding,
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks=looks,
    )


TOTAL = Look(payee="ana")


@kind("net_rate")
def net_rate(row: Row) -> Scenario:
    """A share of what is left after costs."""
    return commission(
        row,
        "field amount money",
        "field cost money",
        "derive net = amount - cost",
        rule=("revenue_share", f"pay {fraction(row.terms['rate'])} of net"),
        commission=TOTAL,
    )


@kind("rate_on_amount")
def rate_on_amount(row: Row) -> Scenario:
    """A share of an amount; with a maximum, of which earlier parts have used some."""
    terms = row.terms
    fields = ["field amount money"]
    clauses = [f"pay {fraction(terms['rate'])} of amount"]
    if "maximum" in terms:
        fields += [
            "field already_paid money",
            f"derive room = {money(terms['maximum'])} - already_paid at least 0 USD",
        ]
        clauses.append("cap 100% of room per sale")
    return commission(
        row,
        *fields,
        rule=("revenue_share", *clauses),
        rounding=rounded(terms["rounding"]),
        amount=TOTAL if terms["rounding"] else Unrounded(),
    )


@kind("rate_on_lines")
def rate_on_lines(row: Row) -> Scenario:
    """A share of each line; credit notes have negative amounts."""
    pay = f"pay {fraction(row.terms['rate'])} of amount"
    return commission(row, SIGNED, rule=("revenue_share", pay), commission=TOTAL)


@kind("signed_lines")
def signed_lines(row: Row) -> Scenario:
    """A share of each line, refunds on lines of their own."""
    pay = f"pay {fraction(row.terms['rate'])} of amount"
    return commission(
        row,
        SIGNED,
        rule=("revenue_share", pay),
        rounding=rounded(row.terms["rounding"]),
        total=TOTAL,
        lines=Count(),
    )


@kind("sum_amounts")
def sum_amounts(row: Row) -> Scenario:
    """Entries that are paid as they stand."""
    return commission(row, SIGNED, rule=("revenue_share", "pay 100% of amount"), total=TOTAL)


@kind("flat_per_fact")
def flat_per_fact(row: Row) -> Scenario:
    """An amount for each sale."""
    pay = f"pay {money(row.terms['flat'])} per sale"
    return commission(row, "field amount money", rule=("flat", pay), amount=TOTAL)


@kind("flat_times_quantity")
def flat_times_quantity(row: Row) -> Scenario:
    """An amount that stands in the sale, for each unit."""
    return commission(
        row,
        "field flat money",
        "field quantity number",
        rule=("flat", "pay flat per unit of quantity"),
        amount=TOTAL,
    )


@kind("eligible_items")
def eligible_items(row: Row) -> Scenario:
    """A share of the items that grant commission; a rate that is none is refused."""
    pay = f"pay {percent(row.terms['rate_percent'])} of amount"
    scenario = commission(
        row,
        "field amount money",
        "field eligible flag",
        rule=("revenue_share", "where eligible", pay),
        commission=TOTAL,
    )
    return replace(scenario, refusal="R0106")


@kind("eligible_share")
def eligible_share(row: Row) -> Scenario:
    """A share of an amount, for the share of the days that were worked."""
    scenario = commission(
        row,
        "field amount money",
        "field share percent",
        "derive worked = amount * share",
        rule=("revenue_share", f"pay {fraction(row.terms['rate'])} of worked"),
        eligible=TOTAL,
    )
    given = [{**given, "share": fraction(given["share"])} for given in row.facts]
    return Scenario(plan=scenario.plan, facts={"seller": SELLERS, "sale": made(given)}, looks=scenario.looks)


@kind("product_or_override")
def product_or_override(row: Row) -> Scenario:
    """A product's percentage from a minimum on; below it the sale is refused."""
    rule = row.terms["rule"]
    requires(rule, kind="percent")
    return commission(
        row,
        "field spend money",
        rule=(
            "revenue_share",
            f"where spend >= {money(rule['minimum'])}",
            f"pay {percent(rule['value'])} of spend",
        ),
        commission=Paid(rule="commission"),
        rate=Column(rule="commission", column="rate"),
    )


@kind("earned_minus_paid")
def earned_minus_paid(row: Row) -> Scenario:
    """What is earned to date, less what is paid already."""
    given = [{"earned_to_date": given["earned"], "paid": given["paid"]} for given in row.facts]
    scenario = commission(
        row,
        "field earned_to_date money",
        "field paid money",
        "derive due = earned_to_date - paid",
        rule=("revenue_share", "pay 100% of due"),
        due=TOTAL,
    )
    return Scenario(plan=scenario.plan, facts={"seller": SELLERS, "sale": made(given)}, looks=scenario.looks)
