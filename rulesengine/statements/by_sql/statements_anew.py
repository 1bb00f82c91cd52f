"""Statements of a run that continues another: of payees who have other lines, beside all others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.statements.by_sql.kept_parts import KeptParts
from rulesengine.statements.by_sql.sql import single, text
from rulesengine.statements.by_sql.statements import STATEMENTS
from rulesengine.statements.run_folder import RunFolder

if TYPE_CHECKING:
    import duckdb


def more_statements(connection: duckdb.DuckDBPyConnection, run: RunFolder, lines: KeptParts) -> int:
    """Return how many more statements there are than there were.

    Args:
        connection: to the database; has the statements of payees who have other lines.
        run: the earlier one.
        lines: the parts of its lines.
    """
    before = f"{_read(run.files('statements'))} SEMI JOIN ({lines.payees}) USING (payee_kind, payee)"
    now, were = (single(connection, f"SELECT count(*) FROM {rows}") for rows in (STATEMENTS, before))
    return int(now) - int(were)


def kept_statements(
    connection: duckdb.DuckDBPyConnection, run: RunFolder, lines: KeptParts, more: int
) -> KeptParts:
    """Return which parts of the table of statements stand.

    Args:
        connection: to the database.
        run: the earlier one.
        lines: the parts of its lines.
        more: how many more statements there are.
    """
    return KeptParts.of_table(connection, run, "statements", lines.payees, more)


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(text(str(file)) for file in files)}])"
