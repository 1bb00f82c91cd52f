from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rulesengine.model.dates import WindowKind
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from tests.plan.helpers import HEADER, mistakes, mistakes_of_rule, rule_of

ON = "on deal window from 2026-07-01 through 2026-09-30"


def spiff(clauses: str, blocks: str = "") -> nodes.Rule:
    return rule_of(f"{ON} {clauses}", "spiff", blocks)


def wrong(clauses: str, blocks: str = "") -> list[str]:
    return mistakes_of_rule(f"{ON} {clauses}", "spiff", blocks)


def test_a_goal_of_a_team() -> None:
    rule = spiff("goal count >= 500 by payee.team pay 500 USD once award each member of payee.team")
    match rule:
        case nodes.Rule(
            goals=(
                nodes.Goal(
                    measure=nodes.Measure(keys=(key,), window=WindowKind.LIFETIME),
                    comparison=nodes.Comparison.AT_LEAST,
                    least=nodes.Constant(value=least),
                ),
            ),
            award=nodes.Award(how=nodes.AwardHow.EACH, whom=nodes.MembersAlike(read=read)),
        ):
            assert (least, key.names, read.names) == (Decimal(500), ("team",), ("team",))
        case other:
            pytest.fail(str(other))


def test_a_goal_may_be_of_a_named_measure() -> None:
    named = "measure m { on deal where renewed take sum amount per quarter by payee.team }\n"
    rule = spiff("goal m > 5 USD pay 5 USD once award each contributor", named)
    measure = rule.goals[0].measure
    assert (measure.name, measure.window) == ("m", WindowKind.LIFETIME)
    assert measure.rows is not None and [key.names for key in measure.keys] == [("team",)]


def test_a_rank_pays_its_places() -> None:
    rule = spiff(
        "rank sum amount by payee ties share place 1 pay 9 USD once place 2 pay 5 USD once remainder to last"
    )
    assert rule.rank is not None and rule.versions[0].rate is None
    assert (rule.rank.ties, rule.rank.remainder) == (nodes.Ties.SHARE, Remainder.LAST)
    assert [place.place for place in rule.rank.places] == [1, 2]


def test_a_budget_in_order_and_in_proportion() -> None:
    first = spiff("pay 5 USD per deal budget 9 USD by payee.team then first_come on closed").budget
    assert first is not None and first.first_come is not None
    assert (first.first_come.names, first.ends_on, [key.names for key in first.keys]) == (
        ("closed",),
        None,
        [("team",)],
    )
    cut = spiff("pay 5 USD per deal budget 9 USD then prorate remainder to first").budget
    assert cut is not None
    assert (cut.ends_on, cut.remainder, cut.keys) == (date(2026, 9, 30), Remainder.FIRST, ())


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        (
            "goal count >= 5 USD pay 5 USD once",
            "R0401 '5 USD': units do not fit together: `count` is a number",
        ),
        (
            "goal count >= 5 goal sum amount > 5 USD by payee.team pay 5 USD once",
            "R0224 'goal sum amount > 5 USD by payee.team': this goal is by `payee.team`, the first",
        ),
        (
            "goal count >= 5 by payee.team pay 5 USD once",
            "R0218 'goal count >= 5 by payee.team': it is reached by",
        ),
        (
            "goal count >= 5 by payee.team pay 5 USD once award each member of payee.tier",
            "R0218 'payee.tier': nobody is a member: the total is by `payee.team`, not by `payee.tier`",
        ),
        (
            "goal count >= 5 by type pay 5 USD once award each member of type",
            "R0303 'type': members are payees with a field in common",
        ),
        (
            "goal count >= 5 pay 5 USD once award each contributor",
            "R0218 'award each contributor': the total is kept by payee",
        ),
        (
            "goal count >= 5 by all pay 5 USD once award contributors equally",
            "R0216 'award contributors equally': cents may be left over when equal shares are cut",
        ),
        (
            "pay 5 USD per deal award each contributor",
            "R0218 'award each contributor': nobody contributes here",
        ),
        (
            "pay 5 USD per deal award members of payee.team pro_rata remainder to first",
            "R0240 'award members of payee.team pro_rata': pro rata to what?",
        ),
        (
            "goal count >= 5 by all pay 5 USD once award members of seats pro_rata remainder to first",
            "R0218 'seats': nobody is a member: the total is by `all`",
        ),
        (
            "goal max amount >= 5 USD by all pay 5 USD once award contributors pro_rata remainder to first",
            "R0240 'award contributors pro_rata': nobody has a part of `max amount`",
        ),
        (
            "pay 5 USD per deal award members of agent.team equally remainder to first",
            "R0241 'agent.team': members are payees whose field names the payee who is credited",
        ),
        (
            "credit 50% to partner credit 50% to partner.manager pay 5 USD per deal "
            "award each member of agent.boss",
            "R0241 'agent.boss': members are payees whose field names the payee who is credited, here "
            "`partner` and `agent`",
        ),
        (
            "pay 5 USD per deal award members of payee.team pro_rata to booked remainder to first",
            "R0301 'booked': unknown measure `booked`",
        ),
        ("rank count by payee ties all", "R0202 'r': `rank` needs `place` lines"),
        ("place 1 pay 5 USD once", "R0202 'r': `place` needs a `rank`"),
        (
            "rank count by payee ties share place 1 pay 5 USD once",
            "R0216 'rank count by payee ties share': cents may be left over when shared places are cut",
        ),
        ("rank count by payee ties all place 1 pay 5 USD", "R0223 '5 USD': `5 USD` for what?"),
        ("rank count by all ties all place 1 pay 5 USD once", "R0218 'rank count by all ties all'"),
        ("pay 5 USD per deal budget 9 then first_come on closed", "R0401 '9': a budget must be money"),
        (
            "pay 5 USD per deal budget amount then first_come on closed",
            "R0303 'amount': a budget is one amount",
        ),
        ("pay 5 USD per deal budget 9 USD then first_come on amount", "R0401 'amount': expected a date"),
        (
            "pay 5 USD per deal budget 9 USD then prorate",
            "R0216 'budget 9 USD then prorate': cents may be left",
        ),
    ],
)
def test_incentives_that_do_not_fit(clauses: str, message: str) -> None:
    assert [found[: len(message)] for found in wrong(clauses)] == [message]


def test_a_rank_stands_alone() -> None:
    rank = "rank count by payee ties all place 1 pay 5 USD once"
    assert wrong(f"{rank} goal count > 5 pay 5 USD once") == [
        "R0201 'goal count > 5': a `spiff` with a `rank` has no `goal`",
        "R0201 'pay 5 USD once': a `spiff` with a `rank` has no `pay`",
    ]


def test_a_budget_in_proportion_needs_a_last_day() -> None:
    text = "flat r { on deal pay 5 USD per deal budget 9 USD then prorate remainder to first }"
    assert mistakes(text) == []
    assert mistakes(text, header=HEADER.replace(" through 2026-12-31", "")) == [
        "R0202 'budget 9 USD then prorate': a budget in proportion needs a last day, and the rule has none"
    ]


def test_tiers_of_a_team_can_be_awarded_to_its_members() -> None:
    rule = rule_of(
        """on deal measure sum amount per quarter by payee.team apply marginal tier from 0 USD pay 1%
        award members of payee.team equally remainder to first""",
        "tiered",
    )
    assert rule.award is not None
    assert (rule.award.how, rule.award.remainder) == (nodes.AwardHow.EQUALLY, Remainder.FIRST)
