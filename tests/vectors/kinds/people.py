"""Who is paid: sellers, those who brought them, and those above them."""

from __future__ import annotations

from tests.vectors.registry import kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import DAY, block, fact, payee, percent, plan, rounded


def chain(names: list[str], **fields: list[str]) -> list[dict[str, str]]:
    """Return payees each of whom was brought by the next one."""
    return [
        {
            "id": name,
            "referrer": names[place + 1] if place + 1 < len(names) else "",
            **{field: values[place] for field, values in fields.items()},
        }
        for place, name in enumerate(names)
    ]


@kind("two_level_referral")
def two_level_referral(row: Row) -> Scenario:
    """The seller has a share, the seller's referrer another, nobody further up."""
    terms, given = row.terms, row.fact
    return Scenario(
        plan=plan(
            payee("seller", "field referrer seller optional"),
            fact("sale", "field amount money"),
            block("revenue_share own", "on sale", f"pay {percent(terms['seller_percent'])} of amount"),
            block(
                "revenue_share referral",
                "on sale",
                "credit seller.referrer",
                f"pay {percent(terms['referrer_percent'])} of amount",
            ),
        ),
        facts={
            "seller": chain([given["seller"], *given["chain"]]),
            "sale": [{"id": "1", "seller": given["seller"], "sold": DAY, "amount": given["amount"]}],
        },
        looks={name: Look(payee=name) for name in row.expected},
    )


@kind("levels_by_package")
def levels_by_package(row: Row) -> Scenario:
    """Levels above the buyer earn falling rates, each only with a package of that level."""
    given = row.fact
    names = [f"level_{place}" for place in range(1, len(given["packages"]) + 1)]
    rules, path = [], "seller"
    for level, rate in enumerate(row.terms["rates_percent"], start=1):
        path += ".referrer"
        rules.append(
            block(
                f"revenue_share to_level_{level}",
                "on sale",
                f"credit {path}",
                f"where payee.package >= {level}",
                f"pay {percent(rate)} of amount",
            )
        )
    return Scenario(
        plan=plan(
            payee("seller", "field package number", "field referrer seller optional"),
            fact("sale", "field amount money"),
            *rules,
            rounding=rounded(row.terms["rounding"]),
        ),
        facts={
            "seller": chain(["buyer", *names], package=["1", *given["packages"]]),
            "sale": [{"id": "1", "seller": "buyer", "sold": DAY, "amount": given["amount"]}],
        },
        looks={"payouts": [Look(payee=name) for name in names]},
    )


@kind("shrinking_hierarchy")
def shrinking_hierarchy(row: Row) -> Scenario:
    """Each level has the same share of what the levels below it have left."""
    terms = row.terms
    rate = percent(terms["rate_percent"])
    names = [f"level_{place}" for place in range(1, int(terms["levels"]) + 1)]
    rules, path = [], "seller"
    for place, name in enumerate(names):
        less = "".join(f" less earnings of {below}" for below in names[:place])
        rules.append(
            block(
                f"revenue_share {name}",
                "on sale",
                [] if place == 0 else f"credit {path}",
                f"pay {rate} of amount{less}",
            )
        )
        path += ".referrer"
    return Scenario(
        plan=plan(
            payee("seller", "field referrer seller optional"),
            fact("sale", "field amount money signed"),
            *rules,
            rounding=rounded(terms["rounding"]),
        ),
        facts={
            "seller": chain(names),
            "sale": [{"id": "1", "seller": "level_1", "sold": DAY, "amount": row.fact["base"]}],
        },
        looks={"levels": [Look(payee=name) for name in names]},
    )


@kind("balance_then_copay")
def balance_then_copay(row: Row) -> Scenario:
    """What is due comes from a balance as far as it goes; of the rest the employer bears a share."""
    given = row.fact
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "invoice",
                "field balance money",
                "field due money",
                "derive covered = due at most balance",
                "derive open = due - covered",
            ),
            block("revenue_share from_balance", "on invoice", "pay 100% of covered"),
            block(
                "revenue_share employer",
                "on invoice",
                f"pay {percent(row.terms['copay_percent'])} of open",
            ),
            block(
                "revenue_share fund",
                "on invoice",
                "pay 100% of open less earnings of employer",
            ),
        ),
        facts={
            "seller": [{"id": "ana"}],
            "invoice": [{"id": "1", "seller": "ana", "sold": DAY, **given}],
        },
        looks={name: Look(rule=name) for name in ("from_balance", "fund", "employer")},
    )
