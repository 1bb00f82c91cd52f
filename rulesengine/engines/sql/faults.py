"""What a database could not hold: the rule, and the row of facts, that a number grew too large for.

Sums and products are exact or they fail. A failure says nothing of the rule, so the rule is looked for
by asking for its lines alone, and the row by halving the rows that are asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.sql.compile import Pipeline
from rulesengine.engines.sql.dialect import Dialect
from rulesengine.model.change import replace

if TYPE_CHECKING:
    import duckdb

HINT = (
    "the batch engine holds 38 digits, 26 of them before the point; look at the values it was worked out from"
)


def too_large(
    connection: duckdb.DuckDBPyConnection, pipeline: Pipeline, dialect: Dialect, made: Collection[str]
) -> Rejected:
    """Return the refusal of a number that outgrew the database, with its rule and its row where found.

    Args:
        made: the stages of which tables were made before.
    """
    for stage in pipeline.stages:
        if stage.name not in made:
            connection.execute(dialect.stage(replace(stage, is_kept=False)))
    for name, rule in zip(pipeline.lines, pipeline.rules, strict=True):
        lines = f"select * from {dialect.identifier(name)}"
        if _fails(connection, lines):
            fact = _first_that_fails(connection, lines)
            whose = f"rule `{rule}`" + (f", row `{fact}`" if fact else "")
            message = f"{whose}: a number has more digits than can be worked out"
            return Rejected([Diagnostic(code="R1205", message=message, place=fact, hint=HINT)])
    message = "a number has more digits than can be worked out"
    return Rejected([Diagnostic(code="R1205", message=message, hint=HINT)])


def _first_that_fails(connection: duckdb.DuckDBPyConnection, lines: str) -> str:
    """Return the key of the row whose lines fail alone; empty where it is a sum over rows that does."""
    keys = (
        [
            str(key)
            for (key,) in connection.execute(f"select distinct fact_id from ({lines}) order by 1").fetchall()
        ]
        if not _fails(connection, f"select fact_id from ({lines})")
        else []
    )
    while len(keys) > 1:
        half = keys[: len(keys) // 2]
        if _fails(connection, f"select * from ({lines}) where fact_id between ? and ?", half[0], half[-1]):
            keys = half
        else:
            keys = keys[len(keys) // 2 :]
    if keys and _fails(connection, f"select * from ({lines}) where fact_id = ?", keys[0]):
        return keys[0]
    return ""


def _fails(connection: duckdb.DuckDBPyConnection, query: str, *values: str) -> bool:
    import duckdb

    try:
        # Every column is worked out, none is kept.
        connection.execute(f"select count(hash(found)) from ({query}) as found", values).fetchall()
    except (duckdb.OutOfRangeException, duckdb.ConversionException):
        return True
    return False
