"""A row that waits for its exchange rate does not change afterwards what other rows were paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Report = Callable[[str, str], list[str]]

FACTS = """rates ecb as currency per EUR within 7 days

fact deal {
  field id text key
  field partner partner credited
  field currency text
  field amount money in currency
  field list money
  field closed date event
  field paid date
}

"""
RULE = "revenue_share r {{ on deal {at} {convert} pay 10% of amount {limit} }}"
PER_MONTH = "cap 500 USD per month by payee"


def of_rule(report: Report, convert: str, limit: str = PER_MONTH, at: str = "") -> list[str]:
    return report(
        "R0613", FACTS + RULE.format(convert=f"convert to USD at ecb on {convert}", limit=limit, at=at)
    )


def test_a_total_over_rows_that_may_wait(report: Report) -> None:
    for convert in ("paid", "3 days after closed"):
        assert of_rule(report, convert) == [
            "13: `cap 500 USD per month by payee` changes for rows that were paid, when another gets its rate"
        ]


@pytest.mark.parametrize(
    ("convert", "at"), [("closed", ""), ("end of month of closed", ""), ("paid", "at paid")]
)
def test_rates_that_are_there_in_time(report: Report, convert: str, at: str) -> None:
    assert of_rule(report, convert, at=at) == []


def test_what_looks_at_one_row(report: Report) -> None:
    assert of_rule(report, "paid", "cap 500 USD per deal") == []


def test_rules_on_earnings_wait_with_the_other(report: Report) -> None:
    text = FACTS + RULE.format(convert="convert to USD at ecb on paid", limit="", at="")
    text += f"\n\nrevenue_share over {{ on earnings of r  pay 1% of earning  {PER_MONTH} }}"
    assert len(report("R0613", text)) == 1


def test_amounts_in_the_currency_of_the_rule(report: Report) -> None:
    other = f"\n\nrevenue_share list {{ on deal  pay 1% of list  {PER_MONTH} }}"
    rule = RULE.format(convert="convert to USD at ecb on paid", limit="", at="")
    assert report("R0613", FACTS + rule + other) == []
