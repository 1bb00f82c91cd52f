from __future__ import annotations

from datetime import date
from decimal import Decimal

from rulesengine.model.dates import BEGINNING, CALENDAR_YEAR, END, DateRange, FiscalYear
from rulesengine.model.rounding import Rounding, RoundingMode, RoundingPlace
from tests.plan.helpers import HEADER, check, mistakes, plan_of


def test_the_plan_block_is_read() -> None:
    plan = plan_of("")
    assert (plan.name, plan.title, plan.currency) == ("example", "example", "USD")
    assert plan.effective == DateRange(date(2026, 1, 1), date(2026, 12, 31))
    assert plan.rounding == Rounding(
        mode=RoundingMode.HALF_UP, step=Decimal("0.01"), place=RoundingPlace.LINE
    )
    assert plan.fiscal == CALENDAR_YEAR


def test_the_minor_unit_is_that_of_the_currency() -> None:
    for currency, step, unit in (("JPY", "1", "1"), ("KWD", "0.005", "0.001"), ("EUR", "0.05", "0.01")):
        dates, rounding = "effective from 2026-01-01", f"rounding half_even to {step} per fact"
        text = f"plan p {{ currency {currency} {dates} {rounding} }}"
        assert check(text).plan.minor_unit == Decimal(unit)


def test_a_plan_without_a_last_day_is_open() -> None:
    text = "plan p { currency USD effective from 2026-01-01 rounding up to 0.01 per line }"
    assert check(text).plan.effective == DateRange(date(2026, 1, 1), END)


def test_a_fiscal_year_is_numbered_by_its_first_day_unless_it_says_otherwise() -> None:
    head = HEADER.rstrip().removesuffix("}")
    assert check(head + "fiscal year from 2026-10-01 }").plan.fiscal == FiscalYear(date(2026, 10, 1), 2026)
    numbered = check(head + "fiscal year 2027 from 2026-10-01 }").plan.fiscal
    assert numbered == FiscalYear(date(2026, 10, 1), 2027)


def test_what_the_plan_block_must_say() -> None:
    assert mistakes("", records="", header="plan p { }") == [
        "R0202 'p': the plan needs `currency`",
        "R0202 'p': the plan needs `effective`",
        "R0202 'p': the plan needs `rounding`",
    ]


def test_mistakes_in_the_plan_block_are_all_found() -> None:
    header = """plan p {
      currency USD
      currency EUR
      effective from 2026-01-01
      rounding half_up to 0.001 per line
      fiscal year from 2026-02-02
    }"""
    assert mistakes("", records="", header=header) == [
        "R0203 'currency EUR': `currency` may stand only once",
        "R0405 '0.001': rounding step must be a multiple of 0.01, found 0.001",
        "R0505 '2026-02-02': a fiscal year must begin on the first day of a month, found 2026-02-02",
    ]


def test_without_a_plan_block_the_rest_is_looked_at_all_the_same() -> None:
    assert mistakes("flat r { on deal pay 5 EUR per dael }", header="") == [
        "R0204 '': no `plan` block found",
        "R0301 'dael': unknown unit `dael`",
    ]


def test_an_unknown_currency_is_reported_once() -> None:
    header = HEADER.replace("USD", "XXQ")
    assert mistakes("flat r { on deal pay 5 USD per deal }", header=header) == [
        "R0403 'currency XXQ': unknown currency `XXQ`"
    ]


def test_the_period_of_statements_is_a_month_unless_the_plan_says() -> None:
    assert plan_of("").period == "month"
    assert plan_of("statement { per quarter }").period == "quarter"
    assert mistakes("statement { per lifetime }") == ["R0301 'lifetime': unknown window `lifetime`"]


def test_a_missing_currency_is_all_that_is_told_of_amounts() -> None:
    header = "plan p { effective from 2026-01-01 rounding up to 0.01 per line }"
    tiers = "tier from 0 USD pay 1%  tier from 9 USD pay 2%"
    rule = f"tiered r {{ on deal measure sum amount per quarter apply whole {tiers} }}"
    assert "R0202 'p': the plan needs `currency`" in mistakes(rule, header=header)


def test_open_dates_stand_in_for_missing_ones() -> None:
    # A rule's own dates are not compared with dates that nobody wrote.
    header = "plan p { currency USD rounding up to 0.01 per line }"
    rule = "flat r { on deal effective from 1999-01-01 pay 5 USD per deal }"
    assert mistakes(rule, header=header) == ["R0202 'p': the plan needs `effective`"]
    assert date(1999, 1, 1) > BEGINNING
