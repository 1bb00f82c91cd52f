"""Holds two results of `plan.rules` together: every column of every line, and every total.

    python -m benchmarks.deals.compare build/bench/run-1m build/bench/opponent-1m
    python -m benchmarks.deals.compare --reference 20000

The second form makes so many deals and holds the opponent against the reference engine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.deals.generate import write_facts
from benchmarks.deals.opponent import run as run_opponent
from benchmarks.harness import table_files

PLAN = Path(__file__).with_name("plan.rules")
PERIOD = "2026-01..2027-12"
"""From the first deal to the last instalment."""
# The names of the files with a payee's pages are no business of an opponent, nor is how a fault is worded.
_COLUMNS = {
    "lines": "*",
    "statements": "* exclude (file)",
    "not_earning": "*",
    "payees": "*",
    "rejects": "kind, file, row, key, field, code",
}


def differences(ours: Path, theirs: Path) -> dict[str, tuple[int, int, int]]:
    """Return, for each table of the second folder: its rows, rows only in the first, rows only in the second.

    Rows are held together in all columns; columns are taken by their place, which both have from the
    schema of the product.
    """
    import duckdb

    found = {}
    with duckdb.connect() as database:
        database.execute("set enable_progress_bar = false")
        for name, columns in _COLUMNS.items():
            if not (theirs / name).with_suffix(".parquet").exists():
                continue
            left = f"(select {columns} from '{table_files(ours, name)}')"
            shown = columns if name == "rejects" else "*"
            right = f"(select {shown} from '{table_files(theirs, name)}')"

            def count(query: str) -> int:
                row = database.execute(f"select count(*) from ({query})").fetchone()
                assert row is not None
                return int(row[0])

            found[name] = (
                count(f"from {left}"),
                count(f"from {left} except all from {right}"),
                count(f"from {right} except all from {left}"),
            )
    return found


def with_reference(
    deals: int, partners: int, *, format: str = "parquet", is_sorted: bool = False, parts: str = ""
) -> dict[str, tuple[int, int, int]]:
    """Return the differences between the reference engine and the opponent over so many deals."""
    from rulesengine.pipeline import evaluate

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_facts(folder / "facts", deals, partners, format=format)
        run_opponent(folder / "facts", folder / "theirs", is_sorted=is_sorted, parts=parts)
        run = evaluate(PLAN, facts=folder / "facts", period=PERIOD, engine="reference")
        run.write(folder / "ours")
        return differences(folder / "ours", folder / "theirs")


def main() -> int:
    """Print what differs, and return 1 if anything does."""
    parser = argparse.ArgumentParser(description="Compare two results of benchmarks/deals/plan.rules.")
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--reference", type=int, metavar="DEALS")
    chosen = parser.parse_args()
    if chosen.reference:
        found = with_reference(chosen.reference, max(chosen.reference // 50, 1))
    else:
        found = differences(*chosen.folders)
    for name, (rows, only_ours, only_theirs) in found.items():
        print(f"{name}: {rows:,} rows; {only_ours:,} only in the first, {only_theirs:,} only in the second")
    return int(any(ours or theirs for _, ours, theirs in found.values()))


if __name__ == "__main__":
    sys.exit(main())
