"""What a letter is made of: sections of numbered sentences, each with parts of its own below it."""

from __future__ import annotations

from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One sentence; what it lists stands below it."""

    text: str
    below: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Sentences about one thing, under a heading."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A plan in words; the sentences are numbered through all sections, from 1."""

    title: str
    sections: tuple[Section, ...]


def items(*texts: str) -> tuple[Item, ...]:
    """Return one item for each text that is not empty."""
    return tuple(Item(text=text) for text in texts if text)
