"""Statements of a run that continues another: of payees whose lines are written anew, beside all others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.statements.by_sql.cuts import EVERY_PAYEE, part_of
from rulesengine.statements.by_sql.kept_parts import KeptParts
from rulesengine.statements.by_sql.sql import columns, single, text
from rulesengine.statements.by_sql.statements import STATEMENTS, WITH_FILES
from rulesengine.statements.run_folder import RunFolder
from rulesengine.statements.tables import STATEMENTS as SCHEMA

if TYPE_CHECKING:
    import duckdb

JOINED = "run_statements_joined"
"""The statements of all payees of parts that are written anew."""
JOINED_ORDER = "t.payee_kind, t.payee, t.first_day, t.currency"
_ANEW = "run_payees_anew"


def more_statements(connection: duckdb.DuckDBPyConnection, run: RunFolder, lines: KeptParts) -> int:
    """Return how many more statements there are than there were, and note whose are in the database.

    Args:
        connection: to the database; has the statements of payees whose lines are written anew.
        run: the earlier one.
        lines: the parts of its lines.
    """
    touched = f"list_contains({sorted(lines.touched)}::BIGINT[], {part_of(lines.parts)})"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ANEW} AS SELECT payee_kind, payee FROM {EVERY_PAYEE} WHERE {touched}"
    )
    before = f"{_read(run.files('statements'))} SEMI JOIN {_ANEW} USING (payee_kind, payee)"
    now, were = (single(connection, f"SELECT count(*) FROM {rows}") for rows in (STATEMENTS, before))
    return int(now) - int(were)


def kept_statements(connection: duckdb.DuckDBPyConnection, run: RunFolder, more: int) -> KeptParts:
    """Return which parts of the table of statements stand, given how many more there are."""
    return KeptParts.of_table(connection, run, "statements", f"FROM {_ANEW}", more)


def join_earlier(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Make the table `JOINED`.

    Args:
        connection: to the database.
        files: the parts of the earlier run that are written anew.
    """
    values = {"payee": "f.payee", "file": "f.file"}
    asked = ", ".join(f"{values.get(each, f't.{each}')} AS {each}" for each in SCHEMA.names)
    others = ""
    if files:
        of_others = f"{_read(files)} ANTI JOIN {_ANEW} USING (payee_kind, payee)"
        others = f" UNION ALL BY NAME SELECT {columns(SCHEMA.names)} FROM {of_others}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {JOINED} AS SELECT {asked} {WITH_FILES}{others}")


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(text(str(file)) for file in files)}])"
