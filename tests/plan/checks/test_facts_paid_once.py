"""No two rules pay the same fact to the same payees without saying how they relate."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

A = "revenue_share a { on deal %s pay 10%% of amount }\n"
B = "revenue_share b { on deal %s pay 5%% of amount }\n"
TWICE = [
    "2: `b` pays `5% of amount` to the same payees, on the same `deal` as `a`, which pays `10% of amount`"
]


def test_the_same_base_twice(report: Report) -> None:
    assert report("R0602", A % "" + B % "") == TWICE
    assert report("R0602", A % 'where type is "new"' + B % "where amount > 5 USD") == TWICE


def test_a_rule_is_reported_once(report: Report) -> None:
    """Whatever it repeats: two parts, several rules before it, or an amendment of one."""
    amend = "amend from 2026-07-01 { pay 3% of amount }"
    c = f"revenue_share c {{ on deal pay 2% of amount plus 5 USD per deal {amend} }}\n"
    d = "flat d { on deal pay 5 USD per deal }"
    assert [line[:6] for line in report("R0602", A % "" + B % "" + c + d)] == ["2: `b`", "3: `c`"]


def test_conditions_that_exclude_each_other(report: Report) -> None:
    assert report("R0602", A % 'where type is "new"' + B % 'where type is "renewal"') == []
    assert report("R0602", A % 'where type is "new"' + B % 'where type is not "new"') == []
    assert report("R0602", A % "where amount >= 5 USD" + B % "where amount < 5 USD") == []
    assert report("R0602", A % "where amount >= 5 USD" + B % "where amount <= 5 USD") == TWICE


def test_segments_are_looked_into(report: Report) -> None:
    segments = """segment gold of partner { where tier is "gold" }
segment rest of partner { where tier is not "gold" }
"""
    twice = [line.replace("2:", "4:") for line in TWICE]
    assert report("R0602", segments + A % "where payee in gold" + B % "where payee in rest") == []
    flat = "flat c { on deal where payee in rest pay 5 USD per deal }"
    assert report("R0602", segments + A % "where payee in gold" + B % "where not payee in gold" + flat) == []
    assert report("R0602", segments + A % "where payee in gold" + B % "where payee in gold" + flat) == twice


def test_dates_that_do_not_meet(report: Report) -> None:
    first, second = "effective from 2026-01-01 through 2026-06-30", "effective from 2026-07-01"
    assert report("R0602", A % first + B % second) == []


def test_a_stated_relation(report: Report) -> None:
    choose = "choose best { take highest per deal among a among b }"
    assert report("R0602", A % "" + B % "" + choose) == []
    assert report("R0602", A % "" + B % "memo") == []


def test_other_bases_kinds_and_payees_add_up(report: Report) -> None:
    fact = """fact deal {
  field id text key  field partner partner credited  field helper partner
  field amount money  field net money  field closed date event
}
"""
    assert report("R0602", fact + A % "" + B.replace("amount", "net") % "") == []
    assert report("R0602", fact + A % "" + B % "credit helper") == []
    assert report("R0602", fact + A % "" + "flat b { on deal pay 5 USD per deal }") == []


def test_tiers_repeat_each_other_over_one_measure(report: Report) -> None:
    tiers = "tiered %s { on deal measure sum amount per %s apply %s tier from 0 USD pay %s }\n"
    a = tiers % ("a", "quarter", "marginal", "2%")
    assert report("R0602", a + tiers % ("b", "quarter", "whole", "3%")) == [
        "2: `b` pays `whole tiers of sum amount per quarter` to the same payees, on the same `deal` as `a`, "
        "which pays `marginal tiers of sum amount per quarter`"
    ]
    assert report("R0602", a + tiers % ("b", "year", "whole", "3%")) == []
    assert report("R0602", a + tiers % ("b", "quarter", "whole", "50 USD once")) == []


def test_many_rules_of_one_shape_are_told_apart_by_their_field(report: Report) -> None:
    text = "".join(
        f'revenue_share r{i} {{ on deal where product is "p{i % 4}" pay 1% of amount }}\n' for i in range(5)
    )
    assert report("R0602", text) == [
        "5: `r4` pays `1% of amount` to the same payees, on the same `deal` as `r0`, "
        "which pays `1% of amount`"
    ]


def test_rows_of_a_calendar(report: Report) -> None:
    """A salary and an allowance add up; two tiers of one measure repeat each other."""
    measure = "measure booked { on deal take sum amount per year by payee }\n"
    tiers = "{ on partner per month measure booked apply marginal tier from 0 USD pay 1% }\n"
    found = report("R0602", f"{measure}tiered a {tiers}tiered b {tiers}")
    assert [line[:36] for line in found] == ["3: `b` pays `marginal tiers of take "]
    other = tiers.replace("per month", "per quarter")
    assert report("R0602", f"{measure}tiered a {tiers}tiered b {other}") == []
    flat = "{ on partner per month pay 5 USD per month }\n"
    assert report("R0602", f"flat a {flat}flat b {flat}") == []
