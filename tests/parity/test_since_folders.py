"""Generated plans: the folder of a run that continues another is that of a run over everything."""

from __future__ import annotations

import pytest

from tests.parity.since_folders import SAME, fate_of, small_parts

SEEDS = (("one_rule", 1001, 1021), ("goals", 1007, 1032), ("rerated", 1009, 1024), ("ranked", 1011, 1036))
"""Of a plan, and of the facts that some of its facts become."""


@pytest.mark.parametrize(("maker", "seed", "like"), SEEDS)
def test_the_folder_is_the_same(maker: str, seed: int, like: int) -> None:
    with small_parts():
        assert fate_of(maker, seed, like) in SAME
