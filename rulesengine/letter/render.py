"""Letters as text: numbers in front, lines wrapped, what a sentence lists indented below it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rulesengine.letter.sentences import Item, Letter

WIDTH = 100
"""No line of a letter is longer, unless a single word is."""


def as_text(letter: Letter) -> str:
    """Return the letter as text: `12.` before a sentence, `a)` and `-` before what it lists."""
    lines = [letter.title, "=" * len(letter.title)]
    number = 0
    digits = len(str(sum(len(section.items) for section in letter.sections)))
    for section in letter.sections:
        lines += ["", section.heading, ""]
        for item in section.items:
            number += 1
            lines += _item(item, f"{number}.".rjust(digits + 1), "")
    return "\n".join(lines) + "\n"


def _item(item: Item, mark: str, indent: str) -> Iterator[str]:
    behind = " " * (len(mark) + 1)
    yield from textwrap.wrap(
        item.text,
        WIDTH,
        initial_indent=f"{indent}{mark} ",
        subsequent_indent=indent + behind,
        break_long_words=False,
        break_on_hyphens=False,
    )
    deeper = indent + behind
    for below, sub in zip(item.below, _marks(item.below, len(indent)), strict=True):
        yield from _item(below, sub, deeper)


def _marks(below: Sequence[Item], depth: int) -> list[str]:
    """`a)`, `b)`, … below a sentence; `-` below those, and where letters run out."""
    if depth or len(below) > 26:
        return ["-"] * len(below)
    return [f"{chr(ord('a') + index)})" for index in range(len(below))]
