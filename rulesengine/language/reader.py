"""Reads a text by the tables of the grammar: what is right becomes nodes, what is not is left to Lark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rulesengine.language.tables import END, Tables, Taken


class NotRead(Exception):
    """The text breaks the grammar, or is so unusual that only Lark can tell."""


class Token(str):
    """A word, number, text or sign of a plan, and where it stands; lines and columns count from 1."""

    __slots__ = ("column", "end_column", "line")
    line: int
    column: int
    end_column: int

    @property
    def end_line(self) -> int:
        """No token is longer than its line."""
        return self.line


class Reader:
    """An LALR parser that calls a method of its builder for each production."""

    def __init__(self, tables: Tables, builder: object) -> None:
        self._matches = re.compile(f"{tables['pattern']}|(?P<WRONG>.)", re.DOTALL).finditer
        self._words = tables["words"]
        self._ignored = frozenset(tables["ignored"])
        self._start = tables["start"]
        self._actions = tables["actions"]
        self._reductions = [
            (origin, size, _maker(getattr(builder, name) if name else None, taken, after, is_passed_on))
            for origin, name, size, taken, after, is_passed_on in tables["reductions"]
        ]

    def read(self, text: str) -> Any:
        """Return what the builder makes of the text.

        Raises:
            NotRead: the text breaks the grammar.
        """
        actions, words, ignored, ready = self._actions, self._words, self._ignored, self._ready
        states = [self._start]
        values: list[Any] = []
        line, line_start = 1, 0
        for match in self._matches(text):
            kind, found = match.lastgroup or "", match.group()
            start, end = match.span()
            if kind in ignored:
                lines = found.count("\n")
                if lines:
                    line += lines
                    line_start = start + found.rindex("\n") + 1
                continue
            # A word of the language is one where such a word may stand, and elsewhere a name.
            word = words.get(found)
            if word in actions[states[-1]]:
                kind = word
            state = ready(kind, states, values)
            token = Token(found)
            token.line, token.column, token.end_column = line, start - line_start + 1, end - line_start + 1
            states.append(state)
            values.append(token)
        ready(END, states, values)
        return values[0]

    def _ready(self, kind: str, states: list[int], values: list[Any]) -> int:
        """Complete the productions that end before a terminal; return the state that it leads to."""
        actions, reductions = self._actions, self._reductions
        while True:
            step = actions[states[-1]].get(kind)
            if step is None:
                raise NotRead
            if step >= 0:
                return step
            origin, size, make = reductions[-1 - step]
            parts: list[Any] = []
            if size:
                parts = values[-size:]
                del values[-size:], states[-size:]
            values.append(make(parts))
            states.append(actions[states[-1]][origin])


def _maker(
    method: Callable[[list[Any]], Any] | None, taken: Taken | None, after: int, is_passed_on: bool
) -> Callable[[list[Any]], Any]:
    """Return what makes the node of a production, or its list, of all its parts."""

    def take(parts: list[Any]) -> list[Any]:
        """Open the lists among the parts, and put None for what was left out."""
        if taken is None:
            return parts
        found: list[Any] = []
        for place, is_list, before in taken:
            if before:
                found += [None] * before
            if not is_list:
                found.append(parts[place])
            elif found:
                found += parts[place]
            else:
                found = parts[place]  # a list that grows by one is not copied each time
        return found + [None] * after

    def make(parts: list[Any]) -> Any:
        parts = take(parts)
        if is_passed_on and len(parts) == 1:
            return parts[0]
        return parts if method is None else method(parts)

    return make
