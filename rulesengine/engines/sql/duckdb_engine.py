"""The batch engine on DuckDB: stages are made one after the other, their rows become tables."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.results import Earned
from rulesengine.engines.sql.compile import Pipeline, compile_plan
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.faults import AskedDuckDB, check_refusals, too_large
from rulesengine.engines.sql.fetch import fetch_earned
from rulesengine.engines.sql.statements import Statements
from rulesengine.engines.sql.store import store_book
from rulesengine.model.book import Book
from rulesengine.plan import nodes

if TYPE_CHECKING:
    import duckdb

OLDEST = (2, 0)
SETTINGS = {"preserve_insertion_order": "false", "disabled_optimizers": "common_subplan"}
"""How every database of a run is opened. `common_subplan` mixes up chains of joins (decision 0035)."""
LINES, OUTCOMES, REJECTS = "lines", "outcomes", "engine_rejects"


class DuckDBEngine:
    """Carries a plan out as SQL on DuckDB; the same lines as the reference engine."""

    name = "duckdb"

    def earn(self, plan: nodes.Plan, book: Book, through: date) -> Earned:
        """Return everything earned by rows dated on or before `through` (engines/contract.py)."""
        with connect() as connection:
            stored = store_book(connection, plan.schema, book)
            pipeline = compile_plan(plan, stored, through)
            run_pipeline(connection, pipeline)
            return fetch_earned(connection)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a database in memory.

    Raises:
        Rejected: R1301, this DuckDB is too old to compute exactly.
    """
    import duckdb

    check_version()
    return duckdb.connect(":memory:", config=dict(SETTINGS))


def check_version() -> None:
    """Refuse a DuckDB that is too old to compute exactly.

    Raises:
        Rejected: R1301.
    """
    import duckdb

    version = tuple(int(part) for part in duckdb.__version__.split(".")[:2])
    if version < OLDEST:
        message = f"DuckDB {duckdb.__version__} rounds some amounts wrongly; 2.0 or newer is needed"
        raise Rejected([Diagnostic(code="R1301", message=message, hint="install duckdb 2.0 or newer")])


def run_pipeline(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> None:
    """Make the stages and the tables `lines`, `outcomes` and `engine_rejects`.

    Raises:
        Rejected: R1205, a number outgrew what the database holds; what the pipeline itself refuses.
    """
    import duckdb

    dialect = DuckDB()
    connection.execute(dialect.words(pipeline.words or ("",)))
    statements = Statements(pipeline.stages, dialect)
    made = set()
    try:
        for stage, statement in statements.tables():
            connection.execute(statement)
            made.add(stage.name)
        check_refusals(pipeline, lambda name: connection.execute(statements.rows_of((name,))).fetchall())
        for table, names in (
            (LINES, pipeline.lines),
            (OUTCOMES, pipeline.outcomes),
            (REJECTS, pipeline.rejects),
        ):
            if names:
                connection.execute(f"create or replace table {table} as\n{statements.rows_of(names)}")
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        missing = [stage for stage in pipeline.stages if stage.name not in made]
        raise too_large(AskedDuckDB(connection, missing), pipeline, dialect) from error
