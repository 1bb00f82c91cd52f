"""Spark for one run: started where none is, and checked to compute exactly."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.sql.workspace import check_limits
from rulesengine.model.limits import Limits

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST = (4, 1)
"""The first Spark that has recursive queries."""
_BYTES = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(I?)B")

_MASTER = re.compile(r"local(\[[^\[\]]+\])?|local-cluster\[.+\]|yarn|(spark|k8s)://.+")

EXACT: Mapping[str, str] = {
    # Overflow is an error; else sums would wrap around and casts would give null.
    "spark.sql.ansi.enabled": "true",
    # Else products of more than 38 digits are rounded without a word.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Names of columns that differ in case are different names.
    "spark.sql.caseSensitive": "true",
    # Else `${...}` in a text of the plan would be replaced.
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.session.timeZone": "UTC",
    # Days before 1582 stay what they are.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.cteRecursionLevelLimit": "-1",
    "spark.sql.cteRecursionRowLimit": "-1",
    # Spark 4.3 makes a plan that it then refuses itself where a union reads one stage in several ways.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
}
"""Settings of a session on which the meaning of the pipeline depends."""
QUIET: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "FATAL",
}
ON_ONE_MACHINE: Mapping[str, str] = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Its own 200 tasks a stage are for clusters.
    "spark.sql.shuffle.partitions": "16",
    # A table to be joined takes a page at least: at its own 64 MB thirty small ones do not fit 3 GB.
    "spark.buffer.pageSize": "4m",
}
MEMORY = "3GB"
"""Of Spark on one machine if nothing else is asked for: a million rows do not fit what it takes of itself."""
_PROBES = (
    ("typeof(cast(1 as decimal(38, 10)) * cast(1 as decimal(38, 10)))", "decimal(38,20)"),
    ("'${spark.app.name}' || '\\\\'", "${spark.app.name}\\"),
    ("'a' = 'A'", False),
    ("'a ' = 'a'", False),
)
"""Expressions and what they are if Spark computes and compares as the pipeline needs it."""


def start(master: str = "", settings: Mapping[str, str] | None = None) -> SparkSession:
    """Return Spark: the one that runs in this process, else a new one.

    Args:
        master: where the work is done: `local[2]`, `spark://host:7077`, `yarn`, `k8s://...`; if empty
            what Spark's own settings say, and all cores of this machine if they say nothing.
        settings: of Spark, besides its own configuration files.

    Raises:
        Rejected: R1302, Spark is not installed, is too old or cannot be started.
    """
    if master and not _MASTER.fullmatch(master):
        hint = "write one like `local[2]`, `spark://host:7077`, `yarn` or `k8s://https://host:6443`"
        raise _refused(f"`{master}` is no master of Spark", hint)
    builder = _pyspark().builder.appName("rulesengine")
    if master:
        builder = builder.master(master)
    asked = {**QUIET, **(ON_ONE_MACHINE if master.startswith("local") else {}), **(settings or {})}
    for name, value in asked.items():
        builder = builder.config(name, value)
    # What a query fails of is told as an error of the run, and not logged besides.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    try:
        return builder.getOrCreate()
    except Exception as error:  # the classes differ by what is missing: Java, a master, a port
        why = str(error).strip().partition("\n")[0]
        hint = "Spark needs Java 17 and a master that can be reached; try `--master local[2]` first"
        raise _refused(f"Spark cannot be started: {why}", hint) from error


@contextmanager
def spark_for_a_run(master: str, limits: Limits, beside: Path) -> Iterator[tuple[SparkSession, Path]]:
    """Give a session of Spark and a folder for its files, which is removed at the end.

    Spark is stopped at the end unless it ran before.

    Args:
        master: as for `start`.
        limits: memory and threads are of this machine: they are for masters that are `local`. The folder is
            made under `temp`, which all machines of Spark can read and write.
        beside: where the folder is made if `limits` name no other.

    Raises:
        Rejected: R1206, R1302.
    """
    check_limits(limits)
    home = limits.temp or beside
    home.mkdir(parents=True, exist_ok=True)
    was_running = _is_running()
    with tempfile.TemporaryDirectory(prefix=".rulesengine-spark-", dir=home) as name:
        settings = {"spark.sql.warehouse.dir": (Path(name) / "warehouse").absolute().as_uri()}
        if not master or master.startswith("local"):
            settings["spark.local.dir"] = str(Path(name) / "spilled")
            settings["spark.driver.memory"] = _memory_of_java(limits.memory or MEMORY)
            master = master or (f"local[{limits.threads}]" if limits.threads else "")
        spark = start(master, settings)
        try:
            yield exact_session(spark), Path(name)
        finally:
            if not was_running:
                spark.stop()


def exact_session(spark: SparkSession) -> SparkSession:
    """Return a session of its own for one run, in which Spark computes exactly.

    Raises:
        Rejected: R1302, it does not, whatever its settings say.
    """
    session = spark.newSession()
    for name, value in EXACT.items():
        session.conf.set(name, value)
    wrong = [name for name, value in EXACT.items() if session.conf.get(name) != value]
    if not wrong:
        probed = session.sql(f"select {', '.join(expr for expr, _ in _PROBES)}").collect()[0]
        answers = zip(_PROBES, tuple(probed), strict=True)
        wrong = [f"{expr} is {found}" for (expr, expected), found in answers if found != expected]
    if wrong:
        hint = "leave the settings under `spark.sql.` of the cluster as they come"
        raise _refused(f"this Spark does not compute exactly: {', '.join(wrong)}", hint)
    return session


def _pyspark() -> type[SparkSession]:
    hint = "`pip install rulesengine[spark]`, with Java 17 on the machine"
    try:
        import pyspark
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _refused("Spark is not installed", hint) from error
    version = tuple(int(part) for part in pyspark.__version__.split(".")[:2])
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise _refused(f"Spark {pyspark.__version__} is too old; {oldest} or newer is needed", hint)
    return SparkSession


def _is_running() -> bool:
    """Whether Spark runs in this process already."""
    _pyspark()
    from pyspark import SparkContext

    return SparkContext._active_spark_context is not None


def _memory_of_java(memory: str) -> str:
    """Return an amount of memory as Java takes it.

    Raises:
        Rejected: R1206, it is no number of bytes.
    """
    found = _BYTES.fullmatch(memory.strip().upper())
    if found is None:
        hint = "write one like 512MB or 4GB"
        message = f"`{memory}` is no amount of memory that Spark can be given"
        raise Rejected([Diagnostic(code="R1206", message=message, hint=hint)])
    number, unit, is_binary = found.groups()
    size = Decimal(number) * (1024 if is_binary else 1000) ** (" KMGT".index(unit))
    return f"{int(size) >> 20}m"


def _refused(message: str, hint: str) -> Rejected:
    return Rejected([Diagnostic(code="R1302", message=message, hint=hint)])
