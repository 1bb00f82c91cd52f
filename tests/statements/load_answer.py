"""What an engine answered in memory, as the tables that DuckDB writes a run folder from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rulesengine.engines.results import Earned
from rulesengine.model.book import Reject
from rulesengine.statements.assemble import entry_of
from rulesengine.statements.by_sql.sql import name
from rulesengine.statements.tables import lines_table, not_earning_table, rejects_table
from rulesengine.statements.terms import Terms

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def load_answer(
    connection: duckdb.DuckDBPyConnection, earned: Earned, rejects: Iterable[Reject], terms: Terms
) -> None:
    """Make the tables of `stored_run.ANSWER`.

    Args:
        connection: to make them in.
        earned: what the engine found.
        rejects: what intake did not take.
        terms: of the plan.

    Raises:
        Rejected: R1205, a number is too large for its column.
    """
    lines = lines_table(map(entry_of, earned.lines), terms).drop_columns(["period"])
    _load(connection, "lines", lines)
    _load(connection, "outcomes", not_earning_table(earned.outcomes, terms))
    load_rejects(connection, "engine_rejects", earned.rejects)
    load_rejects(connection, "rejects", rejects)


def load_rejects(connection: duckdb.DuckDBPyConnection, table: str, rejects: Iterable[Reject]) -> None:
    """Make one of the tables of rows that were not taken."""
    _load(connection, table, rejects_table(rejects))


def _load(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("answered", rows)
    connection.execute(f"CREATE OR REPLACE TABLE {name(table)} AS SELECT * FROM answered")
    connection.unregister("answered")
