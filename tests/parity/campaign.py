"""Many generated plans under both engines: `make parity`, or
`python -m tests.parity.campaign PLANS [SEED [LINES]]`.

Each seed is a plan with facts (`makers`). Seeds are tried in order until so many plans were compared, and so
many lines; texts that are no plan are not counted. Prints how many plans and lines were the same, what the
batch engine refuses by name, and every seed with a difference, made as small as it can be: it becomes a case
file. `python -m tests.parity.campaign 1 SEED` tries one seed again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice

from tests.parity.generated import OneDatabase, Tried, attempt
from tests.parity.makers import made, maker_of
from tests.parity.smaller import as_case, smaller

CHUNK = 50
"""Seeds that a process tries on one database: enough that opening it costs nothing."""
COMPARED = ("same", "different")


@dataclass
class Found:
    """What became of some seeds."""

    fates: Counter[str] = field(default_factory=Counter)
    """How many plans by fate, and the lines that were compared."""
    makers: Counter[str] = field(default_factory=Counter)
    """How many plans were compared, by maker."""
    why: Counter[str] = field(default_factory=Counter)
    """Why plans were refused, were too large, or no plans."""
    texts: set[bytes] = field(default_factory=set)
    """A digest of each plan that was compared."""
    different: list[str] = field(default_factory=list)
    """The seeds with a difference, each with its plan."""

    def add(self, other: Found) -> None:
        """Take in what became of other seeds."""
        self.fates += other.fates
        self.makers += other.makers
        self.why += other.why
        self.texts |= other.texts
        self.different += other.different

    @property
    def plans(self) -> int:
        return sum(self.fates[fate] for fate in COMPARED)

    def lacks(self, plans: int, lines: int) -> int:
        """Return how many more plans it takes until so many were compared, and so many lines."""
        each = max(self.fates["lines"] // max(self.plans, 1), 1)
        return max(plans - self.plans, -(-(lines - self.fates["lines"]) // each) if self.plans else 0)


def chunk(seeds: range) -> Found:
    """Return what becomes of some seeds."""
    found, engine = Found(), OneDatabase()
    for seed in seeds:
        text, facts, through = made(seed)
        tried = attempt(text, facts, through, engine)
        found.fates[tried.fate] += 1
        if tried.fate in COMPARED:
            found.fates["lines"] += tried.lines
            found.makers[maker_of(seed)] += 1
            found.texts.add(hashlib.blake2b(text.encode(), digest_size=12).digest())
        else:
            found.why[f"{tried.fate}: {maker_of(seed)}: {tried.why.partition(chr(10))[0][:150]}"] += 1
        if tried.fate == "different":
            found.different.append(_told(seed))
    return found


def _told(seed: int) -> str:
    """Return the plan of a seed as small as it differs, and how it differs."""
    text, facts, through = made(seed)
    engine = OneDatabase()
    sort = _sort(attempt(text, facts, through, engine))
    text, facts = smaller(text, facts, lambda t, f: _sort(attempt(t, f, through, engine)) == sort)
    why = attempt(text, facts, through).why
    return f"=== seed {seed}, maker {maker_of(seed)}\n{as_case(text, facts, through)}--- differs\n{why}\n"


def _sort(tried: Tried) -> str:
    """Return what sort of difference it is: what fails is not made smaller to what answers otherwise."""
    return f"{tried.fate} {tried.why.splitlines()[-1] if tried.why.startswith('Traceback') else ''}"


def campaign(plans: int, first: int = 0, lines: int = 0) -> Found:
    """Try seeds, on all cores, until so many plans and lines were compared; differences are printed as they
    turn up."""
    found, step, cores = Found(), min(CHUNK, plans), os.cpu_count() or 1
    with ProcessPoolExecutor(cores) as pool:
        starts = count(first, step)
        while (lacking := found.lacks(plans, lines)) > 0:
            # A round of which each process gets a few; what is still lacking is the next round.
            chunks = min(-(-lacking // step), 8 * cores)
            seeds = [range(start, start + step) for start in islice(starts, chunks)]
            for each in pool.map(chunk, seeds):
                found.add(_shown(each))
    return found


def _shown(found: Found) -> Found:
    for each in found.different:
        print(each, flush=True)
    return found


def main(plans: int, first: int = 0, lines: int = 0) -> int:
    """Try so many plans, and lines, and print what became of them; return 1 if any differs."""
    begun = time.monotonic()
    found = campaign(plans, first, lines)
    for why, times in found.why.most_common(30):
        print(f"{times:6} {why}")
    print(", ".join(f"{name} {times:,}" for name, times in found.makers.most_common()))
    fates, last = found.fates, first + sum(found.fates[fate] for fate in found.fates if fate != "lines") - 1
    print(
        f"{found.plans:,} plans compared, {len(found.texts):,} different texts, "
        f"{fates['lines']:,} lines the same; {fates['different']} plans with a difference; "
        f"{fates['refused']} refused by name, {fates['too large']} too large for the batch engine, "
        f"{fates['no plan']:,} texts that are no plan; "
        f"seeds {first} to {last}; {time.monotonic() - begun:.0f} s"
    )
    return 1 if found.different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
