"""Which of several rates or rules applies."""

from __future__ import annotations

from collections.abc import Sequence

from tests.vectors.kinds.shares import TOTAL, made
from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import SELLERS, block, fact, fraction, money, payee, percent, plan


def cell(value: str | None) -> str:
    """Return a cell of a text column."""
    return "any" if value in (None, "*") else f'"{value}"'


def with_table(*fields: str, table: str, rows: Sequence[str], facts: Sequence[dict[str, object]]) -> Scenario:
    """Return a plan that pays the percentage of a table on each sale's amount."""
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money", fields),
            block(f"table rate on sale by {table}", rows),
            block("revenue_share commission", "on sale", "pay rate of amount"),
        ),
        facts={"seller": SELLERS, "sale": made(facts)},
        looks={"commission": TOTAL},
    )


@kind("rate_with_exception")
def rate_with_exception(row: Row) -> Scenario:
    """A rate, and other rates for some products."""
    cells = [f"row {cell(name)} gives {percent(rate)}" for name, rate in row.terms["exceptions"].items()]
    return with_table(
        "field product text",
        table="product",
        rows=[*cells, f"row any gives {percent(row.terms['rate_percent'])}"],
        facts=[{"product": "other", **given} for given in row.facts],
    )


@kind("first_in_sequence")
def first_in_sequence(row: Row) -> Scenario:
    """Rules in a stated order; the first that matches applies."""
    cells = []
    for rule in row.terms["rules"]:
        requires(rule, match=rule["match"] if rule["scope"] != "any" else "*")
        category = cell(rule["match"] if rule["scope"] == "category" else None)
        product = cell(rule["match"] if rule["scope"] == "product" else None)
        cells.append(f"row {category}, {product} gives {percent(rule['rate_percent'])}")
    return with_table(
        "field category text",
        "field product text",
        table="category, product",
        rows=cells,
        facts=[dict(given) for given in row.facts],
    )


@kind("segment_rate")
def segment_rate(row: Row) -> Scenario:
    """A rate by the customer's segment and the size of the sale."""
    cells = []
    for rule in sorted(row.terms["rules"], key=lambda rule: rule["segment"] == "*"):
        size = "any" if rule["minimum"] is None else f"from {money(rule['minimum'])}"
        cells.append(f"row {cell(rule['segment'])}, {size} gives {percent(rule['rate_percent'])}")
    return with_table(
        "field segment text",
        table="segment, amount",
        rows=cells,
        facts=[dict(given) for given in row.facts],
    )


@kind("mercur_rate")
def mercur_rate(row: Row) -> Scenario:
    """The rule with the most conditions applies: the particular stands before the general."""
    rules = sorted(row.terms["rules"], key=lambda rule: -len(rule["when"]))
    for rule in rules:
        requires(rule, shipping=False)
    cells = [
        f"row {cell(rule['when'].get('shop'))}, {cell(rule['when'].get('category'))}"
        f" gives {percent(rule['rate_percent'])}"
        for rule in ({**rule, "when": _renamed(rule["when"])} for rule in rules)
    ]
    cells.append("row any, any gives 0%")
    return with_table(
        "field shipping money",
        "field shop text",
        "field category text",
        table="shop, category",
        rows=cells,
        facts=[
            {
                "amount": given["items"],
                "shipping": given["shipping"],
                "shop": given["seller"],
                "category": given["category"],
            }
            for given in row.facts
        ],
    )


def _renamed(when: dict[str, str]) -> dict[str, str]:
    return {"shop" if name == "seller" else name: value for name, value in when.items()}


@kind("most_specific")
def most_specific(row: Row) -> Scenario:
    """Rules by variant, product, category and in general; the most particular one pays."""
    requires(row.terms, stack=False)
    rules = []
    names = []
    for rule in sorted(row.terms["rules"], key=lambda rule: row.terms["order"].index(rule["scope"])):
        name = f"by_{rule['scope']}" if rule["scope"] != "any" else "in_general"
        names.append(name)
        is_share = rule["kind"] == "percent"
        pay = f"{percent(rule['value'])} of amount" if is_share else f"{money(rule['value'])} per sale"
        rules.append(
            block(
                f"{'revenue_share' if is_share else 'flat'} {name}",
                "on sale",
                [] if rule["match"] == "*" else f'where {rule["scope"]} is "{rule["match"]}"',
                f"pay {pay}",
            )
        )
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "sale",
                "field amount money",
                "field variant text",
                "field product text",
                "field category text",
            ),
            *rules,
            block("choose commission", "take first per sale", [f"among {name}" for name in names]),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"commission": TOTAL},
    )


@kind("level_precedence")
def level_precedence(row: Row) -> Scenario:
    """Rules of several levels that all match; the highest level pays."""
    levels = sorted(row.terms["rules"], key=lambda rule: row.terms["order"].index(rule["level"]))
    rules = [
        block(
            f"revenue_share for_{rule['level']}",
            "on sale",
            f"pay {percent(rule['rate_percent'])} of amount",
        )
        for rule in levels
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money"),
            *rules,
            block(
                "choose commission",
                "take first per sale",
                [f"among for_{rule['level']}" for rule in levels],
            ),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"commission": TOTAL},
    )


@kind("rate_times_multiplier")
def rate_times_multiplier(row: Row) -> Scenario:
    """A rate by the sort of deal, times a multiplier by attainment."""
    rates = [
        f"row {cell(rule['type'])}, {cell(rule['line'])} gives {fraction(rule['rate'])}"
        for rule in row.terms["rates"]
    ]
    at = row.terms["multiplier_at"]
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "sale",
                "field amount money",
                "field type text",
                "field line text",
                "field sales money",
                "field quota money",
                "derive attainment = sales / quota * 100%",
            ),
            block("table rate on sale by type, line", rates),
            block(
                "table multiplier on sale by attainment",
                "row any gives 100%",
                f"row from {percent(at['attainment_percent'])} gives {fraction(at['multiplier'])}",
            ),
            block("revenue_share base", "on sale", "pay rate of amount", "memo"),
            block("revenue_share commission", "on sale", "pay rate of amount", "times multiplier"),
        ),
        facts={"seller": SELLERS, "sale": made(row.facts)},
        looks={"base": Look(rule="base"), "commission": TOTAL},
    )


@kind("spiff_lines")
def spiff_lines(row: Row) -> Scenario:
    """Bonuses on single products, each between dates of its own."""
    rules = []
    for place, bonus in enumerate(row.terms["spiffs"], start=1):
        per_unit = bonus["kind"] == "per_unit"
        pay = f"{money(bonus['value'])} per unit of quantity"
        if not per_unit:
            pay = f"{percent(bonus['value'])} of revenue"
        end = "" if bonus["end"] is None else f" through {bonus['end']}"
        rules.append(
            block(
                f"{'flat' if per_unit else 'revenue_share'} bonus_{place}",
                "on sale",
                f'where product is "{bonus["product"]}"',
                f"effective from {bonus['start']}{end}",
                f"pay {pay}",
            )
        )
    given = [
        {"id": str(place), "seller": "ana", "sold": fact["date"], **fact}
        for place, fact in enumerate(row.facts, start=1)
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field product text", "field quantity number", "field revenue money"),
            *rules,
            effective="from 2025-01-01",
        ),
        facts={"seller": SELLERS, "sale": given},
        period="2025-01..2026-12",
        looks={"bonus": TOTAL},
    )


@kind("window_rate")
def window_rate(row: Row) -> Scenario:
    """A share of what is paid within some months of a contract's start."""
    terms = row.terms
    given = [
        {"id": str(place), "seller": "ana", "sold": fact["date"], "amount": fact["amount"]}
        for place, fact in enumerate(row.facts, start=1)
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("payment", "field amount money", "field started date"),
            block(
                "revenue_share commission",
                "on payment",
                f"for {terms['months']} months from started",
                f"pay {fraction(terms['rate'])} of amount",
            ),
            effective=f"from {terms['start']}",
        ),
        facts={
            "seller": SELLERS,
            "payment": [{**one, "started": terms["start"]} for one in given],
        },
        period="2025-01..2026-12",
        looks={"commission": TOTAL},
    )


@kind("dated_versions")
def dated_versions(row: Row) -> Scenario:
    """A rate that changes on a day; each quantity is paid at the rate of its own date."""
    first, second = row.terms["versions"]
    given = [
        {"id": str(place), "seller": "ana", "sold": fact["date"], "quantity": fact["quantity"]}
        for place, fact in enumerate(row.facts, start=1)
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact("usage", "field quantity number"),
            block(
                "flat units",
                "on usage",
                f"effective from {first['from']}",
                f"pay {money(first['rate'])} per unit of quantity",
                block(
                    f"amend from {second['from']}",
                    f"pay {money(second['rate'])} per unit of quantity",
                ),
            ),
        ),
        facts={"seller": SELLERS, "usage": given},
        period="2026-05..2026-06",
        looks={
            "parts": [Look(rule="units", rate=version["rate"]) for version in row.terms["versions"]],
            "total": TOTAL,
        },
    )
