"""Finds the further mistakes of a text: each clause that is wrong is blanked out, and parsing goes on.

The tree of such a text is thrown away, so a repair only has to keep lines and columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Lark
from lark.exceptions import UnexpectedInput

from rulesengine.diagnostics import Diagnostic, nearest
from rulesengine.language.blocks import Chunk
from rulesengine.language.situation import Situation, first_error, situation_of
from rulesengine.language.syntax_errors import explain
from rulesengine.language.words import BLOCK_WORDS, CLAUSES, HEADERS

_INK = re.compile(r"[^\s{}]")


def explain_all(parser: Lark, chunk: Chunk, error: UnexpectedInput, path: str) -> Iterator[Diagnostic]:
    """Yield the mistakes of a chunk, first to last, beginning with the one found already."""
    text, lines_before = chunk.text, chunk.lines_before
    emptied = False
    while True:
        here = situation_of(error, text, path, lines_before)
        # A block whose wrong lines were blanked may have too few left: no second mistake.
        if not (emptied and here.kind == "RBRACE" and not here.clause):
            yield explain(parser, here)
        mended = _without_clause(here) if here.block else _with_header(here)
        if mended is None:
            return
        text, added = mended
        lines_before -= added
        emptied = True
        again = first_error(parser, text, path, lines_before)
        if again is None:
            return
        error = again


def _without_clause(here: Situation) -> tuple[str, int] | None:
    """Blank the block's clauses up to the end of the wrong one; None where that does not help."""
    if here.block == "choose" or (here.kind in ("RBRACE", "$END") and not here.clause):
        return None
    line = here.first_word_of_line
    if here.is_at_start:
        start, end = here.start, _end_of_clause(here, here.start)
    elif line is not None and not here.is_first_on_line and line[1] in CLAUSES[here.block]:
        start, end = here.clause_start, line[0]
    elif here.is_first_on_line or here.kind == "RBRACE":
        start, end = here.clause_start, here.start
    else:
        start, end = here.clause_start, _end_of_clause(here, here.start)
    if not _INK.search(here.hidden, start, end):
        return None
    opened = here.hidden.find("{", start, end)
    # What was read well is blanked too, so that it is not read again. The clause before a wrong
    # beginning stays: the parser had not finished with it.
    text = _blank(_blank(here.text, here.body_start, here.clause_start), start, end)
    if opened >= 0:
        closing = _closing(here.hidden, opened)
        if closing is None:
            return None
        text = text[:closing] + " " + text[closing + 1 :]
    return text, 0


def _with_header(here: Situation) -> tuple[str, int] | None:
    """Put a header that is right in the place of a wrong one; None where nothing tells its kind."""
    brace = here.hidden.find("{", here.clause_start)
    word = here.clause_word or here.found
    if word in ("quota", "rates"):
        end = here.start if here.is_first_on_line else here.where.line_end(here.start)
        return (_blank(here.text, 0, end), 0) if end > here.clause_start else None
    kind = word if word in HEADERS else nearest(word.lower(), BLOCK_WORDS)
    if brace < 0 or kind not in HEADERS:
        return None
    if not _INK.search(here.hidden, 0, brace):
        return None
    return f"{HEADERS[kind]}\n{_blank(here.text, 0, brace)}", 1


def _blank(text: str, start: int, end: int) -> str:
    """Return the text with a stretch of it turned to blanks, line ends kept."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _end_of_clause(here: Situation, offset: int) -> int:
    """Return the end of the line, or the `}` on it that closes the block the clause stands in."""
    depth = 0
    for index in range(offset, here.where.line_end(offset)):
        if here.hidden[index] == "{":
            depth += 1
        elif here.hidden[index] == "}":
            if depth == 0:
                return index
            depth -= 1
    return here.where.line_end(offset)


def _closing(hidden: str, opened: int) -> int | None:
    """Return where the brace that is opened at an offset is closed."""
    depth = 0
    for match in re.finditer(r"[{}]", hidden[opened:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return opened + match.start()
    return None
