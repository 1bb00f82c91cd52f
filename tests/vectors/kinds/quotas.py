"""Pay by attainment: what is reached against a target or quota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.vectors.kinds.shares import TOTAL, made
from tests.vectors.registry import contiguous, kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import SELLERS, block, fact, fraction, money, payee, percent, plan, rounded

_OPEN = (None, "999")
"""How the last tier of a source ends that has no end."""


def multiplier_tiers(tiers: Sequence[Mapping[str, Any]], worth: str) -> list[str]:
    """Return tiers that pay the variable pay in proportion, each times its multiplier."""
    contiguous(tiers, last=_OPEN)
    lines = []
    for tier in tiers:
        rate = fraction(tier["multiplier"])
        pay = "nothing" if rate == "0%" else f"{rate} of {worth} per quota"
        lines.append(f"tier from {percent(tier['from'])} pay {pay}")
    return lines


@kind("attainment_marginal")
def attainment_marginal(row: Row) -> Scenario:
    """Each point of attainment is worth a part of the bonus, by the multiplier of its tier."""
    rules, looks = [], []
    for metric in row.facts:
        name = metric["metric"].lower()
        looks.append(Look(rule=f"metric_{name}"))
        rules.append(
            block(
                f"tiered metric_{name}",
                "on result",
                f'where metric is "{metric["metric"]}"',
                [] if metric["gate"] is None else f"where attained so far > {percent(metric['gate'])}",
                "measure attained",
                "apply marginal",
                multiplier_tiers(metric["tiers"], "payee.bonus"),
                [] if metric["weight"] == "100" else f"times {percent(metric['weight'])}",
            )
        )
    return Scenario(
        plan=plan(
            payee("seller", "field bonus money"),
            fact("result", "field metric text", "field actual number"),
            "quota target by seller, result.metric per year as number\n",
            block(
                "measure attained",
                "on result",
                "take sum actual per year by payee, metric against target",
            ),
            *rules,
        ),
        facts={
            "seller": [{"id": "ana", "bonus": row.terms["bonus"]}],
            "result": made([{"metric": one["metric"], "actual": one["actual"]} for one in row.facts]),
            "target": [
                {"seller": "ana", "metric": one["metric"], "period": "2026", "amount": one["target"]}
                for one in row.facts
            ],
        },
        rejects=sum(one["target"] == "0" for one in row.facts),
        looks={"payout": TOTAL, "per_metric": looks},
    )


@kind("ytd_increment")
def ytd_increment(row: Row) -> Scenario:
    """The year to date is paid by attainment, less what earlier months paid."""
    terms = row.terms
    results = [
        {"id": str(place), "seller": "ana", "sold": f"2026-{given['month']}-28", "to_date": given["ytd"]}
        for place, given in enumerate(row.facts, start=1)
    ]
    return Scenario(
        plan=plan(
            payee("seller", "field bonus money"),
            fact("report", "field to_date money"),
            block(
                "tiered variable_pay",
                "on report",
                f"measure max to_date per year by payee against {money(terms['target'])}",
                "apply marginal",
                multiplier_tiers(terms["tiers"], "payee.bonus"),
            ),
        ),
        facts={"seller": [{"id": "ana", "bonus": terms["bonus"]}], "report": results},
        period="2026-10..2026-11",
        looks={"monthly": [Look(payee="ana", period=f"2026-{one['month']}") for one in row.facts]},
    )


@kind("attainment_single_multiplier")
def attainment_single_multiplier(row: Row) -> Scenario:
    """The bonus in proportion to the attainment, all of it times the multiplier reached."""
    terms = row.terms
    contiguous(terms["tiers"], last=_OPEN)
    cells = [
        f"row {'any' if tier['from'] == '0' else 'from ' + percent(tier['from'])}"
        f" gives {fraction(tier['multiplier'])}"
        for tier in terms["tiers"]
    ]
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "result",
                "field attainment percent",
                f"derive earned_bonus = {money(terms['bonus'])} * attainment",
            ),
            block("table multiplier on result by attainment", cells),
            block("revenue_share payout", "on result", "pay multiplier of earned_bonus"),
        ),
        facts={
            "seller": SELLERS,
            "result": made([{"attainment": percent(one["attainment"])} for one in row.facts]),
        },
        looks={"payout": TOTAL},
    )


@kind("overage_single_multiplier")
def overage_single_multiplier(row: Row) -> Scenario:
    """A rate up to the quota; beyond it the rate times the multiplier of the whole attainment."""
    terms = row.terms
    contiguous(terms["tiers"])
    quota = money(terms["quota"])
    cells = [
        f"row {'any' if tier['from'] == '0' else 'from ' + percent(tier['from'])}"
        f" gives {fraction(tier['multiplier'])}"
        for tier in terms["tiers"]
    ]
    rate = fraction(terms["rate"])
    return Scenario(
        plan=plan(
            payee(),
            fact(
                "result",
                "field revenue money",
                f"derive within = revenue at most {quota}",
                "derive beyond = revenue - within",
                f"derive attainment = revenue / {quota} * 100%",
            ),
            block("table multiplier on result by attainment", cells),
            block("revenue_share base", "on result", f"pay {rate} of within"),
            block("revenue_share overage", "on result", f"pay {rate} of beyond", "times multiplier"),
            block(
                "flat multiplier_used",
                "on result",
                "pay 1 USD per result",
                "times multiplier when beyond > 0 USD",
                "memo",
            ),
        ),
        facts={"seller": SELLERS, "result": made(row.facts)},
        looks={
            "base": Look(rule="base"),
            "overage": Look(rule="overage"),
            "multiplier": Look(rule="multiplier_used"),
        },
    )


@kind("centify_total")
def centify_total(row: Row) -> Scenario:
    """Variable pay by plan and attainment, a bonus for reaching a threshold, and days of leave."""
    months = row.terms["months"]
    goals = [one for one in row.facts if "deals" in one]
    (leave,) = [one for one in row.facts if "leave_days" in one]
    seller = {"id": "ana", "ote": row.terms["ote"], "base": row.terms["base"]}
    rules, deals, targets = [], [], []
    for place, goal in enumerate(goals, start=1):
        clauses = (
            "on deal",
            f'where goal is "{place}"',
            f"measure sum counted per quarter by payee against payee.target_{place}",
        )
        worth = f"{percent(goal['weight_percent'])} of payee.variable_pay per quota"
        bonus = f"{percent(goal['payout_percent'])} of payee.base_pay once"
        rules += [
            block(f"flat commission_{place}", *clauses, f"pay {worth}"),
            block(
                f"tiered bonus_{place}",
                *clauses,
                "apply marginal",
                "tier from 0% pay nothing",
                f"tier from {percent(goal['threshold_percent'])} pay {bonus}",
            ),
        ]
        targets += [
            f"field monthly_target_{place} money",
            f"derive target_{place} = monthly_target_{place} * {months}",
        ]
        seller[f"monthly_target_{place}"] = goal["monthly_target"]
        deals += [{"goal": str(place), "amount": one, "most": goal["cap"]} for one in goal["deals"]]
    return Scenario(
        plan=plan(
            payee(
                "seller",
                "field ote money",
                "field base money",
                f"derive base_pay = base * ({months} / 12)",
                f"derive variable_pay = (ote - base) * ({months} / 12)",
                targets,
            ),
            fact(
                "deal",
                "field goal text",
                "field amount money",
                "field most money",
                "derive counted = amount at most most",
            ),
            fact("leave", "field days number", "field reference money", "derive each_day = reference / 90"),
            rules,
            block("flat leave_pay", "on leave", "pay each_day per unit of days"),
            rounding=rounded(row.terms["rounding"]),
        ),
        facts={
            "seller": [seller],
            "deal": made(deals),
            "leave": made([{"days": leave["leave_days"], "reference": leave["reference_commission"]}]),
        },
        looks={"total": TOTAL},
    )
