"""What is said to plans that are nearly right: the fix beside the mistake."""

from __future__ import annotations

import pytest

from tests.plan.helpers import HEADER, RECORDS, found_in

RULE = "revenue_share r {{ on deal {} }}"


def said(text: str, records: str = RECORDS) -> list[str]:
    """Return code, message and hint of each mistake in some blocks."""
    return [f"{d.code} {d.message} -> {d.hint}" for d in found_in(HEADER + records + text)]


def unknown(name: str) -> str:
    return f"R0301 unknown name `{name}`; `deal` has no such field -> "


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("type is new", unknown("new") + 'write `"new"`: texts stand in double quotes'),
        ("type is not renewel", unknown("renewel") + 'write `"renewal"`: texts stand in double quotes'),
        ("type is gift", unknown("gift") + 'it is one of `"new"`, `"renewal"`'),
        ("partner is ana", unknown("ana") + 'write `"ana"`: texts stand in double quotes'),
        ("mrr is null", unknown("null") + "write `mrr is missing`"),
        ("mrr is empty", unknown("empty") + "write `mrr is missing`"),
        ("mrr is not blank", unknown("blank") + "write `mrr is present`"),
        ("mrr otherwise amount is none", unknown("none") + "write `mrr is missing`"),
        ("renewed is true", unknown("true") + "a flag stands alone: write `renewed`"),
        ("renewed is no", unknown("no") + "a flag stands alone: write `not renewed`"),
        ("renewed is not yes", unknown("yes") + "a flag stands alone: write `not renewed`"),
        ("amount is amuont", unknown("amuont") + "did you mean `amount`?"),
        ("tier is gold", unknown("tier") + "did you mean `payee.tier`?"),
    ],
)
def test_bare_words(condition: str, expected: str) -> None:
    assert said(RULE.format(f"where {condition} pay 5% of amount")) == [expected]


def test_a_test_for_nothing_counts_as_a_guard() -> None:
    found = said(RULE.format("where mrr is not null pay 5% of mrr"))
    assert found == [unknown("null") + "write `mrr is present`"]


def test_fields_of_the_payee() -> None:
    meant = [unknown("team") + "did you mean `payee.team`?"]
    assert said(RULE.format("pay 5% of amount cap 5 USD per month by team")) == meant
    tiers = "measure sum amount per month by team apply marginal tier from 0 USD pay 1%"
    assert said(f"tiered r {{ on deal {tiers} }}") == meant
    table = "table t on deal by team { row any gives 5% }"
    assert said(table + RULE.format("pay t of amount")) == meant


NUMBERS = RECORDS.replace(
    "  field seats number\n",
    "  field seats number\n  field goal money\n  derive reached = amount / goal\n  derive half = seats / 2\n",
)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("10", "R0401 a rate must be a percentage, `10` is a number -> write `10%`"),
        (
            "seats",
            "R0401 a rate must be a percentage, `seats` is a number -> declare `seats` as `percent`, "
            "or make it a percentage: `derive rate = seats * 100%`",
        ),
        (
            "half",
            "R0401 a rate must be a percentage, `half` is a number -> "
            "make it a percentage: `derive half = … * 100%`",
        ),
        (
            "reached",
            "R0401 a rate must be a percentage, `reached` is a number -> make it a percentage: "
            "`derive reached = … * 100%`; money for each 100% of a quota is paid `per quota`",
        ),
        ("amount", "R0401 a rate must be a percentage, `amount` is money (USD) -> "),
    ],
)
def test_rates_that_are_no_percentages(rate: str, expected: str) -> None:
    assert said(RULE.format(f"pay {rate} of amount"), NUMBERS) == [expected]


def test_a_number_times_a_percentage_is_a_rate() -> None:
    records = NUMBERS.replace("seats / 2", "amount / goal * 100%")
    assert said(RULE.format("pay half of amount"), records) == []


def test_a_product_of_money_that_is_divided_later() -> None:
    records = NUMBERS.replace("seats / 2", "amount * mrr / goal")
    unit = "R0401 units do not fit together: `amount` is money (USD), `mrr` is money (USD) -> "
    assert said("", records) == [unit + "put the division in brackets: `amount * (mrr / goal)`"]
    undivided = said("", NUMBERS.replace("seats / 2", "amount * mrr"))
    assert undivided == [
        unit + "`+` and `-` take two of a kind; money and money can be divided, not multiplied"
    ]


def test_words_of_the_language_as_names() -> None:
    fact = "fact started { field id text key field closed date event }"
    taken = "is a word of the language and cannot name a"
    assert said(fact) == [
        f"R0302 `started` {taken} fact kind -> choose another name, such as `sales_started`"
    ]
    table = "table max on deal by type { row any gives 5% }"
    assert said(table) == [f"R0302 `max` {taken} table -> choose another name, such as `my_max`"]
    records = RECORDS.replace("field seats", "field end date\n  field seats")
    assert said("", records) == [f"R0302 `end` {taken} field -> choose another name, such as `my_end`"]


def test_a_line_of_another_rule_is_no_deal() -> None:
    base = "revenue_share a { on deal pay 5% of amount }"
    refused = (
        "R0223 a line is no deal: one deal may have several lines, or one that takes back -> "
        "pay a percentage of `earning`"
    )
    assert said(base + "flat b { on earnings of a pay 5 USD per deal }") == [refused]
    plus = "revenue_share b { on earnings of a pay 5% of earning plus 5 USD per deal }"
    assert said(base + plus) == [refused]


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("revenue_share r { on deal pay 0.05 of amount }", "write `5%`"),
        ("revenue_share r { on deal pay 12.5 of amount }", "write `12.5%`"),
        ("flat r { on deal pay 500 per deal }", "write `500 USD`"),
        ("flat r { on deal pay 5 USD per deal cap 1,500 per month }", "write `1,500 USD`"),
        (
            'flat r { on deal where closed is "2026-01-01" pay 5 USD per deal }',
            "dates stand without quotes: write `2026-01-01`",
        ),
        (
            "tiered r { on deal measure sum amount per quarter against goul apply marginal"
            " tier from 0% pay 5% }",
            "did you mean `goals`?",
        ),
        (
            "tiered r { on deal measure sum amount per quarter against benchmark apply marginal"
            " tier from 0% pay 5% }",
            "the plan has the quota `goals`",
        ),
    ],
)
def test_what_to_write_instead(rule: str, hint: str) -> None:
    quota = "quota goals by partner per quarter as money"
    (found,) = found_in(f"{HEADER}{RECORDS}{quota}\n{rule}")
    assert found.hint == hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "table t on deal by amount { row above 0 USD gives 1% row above 9 USD gives 2% } "
            "revenue_share r { on deal pay t of amount }",
            "write `any` instead of the lowest end of `amount` (`row any gives 1%`)",
        ),
        (
            'table t on deal by type, amount { row any, above 0 USD gives 1% row "new", any gives 2% } '
            "revenue_share r { on deal pay t of amount }",
            "write `any` instead of the lowest end of `amount`",
        ),
        (
            'table t on deal by type { row "new" gives 1% } revenue_share r { on deal pay t of amount }',
            "add a last row for the rest, such as `row any gives 1%`",
        ),
    ],
)
def test_a_row_for_the_rest_of_a_table(text: str, hint: str) -> None:
    (found,) = found_in(HEADER + RECORDS + text)
    assert (found.code, found.hint) == ("R0210", hint)


TEAMS = """payee team { field id text key }
payee rep { field id text key  field team team }
fact deal { field id text key  field rep rep credited  field amount money  field closed date event }
quota goal by team per quarter as money
"""


def test_a_quota_of_somebody_whom_the_row_leads_to() -> None:
    measure = "measure m { on deal take sum amount per quarter by rep.team against goal } "
    rule = "tiered r { on team per quarter measure m apply marginal tier from 0% pay 1% }"
    assert said(measure + rule, TEAMS) == [
        "R0406 quota `goal` is by `team`, the rule pays `rep` -> "
        "add `credit rep.team`, and keep the total `by payee`"
    ]
    mended = measure.replace("on deal", "on deal credit rep.team").replace("by rep.team", "by payee")
    assert said(mended + rule, TEAMS) == []


def test_a_quota_and_a_measure_that_read_alike() -> None:
    quota = TEAMS.replace("goal by team", "goal by rep.team")
    measure = "measure m { on deal take sum amount per quarter by rep.team against goal } "
    rule = "tiered r { on deal measure m apply marginal tier from 0% pay 1% }"
    assert said(measure + rule, quota) == [
        "R0406 quota `goal` is by payee.team, the measure is by rep.team -> measure by payee.team"
    ]


def test_a_total_kept_for_others_than_the_row_is_one_of() -> None:
    measure = "measure m { on deal take sum amount per quarter by payee } "
    rule = "tiered r { on team per quarter measure m apply marginal tier from 0 USD pay 1% }"
    assert said(measure + rule, TEAMS) == [
        "R0233 measure `m` has no totals for `team` -> "
        "add a line with `credit` to the measure that leads to them, and keep it `by payee`"
    ]


def test_a_gate_in_total_before_tiers() -> None:
    text = """measure m { on deal take count per quarter by payee }
    tiered r { on deal where m in total >= 2 measure m apply marginal tier from 0 pay 5 USD per unit }"""
    (found,) = found_in(HEADER + RECORDS + text)
    assert found.hint == (
        "write `m so far`, which is decided once; "
        "in a rule `on … per quarter` it is the total of the whole quarter"
    )


def test_a_total_and_a_row_of_the_calendar_are_named_where_they_are_meant() -> None:
    measure = "measure booked { on deal take sum amount per month by payee } "
    (without_so_far,) = said(measure + RULE.format("where booked > 5 USD pay 5% of amount"))
    assert without_so_far.endswith("-> where its total is meant, write `booked so far`")
    (without_window,) = said("flat salary { on partner pay 5 USD per month }")
    assert without_window.endswith("-> for a row each month write `on partner per month`")
