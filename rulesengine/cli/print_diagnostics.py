"""Diagnostics as text: the place, what is wrong, the source lines with marks, and a hint."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Mapping

import click

from rulesengine.diagnostics import Diagnostic, Severity, Span
from rulesengine.model.quick_dataclass import dataclass

_TAB = 4
_WIDEST = 120
"""Columns of a source line that are shown; a longer one is cut around its mark."""


@dataclass(frozen=True, slots=True)
class _Mark:
    span: Span
    character: str
    message: str = ""


def echo_diagnostics(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, to_stderr: bool = False
) -> None:
    """Print diagnostics, a blank line between them; in colour on a terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    colour = stream.isatty()
    for number, diagnostic in enumerate(diagnostics):
        if number:
            click.echo(err=to_stderr)
        click.echo(render_diagnostic(diagnostic, sources, colour=colour), err=to_stderr)


def render_diagnostic(diagnostic: Diagnostic, sources: Mapping[str, str], *, colour: bool = False) -> str:
    """Return one diagnostic as lines of text without a last line end.

    The excerpt holds the line of the mistake, marked `^`, and the lines of the related places,
    marked `-` with their messages, in the order of the file. A related place in another file has
    a heading of its own. Places in a file that is not among the sources have no excerpt.
    """
    place = str(diagnostic.span) if diagnostic.span else diagnostic.place
    word = f"{diagnostic.severity.value} {diagnostic.code}"
    if colour:
        word = click.style(word, fg="red" if diagnostic.severity is Severity.ERROR else "yellow", bold=True)
    head = f"{place}: " if place else ""
    lines = [f"{head}{word}: {diagnostic.message}"]
    marks = [_Mark(related.span, "-", related.message) for related in diagnostic.related]
    here = diagnostic.span
    if here is not None:
        marks.append(_Mark(here, "^"))
        lines += _excerpt(here.file, [mark for mark in marks if mark.span.file == here.file], sources, colour)
    other_files = dict.fromkeys(mark.span.file for mark in marks if not here or mark.span.file != here.file)
    for file in other_files:
        there = [mark for mark in marks if mark.span.file == file]
        first = there[0]
        lines.append(f"  {first.span}" if file in sources else f"  {first.span}: {first.message}")
        lines += _excerpt(file, there, sources, colour)
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    return "\n".join(lines)


def count_phrase(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the counts as words: `2 errors, 1 warning`, `no mistakes`."""
    severities = [diagnostic.severity for diagnostic in diagnostics]
    parts = []
    for severity in Severity:
        number = severities.count(severity)
        if number:
            parts.append(f"{number} {severity.value}{'s' if number > 1 else ''}")
    return ", ".join(parts) or "no mistakes"


def _excerpt(file: str, marks: list[_Mark], sources: Mapping[str, str], colour: bool) -> list[str]:
    if file not in sources:
        return []
    source_lines = sources[file].split("\n")
    shown: list[str] = []
    last_line = 0
    for mark in sorted(marks, key=lambda mark: (mark.span.line, mark.character, mark.span.column)):
        if not 1 <= mark.span.line <= len(source_lines):
            continue
        source_line = source_lines[mark.span.line - 1].rstrip("\r")
        text, start, width = _laid_out(source_line, mark.span)
        if mark.span.line != last_line:
            shown.append(f"{mark.span.line:>4} | {text}".rstrip())
            last_line = mark.span.line
        under = mark.character * width
        if colour:
            under = click.style(under, fg="red" if mark.character == "^" else "blue", bold=True)
        shown.append(f"     | {' ' * start}{under} {mark.message}".rstrip())
    return shown


def _laid_out(source_line: str, span: Span) -> tuple[str, int, int]:
    """Return the line as a terminal shows it, where the mark under it starts, and its width."""
    cells = _cells(source_line)
    first = min(span.column - 1, len(cells))
    past = span.end_column - 1 if span.end_line == span.line else len(source_line.rstrip())
    past = min(max(past, first + 1), max(len(cells), first))
    start = sum(width for _, width in cells[:first])
    width = max(sum(width for _, width in cells[first:past]), 1)
    if start + width > _WIDEST:
        # A plan may stand on one line; show the part around the mark.
        keep = max(first - 40, 0)
        shift = sum(width for _, width in cells[:keep])
        cells, start = [("…", 1), *cells[keep:]], start - shift + 1
    shown, total = "", 0
    for text, cell_width in cells:
        if total + cell_width > _WIDEST:
            shown += "…"
            break
        shown += text
        total += cell_width
    return shown, start, min(width, max(_WIDEST - start, 1))


def _cells(source_line: str) -> list[tuple[str, int]]:
    """Return each character as shown, with the columns it takes on a terminal."""
    cells: list[tuple[str, int]] = []
    column = 0
    for character in source_line:
        if character == "\t":
            width = _TAB - column % _TAB
            cells.append((" " * width, width))
        elif unicodedata.category(character).startswith("C") and not unicodedata.combining(character):
            # A control character could move the cursor or hide text; show that it is there.
            width = 1
            cells.append(("\N{REPLACEMENT CHARACTER}", width))
        elif unicodedata.category(character) in ("Mn", "Me"):
            width = 0
            cells.append((character, width))
        else:
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            cells.append((character, width))
        column += width
    return cells
