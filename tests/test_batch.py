"""The road of the batch engine as a whole: the same folder, and nothing left behind on failure."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from rulesengine.batch import run_folder
from rulesengine.cli.entry import main
from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.duckdb_engine import Keep, run_pipeline
from rulesengine.engines.sql.workspace import workspace
from rulesengine.intake.by_sql import store_book
from rulesengine.model.limits import Limits
from rulesengine.pipeline import load_plan
from rulesengine.statements.by_sql.sql import FEW, described
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.write_folder import TABLES
from tests.statements.small_run import BAD_DEAL, DEALS, PLAN, write_inputs
from tests.statements.test_by_sql import assert_same
from tests.statements.test_run_folder import files_of

PERIOD = "2026-01..2026-02"


def engine_said(folder: Path) -> str:
    """Return the engine that run.json names, and make it the reference, for all else to be compared."""
    file = folder / "run.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"engine": "duckdb"', '"engine": "reference"'), encoding="utf-8")
    return "duckdb" if '"engine": "duckdb"' in text else "reference"


def plain(folder: Path) -> tuple[Path, Path]:
    """Write the small project, its plan with three rules only."""
    plan, facts = write_inputs(folder, DEALS + BAD_DEAL)
    rules = PLAN[PLAN.index("flat new_logo") : PLAN.index("installments launch")]
    (plan / "rules.rules").write_text(rules, encoding="utf-8")
    return plan, facts


@pytest.mark.parametrize("on_disk", [False, True])
def test_both_engines_write_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_disk: bool
) -> None:
    monkeypatch.setattr("rulesengine.batch._SMALL", 0 if on_disk else 1 << 30)
    plan, facts = plain(tmp_path / "in")
    said: list[str] = []
    summaries = {
        engine: run_folder(
            plan,
            facts=facts,
            period=PERIOD,
            out=tmp_path / engine,
            engine=engine,
            progress=lambda stage, rows: said.append(stage),  # noqa: ARG005
        )
        for engine in ("duckdb", "reference")
    }
    assert engine_said(tmp_path / "duckdb") == "duckdb"
    assert_same(tmp_path / "duckdb", tmp_path / "reference")
    one, two = summaries["duckdb"], summaries["reference"]
    assert (one.payees, one.rejects, one.rejected_rows, one.ok) == (2, two.rejects, 1, False)
    assert (two.payees, two.rejected_rows, one.is_rendered, two.is_rendered) == (2, 1, True, True)
    assert "writing lines" in said and "evaluating" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["duckdb", "in", "reference"]


def test_a_run_in_any_order_reads_as_one_in_order(tmp_path: Path) -> None:
    plan, facts = plain(tmp_path / "in")
    folders = []
    for name, is_sorted in (("sorted", True), ("unsorted", False)):
        out = tmp_path / name
        run_folder(plan, facts=facts, period=PERIOD, out=out, engine="duckdb", is_sorted=is_sorted)
        folders.append(read_run(out))
    one, two = folders
    assert (one.is_sorted, two.is_sorted) == (True, False)
    for name in TABLES:
        assert one.table(name).to_pylist() == two.table(name).to_pylist(), name
    payee = one.entries[0].line.payee
    for name in ("lines", "not_earning"):
        found = [folder.rows_where(name, payee=payee).to_pylist() for folder in folders]
        assert found[0] == found[1] and found[0], name
    assert two.document | {"sorted": True} == one.document | {"sorted": True}
    pages = [files_of(folder.path / "statements") for folder in folders]
    assert pages[0] == pages[1] and pages[0]


MANY = "".join(f"N-{nth},ana,new,100.00,2026-02-02,,,\n" for nth in range(2_000))


@pytest.mark.parametrize(
    ("change", "engine"),
    [
        ({}, "reference"),
        ({"rows": MANY}, "duckdb"),
        ({"compressed": True}, "duckdb"),
        ({"limits": Limits(threads=1)}, "duckdb"),
        ({"is_sorted": False}, "duckdb"),
        ({"keep_facts": True}, "duckdb"),
    ],
)
def test_few_facts_are_paid_by_the_reference_engine(
    tmp_path: Path, change: dict[str, object], engine: str
) -> None:
    plan, facts = plain(tmp_path / "in")
    deals = facts / "deal.csv"
    text = deals.read_text(encoding="utf-8") + str(change.pop("rows", ""))
    deals.write_text(text, encoding="utf-8")
    if change.pop("compressed", False):
        deals.with_suffix(".csv.gz").write_bytes(gzip.compress(text.encode()))
        deals.unlink()
    done = run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", **change)
    assert (done.document["engine"], done.instead) == (engine, "")


def test_tables_in_memory_are_paid_by_duckdb(tmp_path: Path) -> None:
    (tmp_path / "plan.rules").write_text(UNRATED.replace("currency EUR", "currency USD"), encoding="utf-8")
    facts = {
        "rep": [{"id": "ana"}],
        "deal": [{"id": "D-1", "rep": "ana", "amount": "100.00", "closed": "2026-02-02"}],
        "ecb": [{"date": "2026-02-02", "currency": "USD", "rate": "1.10"}],
    }
    done = run_folder(tmp_path / "plan.rules", facts=facts, period="2026-02", out=tmp_path / "out")
    assert done.document["engine"] == "duckdb"


@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize(
    ("block", "lines"),
    [
        ("", 0),
        ("statement {\n  per month\n}\n", 0),
        ("statement {\n  per month\n  guarantee 100 USD per month\n}\n", 6),
    ],
)
def test_a_plan_without_rules_has_a_run_folder(
    tmp_path: Path, block: str, lines: int, is_sorted: bool
) -> None:
    plan, facts = plain(tmp_path / "in")
    (plan / "rules.rules").unlink()
    (plan / "plan.rules").write_text(PLAN[: PLAN.index("statement {")] + block, encoding="utf-8")
    for engine in ("duckdb", "reference"):
        out = tmp_path / engine
        done = run_folder(plan, facts=facts, period=PERIOD, out=out, engine=engine, is_sorted=is_sorted)
        assert done.document["counts"]["lines"] == lines
    engine_said(tmp_path / "duckdb")
    one, two = (read_run(tmp_path / engine) for engine in ("duckdb", "reference"))
    assert one.document | {"sorted": True} == two.document | {"sorted": True}
    assert [one.table(name).to_pylist() for name in TABLES] == [
        two.table(name).to_pylist() for name in TABLES
    ]


def test_what_never_differs_is_put_beside_the_rest_last(tmp_path: Path) -> None:
    """Texts of the plan and keys of payees stay numbers until they are in the file, where they are texts."""
    plan, facts = plain(tmp_path / "in")
    loaded = load_plan(plan)
    with workspace(Limits(), tmp_path, on_disk=False) as connection:
        book = store_book(connection, loaded.plan.schema, facts).book
        pipeline = compile_plan(loaded.plan, book, date(2026, 2, 28))
        constants = run_pipeline(connection, pipeline, Keep.VARYING)
        lines = described(connection, "lines")
        stored = described(connection, "lines_varying")
        assert not set(stored) & set(constants["lines"])
        assert set(stored) | set(constants["lines"]) == set(lines)
        few = {name for name, type_ in lines.items() if type_ == FEW}
        assert {"payee_kind", "payee", "rule", "kind", "part", "currency", "span"} <= few
        assert described(connection, "outcomes")["reason"] == FEW
    run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", engine="duckdb")
    schema = parquet.read_schema(tmp_path / "out" / "lines.parquet")
    assert {str(schema.field(name).type) for name in few} == {"string"}


def test_a_plan_that_is_not_carried_out_goes_to_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rulesengine.engines.sql.unsupported import unsupported

    def refuse(*_: object) -> None:
        raise unsupported("what settles a statement")

    monkeypatch.setattr("rulesengine.engines.sql.compile.compile_plan", refuse)
    plan, facts = plain(tmp_path / "in")
    done = run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", limits=Limits(threads=1))
    assert done.instead == "the batch engine does not carry out what settles a statement"
    assert read_run(tmp_path / "out").document["engine"] == "reference"
    with pytest.raises(Rejected, match="R1301"):
        run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", engine="duckdb")


UNRATED = """
plan euros { currency EUR  effective from 2026-01-01  rounding half_up to 0.01 per line }
rates ecb as currency per EUR within 7 days
payee rep { field id text key }
fact deal { field id text key  field rep rep credited  field amount money  field closed date event }
revenue_share share { on deal  pay 2% of amount }
revenue_share manager { on earnings of share  convert to USD at ecb on closed  pay 50% of earning }
statement { per month and currency }
"""


def test_an_earning_without_a_rate_rejects_its_row(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    (tmp_path / "plan.rules").write_text(UNRATED)
    (facts / "rep.csv").write_text("id\nana\n")
    (facts / "deal.csv").write_text(
        "id,rep,amount,closed\nD-1,ana,100.00,2026-02-02\nD-2,ana,100.00,2026-02-20\n"
    )
    (facts / "ecb.csv").write_text("date,currency,rate\n2026-02-02,USD,1.10\n")
    asked = {"facts": facts, "period": "2026-02", "out": tmp_path / "out"}
    done = run_folder(tmp_path / "plan.rules", **asked, limits=Limits(threads=1))
    assert done.instead == (
        "rule `manager`: the batch engine does not carry out earnings without an exchange rate: row `D-2`,"
        " the last rate of `ecb` for USD on or before 2026-02-20 is of 2026-02-02, and is good for 7 days"
    )
    (reject,) = read_run(tmp_path / "out").rejects
    assert (reject["key"], reject["code"]) == ("D-2", "R1116")
    assert [line.line.amount for line in read_run(tmp_path / "out").entries] == [Decimal(2), Decimal("1.10")]
    with pytest.raises(Rejected, match="R1301"):
        run_folder(tmp_path / "plan.rules", **asked, engine="duckdb")


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(memory="1MB"), "1MB of memory are not enough"),
        (Limits(memory="plenty"), "`plenty` is no amount of memory"),
        (Limits(memory="5000%"), "5000% of the memory that there is"),
        (Limits(memory="99999999999999TB"), "no machine has 99999999999999TB"),
        (Limits(threads=0), "0 threads"),
        (Limits(threads=100_000), "100000 threads"),
        (Limits(temp=Path(__file__)), "is a file, not a folder"),
        (Limits(temp=Path("/proc/nowhere")), "temporary files cannot be written"),
    ],
)
def test_limits_that_do_not_do_are_told(tmp_path: Path, limits: Limits, told: str) -> None:
    plan, facts = plain(tmp_path / "in")
    with pytest.raises(Rejected, match=told) as caught:
        run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", engine="duckdb", limits=limits)
    assert {(found.code, bool(found.hint)) for found in caught.value.diagnostics} == {("R1206", True)}
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_limits_of_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan, facts = plain(tmp_path / "in")
    words = ["run", str(plan), "--facts", str(facts), "--period", PERIOD, "--out", str(tmp_path / "out")]
    words += ["--engine", "duckdb", "--memory", "300MB", "--threads", "1"]
    words += ["--temp", str(tmp_path / "temp" / "of_runs")]
    assert main([*words, "--allow-rejects", "--statements", "none"]) == 0
    assert "No pages were written; `rulesengine statements" in capsys.readouterr().out
    assert main([*words, "--memory", "1MB"]) == 2
    assert "R1206" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
    (tmp_path / "temp").mkdir()
    assert main([*words, "--allow-rejects", "--statements", "none"]) == 0
    assert list((tmp_path / "temp").iterdir()) == []


def test_temporary_files_are_removed_when_a_run_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="failed"), workspace(Limits(), tmp_path, on_disk=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT * FROM range(1000000)")
        assert list(tmp_path.iterdir())
        raise ValueError("failed")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    """In the middle of a long query of DuckDB, as the command line meets it."""
    script = """
        import signal
        import sys
        import rulesengine.engines.sql.duckdb_engine as engine
        from rulesengine.cli.entry import main

        def endless(connection, *_):
            print("computing", flush=True)
            connection.execute("SELECT sum(a.range * b.range) FROM range(100000000) a, range(1000000) b")

        # A process in the background may have been told to ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        engine.run_pipeline = endless
        sys.exit(main(sys.argv[1:]))
    """
    plan, facts = plain(tmp_path / "in")
    words = ["run", str(plan), "--facts", str(facts), "--period", PERIOD, "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *words, "--engine", "duckdb"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert process.stdout is not None and process.stdout.readline() == "computing\n"
    time.sleep(0.3)
    process.send_signal(how)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told.strip()) == (130, "stopped; nothing was written")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk needs root"
)
@pytest.mark.parametrize("which", ["out", "temp"])
def test_a_full_disk_is_told(tmp_path: Path, which: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        plan, facts = plain(tmp_path / "in")
        out = (disk if which == "out" else tmp_path) / "out"
        limits = Limits(temp=disk if which == "temp" else tmp_path)
        with pytest.raises(Rejected, match="full") as caught, pytest.MonkeyPatch.context() as patch:
            patch.setattr("rulesengine.batch._SMALL", 0)
            run_folder(plan, facts=facts, period=PERIOD, out=out, engine="duckdb", limits=limits)
        assert {found.code for found in caught.value.diagnostics} <= {"R1203", "R1206"}
        assert list(disk.iterdir()) == [] and not out.exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


OUTGROWING = """plan big {
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}

payee partner {
  field id text key
}

fact deal {
  field id text key
  field partner partner credited
  field amount money
  field one number
  field other number
  field closed date event
  derive product = amount * one * other
}

revenue_share share {
  on deal
  pay 10% of product
}

statement {
  per month
}
"""


def test_numbers_that_outgrow_the_database_are_left_to_the_reference_engine(tmp_path: Path) -> None:
    (tmp_path / "big.rules").write_text(OUTGROWING, encoding="utf-8")
    large = "9999999999999.99,999999999999,999999999999"
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "partner.csv").write_text("id\nana\n", encoding="utf-8")
    rows = f"D-1,ana,10.00,1,1,2026-01-02\nD-2,ana,{large},2026-01-03\n"
    (facts / "deal.csv").write_text(f"id,partner,amount,one,other,closed\n{rows}", encoding="utf-8")
    asked = {"facts": facts, "period": "2026-01", "out": tmp_path / "out", "allow_rejects": True}
    with pytest.raises(Rejected, match="R1205"):
        run_folder(tmp_path / "big.rules", engine="duckdb", **asked)
    summary = run_folder(tmp_path / "big.rules", limits=Limits(threads=1), **asked)
    assert "more digits than can be worked out" in summary.instead
    assert [each["code"] for each in read_run(tmp_path / "out").rejects] == ["R1103"]
