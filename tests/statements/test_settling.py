"""What settles a statement, as it is shown, written, read back and explained."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

import rulesengine
from rulesengine.statements.explain import explain, explain_data
from rulesengine.statements.render_csv import render_csv
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_json import render_json
from rulesengine.statements.render_text import render_text
from rulesengine.statements.run import Run
from rulesengine.statements.run_folder import RunFolder, read_run

PLAN = """plan settling {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.0001 per line
}

payee rep { field id text key }

fact deal {
  field id text key
  field rep rep credited
  field amount money
  field closed date event
}

revenue_share commission { on deal  pay 7.5% of amount }

statement {
  per month
  draw 2,000 USD per month recoverable
  recover 50% of earnings above 2,000 USD
  cap 3,000 USD per month then carry
  negative carry
  rounding half_up to 0.01
}
"""
DEALS = """id,rep,amount,closed
D-1,ana,20000.33,2026-01-15
D-2,ana,12000.00,2026-02-15
D-3,ana,33500.07,2026-03-15
D-4,ana,61500.00,2026-04-15
D-5,ana,30000.00,2026-05-15
"""


def run_of(folder: Path, period: str) -> Run:
    facts = folder / "facts"
    facts.mkdir(parents=True)
    (folder / "plan.rules").write_text(PLAN, encoding="utf-8")
    (facts / "rep.csv").write_text("id\nana\nbob\n", encoding="utf-8")
    (facts / "deal.csv").write_text(DEALS, encoding="utf-8")
    return rulesengine.evaluate(folder / "plan.rules", facts=facts, period=period)


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of(tmp_path_factory.mktemp("april"), "2026-04")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    inputs = tmp_path_factory.mktemp("may")
    run_of(inputs / "in", "2026-05").write(inputs / "out")
    return read_run(inputs / "out")


def test_a_statement_ends_with_its_balances(april: Run) -> None:
    text = render_text(april.statement_values[0])
    assert text.endswith(
        """
Settlement (statement)
  from the lines to the total
  -    2026-04-30  -1,306.25  recovery: 50 % of 2,612.50 above 2,000.00; owed 1,343.7252 → 37.4752
  -    2026-04-30    -306.25  cap of the statement 3,000.00: 3,306.25 → 3,000.00, the rest is carried forward
                   ---------
                   -1,612.50

Total USD           3,000.00
                    ========

Balances
  Owed for draws  1,343.7252 before + 0.00 advanced − 1,306.25 paid back = 37.4752
  Carried         0.00 brought forward, 306.25 carried forward
"""
    )


def test_balances_are_data_too(april: Run) -> None:
    ana, bob = json.loads(render_json(april.statement_values))
    assert ana["balances"] == {
        "owed": {"before": "1343.7252", "advanced": "0.00", "paid_back": "1306.25", "after": "37.4752"},
        "carried": {"brought_forward": "0.00", "from_period": "", "carried_forward": "306.25"},
    }
    assert bob["balances"]["owed"]["after"] == "8000.00"
    first, _ = april.statements.to_pylist()
    shown = ("brought_forward", "carried_forward", "owed_before", "owed_after")
    assert [first[name] for name in shown] == [
        Decimal(0),
        Decimal("306.25"),
        Decimal("1343.7252"),
        Decimal("37.4752"),
    ]


def test_one_month_alone_goes_on_where_the_run_before_ended(april: Run, folder: RunFolder) -> None:
    carried = next(entry for entry in april.entries if entry.line.part == "carried_forward")
    brought = next(entry for entry in folder.entries if entry.line.part == "brought_forward")
    assert brought.line.from_line == carried.line_id
    assert brought.line.amount == -carried.line.amount
    assert folder.line(carried.line_id, brought.line) is not None


def test_rows_of_a_spreadsheet_add_up(april: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(april.statement_values))))
    paid = sum(Decimal(row["amount"]) for row in rows if row["payee"] == "ana")
    assert paid == Decimal("3000.00")
    assert [row["part"] for row in rows if row["rule"] == "statement"] == [
        "recovery",
        "carried_forward",
        "draw",
    ]


def test_a_page_shows_the_balances(april: Run) -> None:
    page = render_html(april.statement_values[:1])
    assert "<h2>Settlement</h2>" in page
    assert "1,343.7252 before + 0.00 advanced − 1,306.25 paid back = 37.4752" in page


def test_a_settling_line_is_explained(folder: RunFolder) -> None:
    lines = {entry.line.part.value: entry.line_id for entry in folder.entries if entry.line.payee == "ana"}
    text = explain(folder, lines["recovery"])
    numbers = [line.split() for line in text.split("\n\n")[2].splitlines()]
    assert numbers[:3] == [["owed", "before", "37.4752"], ["owed", "after", "0.00"], ["above", "2,000.00"]]
    assert "follows from line " in text
    assert "draw of 2,000.00: 900.00 → 2,000.00; owed 499.9752 → 1,599.9752\n" in text
    assert "> 21 |   recover 50% of earnings above 2,000 USD\n" in text
    brought = explain_data(folder, lines["brought_forward"])
    assert brought["linked"]["follows from"]["trace"].endswith("the rest is carried forward")
    rounded = explain(folder, lines["rounding"])
    assert "rounded half up to 0.01: 2,518.7748 → 2,518.77" in rounded
