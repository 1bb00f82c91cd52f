"""Many generated plans under both engines: `make parity`, or `python -m tests.parity.campaign PLANS [SEED]`.

Prints how many plans were compared, with how many lines, how many the batch engine refuses by name and
how many differ. A plan that differs is written out with its facts, made as small as it can be; it
becomes a case file.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.parity.generated import attempt, tries

CHUNK = 250


def chunk(number: int) -> tuple[Counter[str], Counter[str], str]:
    """Try the plans of one seed; return their fates, why plans were refused, and a plan that differs."""
    fates: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=CHUNK,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(tried=tries())
    def compare(tried):
        found = attempt(*tried)
        fates[found.fate] += 1
        fates["lines"] += found.lines
        if found.fate == "refused":
            refused[found.why.partition("does not carry out ")[2]] += 1
        assert found.fate != "different", f"{tried[0]}\n{tried[1]}\nthrough {tried[2]}\n{found.why}"

    try:
        compare()
    except AssertionError as difference:
        return fates, refused, f"seed {number}: {difference}"
    return fates, refused, ""


def main(plans: int, first: int = 1) -> int:
    """Try so many plans, on all cores; return 1 if any differs."""
    fates: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    different = []
    begun = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found, why, difference in pool.map(chunk, range(first, first + -(-plans // CHUNK))):
            fates += found
            refused += why
            if difference:
                different.append(difference)
                print(difference, flush=True)
    for clause, count in refused.most_common(30):
        print(f"{count:6} {clause}")
    print(
        f"{fates['same']:,} plans the same, {fates['lines']:,} lines; {fates['refused']:,} refused by name; "
        f"{fates['no plan']:,} texts that are no plan; seeds with a difference: {len(different)}; "
        f"seeds {first} to {first + -(-plans // CHUNK) - 1}; {time.monotonic() - begun:.0f} s"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
