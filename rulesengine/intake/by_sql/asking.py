"""Asking the database: one row of an answer, and whether a failure is the file's fault."""

from __future__ import annotations

from typing import Any


def one(connection: Any, query: str) -> tuple[Any, ...]:
    """Return the only row of an answer, all of it fetched: a database answers one question at a time."""
    (row,) = connection.execute(query).fetchall()
    return tuple(row)


def is_of_the_file(error: Exception) -> bool:
    """Whether a statement failed for what a file holds, and not for want of memory, space or patience."""
    import duckdb

    if isinstance(error, (duckdb.InvalidInputException, duckdb.ConversionException)):
        return True
    return type(error) is duckdb.Error and str(error).startswith("CSV Error")
