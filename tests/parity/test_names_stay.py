"""A line that is payable by a day keeps its name and all else, whatever happens to its deal later."""

from __future__ import annotations

import pytest

import rulesengine

PLAN = """
plan example {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}
payee rep {
  field id text key
}
fact deal {
  field id text key
  field rep rep credited
  field amount money signed
  field closed date event
  field cancelled date optional
  field undoes deal optional reverses
}
revenue_share resale {
  on deal
  pay 10% of amount
  cap 100 USD per quarter by payee
}
revenue_share override {
  on earnings of resale
  pay 50% of earning
  clawback 100% on cancelled
}
statement {
  per month
}
"""
DEALS = """id,rep,amount,closed,cancelled,undoes
D-0,ana,800,2026-03-09,,
D-1,ana,800,2026-03-17,2026-06-12,
D-2,ana,-800,2026-05-28,,D-1
"""


@pytest.mark.parametrize("engine", ["reference", "duckdb"])
def test_a_clawback_of_june_leaves_the_lines_of_may_their_names(tmp_path, engine):
    (tmp_path / "plan.rules").write_text(PLAN)
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "rep.csv").write_text("id\nana\n")
    (facts / "deal.csv").write_text(DEALS)

    def lines_of_may(through):
        run = rulesengine.evaluate(
            tmp_path / "plan.rules", facts=facts, period="2026-05", through=through, engine=engine
        )
        return run.lines.to_pylist()

    may = lines_of_may("2026-05-31")
    assert [(line["rule"], line["amount"]) for line in may] == [
        ("resale", -80),
        ("resale", 60),
        ("override", -40),
        ("override", 30),
    ]
    assert lines_of_may("2026-06-30") == may
