"""The batch engine on Spark: what it never does, and what it says when something is in its way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql import spark_session
from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.duckdb_engine import connect
from rulesengine.engines.sql.parquet_book import write_book
from rulesengine.engines.sql.spark_engine import SparkEngine, run_pipeline
from rulesengine.engines.sql.spark_session import EXACT, exact_session, start
from rulesengine.engines.sql.store import store_book
from rulesengine.intake import read_book
from tests.engines.sql.test_duckdb_engine import HOSTILE, PLAN, deal
from tests.engines.sql.test_spark_dialect import HOSTILE as HOSTILE_ON_SPARK
from tests.on_spark import local_spark, needs_spark
from tests.parity.compare import differences
from tests.properties.road import FAR, checked

pytestmark = needs_spark
TEXTS = sorted({*HOSTILE, *HOSTILE_ON_SPARK} - {"", " a ", "line\nline\ttab\r"})
WIDE = [deal("D-1", units="0.123456789"), deal("D-2", amount="0.01"), deal("D-3", amount="99999999999999.99")]


def answered(text: str, deals: list[dict[str, str]], folder: Path, partners=None) -> tuple[object, object]:
    """Run a plan on Spark into a folder; return the session that still has the views, and the pipeline."""
    plan = checked(text)
    partners = partners or [{"id": "ana", "rate": "1", "tier": "gold"}]
    book = read_book(plan.schema, {"deal": deals, "partner": partners}).book
    session = exact_session(local_spark())
    with connect() as connection:
        stored = store_book(connection, plan.schema, book)
        pipeline = compile_plan(plan, stored, FAR)
        run_pipeline(session, pipeline, write_book(connection, stored, folder / "facts"), folder / "answer")
    return session, pipeline


def test_no_column_of_any_stage_is_a_floating_point_number(tmp_path):
    session, pipeline = answered(PLAN, WIDE, tmp_path)
    found = 0
    for stage in pipeline.stages:
        for name, kind in session.table(f"`{stage.name}`").dtypes:
            found += 1
            assert "double" not in kind and "float" not in kind, (stage.name, name, kind)
    assert found > 100


def test_nothing_of_a_file_becomes_sql():
    plan = checked(PLAN)
    partners = [{"id": each, "rate": "1", "tier": each} for each in TEXTS]
    deals = [deal(each, partner=each, type=each) for each in TEXTS]
    book = read_book(plan.schema, {"deal": deals, "partner": partners}).book
    assert len(book.facts["deal"]) == len(TEXTS)
    assert differences(plan, book, FAR, SparkEngine(local_spark())) == []


def test_nothing_of_a_plan_becomes_sql():
    quoted = [text for text in TEXTS if '"' not in text and "\\" not in text]
    rows = "\n".join(f'  row "{text}", any gives {index + 1}%' for index, text in enumerate(quoted))
    plan = checked(PLAN.replace('  row "new", "gold" gives 12.5%', rows))
    deals = [deal(f"D-{index}", type=text) for index, text in enumerate(quoted)]
    partners = [{"id": "ana", "rate": "1", "tier": "gold"}]
    book = read_book(plan.schema, {"deal": deals, "partner": partners}).book
    assert differences(plan, book, FAR, SparkEngine(local_spark())) == []


def test_a_number_that_outgrows_spark_names_its_rule_and_its_row(tmp_path):
    big = PLAN.replace("0.07 USD per unit of units", "123,456,789,012.34 USD per unit of units")
    deals = [deal("D-1"), deal("D-2", units="999999999999999999", amount="0.00"), deal("D-3")]
    with pytest.raises(Rejected) as refused:
        answered(big, deals, tmp_path)
    [found] = refused.value.diagnostics
    assert found.code == "R1205"
    assert "rule `units`, row `D-2`" in found.message


def test_a_run_leaves_the_settings_of_others_alone():
    spark = local_spark()
    before = {name: spark.conf.get(name, None) for name in EXACT}
    session = exact_session(spark)
    assert {name: session.conf.get(name) for name in EXACT} == dict(EXACT)
    assert {name: spark.conf.get(name, None) for name in EXACT} == before


def test_a_spark_that_does_not_compute_exactly_is_refused(monkeypatch):
    for setting, value, what in (
        ("spark.sql.decimalOperations.allowPrecisionLoss", "true", "is decimal(38,6)"),
        ("spark.sql.variable.substitute", "true", "is rulesengine"),
    ):
        monkeypatch.setattr(spark_session, "EXACT", {**EXACT, setting: value})
        with pytest.raises(Rejected) as refused:
            exact_session(local_spark())
        [found] = refused.value.diagnostics
        assert found.code == "R1302"
        assert what in found.message


def test_without_spark_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Rejected) as refused:
        start("local[2]")
    assert "pip install rulesengine[spark]" in str(refused.value.diagnostics[0].hint)
