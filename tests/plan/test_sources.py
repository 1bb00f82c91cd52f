from __future__ import annotations

import pytest

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes, mistakes_of_rule, plan_of, rule_of

BASE = "revenue_share s { on deal pay 5% of amount }\n"
SHARED = """revenue_share s { on deal where helper is present
  credit 60% to partner credit 40% to helper pay 5% of amount }\n"""


def test_the_credited_field_is_paid_unless_the_rule_says() -> None:
    match rule_of("on deal pay 5% of amount").versions[0].credit:
        case nodes.CreditTo(path=nodes.FieldRead(names=("partner",)), payee_kind="partner"):
            pass
        case other:
            pytest.fail(str(other))
    match rule_of("on deal credit partner.manager pay 5% of amount").versions[0].credit:
        case nodes.CreditTo(path=nodes.FieldRead(names=("partner", "manager")), payee_kind="agent"):
            pass
        case other:
            pytest.fail(str(other))


def test_nobody_in_particular_may_be_credited() -> None:
    assert mistakes_of_rule("on deal credit helper pay 5% of amount") == []
    assert mistakes_of_rule("on deal credit helper.boss.manager pay 5% of amount") == []


def test_shares_keep_their_order() -> None:
    credit = plan_of(SHARED).rules[0].versions[0].credit
    assert isinstance(credit, nodes.CreditShares)
    assert [(share.text, to.payee_kind) for share, to in credit.shares] == [
        ("60%", "partner"),
        ("40%", "agent"),
    ]


def test_the_rest_of_shares_in_the_plan_is_one_of_them() -> None:
    rule = rule_of("on deal credit rest to partner.manager credit 37.5% to partner pay 5% of amount")
    credit = rule.versions[0].credit
    assert isinstance(credit, nodes.CreditShares)
    assert [share.text for share, _ in credit.shares] == ["62.5%", "37.5%"]


@pytest.mark.parametrize(
    ("credits", "wrong"),
    [
        (
            "credit 60% to partner credit rest to partner credit rest to helper",
            "R0203 'credit rest to helper': `credit rest` may stand only once",
        ),
        (
            "credit 60% to partner credit 40% to partner credit rest to partner",
            "R0208 'credit rest to partner': credits make 100% before the `rest`, which is nothing",
        ),
        (
            "credit 60% to partner credit 50% to partner credit rest to partner",
            "R0208 '50%': credits must make 100%, found 110%",
        ),
    ],
)
def test_the_rest_is_something(credits: str, wrong: str) -> None:
    assert mistakes_of_rule(f"on deal {credits} pay 5% of amount") == [wrong]


def test_a_share_needs_somebody() -> None:
    clauses = "on deal credit 60% to partner credit 40% to helper pay 5% of amount"
    assert mistakes_of_rule(clauses) == ["R0501 'helper': `helper` may be missing here"]


@pytest.mark.parametrize(
    ("clauses", "wrong"),
    [
        (
            "on lead pay nothing",
            "R0218 'r': nobody is credited: `lead` has no `credited` field and `r` no `credit`",
        ),
        (
            "on deal credit amount pay nothing",
            "R0303 'amount': `credit` needs a payee, `amount` is money (USD)",
        ),
        ("on deal credit undoes pay nothing", "R0303 'undoes': `credit` needs a payee, `undoes` is a `deal`"),
        ("on deal credit payee.manager pay nothing", "R0303 'payee': `payee` has no meaning here"),
        (
            "on deal credit partner credit helper pay nothing",
            "R0203 'credit helper': `credit` may stand only once",
        ),
        ("on deal at amount pay nothing", "R0401 'amount': expected a date, `amount` is money (USD)"),
        (
            "on deal at undoes.closed pay nothing",
            "R0303 'undoes.closed': rows are dated by a field of `deal` itself",
        ),
    ],
)
def test_a_source_that_cannot_be(clauses: str, wrong: str) -> None:
    assert [message[: len(wrong)] for message in mistakes_of_rule(clauses)] == [wrong]


def test_payee_means_the_same_for_all_who_are_credited() -> None:
    blocks = SHARED.replace("pay 5% of amount", 'pay payee.rate of amount where payee.team is "x"')
    assert mistakes(blocks) == []
    assert mistakes(SHARED.replace("5%", "payee.tier")) == ["R0301 'tier': `agent` has no field `tier`"]


def test_earnings_go_to_the_payee_of_the_line() -> None:
    rule = rule_of(
        "on earnings of s pay 5% of earning where amount > 5 USD and earned > 2026-02-01", blocks=BASE
    )
    match rule:
        case nodes.Rule(source=nodes.EarningsSource(rule="s"), fact_kind="deal"):
            pass
        case other:
            pytest.fail(str(other))
    match rule.versions[0]:
        case nodes.Version(
            credit=nodes.CreditTo(path=None, payee_kind="partner"),
            rate=nodes.Pay(
                parts=(nodes.ShareOf(base=nodes.FieldRead(root=nodes.Root.LINE, names=("earning",))),)
            ),
        ):
            pass
        case other:
            pytest.fail(str(other))


def test_earnings_can_go_to_the_manager_of_that_payee() -> None:
    rule = rule_of("on earnings of s credit payee.manager pay 5% of earning", blocks=BASE)
    match rule.versions[0].credit:
        case nodes.CreditTo(
            path=nodes.FieldRead(root=nodes.Root.PAYEE, names=("manager",)), payee_kind="agent"
        ):
            pass
        case other:
            pytest.fail(str(other))


def test_earnings_of_several_kinds_of_payee_say_who_is_credited() -> None:
    assert mistakes_of_rule("on earnings of s pay 5% of earning", blocks=SHARED) == [
        "R0218 'r': the lines that `r` stands on go to `partner` and `agent`"
    ]
    assert mistakes_of_rule("on earnings of s credit partner pay 5% of earning", blocks=SHARED) == []


def test_lines_that_stand_on_no_fact_have_no_fields_of_one() -> None:
    window = "on deal window from 2026-02-01 through 2026-03-31"
    rank = f"spiff s {{ {window} rank sum amount by payee ties all place 1 pay 5 USD once }}\n"
    floor = "flat s { on deal pay 5 USD per deal floor 9 USD per month }\n"
    cut = "flat s { on deal pay 5 USD per deal budget 9 USD then prorate remainder to first }\n"
    for blocks in (rank, floor, cut):
        assert mistakes_of_rule("on earnings of s pay 5% of earning", blocks=blocks) == []
        (found,) = mistakes_of_rule("on earnings of s pay 5% of amount", blocks=blocks)
        assert found.startswith("R0301 'amount': `amount` has no meaning here: ")


_VISITS = """fact visit { field id text key field partner partner credited field made date event }
measure visits { on visit take count per month by payee }
measure bookings { on deal take sum amount per month by payee }
table active on deal by visits in total {
  row any gives 1%
  row from 2 gives 2%
}
"""
_SPIFF = "on deal window from 2026-02-01 through 2026-03-31"
_TIERS = "tier from 0 pay 1% of amount tier from 2 pay 2% of amount"


@pytest.mark.parametrize(
    "rule",
    [
        "flat s { on deal where visits in total >= 2 pay 5 USD per deal }",
        "flat s { on deal pay 5 USD per deal times 200% when visits in total >= 2 }",
        "revenue_share s { on deal pay active of amount }",
        f"tiered s {{ on deal measure visits apply whole {_TIERS} }}",
        f"tiered s {{ on deal measure visits apply marginal {_TIERS} plus 9 USD once }}",
        f"spiff s {{ {_SPIFF} goal visits >= 2 pay 100 USD once }}",
        "flat s { on partner per month where bookings in total >= 2 USD pay 5 USD per month }",
        "flat s { on deal pay 5 USD per deal amend from 2026-06-01 { where visits in total >= 2 } }",
    ],
)
def test_lines_on_rows_of_another_kind_have_no_fields_of_the_deal(rule: str) -> None:
    blocks = _VISITS + rule + "\n"
    assert mistakes_of_rule("on earnings of s credit payee.manager pay 5% of earning", blocks=blocks) == []
    for clauses in ("where amount > 5 USD pay 5% of earning", "credit partner.manager pay 5% of earning"):
        (found,) = mistakes_of_rule(f"on earnings of s {clauses}", blocks=blocks)
        assert found.startswith("R0301 ") and " brings lines of `s` on rows of " in found
    if not rule.startswith("flat s { on partner"):
        (found,) = mistakes_of_rule("on deal pay 5% of amount deduct earnings of s", blocks=blocks)
        assert found.startswith("R0225 ") and " brings lines of `s` on rows of " in found


def test_lines_on_rows_of_the_own_kind_have_the_fields_of_the_deal() -> None:
    for rule in (
        "flat s { on deal where bookings in total >= 2 USD pay 5 USD per deal }",
        f"spiff s {{ {_SPIFF} goal bookings >= 2 USD pay 100 USD once }}",
        f"tiered s {{ on deal where visits so far >= 2 measure visits apply marginal {_TIERS} }}",
    ):
        clauses = "on earnings of s where amount > 5 USD credit partner.manager pay 5% of earning"
        assert mistakes_of_rule(clauses, blocks=_VISITS + rule + "\n") == []


def test_a_table_by_itself_is_a_mistake_of_the_table() -> None:
    blocks = "table t on deal by t { row any gives 5% }\nrevenue_share s { on deal pay t of amount }\n"
    (found,) = mistakes_of_rule("on earnings of s pay 5% of earning", blocks=blocks)
    assert found.startswith("R0303 't'")


def test_each_rule_stands_behind_the_one_it_uses() -> None:
    text = """
    revenue_share c { on earnings of b pay 5% of earning }
    revenue_share b { on earnings of a pay 5% of earning }
    flat z { on deal pay 5 USD per deal memo }
    revenue_share a { on deal pay 5% of amount }
    """
    assert [rule.name for rule in plan_of(text).rules] == ["a", "b", "c", "z"]


def test_a_circle_is_reported_and_its_rules_are_not_looked_into() -> None:
    text = """
    revenue_share a { on earnings of b pay 5% of earning }
    revenue_share b { on earnings of a pay 5% of amuont }
    revenue_share c { on earnings of a pay 5% of amuont }
    """
    assert [message.split(" ")[0] for message in mistakes(text)] == ["R0211"]


def test_a_mistake_in_a_rule_is_none_of_the_rule_on_its_earnings() -> None:
    text = """
    revenue_share a { on deal pay 5% of amuont }
    revenue_share b { on earnings of a pay 5% of earning where payee.teir is "gold" }
    """
    assert [message.split(":")[0] for message in mistakes(text)] == ["R0301 'amuont'", "R0301 'teir'"]


def test_an_optional_event_date_is_there_for_the_rows_that_it_dates() -> None:
    spiff = "on deal at started window from 2026-02-01 through 2026-03-31 pay 5 USD per deal"
    budget = "budget 9 USD then first_come on"
    assert mistakes_of_rule(f"{spiff} {budget} started", "spiff") == []
    assert mistakes_of_rule(f"{spiff} {budget} cancelled", "spiff") == [
        "R0501 'cancelled': `cancelled` may be missing here"
    ]
