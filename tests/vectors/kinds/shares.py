"""A percentage or an amount for each sale, on one field or a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.vectors.kinds.tiers import SELLERS
from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Column, Count, Look, Paid, Scenario, Unrounded
from tests.vectors.writing import (
    CENTS,
    DAY,
    FINE,
    UNITS,
    block,
    fact,
    fraction,
    money,
    number,
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
