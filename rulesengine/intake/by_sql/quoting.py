"""The one place where names and values become SQL: quoted, so that nothing in a file can be a statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def name(identifier: str) -> str:
    """Return an identifier in quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as a literal; DuckDB reads no escapes in it, and no NUL gets this far."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Return a list of texts as a literal."""
    return "CAST([" + ", ".join(text(value) for value in values) + "] AS VARCHAR[])"


def looked_up(expression: str, values: Mapping[str, str]) -> str:
    """Return the SQL that a text stands for, which is given by text; NULL for every other text.

    A map in the place of `IN`: DuckDB makes a join of a longer list, and of `list_contains`, from which
    rows come in any order where several threads read. It is quicker than a long `CASE` too.
    """
    branches = ", ".join(f"{text(value)}: {meaning}" for value, meaning in values.items())
    return f"MAP {{{branches}}}[{expression}]" if branches else "NULL"


def among(expression: str, values: Iterable[str]) -> str:
    """Return whether an expression is one of some texts; NULL where it is none of them."""
    return looked_up(expression, dict.fromkeys(values, "true"))
