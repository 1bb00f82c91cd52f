"""Spark for tests: one on this machine for a whole process, kept small and started when first asked for."""

from __future__ import annotations

import importlib.util
import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest

from rulesengine.engines.sql.spark_session import start

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    # Tests have few rows and many queries: one partition, no code that is generated and compiled for each.
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # What Spark remembers of queries that are over.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
    "spark.ui.retainedTasks": "1",
    "spark.driver.memory": "2g",
    "spark.buffer.pageSize": "1m",
}
needs_spark = pytest.mark.xdist_group("spark")
"""Of test modules that ask for Spark: all run in one process, so that it is started once."""


@cache
def _why_not() -> str:
    if importlib.util.find_spec("pyspark") is None:
        return "Spark is not installed: pip install rulesengine[spark]"
    if shutil.which("java") is None:
        return "Spark needs Java 17, and there is no java"
    return ""


@cache
def _started() -> SparkSession:
    return start("local[1]", SETTINGS)


def local_spark() -> SparkSession:
    """Return Spark; skips the test where it cannot be had."""
    if why := _why_not():
        pytest.skip(why)
    return _started()
