"""Clauses that are read and not built: one R0901 each, what to write instead, and no follow-ups."""

from __future__ import annotations

import pytest

from tests.plan.helpers import HEADER, RECORDS, found_in

LEAVE_OUT = "leave it out for now; `docs/language.md` lists what is built"


def said(text: str, records: str = RECORDS) -> list[str]:
    """Return code, message and hint of each mistake in some blocks."""
    return [f"{d.code} {d.message} -> {d.hint}" for d in found_in(HEADER + records + text)]


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        (
            "revenue_share r { on deal for first 12 by partner pay 5% of amount }",
            "for first",
            "count the rows in a `tiered` rule: `tier from 0 pay 5%`, then `tier above 12 pay nothing`",
        ),
        (
            "revenue_share r { on deal for 12 months from first by partner pay 5% of amount }",
            "from first",
            "put the date of the first row into a field, and write `for 12 months from` that field",
        ),
        (
            "revenue_share r { on deal pay 5% of amount prorate by days from closed through started }",
            "prorate",
            "put the share of the days into a field of the fact, and `derive` the amount with it",
        ),
    ],
)
def test_one_mistake_and_a_way_round(text: str, word: str, hint: str) -> None:
    assert said(text) == [f"R0901 `{word}` is not built yet -> {hint}"]


def test_names_units_and_other_rules_are_judged_as_ever() -> None:
    clauses = 'where foo is "a" where amount > 5 pay 5% of amount prorate by days from closed through closed'
    found = said(f"revenue_share r {{ on deal {clauses} }} flat s {{ pay 5 USD per deal }}")
    assert [line[:5] for line in found] == ["R0301", "R0401", "R0901", "R0202"]
