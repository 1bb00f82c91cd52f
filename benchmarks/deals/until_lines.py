"""Runs the product until the lines are written, and leaves the rest undone: what lines alone cost.

    python -m benchmarks.deals.until_lines --facts build/bench/deals-1m --out build/bench/ours-lines

Facts are read, checked and stored, all that lines are made of is worked out, and the table of lines, in any
order, is written to its last byte. The product writes no run folder that is not whole, so none is left.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.harness import PERIOD, PLAN


def main() -> int:
    """Do what the arguments ask for; return 1 if the run ended without telling that lines were written."""
    from rulesengine.batch import run_folder

    parser = argparse.ArgumentParser(description="The product, until lines are written.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()

    def told(stage: str, rows: int) -> None:
        # It is said first when the table has been written.
        if stage == "writing lines" and rows:
            raise _WrittenError

    try:
        run_folder(PLAN, facts=chosen.facts, period=PERIOD, out=chosen.out, is_sorted=False, progress=told)
    except _WrittenError:
        return 0
    return 1


class _WrittenError(Exception):
    """Lines are written."""


if __name__ == "__main__":
    sys.exit(main())
