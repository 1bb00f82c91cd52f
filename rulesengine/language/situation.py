"""Where the parser stood when it could not go on: the block, the clause so far, what could follow."""

from __future__ import annotations

import re
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from rulesengine.diagnostics import Span
from rulesengine.language.blocks import Positions, hide_texts
from rulesengine.language.words import CLAUSES
from rulesengine.model.quick_dataclass import dataclass

_CHAR = re.compile(r"\w+|\S")


@dataclass(frozen=True, slots=True)
class Situation:
    """One syntax mistake in a text. Offsets count from the start of that text."""

    text: str
    hidden: str
    """The text without its comments, its texts turned to underscores."""
    where: Positions
    lines_before: int

    start: int
    end: int
    """What was found stands at text[start:end]; both are the end of the text where it ended."""
    kind: str
    """The terminal found: NAME, NUMBER, … or the name of a keyword; empty for an unknown character."""

    block: str
    """The word of the innermost block: `flat`, `amend`; empty outside of any."""
    body_start: int
    """Where that block's clauses start."""
    clause_start: int
    """Where the clause that is being read starts; `start` if none is."""
    clause_end: int
    """Where the last word of that clause ends."""
    wanted: frozenset[str]
    """Terminals that could go on with the clause."""
    is_complete: bool
    """The clause could end here."""

    @property
    def found(self) -> str:
        return self.text[self.start : self.end]

    @property
    def clause(self) -> str:
        """The clause so far, blanks made single."""
        return " ".join(self.text[self.clause_start : self.clause_end].split())

    @property
    def clause_word(self) -> str:
        return self.clause.partition(" ")[0]

    @property
    def is_first_on_line(self) -> bool:
        line = self.text[self.where.line_start(self.start) : self.start]
        return not line.strip() or self.start >= len(self.text)

    @property
    def is_cut_short(self) -> bool:
        """The clause, or what there is of it, ends where more is needed."""
        return not self.is_complete and (self.is_first_on_line or self.kind in ("RBRACE", "$END"))

    @property
    def is_at_start(self) -> bool:
        """Here a clause or a block should begin."""
        return self.clause_start == self.start or (self.is_complete and self.is_first_on_line)

    @property
    def first_word_of_line(self) -> tuple[int, str] | None:
        """Where the line begins that the clause ran over to, and its first word; None if it did not."""
        line = self.where.line_start(self.start)
        word = re.compile(r"\s*([a-z_]\w*)").match(self.hidden, line, self.start)
        if line <= self.clause_start or word is None:
            return None
        return word.start(1), word[1]

    @property
    def is_word(self) -> bool:
        return re.fullmatch(r"[a-z_][a-z0-9_]*", self.found) is not None

    def span(self, start: int, end: int) -> Span:
        """Return the span in the file of text[start:end]."""
        span = self.where.span(start, end)
        down = self.lines_before
        return Span(span.file, span.line + down, span.column, span.end_line + down, span.end_column)


def situation_of(error: UnexpectedInput, text: str, path: str, lines_before: int) -> Situation:
    """Read the parser's stack at an error."""
    where = Positions(path, text)
    cursor: Any = error.interactive_parser
    stack: list[Any] = list(cursor.parser_state.value_stack)
    accepts = frozenset(cursor.accepts())
    start, end, kind = _found(error, text)
    opened = _innermost_brace(stack)
    block, body_start = "", 0
    if opened is not None:
        block, body_start = _block_word(stack, opened), stack[opened].end_pos
    rest = stack[(0 if opened is None else opened + 1) :]
    if rest and isinstance(rest[0], Tree):
        rest = rest[1:]
    is_complete = ("RBRACE" if opened is not None else "$END") in accepts
    clause_start = _start(rest[0], where, lines_before) if rest else start
    hidden = hide_texts(text)
    clause_end = len(hidden[:start].rstrip()) if rest else start
    wanted = accepts - {"RBRACE", "$END", "DOT"}
    if is_complete:
        wanted -= {word.upper() for word in CLAUSES.get(block, ())}
    return Situation(
        text=text,
        hidden=hidden,
        where=where,
        lines_before=lines_before,
        start=start,
        end=end,
        kind=kind,
        block=block,
        body_start=body_start,
        clause_start=clause_start,
        clause_end=max(clause_end, clause_start),
        wanted=wanted,
        is_complete=is_complete,
    )


def first_error(parser: Lark, text: str, path: str, lines_before: int) -> UnexpectedInput | None:
    """Return the mistake that a text has, None if it has none; it starts after so many lines of a file."""
    builder: Any = parser.options.transformer
    builder.begin(path, lines_before)
    try:
        parser.parse(text)
    except UnexpectedInput as error:
        return error
    return None


def _found(error: UnexpectedInput, text: str) -> tuple[int, int, str]:
    if isinstance(error, UnexpectedCharacters):
        start = error.pos_in_stream or 0
        match = _CHAR.match(text, start)
        return start, match.end() if match else start + 1, ""
    token: Token = error.token  # type: ignore[attr-defined]
    if token.type == "$END":
        return len(text), len(text), "$END"
    start = token.start_pos or 0
    return start, start + len(token), token.type


def _innermost_brace(stack: list[Any]) -> int | None:
    closed = 0
    for index in range(len(stack) - 1, -1, -1):
        item = stack[index]
        if isinstance(item, Token) and item.type == "RBRACE":
            closed += 1
        elif isinstance(item, Token) and item.type == "LBRACE":
            if not closed:
                return index
            closed -= 1
    return None


def _block_word(stack: list[Any], brace: int) -> str:
    """Return the first word of the header that ends at a brace."""
    index = brace
    while index > 0 and not isinstance(stack[index - 1], Tree):
        if isinstance(stack[index - 1], Token) and stack[index - 1].type == "LBRACE":
            break
        index -= 1
    return str(stack[index])


def _start(item: Any, where: Positions, lines_before: int) -> int:
    while isinstance(item, list):
        item = item[0]
    if isinstance(item, Token):
        return item.start_pos or 0
    return where.offset(item.span.line - lines_before, item.span.column)
