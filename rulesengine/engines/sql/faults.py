"""What a database could not hold: the rule, and the row of facts, that a number grew too large for.

Sums and products are exact or they fail. A failure says nothing of the rule, so the rule is looked for
by asking for its lines alone, and the row by halving the rows that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.sql.compile import Pipeline
from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.expressions import text
from rulesengine.engines.sql.relations import Stage
from rulesengine.engines.sql.unsupported import UNSUPPORTED
from rulesengine.model.change import replace

if TYPE_CHECKING:
    import duckdb

HINT = (
    "the batch engine holds 38 digits, 26 of them before the point; look at the values it was worked out from"
)


class Asked(Protocol):
    """A database whose stages are made."""

    def fails(self, query: str) -> bool:
        """Return whether a number grows too large in any row and column of a query."""

    def texts(self, query: str) -> list[str]:
        """Return the one column of a query, in its order."""


class AskedDuckDB:
    """DuckDB as a database that is asked where it failed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, missing: Iterable[Stage]) -> None:
        """Make views of the stages of which no tables were made."""
        self.connection = connection
        for stage in missing:
            connection.execute(DuckDB().stage(replace(stage, is_kept=False)))

    def fails(self, query: str) -> bool:
        """Return whether a number grows too large in any row and column of a query."""
        import duckdb

        try:
            # Every column is worked out, none is kept.
            self.connection.execute(f"select count(hash(found)) from ({query}) as found").fetchall()
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            return True
        return False

    def texts(self, query: str) -> list[str]:
        """Return the one column of a query, in its order."""
        return [str(found) for (found,) in self.connection.execute(query).fetchall()]


def check_refusals(pipeline: Pipeline, rows_of: Callable[[str], Iterable[tuple[str, int]]]) -> None:
    """Refuse a run that has no answer.

    Args:
        pipeline: of which the stages are made.
        rows_of: gives the rows of a stage.

    Raises:
        Rejected: what the pipeline itself refuses.
    """
    found = []
    for each in pipeline.refusals:
        for _, message in sorted((nth, message) for message, nth in rows_of(each.name)):
            found.append(Diagnostic(code=each.code, message=message, span=each.origin, hint=each.hint))
    # What only another engine can answer comes first: its answer may do without all else.
    elsewhere = [each for each in found if each.code == UNSUPPORTED]
    if found:
        raise Rejected(elsewhere[:1] or found)


def too_large(asked: Asked, pipeline: Pipeline, dialect: Dialect) -> Rejected:
    """Return the refusal of a number that outgrew the database, with its rule and its row where found."""
    for name, rule in zip(pipeline.lines, pipeline.rules, strict=True):
        lines = f"select * from {dialect.identifier(name)}"
        if asked.fails(lines):
            fact = _first_that_fails(asked, dialect, lines)
            whose = f"rule `{rule}`" + (f", row `{fact}`" if fact else "")
            message = f"{whose}: a number has more digits than can be worked out"
            return Rejected([Diagnostic(code="R1205", message=message, place=fact, hint=HINT)])
    message = "a number has more digits than can be worked out"
    return Rejected([Diagnostic(code="R1205", message=message, hint=HINT)])


def _first_that_fails(asked: Asked, dialect: Dialect, lines: str) -> str:
    """Return the key of the row whose lines fail alone; empty where it is a sum over rows that does."""
    if asked.fails(f"select fact_id from ({lines})"):
        return ""
    keys = asked.texts(f"select distinct fact_id from ({lines}) order by 1")

    def fails(some: list[str]) -> bool:
        first, last = (dialect.literal(text(each)) for each in (some[0], some[-1]))
        return asked.fails(f"select * from ({lines}) where fact_id between {first} and {last}")

    while len(keys) > 1:
        half = keys[: len(keys) // 2]
        keys = half if fails(half) else keys[len(half) :]
    return keys[0] if keys and fails(keys) else ""
