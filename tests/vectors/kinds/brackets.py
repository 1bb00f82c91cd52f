"""Brackets: one rate or amount for all of it, by how much there is."""

from __future__ import annotations

from tests.vectors.kinds.tiers import Report, sales
from tests.vectors.registry import CannotSay, contiguous, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import (
    DAY,
    SELLERS,
    block,
    fact,
    money,
    number,
    payee,
    percent,
    plan,
    rounded,
)


@kind("bracket_whole")
def bracket_whole(row: Row) -> Scenario:
    """All of it at the rate of the bracket it lies in, nothing between and outside brackets."""
    report = Report(row)
    terms = row.terms
    if terms["no_match"] not in ("0", "first"):
        raise CannotSay
    beyond = "above" if terms["to_incl"] else "from"
    reads_up = terms["lookup"] == "ceil"
    lines: list[str] = []
    ends: tuple[str, str] | None = None
    """Where the bracket before ends: the word with which what is beyond it begins, and the bound."""
    for bracket in terms["brackets"]:
        begins = ("from" if terms["from_incl"] else "above", bracket["from"])
        if reads_up and ends is not None:
            begins = ends
        if ends is None:
            if bracket["from"] != "0":
                lines.append(f"tier from {report.bound('0')} pay nothing")
            else:
                begins = ("from", "0")
        elif begins != ends:
            lines.append(f"tier {ends[0]} {report.bound(ends[1])} pay nothing")
        lines.append(f"tier {begins[0]} {report.bound(begins[1])} pay {report.pay(bracket)}")
        if bracket["to"] is not None:
            ends = (beyond, bracket["to"])
    if terms["brackets"][-1]["to"] is not None and ends is not None:
        lines.append(f"tier {ends[0]} {report.bound(ends[1])} pay nothing")
    only_positive = report.signed and not report.mirrored
    rule = block(
        "tiered brackets",
        "on sale",
        [f"where {report.field} > {report.bound('0')}"] if only_positive else [],
        f"measure sum {report.field} per month by payee",
        "apply whole",
        lines,
    )
    return Scenario(
        plan=report.plan(rule),
        facts={"seller": SELLERS, "sale": sales(row, report.field)},
        looks={"amount": report.look()},
    )


@kind("bracket_whole_allowance")
def bracket_whole_allowance(row: Row) -> Scenario:
    """Brackets counted from an allowance on; once it is used up, everything is paid."""
    report = Report(row)
    terms = row.terms
    requires(terms, edges_shift_by_allowance=True, from_incl=False, to_incl=True)
    requires(terms, lookup="value", no_match="first")
    contiguous(terms["brackets"])
    lines = ["tier from 0 pay nothing"]
    for bracket in row.terms["brackets"]:
        requires(bracket, flat="0")
        lines.append(
            f"tier above {number(bracket['from'])} pay {money(bracket['rate'])} per unit of quantity"
        )
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "sale",
                "field quantity number",
                f"derive beyond = quantity - {number(row.terms['allowance'])} at least 0",
            ),
            block(
                "tiered brackets",
                "on sale",
                "measure sum beyond per month by payee",
                "apply whole",
                lines,
            ),
            rounding=rounded(terms["rounding"]),
        ),
        facts={"seller": SELLERS, "sale": sales(row, "quantity")},
        looks={"amount": report.look()},
    )


@kind("order_total_rate")
def order_total_rate(row: Row) -> Scenario:
    """The total of an order decides the rate for all of it; a special product has its own."""
    cells, lower = [], None
    for bracket in row.terms["brackets"]:
        begins = "any" if lower is None else f"from {money(lower)}"
        cells.append(f"row {begins} gives {percent(bracket['rate_percent'])}")
        lower = bracket["below"]
    special = row.terms["special_product"]
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "item",
                "field order_number text",
                "field product text",
                "field unit_price money",
                "field quantity number",
                "derive price = unit_price * quantity",
            ),
            block(
                "measure special_items",
                "on item",
                f'where product is "{special}"',
                "take count per lifetime by order_number",
            ),
            block("measure order_total", "on item", "take sum price per lifetime by order_number"),
            block("table rate on item by order_total in total", cells),
            block(
                "revenue_share by_order_total",
                "on item",
                "where special_items in total <= 0",
                "pay rate of price",
            ),
            block(
                "revenue_share with_special_product",
                "on item",
                "where special_items in total > 0",
                f"pay {percent(row.terms['special_rate_percent'])} of price",
            ),
        ),
        facts={
            "seller": SELLERS,
            "item": [
                {"id": str(place), "seller": "ana", "sold": DAY, "order_number": "O-1", **given}
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        looks={"commission": Look(payee="ana")},
    )


@kind("discount_bands")
def discount_bands(row: Row) -> Scenario:
    """A fixed amount for each line by its discount."""
    cells = []
    for band in row.terms["bands"]:
        cells += [
            f"row {_lower_end(percent(band['from']))} gives {money(band['fixed'])}",
            f"row above {percent(band['to'])} gives 0 USD",
        ]
    return Scenario(
        plan=plan(
            payee(),
            fact("item", "field amount money", "field discount percent"),
            block("table by_discount on item by discount", cells),
            block("flat commission", "on item", "pay by_discount per item"),
        ),
        facts={
            "seller": SELLERS,
            "item": [
                {
                    "id": str(place),
                    "seller": "ana",
                    "sold": DAY,
                    "amount": given["amount"],
                    "discount": percent(given["discount_percent"]),
                }
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        looks={"commission": Look(payee="ana")},
    )


def _lower_end(bound: str) -> str:
    return "any" if bound == "0%" else f"from {bound}"
