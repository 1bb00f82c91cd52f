"""Case files come out the same on Spark: some of them in the test suite, all with `ALL_CASES=1`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulesengine.engines.sql.spark_engine import SparkEngine
from tests.on_spark import local_spark, needs_spark
from tests.parity.test_cases import CASES, FOLDER, check

pytestmark = needs_spark
TRIED = CASES if os.environ.get("ALL_CASES") else CASES[7::90]


@pytest.mark.parametrize("path", TRIED, ids=[str(path.relative_to(FOLDER)) for path in TRIED])
def test_case(path: Path, tmp_path: Path) -> None:
    """All columns of all lines, all outcomes and all rejects are the same."""
    check(path, tmp_path, SparkEngine(local_spark()))
