"""Statements: what is settled when, minimums, refunds after a settlement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.vectors.kinds.shares import SIGNED, TOTAL
from tests.vectors.registry import kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario, Settled
from tests.vectors.writing import DAY, LATER, SELLERS, block, fact, fraction, money, payee, plan


def monthly(facts: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return facts as rows of one seller, one in each month from January on."""
    return [
        {"id": str(place), "seller": "ana", "sold": f"2026-{place:02}-10", **given}
        for place, given in enumerate(facts, start=1)
    ]


@kind("left_to_pay")
def left_to_pay(row: Row) -> Scenario:
    """Each run pays what is new since the last one."""
    months = [f"2026-{place:02}" for place in range(1, len(row.facts) + 2)]
    return Scenario(
        plan=plan(
            payee(),
            fact("invoice", "field amount money"),
            block("revenue_share commission", "on invoice", f"pay {fraction(row.terms['rate'])} of amount"),
        ),
        facts={"seller": SELLERS, "invoice": monthly(row.facts)},
        period=f"{months[0]}..{months[-1]}",
        looks={
            "payments": [Look(payee="ana", period=month) for month in months[:-1]],
            "left": Look(payee="ana", period=months[-1]),
        },
    )


@kind("settle_then_refund")
def settle_then_refund(row: Row) -> Scenario:
    """A refund after the settlement makes a settlement of its own."""
    for one, before in zip(row.facts, ("true", "false"), strict=True):
        requires(one, settled_before=before)
    given = [{"amount": one["amount"]} for one in row.facts]
    months = [f"2026-{place:02}" for place in range(1, len(given) + 1)]
    return Scenario(
        plan=plan(
            payee(),
            fact("invoice", SIGNED),
            block("revenue_share commission", "on invoice", f"pay {fraction(row.terms['rate'])} of amount"),
        ),
        facts={"seller": SELLERS, "invoice": monthly(given)},
        period=f"{months[0]}..{months[-1]}",
        looks={
            "settlements": [Look(payee="ana", period=month) for month in months],
            "net": TOTAL,
        },
    )


@kind("true_up")
def true_up(row: Row) -> Scenario:
    """A minimum of the period, topped up at its end even if nothing was sold."""
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field amount money"),
            block("revenue_share charges", "on sale", "pay 100% of amount"),
            statement=f"per month\nguarantee {money(row.terms['minimum'])} per month",
        ),
        facts={"seller": SELLERS, "sale": []},
        looks={"true_up": TOTAL},
    )


_FREQUENCIES = {
    "biweekly": "half_month",
    "monthly": "month",
    "quarterly": "quarter",
    "pending": "plan",
}


@kind("period_buckets")
def period_buckets(row: Row) -> Scenario:
    """A statement for each period; those that are over on the day of the run are settled."""
    run_on = row.terms["run_date"]
    year = run_on[:4]
    per = _FREQUENCIES[row.terms["frequency"]]
    settled = Settled() if per == "plan" else Settled(before=run_on)
    return Scenario(
        plan=plan(
            payee(),
            fact("document"),
            block("flat fee", "on document", "pay 1 USD per document"),
            effective=f"from {year}-01-01 through {year}-12-31",
            statement=f"per {per}",
        ),
        facts={
            "seller": SELLERS,
            "document": [
                {"id": str(place), "seller": "ana", "sold": given["date"]}
                for place, given in enumerate(row.facts, start=1)
            ],
        },
        period=year,
        through=run_on,
        looks={"periods": settled, "documents": replace(settled, column="lines")},
    )


@kind("capacity_tier")
def capacity_tier(row: Row) -> Scenario:
    """One amount for the window: of the first tier whose limits all peaks respect."""
    peaks = {one["measure"].lower(): one["peak"] for one in row.facts if "measure" in one}
    paid = [one["already_paid"] for one in row.facts if one.get("already_paid", "0") != "0"]
    tiers = row.terms["tiers"]
    rules, names = [], []
    for place, tier in enumerate(tiers, start=1):
        names.append(f"tier_{place}")
        within = [f"where {name.lower()} <= {limit}" for name, limit in tier["limits"].items()]
        rules.append(
            block(
                f"flat tier_{place}",
                "on usage",
                within if place < len(tiers) else [],
                f"pay {money(tier['price'])} per usage",
            )
        )
    return Scenario(
        plan=plan(
            payee(),
            fact("usage", [f"field {name} number" for name in peaks]),
            fact("settlement", "field amount money", "derive taken_off = 0 USD - amount"),
            rules,
            block("choose price", "take first per usage", [f"among {name}" for name in names]),
            block("revenue_share settled_before", "on settlement", "pay 100% of taken_off"),
        ),
        facts={
            "seller": SELLERS,
            "usage": [{"id": "1", "seller": "ana", "sold": DAY, **peaks}],
            "settlement": [
                {"id": str(place), "seller": "ana", "sold": DAY, "amount": amount}
                for place, amount in enumerate(paid, start=1)
            ],
        },
        looks={"amount": TOTAL},
    )


@kind("clamped_bracket_marginal")
def clamped_bracket_marginal(row: Row) -> Scenario:
    """A minimum of the month, topped up when the month closes, net of what was settled in it."""
    terms, given = row.terms, row.fact
    requires(terms, bound="upper_inclusive", zero="first_flat", rate_unit="per_unit", rounding=None)
    lines, lower = [], None
    for tier in terms["tiers"]:
        begins = "from 0" if lower is None else f"above {lower}"
        parts = [f"{money(tier['rate'])} per unit"] if tier["rate"] != "0" else []
        if tier["flat"] != "0" and lower is not None:
            parts.append(f"{money(tier['flat'])} once")
        lines.append(f"tier {begins} pay {' plus '.join(parts) or 'nothing'}")
        lower = tier["up_to"]
    first = money(terms["tiers"][0]["flat"])
    closes = given["window_closes"]
    return Scenario(
        plan=plan(
            payee(),
            fact("sale", "field quantity number"),
            block("flat first_band", "on sale", f"pay {first} per sale", f"cap {first} per month by payee"),
            block(
                "tiered bands",
                "on sale",
                "measure sum quantity per month by payee",
                "apply marginal",
                lines,
            ),
            statement=f"per month\nguarantee {money(terms['minimum'])} per month",
        ),
        facts={
            "seller": SELLERS,
            "sale": [
                {"id": "1", "seller": "ana", "sold": DAY, "quantity": given["prior"]},
                {"id": "2", "seller": "ana", "sold": LATER, "quantity": given["quantity"]},
            ],
        },
        through=None if closes else LATER,
        settled={given["already_paid"]: Look(fact="1")},
        looks={"new_charges": Look(payee="ana", fact="2"), "top_up": Look(part="guarantee")},
    )
