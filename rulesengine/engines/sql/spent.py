"""What a line tells of the total of a limit that several payees share (engines/spent.py)."""

from __future__ import annotations

from rulesengine.engines.sql.values import Number, add, larger, number, smaller, subtract


def told(before: Number, after: Number, most: Number) -> tuple[Number, Number]:
    """Return what a line tells of the total before it and after it."""
    above = larger(subtract(smaller(before, after), most), number(0))
    below = smaller(add(larger(before, after), most), number(0))
    beyond = add(above, below)
    return subtract(before, beyond), subtract(after, beyond)
