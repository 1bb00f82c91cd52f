"""Laws of plans that convert: a refund in full nets to zero, order does not matter, lines can be redone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulesengine.engines.results import Line
from rulesengine.pipeline import LoadedPlan, evaluate, load_plan
from rulesengine.statements.redo import redo, redo_exchange

PLAN = """
plan p {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
  convert to USD at ecb on closed
}
rates ecb as currency per EUR within 40 days
payee rep { field id text key  field currency text }
fact deal {
  field id text key
  field rep rep credited
  field currency text
  field amount money in currency
  field undoes deal optional reverses
  field closed date event
}
revenue_share share { on deal  pay 10% of amount }
tiered growth {
  on deal
  measure sum amount per lifetime by payee
  apply marginal
  tier from 0 USD pay 1%
  tier from 1,000 USD pay 2%
}
revenue_share rounded {
  on deal
  convert to JPY at ecb on end of month of closed rounded half_even to 1
  pay 7% of amount
  rounding down to 1 per line
}
revenue_share on_top { on earnings of rounded  pay 50% of earning }
statement { per month  convert to payee.currency at ecb on payable rounded half_up }
"""

RATE = st.integers(min_value=5_000, max_value=20_000).map(lambda n: f"{n / 10_000:.4f}")
DEAL = st.tuples(
    st.sampled_from(("EUR", "USD", "GBP", "JPY")),
    st.integers(min_value=1, max_value=5_000),
    st.sampled_from(("ana", "bo")),
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> LoadedPlan:
    path: Path = tmp_path_factory.mktemp("plan") / "p.rules"
    path.write_text(PLAN)
    return load_plan(path)


def lines_of(plan: LoadedPlan, deals: list[dict[str, object]], rates: list[str]) -> tuple[Line, ...]:
    days = ("2026-01-02", "2026-01-31", "2026-02-15", "2026-02-28")
    facts = {
        "rep": [{"id": "ana", "currency": "GBP"}, {"id": "bo", "currency": "USD"}],
        "deal": deals,
        "ecb": [
            {"date": day, "currency": code, "rate": rates[4 * index + place]}
            for index, day in enumerate(days)
            for place, code in enumerate(("USD", "GBP", "JPY"))
        ],
    }
    run = evaluate(plan, facts=facts, period="2026-01..2026-02")
    assert not run.reject_values
    return run.earned.lines


@settings(max_examples=25, deadline=None)
@given(made=st.lists(DEAL, min_size=1, max_size=4), rates=st.lists(RATE, min_size=16, max_size=16))
def test_refunds_in_full_net_to_zero_at_any_rate(
    plan: LoadedPlan, made: list[tuple[str, int, str]], rates: list[str]
) -> None:
    def row(number: int, deal: tuple[str, int, str], *, undoes: bool) -> dict[str, object]:
        currency, amount, rep = deal
        return {
            "id": f"{'R' if undoes else 'D'}-{number}",
            "rep": rep,
            "currency": currency,
            "amount": -amount if undoes else amount,
            "undoes": f"D-{number}" if undoes else None,
            "closed": "2026-02-20" if undoes else "2026-01-10",
        }

    deals = [row(n, deal, undoes=False) for n, deal in enumerate(made)]
    deals += [row(n, deal, undoes=True) for n, deal in enumerate(made)]
    lines = lines_of(plan, deals, rates)
    for rule in ("share", "rounded", "on_top"):
        for payee in ("ana", "bo"):
            own = [line for line in lines if (line.rule, line.payee) == (rule, payee)]
            assert sum((line.amount for line in own), Decimal(0)) == 0
            assert sum((line.settles for line in own), Decimal(0)) == 0
    assert lines_of(plan, deals[::-1], rates) == lines
    for line in lines:
        value = redo(line)
        assert value is None or value == line.exact
        exact = redo_exchange(line)
        if exact is not None and line.rule != "rounded":
            assert exact == line.converted
