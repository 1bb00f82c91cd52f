"""Text in columns: padded to the widest cell, two blanks apart, nothing after the last one."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

LEFT, RIGHT = "left", "right"


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def aligned(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> list[str]:
    """Return a line for each row; a column that is empty in every row is left out.

    Args:
        rows: cells without line breaks, as many in each row as there are sides.
        sides: `LEFT` or `RIGHT`, a column each.
    """
    widths = [max((width(row[i]) for row in rows), default=0) for i in range(len(sides))]
    lines = []
    for row in rows:
        cells = []
        for cell, side, wide in zip(row, sides, widths, strict=True):
            if wide:
                padding = " " * (wide - width(cell))
                cells.append(cell + padding if side == LEFT else padding + cell)
        lines.append("  ".join(cells).rstrip())
    return lines


def clean(text: str) -> str:
    """Return a text for one line of output: control characters are shown as escapes.

    A key from somebody's file must not move a cursor or forge a line of a statement.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
