"""Runs that continue another, on generated plans: `python -m tests.parity.since_folders PLANS [SEED]`.

Each seed is a plan with facts (`makers`), and the same facts with some gone, some changed and some new. The
folder of a run that continues the first has to be that of a run over everything, byte for byte. Prints what
became of the seeds, and each with a difference.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest

from rulesengine.batch import run_folder
from rulesengine.diagnostics import Rejected
from rulesengine.statements.summary import Summary
from tests.cases.runner import read_case, write_inputs
from tests.parity.makers import made_by, maker_of
from tests.parity.smaller import as_case
from tests.parity.test_since import Rows, changed

PERIOD = "2026-02..2026-06"
SAME = ("same", "same, in full")
"""What becomes of seeds whose folders are the same; the second where nothing could be taken over."""


@contextmanager
def small_parts() -> Iterator[None]:
    """Let tables of a few rows be cut between payees, as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rulesengine.statements.by_sql.cuts.ROWS_OF_A_PART", 2)
        yield


def fate_of(maker: str, seed: int, like: int) -> str:
    """Return what becomes of a plan: one of `SAME`, why there is no run, or how the folders differ.

    Args:
        maker: makes the plan and its facts.
        like: the seed of the facts that some of them become.
    """
    text, was, through = made_by(maker, seed)
    random = Random(seed)
    now = changed(was, made_by(maker, like)[1], random, random.choice([0.1, 0.3]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def write(facts: Rows, where: str) -> Path:
            (folder / where).mkdir()
            return write_inputs(read_case(f"Facts.\n{as_case(text, facts, through)}"), folder / where)

        def run(facts: Path, out: str, since: str | None = None) -> Summary:
            return run_folder(
                folder / "was" / "plan.rules",
                facts=facts,
                period=PERIOD,
                through=through,
                out=folder / out,
                engine="duckdb",
                pages="none",
                allow_rejects=True,
                keep_facts=True,
                since=None if since is None else folder / since,
            )

        then, facts = write(was, "was"), write(now, "now")
        try:
            run(then, "last")
            run(facts, "full")
        except Rejected as rejected:
            return f"no run: {rejected.diagnostics[0].code}"
        done = run(facts, "since", "last")
        found, expected = files(folder / "since"), files(folder / "full")
    other = [each for each in sorted(found.keys() | expected.keys()) if found.get(each) != expected.get(each)]
    if other:
        return f"different: {', '.join(other)}"
    assert done.since is not None
    return SAME[bool(done.since.in_full)]


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files of a folder, by their paths in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _tried(seed: int) -> str:
    maker = maker_of(seed)
    like = next(other for other in count(seed + 1) if maker_of(other) == maker)
    try:
        with small_parts():
            return fate_of(maker, seed, like)
    except Exception:  # every fault is shown, and the other seeds go on
        return f"different: {traceback.format_exc(limit=-2)}"


def main(plans: int, first: int = 0) -> int:
    """Try seeds until there were so many runs; return 1 if any folder differs."""
    fates: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        seeds = count(first)
        while sum(fates[each] for each in (*SAME, "different")) < plans:
            some = list(islice(seeds, 20))
            for seed, fate in zip(some, pool.map(_tried, some), strict=True):
                sort, _, why = fate.partition(": ")
                fates[sort if sort == "different" else fate] += 1
                if sort == "different":
                    print(f"seed {seed}, maker {maker_of(seed)}: {why}", flush=True)
    print(", ".join(f"{fate} {number:,}" for fate, number in fates.most_common()))
    return int(fates["different"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
