"""Generated plans: the folder of a run that continues another is that of a run over everything."""

from __future__ import annotations

import pytest

from tests.parity.since_folders import SAME, fate_of, small_parts

SEEDS = (1001, 1007, 1009, 1011)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_folder_is_the_same(seed: int) -> None:
    with small_parts():
        assert fate_of(seed) in SAME
