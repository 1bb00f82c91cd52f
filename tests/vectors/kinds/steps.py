"""Amounts that are worked out in steps, each on what came before."""

from __future__ import annotations

from tests.vectors.kinds.shares import SIGNED, TOTAL, commission, made
from tests.vectors.registry import kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario, Unrounded
from tests.vectors.writing import (
    FINE,
    SELLERS,
    UNITS,
    block,
    fact,
    fraction,
    money,
    payee,
    percent,
    plan,
    rounded,
)


@kind("rate_chain")
def rate_chain(row: Row) -> Scenario:
    """Rates that are added, then multiplied."""
    pay = " plus ".join(f"{fraction(rate)} of amount" for rate in row.terms["add"])
    times = [f"times {fraction(factor)}" for factor in row.terms["factors"]]
    return commission(
        row,
        "field amount money",
        rule=("revenue_share", f"pay {pay}", *times),
        rounding=FINE,
        commission=Unrounded(),
    )


@kind("rate_then_uplift")
def rate_then_uplift(row: Row) -> Scenario:
    """A share, and a share of that share on top."""
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", SIGNED),
            block("revenue_share first", "on sale", f"pay {fraction(row.terms['rate'])} of amount"),
            block(
                "revenue_share uplift",
                "on earnings of first",
                f"pay {fraction(row.terms['uplift'])} of earning",
            ),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"commission": TOTAL},
    )


@kind("partner_share")
def partner_share(row: Row) -> Scenario:
    """A share and a bonus that factors raise; the operator has the rest."""
    terms = row.terms
    return Scenario(
        plan=plan(
            payee(),
            payee("operator"),
            fact("sale", "field operator operator", "field amount money"),
            block("revenue_share partner_share", "on sale", f"pay {fraction(terms['rate'])} of amount"),
            block(
                "revenue_share partner_bonus",
                "on sale",
                f"pay {fraction(terms['bonus_rate'])} of amount",
                [f"times {fraction(factor)}" for factor in terms["factors"]],
            ),
            block(
                "revenue_share rest",
                "on sale",
                "credit operator",
                "pay 100% of amount less earnings of partner_share less earnings of partner_bonus",
            ),
        ),
        facts={
            "seller": SELLERS,
            "operator": [{"id": "operator"}],
            "sale": made([{**given, "operator": "operator"} for given in row.facts]),
        },
        looks={"partner": TOTAL, "operator": Look(payee="operator")},
    )


@kind("rate_per_line_after_discount")
def rate_per_line_after_discount(row: Row) -> Scenario:
    """The rate stands on the line, on the price after its discount."""
    given = [
        {
            "list_price": line["list_price"],
            "discount": percent(line["discount_percent"]),
            "rate": percent(line["rate_percent"]),
        }
        for line in row.facts
    ]
    scenario = commission(
        row,
        "field list_price money",
        "field discount percent",
        "field rate percent",
        "derive price = list_price - list_price * discount",
        rule=("revenue_share", "pay rate of price"),
        rounding=rounded(row.terms["rounding"]),
        commission=TOTAL,
    )
    return Scenario(plan=scenario.plan, facts={"seller": SELLERS, "sale": made(given)}, looks=scenario.looks)


@kind("spiff_share")
def spiff_share(row: Row) -> Scenario:
    """A bonus for each large deal, by its share of the year's target."""
    terms = row.terms
    variable, target = money(terms["variable"]), money(terms["target"])
    worth = f"{variable} * {percent(terms['weight'])} * (amount / {target})"
    return commission(
        row,
        "field amount money",
        f"derive worth = {worth}",
        rule=(
            "revenue_share",
            f"where amount >= {money(terms['minimum'])}",
            f"pay {percent(terms['rate_percent'])} of worth",
        ),
        bonus=TOTAL,
    )


@kind("over_quota")
def over_quota(row: Row) -> Scenario:
    """A share of what exceeds the quota, less tax."""
    terms = row.terms
    tax = percent(terms["tax_percent"])
    return commission(
        row,
        "field sales money",
        "field quota money",
        "derive excess = sales - quota at least 0 USD",
        f"derive after_tax = excess - excess * {tax}",
        rule=("revenue_share", f"pay {percent(terms['commission_percent'])} of after_tax"),
        bonus=TOTAL,
    )


@kind("chain")
def chain(row: Row) -> Scenario:
    """Steps on one price, each with a range of its own and rounded by itself, and the sum of all."""
    rules, looks = [], []
    for place, step in enumerate(row.terms["steps"], start=1):
        name = f"step_{place}"
        is_share = step["kind"] != "fixed"
        pay = f"{money(step['value'], UNITS)} per sale"
        if is_share:
            pay = f"{percent(step['value'])} of price"
        if step["kind"] == "total":
            pay += "".join(f" with earnings of step_{before}" for before in range(1, place))
        rules.append(
            block(
                f"{'revenue_share' if is_share else 'flat'} {name}",
                "on sale",
                "effective from 2025-01-01 through 2025-12-31" if step.get("active") is False else [],
                f"where price <= {money(step['max'], UNITS)}" if "max" in step else [],
                f"pay {pay}",
                f"rounding {step['round']} to 1 per line" if "round" in step else [],
            )
        )
        looks.append(Look(rule=name))
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field price money"),
            block("revenue_share list_price", "on sale", "pay 100% of price"),
            *rules,
            currency=UNITS,
            rounding="half_up to 1 per line",
            effective="from 2025-01-01",
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"commissions": looks, "total": TOTAL},
    )


@kind("round_value")
def round_value(row: Row) -> Scenario:
    """Values that are paid as they stand, rounded to whole units."""
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field value money decimals 9 signed"),
            block("revenue_share rounded", "on sale", "pay 100% of value"),
            currency=UNITS,
            rounding=rounded(row.terms["rounding"]),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"values": [Look(rule="rounded", fact=str(place)) for place in range(1, len(row.facts) + 1)]},
    )
