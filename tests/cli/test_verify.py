"""`rulesengine verify`: a run folder of any engine is held against another."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from rulesengine.batch import run_folder
from rulesengine.cli import main
from rulesengine.diagnostics import Rejected

pytestmark = pytest.mark.usefixtures("shop")


def _run(*more: str, period: str = "2026-01") -> None:
    words = ["run", "rules", "--facts", "facts", "--period", period, "--out", "out", "--quiet"]
    assert main([*words, *more]) == 0


def _verify(*more: str) -> int:
    return main(["verify", "out", "--facts", "facts", *more])


def _change(name: str, change: Any) -> None:
    """Rewrite a table of the run folder."""
    file = Path("out") / f"{name}.parquet"
    table = parquet.read_table(file)
    parquet.write_table(pa.Table.from_pylist(change(table.to_pylist()), table.schema), file)


@pytest.mark.parametrize(
    ("how", "judge"),
    [
        (["--engine", "duckdb"], "the reference engine"),
        (["--unsorted"], "the reference engine"),
        (["--engine", "reference"], "DuckDB"),
    ],
)
def test_a_run_is_what_another_engine_says(capsys, how, judge):
    _run(*how)
    assert _verify() == 0
    printed = capsys.readouterr().out
    assert f"{judge} says the same\n5 lines, 0 payable at other times, 2 statements" in printed
    assert "total 8,504.04 USD" in printed
    assert _verify("--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] and found["rows"]["not_earning"] == 10 and found["judge"] == judge


def test_what_duckdb_refuses_the_reference_engine_works_out_again(capsys):
    (rules,) = Path("rules").iterdir()
    name = "  field fact_id text optional\n"
    rules.write_text(rules.read_text().replace("fact deal {\n", "fact deal {\n" + name))
    _run()
    with pytest.raises(Rejected, match="R1301"):
        run_folder("rules", facts="facts", period="2026-01", out="other", engine="duckdb")
    assert _verify() == 0
    assert "the reference engine says the same" in capsys.readouterr().out


def test_a_run_that_continues_another_is_too(capsys):
    _run("--keep-facts")
    with Path("facts/deal.csv").open("a") as file:
        file.write("D-9,ben,new,1000.00,2026-01-30\n")
    _run("--since", "out")
    assert _verify("--quiet") == 0
    assert capsys.readouterr().out == ""


def test_a_changed_amount_is_told(capsys):
    def dearer(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [rows[0] | {"amount": rows[0]["amount"] + Decimal("0.01")}, *rows[1:]]

    _run()
    _change("lines", dearer)
    assert _verify() == 1
    said = capsys.readouterr().err
    assert said.count("R1208") == 1
    assert "`amount` is 5040.01, DuckDB says 5040" in said


def test_rows_that_are_gone_or_doubled_are_told(capsys):
    _run()
    _change("lines", lambda rows: [rows[1], *rows[1:]])
    _change("not_earning", lambda rows: [rows[1], *rows[1:]])
    assert _verify() == 1
    said = capsys.readouterr().err
    assert "lines has 1 row twice" in said and "lines lacks line" in said
    assert "not_earning lacks rule" in said and "not_earning has rule" in said


def test_a_figure_that_is_another_is_told(capsys):
    _run()
    file = Path("out/run.json")
    document = json.loads(file.read_text())
    document["control"]["rules"]["deal_share"]["rows"]["earning"] = 2
    file.write_text(json.dumps(document, indent=2))
    assert _verify("--json") == 1
    found = json.loads(capsys.readouterr().out)
    (told,) = found["diagnostics"]
    assert told["message"] == ("run.json: `control.rules.deal_share.rows.earning` is 2, DuckDB says 3")


@pytest.mark.parametrize(
    ("where", "value"), [(("ok",), False), (("inputs", 0, "bytes"), 1), (("warnings",), ["none"])]
)
def test_whatever_run_json_says_is_compared(capsys, where, value):
    _run()
    file = Path("out/run.json")
    document = json.loads(file.read_text())
    within = document
    for name in where[:-1]:
        within = within[name]
    within[where[-1]] = value
    file.write_text(json.dumps(document, indent=2))
    assert _verify() == 1
    assert f"`{'.'.join(map(str, where))}` is" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "html"])
def test_a_page_that_says_something_else_is_told(capsys, ending):
    _run()
    page = Path(f"out/statements/partner/ana.{ending}")
    page.write_bytes(page.read_bytes().replace(b"0", b"9"))
    assert _verify() == 1
    assert f"`statements/partner/ana.{ending}` is not the page" in capsys.readouterr().err


def test_pages_that_are_gone_or_of_nobody_are_told(capsys):
    _run()
    shutil.move("out/statements/partner/ana.txt", "out/statements/partner/eve.txt")
    assert _verify() == 1
    said = capsys.readouterr().err
    assert "ana.txt` is missing" in said and "eve.txt` is no page of this run" in said


def test_pages_need_not_have_been_written():
    _run("--statements", "none")
    assert _verify() == 0
    assert main(["statements", "out", "ana"]) == 0
    assert _verify() == 0
    page = Path("out/statements/partner/ana.csv")
    page.write_bytes(page.read_bytes() + b"1")
    assert _verify() == 1


def test_other_facts_or_rules_are_told_first(capsys):
    _run()
    deals = Path("facts/deal.csv")
    deals.write_text(deals.read_text().replace("2026-01-", "2026-02-"))
    rules = next(Path("out/plan").iterdir())
    rules.write_text(rules.read_text() + "\n# another\n")
    assert _verify() == 1
    said = capsys.readouterr().err
    assert said.count("R1208") == 2
    assert f"`plan/{rules.name}` has changed since the run was made" in said
    assert "`deal.csv` has changed since the run was made" in said


def test_many_differences_are_counted(capsys):
    _run(period="2026-01..2026-12")
    _change(
        "not_earning",
        lambda rows: [row | {"reason": "cap", "detail": str(at)} for at, row in enumerate(rows)],
    )
    _change("lines", lambda rows: [row | {"span": "nowhere", "step": 9, "window": "w"} for row in rows])
    assert _verify() == 1
    assert " more differences" in capsys.readouterr().err
