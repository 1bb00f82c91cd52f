"""The judge of the benchmark against other rule engines knows what the product pays."""

from __future__ import annotations

from pathlib import Path

from benchmarks.deals.compare import PERIOD
from benchmarks.deals.generate import write_facts
from benchmarks.peers import PLAN
from benchmarks.peers.evaluation import main as evaluation
from benchmarks.peers.judge_run import wrong_amounts
from rulesengine.batch import run_folder
from rulesengine.pipeline import evaluate


def test_the_judge_agrees_with_the_reference_engine(tmp_path: Path) -> None:
    """And finds an amount that is a cent off, by finding other facts' amounts."""
    write_facts(tmp_path / "facts", 400, 20)
    evaluate(PLAN, facts=tmp_path / "facts", period=PERIOD, engine="reference").write(tmp_path / "run")
    assert wrong_amounts(tmp_path / "facts", tmp_path / "run") == 0
    write_facts(tmp_path / "others", 400, 20, seed=7)
    assert wrong_amounts(tmp_path / "others", tmp_path / "run") > 400


def test_the_judge_and_the_evaluation_read_tables_that_lie_in_parts(tmp_path: Path) -> None:
    """Which they do from some ten thousand lines on."""
    write_facts(tmp_path / "facts", 20_000, 200)
    run_folder(PLAN, facts=tmp_path / "facts", period=PERIOD, out=tmp_path / "run", engine="duckdb")
    assert (tmp_path / "run" / "lines.parquet").is_dir()
    assert wrong_amounts(tmp_path / "facts", tmp_path / "run") == 0
    evaluation(str(tmp_path / "facts"), str(tmp_path / "run"), str(tmp_path / "seconds.json"))
    assert (tmp_path / "seconds.json").is_file()
