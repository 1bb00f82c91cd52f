from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rulesengine.model.dates import DateRange, SpanUnit
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from tests.plan.helpers import HEADER, RECORDS, found_in, mistakes_of_rule, plan_of, rule_of

SPLIT = "on deal pay 3% of amount split into 6 months starting 1 month after closed remainder to first"
KINDS = {
    "revenue_share": "on deal pay 5% of amount",
    "flat": "on deal pay 5 USD per deal",
    "tiered": "on deal measure sum amount per quarter apply whole tier from 0 USD pay 5%",
    "installments": SPLIT,
    "spiff": "on deal window from 2026-07-01 through 2026-09-30 pay 5 USD per deal",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_needs_no_more_than_its_clauses(kind: str) -> None:
    rule = rule_of(KINDS[kind], kind)
    assert (rule.kind, rule.title, rule.fact_kind, rule.is_memo) == (kind, "r", "deal", False)
    assert len(rule.versions) == 1


@pytest.mark.parametrize(
    ("kind", "clause", "having"),
    [
        ("flat", "goal count >= 5", "a `spiff` does"),
        ("flat", "split into 6 months starting closed", "an `installments` does"),
        ("installments", "award each contributor", "`revenue_share`, `flat`, `tiered` and `spiff` do"),
        ("revenue_share", "measure count per month", "`flat` and `tiered` do"),
        ("tiered", "pay 5 USD once", "`revenue_share`, `flat`, `installments` and `spiff` do"),
        ("tiered", "budget 5 USD then first_come on closed", "`revenue_share`, `flat` and `spiff` do"),
        ("installments", "apply whole", "a `tiered` does"),
        ("spiff", "tier from 0 USD pay 5%", "a `tiered` does"),
    ],
)
def test_a_clause_of_another_kind(kind: str, clause: str, having: str) -> None:
    word = clause.split()[0]
    assert mistakes_of_rule(f"{KINDS[kind]} {clause}", kind) == [
        f"R0201 '{clause}': `{kind}` has no `{word}`; {having}"
    ]


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        ("revenue_share", ["on", "pay"]),
        ("flat", ["on", "pay"]),
        ("tiered", ["on", "measure", "apply", "tier"]),
        ("installments", ["on", "pay", "split`, or `release` lines"]),
        ("spiff", ["on", "window", "pay`, or a `rank` with `place` lines"]),
    ],
)
def test_a_rule_says_what_it_needs(kind: str, needs: list[str]) -> None:
    found = mistakes_of_rule('title "x"', kind)
    assert sorted(found) == sorted(
        f"R0202 'r': `{kind}` needs `{word}{'' if '`' in word else '`'}" for word in needs
    )


@pytest.mark.parametrize(
    "clause",
    [
        'title "x"',
        "memo",
        "on deal",
        "hold until closed",
        "effective from 2026-02-01",
        "for 3 months from closed",
    ],
)
def test_some_clauses_stand_once(clause: str) -> None:
    twice = f"{KINDS['flat']} {clause} {clause}".replace("on deal on deal", "on deal")
    found = mistakes_of_rule(twice, "flat")
    assert found and all(message.startswith(f"R0203 {clause!r}") for message in found)


def test_rules_on_earnings_are_of_three_kinds() -> None:
    clauses = KINDS["tiered"].replace("on deal", "on earnings of s")
    found = mistakes_of_rule(clauses, "tiered", "flat s { on deal pay 5 USD per deal }\n")
    assert found == [
        "R0201 'on earnings of s': `tiered` has no `on earnings of`; "
        "`revenue_share`, `flat` and `installments` do"
    ]


def test_dates_are_those_of_the_plan_the_rule_and_its_window() -> None:
    assert rule_of(KINDS["flat"], "flat").effective == DateRange(date(2026, 1, 1), date(2026, 12, 31))
    clauses = KINDS["flat"] + " effective from 2026-03-01"
    assert rule_of(clauses, "flat").effective == DateRange(date(2026, 3, 1), date(2026, 12, 31))
    assert rule_of(KINDS["spiff"], "spiff").effective == DateRange(date(2026, 7, 1), date(2026, 9, 30))


def test_a_rule_may_round_in_its_own_way() -> None:
    rule = rule_of(KINDS["flat"] + " rounding down to 1 per fact", "flat")
    assert str(rule.rounding) == "down to 1 per fact"
    assert mistakes_of_rule(KINDS["flat"] + " rounding down to 0.001 per fact", "flat") == [
        "R0405 '0.001': rounding step must be a multiple of 0.01, found 0.001"
    ]


def test_parts_with_their_dates() -> None:
    version = rule_of(SPLIT + " stop on cancelled then forfeit hold until closed", "installments").versions[0]
    match version:
        case nodes.Version(
            split=nodes.Split(
                span=nodes.Length(count=nodes.Constant(value=count), unit=SpanUnit.MONTH),
                anchor=nodes.DateAfter(anchor=nodes.DateRead(operand=nodes.FieldRead(names=("closed",)))),
                remainder=Remainder.FIRST,
            ),
            stops=(nodes.Stop(read=nodes.FieldRead(names=("cancelled",)), then=nodes.StopThen.FORFEIT),),
            hold=nodes.DateRead(),
        ):
            assert count == Decimal(6)
        case other:
            pytest.fail(str(other))


def test_each_stop_has_a_date_of_its_own() -> None:
    twice = "stop on cancelled then forfeit stop on cancelled then pay_out"
    assert mistakes_of_rule(f"{SPLIT} {twice}", "installments") == [
        "R0203 'stop on cancelled then pay_out': `stop on cancelled` may stand only once"
    ]


def test_dates_that_are_missing_wait() -> None:
    clauses = (
        "on deal at started pay 5% of amount for 3 months from cancelled hold until 3 days after cancelled"
    )
    assert mistakes_of_rule(clauses) == []
    assert rule_of(clauses).source == nodes.FactSource(
        origin=rule_of(clauses).source.origin, kind="deal", event="started"
    )


@pytest.mark.parametrize(
    ("clause", "wrong"),
    [
        ("split into 2.5 months starting closed", "R0407 '2.5': expected a whole number from 1 on"),
        ("split into 0 months starting closed", "R0407 '0': expected a whole number from 1 on"),
        ("split into amount months starting closed", "R0401 'amount': a number of months must be a number"),
        ("split into 2 months starting amount", "R0401 'amount': expected a date"),
        (
            "split into 2 months starting start of plan after closed",
            "R0303 'start of plan after closed': `plan`",
        ),
    ],
)
def test_parts_that_cannot_be(clause: str, wrong: str) -> None:
    found = mistakes_of_rule(f"on deal pay 5% of amount {clause} remainder to last", "installments")
    assert [message[: len(wrong)] for message in found] == [wrong]


def test_what_is_divided_needs_an_owner_of_the_rest() -> None:
    clauses = SPLIT.replace("remainder to first", "")
    assert mistakes_of_rule(clauses, "installments")[0].startswith("R0216 'split into 6 months")
    assert mistakes_of_rule("on deal pay 5% of amount remainder to first") == [
        "R0201 'remainder to first': nothing is divided here, so there is no remainder"
    ]


def test_adjusters_stand_in_the_order_written() -> None:
    clauses = """on deal cap 9 USD per deal times 150% when renewed
      floor 50% of amount per deal by all pay 5% of amount"""
    match rule_of(clauses).versions[0].adjusters:
        case (
            nodes.Limit(is_floor=False, window=nodes.PerFact(), keys=(_,)),
            nodes.Times(when=nodes.IsOneOf()),
            nodes.Limit(
                is_floor=True, amount=nodes.ShareOfRead(share=share), window=nodes.PerFact(), keys=()
            ),
        ):
            assert share == Decimal("0.5")
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize(
    ("clause", "wrong"),
    [
        ("cap 5 per deal", "R0401 '5': a cap must be money, `5` is a number"),
        ("cap 50% per deal", "R0401 '50%': a cap must be money, `50%` of what?"),
        ("cap 50% of seats per deal", "R0401 '50% of seats': a cap must be money"),
        ("floor 5 USD per lead", "R0303 'lead': `per lead` in a rule on `deal`"),
        ("times 5 USD", "R0401 '5 USD': a factor must be a percentage or a number"),
        ("times 50% when amount > 5", "R0401 '5': units do not fit together"),
    ],
)
def test_adjusters_that_do_not_fit(clause: str, wrong: str) -> None:
    found = mistakes_of_rule(f"on deal pay 5% of amount {clause}")
    assert [message[: len(wrong)] for message in found] == [wrong]


def test_the_words_of_a_clause_are_kept_on_one_line() -> None:
    rule = rule_of("on deal pay 5%\n  # the base is net\n  of   amount cap 5 USD\n per deal")
    rate = rule.versions[0].rate
    assert isinstance(rate, nodes.Pay)
    assert (rate.parts[0].text, rule.versions[0].adjusters[0].text) == ("5% of amount", "cap 5 USD per deal")
    assert rule.text == "revenue_share r { on deal pay 5% of amount cap 5 USD per deal }"


def test_a_mistake_in_one_clause_hides_none_in_the_others() -> None:
    clauses = """on deal where amuont > 5 USD where tpye is "new" pay 5% of mrr cap 5 per deal
      times 5 USD for 3 months from seats hold until nowhere effective from 2027-01-01"""
    found = mistakes_of_rule(clauses)
    assert [message.split(" ")[0] for message in found] == [
        "R0301",
        "R0301",
        "R0501",
        "R0401",
        "R0401",
        "R0401",
        "R0301",
        "R0502",
    ]


def test_checks_look_at_rules_with_mistakes_and_at_others() -> None:
    text = """
    tiered a { on deal where amuont > 5 USD measure sum amount per quarter apply whole
      tier from 0 USD pay 5% cap 5 USD per deal }
    table t on deal by type { row "new" gives 5% }
    revenue_share b { on deal pay t of amuont }
    """
    found = [diagnostic.code for diagnostic in found_in(HEADER + RECORDS + text)]
    assert sorted(found) == ["R0210", "R0213", "R0301", "R0301"]


def test_rules_stand_in_written_order() -> None:
    text = "".join(f"flat f{n} {{ on deal pay {n} USD per deal memo }}\n" for n in (3, 1, 2))
    assert [rule.name for rule in plan_of(text).rules] == ["f3", "f1", "f2"]
