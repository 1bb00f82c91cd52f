"""Finds the top-level blocks of a file, and its comments, by counting braces.

The parser then reads block by block: memory stays small on large plans, and a mistake in one block
does not hide those in the next.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.language import syntax
from rulesengine.language.words import BLOCK_WORDS, HEADERS
from rulesengine.model.quick_dataclass import dataclass

_SCAN = re.compile(
    r'(?P<text>"[^"\n]*"?)'
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<open>\{)"
    r"|(?P<close>\})"
    r"|(?P<header>^[ \t]*(?:" + "|".join(BLOCK_WORDS) + r")\b(?:[ \t]+\w+)?[ \t\w.,]*(?=\{))",
    re.MULTILINE,
)


_TEXTS = re.compile(r'"[^"\n]*"?|#[^\n]*')
# A block's header alone on its line, without its brace.
_BARE_HEADER = re.compile(r"^[ \t]*(?P<header>(?:" + "|".join(HEADERS) + r")[ \t]+\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One top-level block, or the text between two of them, and where it starts."""

    text: str
    lines_before: int
    """The chunk is led by blanks, so that its columns are those of the file."""


@dataclass(frozen=True, slots=True)
class Scan:
    chunks: tuple[Chunk, ...]
    comments: tuple[syntax.Comment, ...]
    problems: tuple[Diagnostic, ...]


class Positions:
    """Lines and columns, from 1, of the offsets of a text."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._length = len(text)
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span of text[start:end]."""
        return Span(self._path, *self.at(start), *self.at(end))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column."""
        return self._starts[line - 1] + column - 1

    def line_end(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line end."""
        line = bisect_right(self._starts, offset)
        return self._starts[line] - 1 if line < len(self._starts) else self._length

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset starts."""
        return self._starts[bisect_right(self._starts, offset) - 1]


def hide_texts(text: str) -> str:
    """Return the text, as long as before, with comments blanked and texts turned to underscores."""

    def hide(match: re.Match[str]) -> str:
        found = match.group()
        if found.startswith("#"):
            return " " * len(found)
        if found.startswith('"') and found.endswith('"') and len(found) > 1:
            return "_" * len(found)
        return found

    return _TEXTS.sub(hide, text)


def scan(text: str, path: str) -> Scan:
    """Cut a file into chunks and collect its comments.

    A block whose `}` is missing is closed before the next line that looks like the start of a
    block, or at the end of the file, and reported as R0103 at its `{`.
    """
    where = Positions(path, text)
    chunks: list[Chunk] = []
    comments: list[syntax.Comment] = []
    problems: list[Diagnostic] = []
    open_braces: list[int] = []
    start = 0

    def cut(end: int, closing: str = "") -> None:
        nonlocal start
        if text[start:end].strip():
            line, column = where.at(start)
            chunks.append(Chunk(" " * (column - 1) + text[start:end] + closing, line - 1))
        start = end

    def unclosed(end: int, before: Span | None) -> None:
        brace = open_braces[-1]
        related = (Related(before, "the next block starts here"),) if before else ()
        problems.append(
            Diagnostic(
                code="R0103",
                message="this `{` is never closed",
                span=where.span(brace, brace + 1),
                related=related,
                hint="add a `}` after the last line of the block",
            )
        )
        cut(end, "}" * len(open_braces))
        open_braces.clear()

    for match in _SCAN.finditer(text):
        offset = match.start()
        match match.lastgroup:
            case "comment":
                alone = not text[where.line_start(offset) : offset].strip()
                span = where.span(offset, match.end())
                comments.append(syntax.Comment(span=span, text=match.group().rstrip(), alone=alone))
            case "open":
                open_braces.append(offset)
            case "close" if open_braces:
                open_braces.pop()
                if not open_braces:
                    cut(match.end())
            case "close":
                problems.append(_closes_nothing(text[start:offset], start, offset, where))
                if problems[-1].span == where.span(offset, offset + 1):
                    cut(offset)
                start = match.end()
            case "header" if open_braces:
                head = match.group().strip()
                begins = text.index(head, offset)
                unclosed(offset, where.span(begins, begins + len(head)))
            case _:
                pass
    if open_braces:
        unclosed(len(text), None)
    else:
        cut(len(text))
    return Scan(tuple(chunks), tuple(comments), tuple(problems))


def _closes_nothing(before: str, start: int, offset: int, where: Positions) -> Diagnostic:
    """Return what is wrong with a `}` outside of any block: it, or a header without its `{`."""
    headers = list(_BARE_HEADER.finditer(before))
    if headers:
        header = headers[-1]
        return Diagnostic(
            code="R0103",
            message=f"the block `{header['header']}` has no `{{`",
            span=where.span(start + header.start("header"), start + header.end("header")),
            hint=f"write `{header['header']} {{`",
        )
    return Diagnostic(
        code="R0103",
        message="this `}` closes nothing",
        span=where.span(offset, offset + 1),
        hint="remove it, or add the `{` that it should close",
    )
