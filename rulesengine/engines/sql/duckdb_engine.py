"""The batch engine on DuckDB: stages are made one after the other, their rows become tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.results import Earned
from rulesengine.engines.sql.answer import LINES, OUTCOMES, PAYEE, REJECTS, Answer, varying
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
MOST_PAYEES = 50_000
"""With more of them, their keys stay texts."""


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


class Keep(StrEnum):
    """What becomes of the rows of an answer."""

    ROWS = "rows"
    """They are tables."""
    VARYING = "varying"
    """Tables of the columns that differ; views put the others beside them."""
    NOTHING = "nothing"
    """Views: whoever reads them has them worked out."""


def run_pipeline(
    connection: duckdb.DuckDBPyConnection,
    pipeline: Pipeline,
    keep: Keep = Keep.ROWS,
    progress: Callable[[str, int], None] = lambda stage, rows: None,  # noqa: ARG005
) -> Mapping[str, Mapping[str, str]]:
    """Make the stages and the tables or views `lines`, `outcomes` and `engine_rejects`.

    Returns the columns of the views that never differ, with their value as SQL, by view.

    Args:
        connection: to the database that has the facts.
        pipeline: what is made.
        keep: what becomes of lines and outcomes.
        progress: is told what is made next, and how many rows were made for that so far.

    Raises:
        Rejected: R1205, a number outgrew what the database holds; what the pipeline itself refuses.
    """
    dialect = DuckDB()
    connection.execute(dialect.words(pipeline.words or ("",)))
    statements = Statements(pipeline.stages, dialect)
    constants: dict[str, Mapping[str, str]] = {}
    made: set[str] = set()
    with numbers_that_fit(connection, pipeline, made):
        rows = 0
        for stage, statement in statements.tables():
            progress(f"computing {stage.name}", rows)
            counted = connection.execute(statement).fetchone()
            rows += counted[0] if counted else 0
            made.add(stage.name)
        check_refusals(pipeline, lambda name: connection.execute(statements.rows_of((name,))).fetchall())
        payees = _payee_type(connection, pipeline) if keep is not Keep.ROWS else ""
        for table, names in (
            (LINES, pipeline.lines),
            (OUTCOMES, pipeline.outcomes),
            (REJECTS, pipeline.rejects),
        ):
            answer = Answer.of(pipeline.stages, names)
            if answer is None:
                continue
            if keep is Keep.ROWS or table == REJECTS:
                connection.execute(f"create or replace table {table} as\n{statements.rows_of(names)}")
                continue
            source = varying(table)
            what = "table" if keep is Keep.VARYING else "temp view"
            with_text = keep is Keep.NOTHING and table == LINES and bool(payees) and PAYEE in answer.varying
            progress(f"computing {table}", rows)
            # Rows that earned nothing are written once: sooner as they are than looked up in a type.
            typed = payees if table == LINES else ""
            found = statements.rows_of(names, answer.asked(dialect, payees=typed, with_text=with_text))
            connection.execute(f"create or replace {what} {source} as\n{found}")
            whole = answer.whole(dialect, source, with_text=with_text)
            connection.execute(f"create or replace temp view {table} as {whole}")
            constants[table] = _same(answer)
    return constants


def never_differing(pipeline: Pipeline) -> Mapping[str, Mapping[str, str]]:
    """Return the columns of lines and outcomes that never differ, with their value as SQL, by table."""
    found = {LINES: pipeline.lines, OUTCOMES: pipeline.outcomes}
    answers = {table: Answer.of(pipeline.stages, names) for table, names in found.items()}
    return {table: _same(answer) for table, answer in answers.items() if answer is not None}


def _same(answer: Answer) -> dict[str, str]:
    return {name: DuckDB().expr(expr) for name, expr in answer.constants.items()}


@contextmanager
def numbers_that_fit(
    connection: duckdb.DuckDBPyConnection, pipeline: Pipeline, made: Collection[str] | None = None
) -> Iterator[None]:
    """Name the rule and the row of a number that outgrew what the database holds, while rows are made.

    Args:
        connection: to the database that has the facts.
        pipeline: of which rows are made.
        made: the stages of which tables were made by then; all that are kept if none are named.

    Raises:
        Rejected: R1205.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        known = {stage.name for stage in pipeline.stages if stage.is_kept} if made is None else made
        raise too_large(AskedDuckDB(connection, pipeline, known), pipeline, DuckDB()) from error


def _payee_type(connection: duckdb.DuckDBPyConnection, pipeline: Pipeline) -> str:
    """Make a type of the keys of payees, in which they are small numbers in the order of the keys.

    Returns its name, empty where there are too many: each part of a file would list all of them.
    """
    if not pipeline.payees:
        return ""
    dialect = DuckDB()
    keys = " union ".join(
        f"select {dialect.identifier(key)} as payee from {dialect.identifier(table)}"
        for table, key in pipeline.payees
    )
    count = connection.execute(f"select count(*) from ({keys})").fetchone()
    if count is None or count[0] > MOST_PAYEES:
        return ""
    name = dialect.identifier("payee")
    connection.execute(f"create type {name} as enum (select '' as payee union {keys} order by payee)")
    return name
