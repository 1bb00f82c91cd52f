"""One row paid by a prepared plan, on generated plans: `python -m tests.parity.one_row PLANS [SEED]`.

Each seed is a plan with facts (`makers`). Rows that no other points at are taken out one by one and paid
by the plan prepared on the rest: as the reference engine pays them in a run over everything, with the
reasons why rules pay nothing. Prints what became of the seeds, and each with a difference.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice
from random import Random

from rulesengine.diagnostics import Rejected
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.intake import read_book
from tests.engines.prepared.one_out import taken_out
from tests.parity.makers import made, maker_of
from tests.properties.road import checked

ROWS_OF_A_KIND = 2


def fate_of(seed: int) -> str:
    """Return what becomes of a seed: `same` and how many rows, why there is no run, or what differs."""
    text, facts, through = made(seed)
    paid = 0
    try:
        plan = checked(text)
        book = read_book(plan.schema, facts).book
        ReferenceEngine().earn(plan, book, through)
    except Rejected as rejected:
        return f"no run: {rejected.diagnostics[0].code}"
    try:
        for taken in taken_out(plan, book, through, ROWS_OF_A_KIND, Random(seed)):
            taken.check(with_words=True)
            paid += 1
    except Exception:  # every fault is shown, and the other seeds go on
        return f"different: {traceback.format_exc(limit=-2)}"
    return f"same: {paid}"


def main(plans: int, first: int = 0) -> int:
    """Try seeds until rows of so many plans were paid; return 1 if any is paid otherwise."""
    fates: Counter[str] = Counter()
    rows = 0
    with ProcessPoolExecutor() as pool:
        seeds = count(first)
        while fates["same"] + fates["different"] < plans:
            some = list(islice(seeds, 100))
            for seed, fate in zip(some, pool.map(fate_of, some, chunksize=10), strict=True):
                sort, _, rest = fate.partition(": ")
                fates[sort if sort != "no run" else fate] += 1
                rows += int(rest) if sort == "same" else 0
                if sort == "different":
                    print(f"seed {seed}, maker {maker_of(seed)}: {rest}", flush=True)
    print(f"{rows:,} rows; plans: " + ", ".join(f"{fate} {number:,}" for fate, number in fates.most_common()))
    return int(fates["different"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
