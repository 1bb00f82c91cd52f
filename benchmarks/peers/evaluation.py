"""The product's evaluation alone, as the peers are measured: rows in memory, amounts left there.

    python -m benchmarks.peers.evaluation FACTS RUN ANSWER

The facts are read and checked first, outside the clock; the clock runs from the checked plan to a table with
rule, row, payee and amount of every line. These are held against the lines of a run over the same facts.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.harness import table_files
from benchmarks.peers import PLAN


def main(facts: str, run: str, answer: str) -> None:
    """Pay all deals of a folder three times; write how many there were and the best seconds."""
    import duckdb

    from rulesengine.engines.sql.compile import compile_plan
    from rulesengine.engines.sql.duckdb_engine import SETTINGS, Keep, run_pipeline
    from rulesengine.intake.by_sql import store_book
    from rulesengine.pipeline import load_plan

    plan = load_plan(PLAN).plan
    best = {"wall": float("inf"), "cpu": float("inf")}
    for _ in range(3):
        with duckdb.connect(":memory:", config=dict(SETTINGS)) as connection:
            book = store_book(connection, plan.schema, facts).book
            began, spent = time.perf_counter(), time.process_time()
            run_pipeline(connection, compile_plan(plan, book, date(2026, 12, 31)), Keep.NOTHING)
            connection.execute("create table amounts as select rule, fact_id, payee, amount from lines")
            best["wall"] = min(best["wall"], time.perf_counter() - began)
            best["cpu"] = min(best["cpu"], time.process_time() - spent)
            found = connection.execute("select count(*), sum(amount) from amounts").fetchone()
            parts = [str(table_files(Path(run), each)) for each in ("lines", "other_lines")]
            written = connection.execute(
                "select count(*), sum(amount) from read_parquet(?, union_by_name = true)", [parts]
            ).fetchone()
            assert found == written, (found, written)
    Path(answer).write_text(json.dumps(best), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
