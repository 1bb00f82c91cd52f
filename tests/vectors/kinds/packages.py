"""Packages and blocks: money for each started one."""

from __future__ import annotations

from tests.vectors.kinds.tiers import SELLERS
from tests.vectors.registry import CannotSay, kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import DAY, LATER, block, fact, money, number, payee, plan


@kind("package")
def package(row: Row) -> Scenario:
    """Money for each started package of a quantity."""
    terms = row.terms
    started = {"up": "started", "down": "full"}[terms["round"]]
    each = f"{money(terms['price'])} per {started} {number(terms['package_size'])} of quantity"
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field quantity number"),
            block("flat packages", "on sale", f"pay {each}"),
        ),
        facts={
            "seller": SELLERS,
            "sale": [{"id": "1", "seller": "ana", "sold": DAY, "quantity": row.fact["quantity"]}],
        },
        looks={"amount": Look(payee="ana")},
    )


@kind("package_delta")
def package_delta(row: Row) -> Scenario:
    """Packages of the whole month so far; those of earlier in the month are paid already."""
    terms, given = row.terms, row.fact
    each = f"{money(terms['price'])} per started {number(terms['package_size'])}"
    cap = [f"cap {money(terms['maximum'])} per month by payee"] if "maximum" in terms else []
    statement, period = "per half_month", "2026-01-B"
    if "minimum" in terms:
        if given["prior"] != "0":
            raise CannotSay
        statement, period = f"per month\nguarantee {money(terms['minimum'])} per month", "2026-01"
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field quantity number"),
            block(
                "tiered packages",
                "on sale",
                "measure sum quantity per month by payee",
                "apply marginal",
                f"tier from 0 pay {each}",
                cap,
            ),
            statement=statement,
        ),
        facts={
            "seller": SELLERS,
            "sale": [
                {"id": "1", "seller": "ana", "sold": DAY, "quantity": given["prior"]},
                {"id": "2", "seller": "ana", "sold": LATER, "quantity": given["quantity"]},
            ],
        },
        period=period,
        looks={"amount": Look(payee="ana")},
    )


@kind("blocks_all")
def blocks_all(row: Row) -> Scenario:
    """Started blocks at a price each; where a tier is full, the next has blocks of another size."""
    terms = row.terms
    rules = []
    if "units" in terms:
        for unit, tiers in terms["units"].items():
            (tier,) = tiers
            each = f"{money(tier['price'])} per started {number(tier['size'])} of quantity"
            rules.append(block(f"flat {unit}", "on usage", f'where unit is "{unit}"', f"pay {each}"))
        extra = ["field unit text"]
    else:
        small, large = terms["tiers"]
        extra = [
            "derive in_small_blocks = quantity at most room_in_small_blocks",
            "derive in_large_blocks = quantity - in_small_blocks",
        ]
        extra.insert(
            0, f"derive room_in_small_blocks = {number(small['max_blocks'])} * {number(small['size'])}"
        )
        rules.append(
            block(
                "flat blocks",
                "on usage",
                f"pay {money(small['price'])} per started {number(small['size'])} of in_small_blocks"
                f" plus {money(large['price'])} per started {number(large['size'])} of in_large_blocks",
            )
        )
    return Scenario(
        plan=plan(payee(), fact("usage", "field quantity number", extra), *rules),
        facts={
            "seller": SELLERS,
            "usage": [
                {"id": str(place), "seller": "ana", "sold": DAY, **given}
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        looks={"amount": Look(payee="ana")},
    )
