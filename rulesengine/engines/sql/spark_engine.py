"""The batch engine on Spark: the stages of the pipeline become views, their rows Parquet files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.engines.results import Earned
from rulesengine.engines.sql.answer import LINES, OUTCOMES, REJECTS
from rulesengine.engines.sql.compile import Pipeline, compile_plan
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.duckdb_engine import connect
from rulesengine.engines.sql.faults import check_refusals, too_large
from rulesengine.engines.sql.fetch import fetch_earned
from rulesengine.engines.sql.parquet_book import ParquetTable, write_book
from rulesengine.engines.sql.relations import Stage, sources
from rulesengine.engines.sql.spark_dialect import Spark
from rulesengine.engines.sql.spark_session import exact_session, start
from rulesengine.engines.sql.store import store_book
from rulesengine.model.book import Book
from rulesengine.plan import nodes

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

_MOST_PLANNED = 100
"""Selects that Spark plans for one stage; with more, its rows are worked out and written down first."""
_TOO_LARGE = re.compile(
    r"NUMERIC_VALUE_OUT_OF_RANGE|ARITHMETIC_OVERFLOW|CAST_OVERFLOW|DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"
)
"""What Spark calls a number that has no room."""


class SparkEngine:
    """Carries a plan out as SQL on Spark; the same lines as the reference engine."""

    name = "spark"

    def __init__(self, spark: SparkSession | None = None) -> None:
        self.spark = spark

    def earn(self, plan: nodes.Plan, book: Book, through: date) -> Earned:
        """Return everything earned by rows dated on or before `through` (engines/contract.py)."""
        with connect() as connection, tempfile.TemporaryDirectory() as name:
            stored = store_book(connection, plan.schema, book)
            pipeline = compile_plan(plan, stored, through)
            facts = write_book(connection, stored, Path(name) / "facts")
            session = exact_session(self.spark or start())
            run_pipeline(session, pipeline, facts, Path(name) / "answer")
            read_answer(connection, Path(name) / "answer")
            return fetch_earned(connection)


def run_pipeline(
    session: SparkSession, pipeline: Pipeline, facts: Sequence[ParquetTable], folder: Path
) -> None:
    """Write what the stages answer as folders of Parquet: `lines`, `outcomes` and `engine_rejects`.

    Args:
        session: for this run alone, from `exact_session`.
        pipeline: the compiled plan.
        facts: the stored book, where all machines of Spark can read it.
        folder: where all of them can write; those of the three that no stage makes are left out. Beside it
            stands what is kept of the stages meanwhile.

    Raises:
        Rejected: R1205, a number outgrew what the database holds; what the pipeline itself refuses.
    """
    stages = _Stages(session, Spark(), folder.with_name(f"{folder.name}-stages"))
    try:
        for table in facts:
            stages.read(table)
        for stage in pipeline.stages:
            stages.make(stage)
        check_refusals(pipeline, stages.tuples)
        for name, parts in answers(pipeline):
            stages.rows_of(parts).write.parquet(_url(folder / name))
    except Exception as error:  # of several classes, by where Spark finds it
        if not is_too_large(error):
            raise
        raise too_large(_AskedSpark(stages), pipeline, stages.dialect) from error


def is_too_large(error: Exception) -> bool:
    """Return whether Spark stopped because a number grew too large."""
    return _TOO_LARGE.search(str(error)) is not None


@dataclass(frozen=True, slots=True)
class _Stages:
    """The stages as views of one session; what is kept is written down and read from there."""

    session: SparkSession
    dialect: Spark
    folder: Path
    weights: dict[str, int] = field(default_factory=dict)
    """Of each stage that is made: the selects that Spark plans for whoever reads it."""

    def read(self, table: ParquetTable) -> None:
        """Make a view of a stored table."""
        columns = ", ".join(f"{self.dialect.identifier(name)} {kind}" for name, kind in table.columns)
        rows = self.session.read.schema(columns).parquet(_url(table.path))
        rows.createOrReplaceTempView(self.dialect.identifier(table.name))

    def make(self, stage: Stage) -> None:
        """Make a stage, unless it is there.

        It is planned here and once: a view made by a statement would be kept as text, and planned anew by
        each stage that reads it. Even so Spark carries the plan of a stage into all that read it, and a road
        on which each stage reads the one before twice doubles with each step; so it is cut now and then.

        Args:
            stage: all that it reads is made.
        """
        if stage.name in self.weights:
            return
        rows = self.session.sql(self.dialect.body(stage.body))
        weight = 1 + sum(self.weights.get(name, 1) for name in sources(stage.body))
        if stage.is_kept or weight > _MOST_PLANNED:
            path = _url(self.folder / str(len(self.weights)))
            # A stage whose rows could not be worked out may have left some.
            rows.write.mode("overwrite").parquet(path)
            rows, weight = self.session.read.schema(rows.schema).parquet(path), 1
        rows.createOrReplaceTempView(self.dialect.identifier(stage.name))
        self.weights[stage.name] = weight

    def rows_of(self, names: Sequence[str]) -> DataFrame:
        """Return the rows of several stages with the same columns."""
        selects = (f"select * from {self.dialect.identifier(name)}" for name in names)
        return self.session.sql("\nunion all\n".join(selects))

    def tuples(self, name: str) -> list[tuple[str, int]]:
        """Return the rows of a stage of messages."""
        return [(row["message"], row["nth"]) for row in self.rows_of((name,)).collect()]


@dataclass(frozen=True, slots=True)
class _AskedSpark:
    """Spark as a database that is asked where it failed."""

    stages: _Stages

    def make(self, stage: Stage) -> bool:
        """Make a stage, unless it is there; a view if its rows cannot be worked out."""
        try:
            self.stages.make(stage)
        except Exception as error:  # of several classes, by where Spark finds it
            if not is_too_large(error):
                raise
            rows = self.stages.session.sql(self.stages.dialect.body(stage.body))
            rows.createOrReplaceTempView(self.stages.dialect.identifier(stage.name))
            return False
        return True

    def rows_of(self, name: str) -> str:
        """Return the query for the rows of a stage."""
        return f"select * from {self.stages.dialect.identifier(name)}"

    def fails(self, query: str) -> bool:
        """Return whether a number grows too large in any row and column of a query."""
        try:
            # Every column is worked out, none is kept.
            self.stages.session.sql(f"select max(xxhash64(*)) from ({query})").collect()
        except Exception as error:  # as above
            if is_too_large(error):
                return True
            raise
        return False

    def texts(self, query: str) -> list[str]:
        """Return the one column of a query, in its order."""
        return [str(row[0]) for row in self.stages.session.sql(query).collect()]


def answers(pipeline: Pipeline) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tables of an answer that there are, each with the stages that its rows come from."""
    tables = ((LINES, pipeline.lines), (OUTCOMES, pipeline.outcomes), (REJECTS, pipeline.rejects))
    return [(table, names) for table, names in tables if names]


def read_answer(connection: duckdb.DuckDBPyConnection, folder: Path, *, is_large: bool = False) -> None:
    """Make tables of what Spark wrote, under the names that DuckDB's own answer has.

    Args:
        connection: to the database.
        folder: that Spark wrote to.
        is_large: whether the rows stay in the files, and the tables are views of them.
    """
    quoted = DuckDB().quoted
    what = "view" if is_large else "table"
    for table in (LINES, OUTCOMES, REJECTS):
        if (folder / table).exists():
            files = quoted(str(folder / table / "*.parquet"))
            connection.execute(f"create or replace {what} {table} as select * from read_parquet({files})")


def _url(path: Path) -> str:
    return path.absolute().as_uri()
