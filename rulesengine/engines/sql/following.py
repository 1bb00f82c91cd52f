"""Rows that change what others earned: they undo a row, or take back or give back what was earned on one."""

from __future__ import annotations

from rulesengine.engines.sql.expressions import FALSE, Expr, any_of, first_given
from rulesengine.engines.sql.relations import From, Joined

MOVED = "row.moved"
"""Whether the line that a row of earnings is takes back or gives back, or was earned on such a line; where
none is, there is no such column."""


def follows(source: From | Joined) -> Expr:
    """Return whether a row follows another: its dates, its place under limits and in pots are those of that.

    What it is worth may have either sign: where a row is undone that was clawed back, the undoing and what
    gives it back follow both.
    """
    found = [source.expr(name) for name in ("row.undoes", MOVED) if name in source.relation]
    return any_of(each if each == FALSE else first_given([each, FALSE]) for each in found)
