"""The one place where names and values become SQL: quoted, so that nothing in a file can be a statement."""

from __future__ import annotations

from collections.abc import Iterable


def name(identifier: str) -> str:
    """Return an identifier in quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as a literal; DuckDB reads no escapes in it, and no NUL gets this far."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Return a list of texts as a literal."""
    return "CAST([" + ", ".join(text(value) for value in values) + "] AS VARCHAR[])"


def among(expression: str, values: Iterable[str]) -> str:
    """Return whether an expression is one of some texts; false if there are none."""
    listed = ", ".join(text(value) for value in values)
    return f"{expression} IN ({listed})" if listed else "false"
