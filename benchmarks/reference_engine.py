"""Prints how many facts per second the reference engine evaluates under a plan of twenty rules."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from rulesengine.engines.reference import ReferenceEngine
from rulesengine.intake import read_book
from rulesengine.pipeline import load_plan

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.twenty_rules import plan_text, write_facts


def main(deals: int) -> None:
    """Evaluate a plan of twenty rules over so many deals."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plan.rules").write_text(plan_text(), encoding="utf-8")
        write_facts(folder, deals)
        plan = load_plan(folder / "plan.rules").plan
        started = time.perf_counter()
        intake = read_book(plan.schema, folder)
        read = time.perf_counter() - started
        started = time.perf_counter()
        earned = ReferenceEngine().earn(plan, intake.book, date(2027, 6, 30))
        evaluated = time.perf_counter() - started
    print(f"{len(plan.rules)} rules, {deals:,} facts, {len(earned.lines):,} lines")
    print(f"read       {read:8.2f} s   {deals / read:>10,.0f} facts per second")
    print(f"evaluated  {evaluated:8.2f} s   {deals / evaluated:>10,.0f} facts per second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
