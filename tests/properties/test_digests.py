"""A run gives the same bytes in every process: nothing is in the order of a set."""

from __future__ import annotations

import os
import subprocess
import sys


def test_the_order_of_hashes_is_in_no_run_folder() -> None:
    """Texts hash otherwise in each process; a seed of its own for each makes sure of it."""
    found = [_digests(seed) for seed in ("1", "7")]
    assert found[0].count(" 0 ") > 10
    assert found[0] == found[1]


def _digests(seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.properties.digests", "61"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
