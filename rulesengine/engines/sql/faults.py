"""What a database could not hold: the rule, and the row of facts, that a number grew too large for.

Sums and products are exact or they fail. A failure says nothing of the rule, so the rule is looked for
by asking for its lines alone, and the row by halving the rows that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.refused import TOO_LARGE, UNSUPPORTED
from rulesengine.engines.sql.compile import Pipeline
from rulesengine.engines.sql.dialect import Dialect
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.expressions import text
from rulesengine.engines.sql.relations import Stage, leading_to
from rulesengine.engines.sql.statements import Statements

if TYPE_CHECKING:
    import duckdb

HINT = (
    "the batch engine holds 38 digits, 26 of them before the point; look at the values it was worked out from"
)


class Asked(Protocol):
    """A database that is asked where a number grew too large."""

    def make(self, stage: Stage) -> bool:
        """Make a stage, unless it is there, and return whether its rows could be worked out.

        Of one that could not be there is a view: whoever reads it has its rows worked out.

        Args:
            stage: all that it reads is made.
        """

    def rows_of(self, name: str) -> str:
        """Return the query for the rows of a stage that is made."""

    def fails(self, query: str) -> bool:
        """Return whether a number grows too large in any row and column of a query."""

    def texts(self, query: str) -> list[str]:
        """Return the one column of a query, in its order."""


class AskedDuckDB:
    """DuckDB as a database that is asked where it failed.

    Stages are made as a run makes them: tables of those that are kept, and the others written into what reads
    them. As views of views they would be planned again by each reader, twice as often with every step.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, pipeline: Pipeline, made: Collection[str]
    ) -> None:
        """Go on from the stages of which tables were made."""
        self.connection = connection
        self._statements = Statements(pipeline.stages, DuckDB())
        self._made = set(made)

    def make(self, stage: Stage) -> bool:
        """Make a table of a stage that is kept; a view if its rows cannot be worked out."""
        if not stage.is_kept or stage.name in self._made:
            return True
        query = self._statements.query(stage.body)
        try:
            self.connection.execute(DuckDB().table(stage.name, query))
        except _errors():
            self.connection.execute(DuckDB().view(stage.name, query))
            return False
        self._made.add(stage.name)
        return True

    def rows_of(self, name: str) -> str:
        """Return the query for the rows of a stage."""
        return self._statements.rows_of((name,))

    def fails(self, query: str) -> bool:
        """Return whether a number grows too large in any row and column of a query."""
        try:
            # Every column is worked out, none is kept.
            self.connection.execute(f"select count(hash(found)) from ({query}) as found").fetchall()
        except _errors():
            return True
        return False

    def texts(self, query: str) -> list[str]:
        """Return the one column of a query, in its order."""
        return [str(found) for (found,) in self.connection.execute(query).fetchall()]


def _errors() -> tuple[type[Exception], ...]:
    """Return what DuckDB raises of a number that is too large."""
    import duckdb

    return duckdb.OutOfRangeException, duckdb.ConversionException


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
        for stage in leading_to((name,), pipeline.stages):
            if not asked.make(stage):
                return _refusal(stage.rule or rule, _first_that_fails(asked, dialect, stage.name))
        if asked.fails(asked.rows_of(name)):
            return _refusal(rule, _first_that_fails(asked, dialect, name))
    message = "a number has more digits than can be worked out"
    return Rejected([Diagnostic(code=TOO_LARGE, message=message, hint=HINT)])


def _refusal(rule: str, fact: str) -> Rejected:
    whose = f"rule `{rule}`" + (f", row `{fact}`" if fact else "")
    message = f"{whose}: a number has more digits than can be worked out"
    return Rejected([Diagnostic(code=TOO_LARGE, message=message, place=fact, hint=HINT)])


def _first_that_fails(asked: Asked, dialect: Dialect, name: str) -> str:
    """Return the key of the row of a stage that fails alone; empty where it is a sum over rows that does."""
    rows = asked.rows_of(name)
    if asked.fails(f"select fact_id from ({rows})"):
        return ""
    keys = asked.texts(f"select distinct fact_id from ({rows}) order by 1")

    def fails(first: str, last: str) -> bool:
        between = " and ".join(dialect.literal(text(each)) for each in (first, last))
        return asked.fails(f"select * from ({rows}) where fact_id between {between}")

    # What fails with none of the rows fails with any.
    if len(keys) > 1 and fails(f"{keys[0]} ", f"{keys[0]} "):
        return ""
    while len(keys) > 1:
        half = keys[: len(keys) // 2]
        keys = half if fails(half[0], half[-1]) else keys[len(half) :]
    return keys[0] if keys and fails(keys[0], keys[0]) else ""
