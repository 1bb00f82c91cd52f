"""Finds the fenced blocks of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Fence:
    """A fenced block: what stands behind its opening marks, its text, and where it is."""

    info: str
    body: str
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.info}"


def fences(text: str) -> list[Fence]:
    """Return the fenced blocks of a document, in order."""
    found = []
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        body = match["body"]
        if match["indent"]:
            body = re.sub(rf"^{match['indent']}", "", body, flags=re.MULTILINE)
        found.append(Fence(match["info"].strip(), body, line, match.start("body"), match.end("body")))
    return found
