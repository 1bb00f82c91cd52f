"""The road of a run on Spark as a whole: the same run folder as DuckDB's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulesengine.batch import run_folder
from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql.printed import printed_plan
from rulesengine.model.limits import Limits
from rulesengine.pipeline import load_plan
from rulesengine.statements.parts import Parts
from rulesengine.statements.tables import LINES, NOT_EARNING, OTHER_LINES, REJECTS, STATEMENTS
from tests.on_spark import local_spark, needs_spark
from tests.test_batch import PERIOD, plain

pytestmark = needs_spark
TABLES = {
    "lines": LINES,
    "other_lines": OTHER_LINES,
    "statements": STATEMENTS,
    "not_earning": NOT_EARNING,
    "rejects": REJECTS,
}


def tables(folder: Path) -> dict[str, object]:
    found = {name: Parts(folder / f"{name}.parquet", schema) for name, schema in TABLES.items()}
    assert all(parts.rows_in_its_columns is not None for parts in found.values())
    return {name: parts.all().cast(parts.schema) for name, parts in found.items()}


def test_it_writes_the_folder_that_duckdb_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows in the same order, in part files; rejects, totals and pages too."""
    local_spark()
    monkeypatch.setattr("rulesengine.statements.by_sql.spark_lines.MOST_ROWS", 2)
    plan, facts = plain(tmp_path / "in")
    for engine in ("duckdb", "spark"):
        out = tmp_path / engine
        run_folder(plan, facts=facts, period=PERIOD, out=out, engine=engine, pages="all", allow_rejects=True)
    assert len(list((tmp_path / "spark" / "lines.parquet").iterdir())) > 1
    assert tables(tmp_path / "spark") == tables(tmp_path / "duckdb")
    said = [json.loads((tmp_path / engine / "run.json").read_text()) for engine in ("duckdb", "spark")]
    assert [each.pop("engine") for each in said] == ["duckdb", "spark"]
    assert said[0] == said[1]
    pages = {
        engine: {
            str(page.relative_to(tmp_path / engine)): page.read_bytes()
            for page in (tmp_path / engine / "statements").rglob("*.txt")
        }
        for engine in ("duckdb", "spark")
    }
    assert pages["spark"] == pages["duckdb"] != {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["duckdb", "in", "spark"]


def test_memory_that_java_does_not_take_is_refused(tmp_path: Path) -> None:
    plan, facts = plain(tmp_path / "in")
    limits = Limits(memory="50%")
    with pytest.raises(Rejected) as refused:
        run_folder(plan, facts=facts, period=PERIOD, out=tmp_path / "out", engine="spark", limits=limits)
    assert {found.code for found in refused.value.diagnostics} == {"R1206"}


def test_what_no_cluster_can_share_is_said() -> None:
    """A budget for all is one stage of one task; sums by payee are not."""
    plan = load_plan(Path(__file__).parents[1] / "benchmarks" / "deals" / "plan.rules").plan
    stages = printed_plan(plan, "spark").split("\n\n")
    named = {stage.partition("`")[2].partition("`")[0]: stage for stage in stages}
    whole = {name for name, stage in named.items() if "one task" in stage}
    assert whole
    assert all(name.startswith("year_end") for name in whole)
