"""Asking the database: one row of an answer, and whether a failure is the file's fault."""

from __future__ import annotations

from typing import Any

from rulesengine.model.limits import says_no_space


def one(connection: Any, query: str) -> tuple[Any, ...]:
    """Return the only row of an answer, all of it fetched: a database answers one question at a time."""
    (row,) = connection.execute(query).fetchall()
    return tuple(row)


def is_of_the_file(error: Exception) -> bool:
    """Whether a statement that reads a file failed for what it holds, and not for want of room or patience.

    DuckDB has no kind of error for damaged files: it says it by whatever its readers stumble over. So all
    is the file's fault that is not known to be another's; its own reader then takes it, or words why not.
    """
    import duckdb

    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException)):
        return False
    return isinstance(error, duckdb.Error) and not says_no_space(error)
