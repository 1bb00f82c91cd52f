"""Teams: what members sell together, and those above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tests.vectors.registry import CannotSay, kind, requires
from tests.vectors.rows import Row
from tests.vectors.scenario import Look, Scenario
from tests.vectors.writing import block, fact, money, payee, percent, plan


@kind("team_over_quota")
def team_over_quota(row: Row) -> Scenario:
    """A share of what the team sold beyond its quota, in equal parts for the members."""
    given = row.fact
    members = [{"id": f"m{place}"} for place in range(1, int(given["members"]) + 1)]
    return Scenario(
        plan=plan(
            payee("member"),
            block(
                "fact team_result",
                "field id text key",
                "field sold date event",
                "field sales money",
                "field quota money",
                "derive excess = sales - quota at least 0 USD",
            ),
            block(
                "fact membership",
                "field id text key",
                "field result team_result",
                "field member member credited",
                "field since date event",
            ),
            block(
                "revenue_share team_bonus",
                "on team_result",
                "credit each membership equally",
                f"pay {percent(row.terms['commission_percent'])} of excess",
                "remainder to first",
            ),
        ),
        facts={
            "member": members,
            "team_result": [
                {"id": "1", "sold": "2026-01-10", "sales": given["sales"], "quota": given["quota"]}
            ],
            "membership": [
                {"id": one["id"], "result": "1", "member": one["id"], "since": "2026-01-01"}
                for one in members
            ],
        },
        looks={"per_member": Look(payee="m1")},
    )


@kind("team_plus_individual")
def team_plus_individual(row: Row) -> Scenario:
    """Own sales at a rate by the own sales, and at another by the sales of the team."""
    terms = row.terms
    reps = [one for one in row.facts if "rep" in one]
    (team,) = [one["team_sales"] for one in row.facts if "team_sales" in one]
    own, cells = [], []
    lower = None
    for step in terms["individual"]:
        begins = "from 0 USD" if lower is None else f"above {money(lower)}"
        own.append(f"tier {begins} pay {percent(step['rate_percent'])}")
        lower = step["upto"]
    lower = None
    for step in terms["team"]:
        begins = "any" if lower is None else f"above {money(lower)}"
        cells.append(f"row {begins} gives {percent(step['rate_percent'])}")
        lower = step["upto"]
    return Scenario(
        plan=plan(
            payee("team", "field sales money"),
            payee("seller", "field team team"),
            fact("sale", "field amount money"),
            block("table team_rate on sale by payee.team.sales", cells),
            block("revenue_share by_team", "on sale", "pay team_rate of amount"),
            block(
                "tiered by_own_sales",
                "on sale",
                "measure sum amount per year by payee",
                "apply whole",
                own,
            ),
        ),
        facts={
            "team": [{"id": "team", "sales": team}],
            "seller": [{"id": one["rep"], "team": "team"} for one in reps],
            "sale": [
                {"id": one["rep"], "seller": one["rep"], "sold": "2026-01-10", "amount": one["sales"]}
                for one in reps
            ],
        },
        looks={"commissions": [Look(payee=one["rep"]) for one in reps]},
    )


@kind("kgk_team")
def kgk_team(row: Row) -> Scenario:
    """Amounts per loan by how many there are of both sorts; leaders per loan, others on earnings."""
    terms = row.terms

    def tiers(steps: Sequence[Mapping[str, str]], field: str) -> list[str]:
        for step, after in pairwise(steps):
            if int(step["to"]) + 1 != int(after["from"]):
                raise CannotSay
        requires(steps[-1], to=None)
        lines = [f"tier from {one['from']} pay {money(one['per_unit'])} per unit of {field}" for one in steps]
        return ["tier from 0 pay nothing", *lines]

    def people(role: str) -> list[dict[str, str]]:
        return [{"id": name} for name in dict.fromkeys(one[role] for one in row.facts)]

    return Scenario(
        plan=plan(
            payee("leader"),
            payee("supervisor"),
            payee("manager"),
            payee("seller", "field leader leader", "field supervisor supervisor", "field manager manager"),
            fact(
                "report",
                "field insured number",
                "field plain number",
                "derive loans = insured + plain",
            ),
            block(
                "tiered insured_loans",
                "on report",
                "measure sum loans per month by payee",
                "apply whole",
                tiers(terms["loan_tiers"], "insured"),
            ),
            block(
                "tiered plain_loans",
                "on report",
                "measure sum loans per month by payee",
                "apply whole",
                tiers(terms["plain_tiers"], "plain"),
            ),
            block(
                "flat team_loans",
                "on report",
                "credit seller.leader",
                f"pay {money(terms['leader_per_loan'])} per unit of insured",
            ),
            [
                block(
                    f"revenue_share for_{role}",
                    "on earnings of insured_loans",
                    f"credit seller.{role}",
                    f"pay {percent(terms['override_percent'])} of earning",
                )
                for role in ("supervisor", "manager")
            ],
        ),
        facts={
            **{role: people(role) for role in ("leader", "supervisor", "manager")},
            "seller": [
                {"id": one["seller"], **{role: one[role] for role in ("leader", "supervisor", "manager")}}
                for one in row.facts
            ],
            "report": [
                {
                    "id": str(place),
                    "seller": one["seller"],
                    "sold": "2026-01-10",
                    "insured": one["insured_loans"],
                    "plain": one["plain_loans"],
                }
                for place, one in enumerate(row.facts, start=1)
            ],
        },
        looks={name: Look(payee=name) for name in row.expected},
    )
