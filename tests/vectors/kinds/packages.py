"""Packages and blocks: money for each started one."""

from __future__ import annotations

from tests.vectors.registry import CannotSay, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import DAY, LATER, SELLERS, block, fact, money, number, payee, plan


@kind("package")
def package(row: Row) -> Scenario:
    """Money for each started package of a quantity."""
    terms = row.terms
    started = {"up": "started", "down": "full"}[terms["round"]]
    each = f"{money(terms['price'])} per {started} {number(terms['package_size'])} of quantity"
    if terms["free_units"] != "0":
        each += f" above {number(terms['free_units'])}"
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
    started = {"up": "started", "down": "full"}[terms["round"]]
    each = f"{money(terms['price'])} per {started} {number(terms['package_size'])}"
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
            requires(tier, max_blocks="-1")
            each = f"{money(tier['price'])} per started {number(tier['size'])} of quantity"
            rules.append(block(f"flat {unit}", "on usage", f'where unit is "{unit}"', f"pay {each}"))
        extra = ["field unit text"]
    else:
        extra, parts, left = [], [], "quantity"
        for place, tier in enumerate(terms["tiers"], start=1):
            size = number(tier["size"])
            extra += [
                f"derive room_{place} = {number(tier['max_blocks'])} * {size}",
                f"derive part_{place} = {left} at most room_{place}",
                f"derive left_{place} = {left} - part_{place}",
            ]
            parts.append(f"{money(tier['price'])} per started {size} of part_{place}")
            left = f"left_{place}"
        rules.append(block("flat blocks", "on usage", f"pay {' plus '.join(parts)}"))
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
