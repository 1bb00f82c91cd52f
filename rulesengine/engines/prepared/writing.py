"""Python source in the making: indented lines, names that do not clash, and values by name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NAME = re.compile(r"[^0-9A-Za-z_]+")


class Names:
    """Hands out Python names: the same for the same thing, and none for two things."""

    def __init__(self) -> None:
        self._of: dict[object, str] = {}
        self._taken: set[str] = set()

    def of(self, thing: object, wanted: str) -> str:
        """Return the name of a thing, which is the one wanted unless that is taken."""
        if thing not in self._of:
            plain = _NAME.sub("_", wanted).strip("_") or "value"
            if plain[0].isdigit() or keyword.iskeyword(plain) or keyword.issoftkeyword(plain):
                plain = f"{plain}_" if not plain[0].isdigit() else f"_{plain}"
            name, number = plain, 2
            while name in self._taken:
                name, number = f"{plain}_{number}", number + 1
            self._taken.add(name)
            self._of[thing] = name
        return self._of[thing]

    def fresh(self, wanted: str) -> str:
        """Return a name for something that nobody asks for again."""
        return self.of(object(), wanted)

    def knows(self, thing: object) -> bool:
        """Return whether a thing has a name already."""
        return thing in self._of

    def reserve(self, name: str) -> None:
        """Keep a name for something that stands in the source as it is."""
        self._taken.add(name)


def plain_line(text: str) -> str:
    """Return a text on one line, with a mark for each sign that could end it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


class Source:
    """A function in the making, with the values that it reads from outside."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.head: list[str] = []
        """What is read once, above everything else."""
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        """What the source finds under its names."""
        self.shown: dict[str, str] = {}
        """How each value that needs saying is shown above the function."""
        self._depth = 1

    def write(self, text: str) -> None:
        """Add a line at the current depth."""
        self.lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line, and what is written inside one step deeper."""
        self.write(head)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def note(self, text: str) -> str:
        """Return a comment; whatever is in the text, it stays on the line and is no code."""
        return "  # " + plain_line(text)

    def value(self, wanted: str, value: Any, shown: str = "") -> str:
        """Return the name of a value from outside; equal texts shown stand for the same value."""
        key = ("value", wanted, shown) if shown else ("value", wanted, id(value))
        name = self.names.of(key, wanted)
        self.values.setdefault(name, value)
        if shown:
            self.shown[name] = plain_line(shown)
        return name
