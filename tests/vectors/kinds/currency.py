"""Amounts in several currencies."""

from __future__ import annotations

from tests.vectors.registry import kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario, Unrounded
from tests.vectors.writing import DAY, FINE, SELLERS, block, fact, fraction, money, payee, plan

YEAR = "within 366 days"


def dated(rates: dict[str, str], own: str, day: str) -> list[dict[str, str]]:
    """Return rates as rows that hold from a day; a currency has none in itself."""
    return [
        {"date": day, "currency": currency, "rate": rate}
        for currency, rate in rates.items()
        if currency != own
    ]


@kind("window_sum")
def window_sum(row: Row) -> Scenario:
    """The invoices between two dates, of some tags, in the currency of the plan."""
    terms = row.terms
    tags = []
    for word, name in (("any", "include"), ("none", "exclude")):
        if name in terms:
            texts = ", ".join(f'"{tag}"' for tag in terms[name])
            tags.append(f"where tags has {word} of {texts}")
    return Scenario(
        plan=plan(
            payee(),
            f"rates stored as currency per USD {YEAR}\n",
            fact(
                "invoice",
                "field currency text",
                "field amount money in currency",
                "field tags list of text",
            ),
            block(
                "revenue_share base",
                "on invoice",
                f"effective from {terms['start']} through {terms['end']}",
                tags,
                "convert to USD at stored on sold",
                "pay 100% of amount",
            ),
            effective="from 2020-01-01",
        ),
        facts={
            "seller": SELLERS,
            "stored": dated(terms["rates"], "USD", "2020-01-01"),
            "invoice": [
                {
                    "id": str(place),
                    "seller": "ana",
                    "sold": given["date"],
                    "currency": given["currency"],
                    "amount": given["amount"],
                    "tags": given["tags"],
                }
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        period="2020-01..2020-12",
        looks={"base": Look(payee="ana")},
    )


@kind("convert")
def convert(row: Row) -> Scenario:
    """Pay of the plan's currency, paid out in the payee's at a fixed rate."""
    given = row.fact
    return Scenario(
        plan=plan(
            payee(),
            f"rates of_the_plan as currency per USD {YEAR}\n",
            fact("award", "field amount money in USD"),
            block(
                "revenue_share local",
                "on award",
                "convert to INR at of_the_plan on sold",
                "pay 100% of amount",
            ),
            currency="INR",
        ),
        facts={
            "seller": SELLERS,
            "of_the_plan": [{"date": "2026-01-01", "currency": "INR", "rate": given["rate"]}],
            "award": [{"id": "1", "seller": "ana", "sold": DAY, "amount": given["amount"]}],
        },
        looks={"local": Look(payee="ana")},
    )


@kind("fixed_per_currency")
def fixed_per_currency(row: Row) -> Scenario:
    """A fee that is stated for each currency, and paid in it."""
    rules = [
        block(
            f"flat fee_in_{currency.lower()}",
            "on sale",
            f"currency {currency}",
            f'where currency_code is "{currency}"',
            f"pay {money(fee, currency)} per sale",
        )
        for currency, fee in row.terms["fixed"].items()
    ]
    return Scenario(
        plan=plan(
            payee(), fact("sale", "field currency_code text"), rules, statement="per month and currency"
        ),
        facts={
            "seller": SELLERS,
            "sale": [
                {"id": str(place), "seller": "ana", "sold": DAY, "currency_code": given["currency"]}
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        looks={"commission": Look(payee="ana")},
    )


_SPELT = {"USDC": "USD"}
"""Codes of coins that stand for a currency, as `map` in a facts.yaml would read them."""


@kind("split_sales")
def split_sales(row: Row) -> Scenario:
    """A price in equal parts for its sellers, in dollars, each paid by the own sort of sale."""
    terms = row.terms
    rates = {code: rate for code, rate in terms["fx"].items() if code not in _SPELT}
    sorts = ", ".join(f'"{name}"' for name in terms["rates"])
    cells = [f'row "{name}" gives {fraction(rate)}' for name, rate in terms["rates"].items()]
    prefix = terms["special_prefix"]
    names = list(dict.fromkeys(one["name"] for given in row.facts for one in given["sellers"]))
    parts = [
        {
            "id": f"{place}-{one['name']}",
            "seller": one["name"],
            "sold": DAY,
            "product": given["product"],
            "currency": _SPELT.get(given["currency"], given["currency"]),
            "price": given["price"],
            "sellers": str(len(given["sellers"])),
            "sort": one["type"],
        }
        for place, given in enumerate(row.facts, start=1)
        for one in given["sellers"]
    ]
    return Scenario(
        plan=plan(
            payee(),
            f"rates house as USD per currency {YEAR}\n",
            fact(
                "sale_part",
                "field product text",
                "field currency text",
                "field price money in currency",
                "field sellers number",
                "field sort text",
                "derive part = price / sellers",
                f"where sort is one of {sorts}",
            ),
            block("table rate on sale_part by sort", cells, "row any gives 0%"),
            block(
                "revenue_share by_sort",
                "on sale_part",
                f'where not product starts with "{prefix}"',
                "convert to USD at house on sold",
                "pay rate of part",
            ),
            block(
                "revenue_share special",
                "on sale_part",
                f'where product starts with "{prefix}"',
                "convert to USD at house on sold",
                f"pay {fraction(terms['special_rate'])} of part",
            ),
            rounding=FINE,
        ),
        facts={
            "seller": [{"id": name} for name in names],
            "house": dated(rates, "USD", "2026-01-01"),
            "sale_part": parts,
        },
        looks={name: Unrounded(payee=name) for name in row.expected},
    )
