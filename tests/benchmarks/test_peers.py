"""The judge of the benchmark against other rule engines knows what the product pays."""

from __future__ import annotations

from pathlib import Path

from benchmarks.deals.compare import PERIOD
from benchmarks.deals.generate import write_facts
from benchmarks.peers import PLAN
from benchmarks.peers.judge_run import wrong_amounts
from rulesengine.pipeline import evaluate


def test_the_judge_agrees_with_the_reference_engine(tmp_path: Path) -> None:
    """And finds an amount that is a cent off, by finding other facts' amounts."""
    write_facts(tmp_path / "facts", 400, 20)
    evaluate(PLAN, facts=tmp_path / "facts", period=PERIOD, engine="reference").write(tmp_path / "run")
    assert wrong_amounts(tmp_path / "facts", tmp_path / "run") == 0
    write_facts(tmp_path / "others", 400, 20, seed=7)
    assert wrong_amounts(tmp_path / "others", tmp_path / "run") > 400
