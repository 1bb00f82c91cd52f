"""What the batch engine carries out of the case files: `python -m tests.parity.summary [WORD [ENGINE]]`."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from rulesengine.diagnostics import Rejected
from rulesengine.engines.sql.spark_engine import SparkEngine
from rulesengine.intake import read_book
from rulesengine.pipeline import last_day, load_plan, pay_period
from tests.cases.runner import read_case, write_inputs
from tests.on_spark import local_spark
from tests.parity.compare import Unsupported, differences
from tests.parity.test_cases import CASES, FOLDER


def main(word: str = "", engine: str = "duckdb") -> None:
    """Print how many cases agree, which clauses are refused, and what differs.

    Args:
        word: of the paths of the cases to try; empty for all.
        engine: `duckdb`, or `spark` on this machine.
    """
    worker = SparkEngine(local_spark()) if engine == "spark" else None
    refused: Counter[str] = Counter()
    same = different = 0
    for path in CASES:
        if word not in str(path):
            continue
        case = read_case(path.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as name:
            facts = write_inputs(case, Path(name))
            words = case.run.heading.split()
            try:
                plan = load_plan(Path(name) / "plan.rules").plan
                through = last_day(words[3] if len(words) > 2 else None, pay_period(plan, words[1]))
                book = read_book(plan.schema, facts).book
            except Rejected:
                continue
            try:
                found = differences(plan, book, through, worker)
            except Unsupported as problem:
                refused[str(problem).partition("does not carry out ")[2]] += 1
                continue
            except Exception:  # every fault of the engine is shown, and the others go on
                found = [traceback.format_exc(limit=-2)]
        same += not found
        different += bool(found)
        if found:
            print(f"{path.relative_to(FOLDER)}: {len(found)} differences")
            print("".join(f"    {each}\n" for each in found[:4]), end="", flush=True)
    for clause, count in refused.most_common(60):
        print(f"{count:4} {clause}")
    print(f"{same} the same, {different} different, {refused.total()} refused")


if __name__ == "__main__":
    main(*sys.argv[1:])
