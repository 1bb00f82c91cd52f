"""The one canonical layout of a plan, comments kept. There are no options.

Two blanks of indentation, a clause a line, one blank line between blocks. The clauses of a rule
stand in the order of the stages that they belong to:

    title  memo  effective  on  where  for  window  credit  currency/convert  measure  goal  rank
    apply  tier  place  pay  prorate  times/cap/floor/deduct  rounding  award  budget
    hold  split  release  remainder  stop  clawback  amend

Clauses of one stage stay in the order written; so do `times`, `cap`, `floor` and `deduct` among each
other, because there the order changes what is paid. Of the other blocks, the lines of `plan` and `measure`
are sorted, and those of `statement`, in the order in which they settle it.

A comment alone on its line stays before the clause it preceded and moves with it; one behind a
clause stays behind it; one before `}` stays at the block's end. Outside of blocks, a blank line
beside a comment is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from typing import Any

from rulesengine.diagnostics import InternalError, Span
from rulesengine.language import syntax, wording
from rulesengine.language.blocks import Positions, hide_texts
from rulesengine.language.layout import Comments, Entry, join_blocks
from rulesengine.language.parse import parse_text
from rulesengine.model.collector import collector_held

_RULE_STAGES = (
    *("title", "memo", "effective", "on", "where", "for", "window", "credit", "currency convert"),
    *("measure take", "goal", "rank", "apply", "tier", "place", "pay", "prorate"),
    "times cap floor deduct",
    *("rounding", "award", "budget"),
    *("hold", "split", "release", "remainder", "stop", "clawback", "amend"),
)
_PLAN_STAGES = ("title", "currency", "effective", "rounding", "fiscal", "convert")
_RULE_STAGE = {word: stage for stage, words in enumerate(_RULE_STAGES) for word in words.split()}
_STATEMENT_STAGES = (
    *("per", "convert", "guarantee", "draw", "recover"),
    *("cap", "negative", "minimum", "rounding"),
)
_STATEMENT_STAGE = {word: stage for stage, word in enumerate(_STATEMENT_STAGES)}
_PLAN_STAGE = {word: stage for stage, word in enumerate(_PLAN_STAGES)}

_FIRST_WORD = re.compile(r"[a-z_]+")


def format_file(source: syntax.SourceFile) -> str:
    """Return the canonical layout of a parsed file, with one line end at its end.

    Raises:
        InternalError: the layout would not be read back as the same plan with the same comments.
    """
    with collector_held():
        formatted = _Formatter(source).text()
        again = parse_text(formatted, source.path)
        if essence(source) != essence(again) or _comment_texts(source) != _comment_texts(again):
            raise InternalError(f"{source.path}: the formatted plan is not the plan that was written")
    return formatted


def essence(source: syntax.SourceFile) -> list[Any]:
    """Return what a file says, without spans and layout: equal for a file and its canonical form."""
    text = _Text(source)
    return [_bare(block, text) for block in source.blocks]


def _comment_texts(source: syntax.SourceFile) -> Counter[str]:
    return Counter(comment.text for comment in source.comments)


class _Text:
    """The source text, by spans."""

    def __init__(self, source: syntax.SourceFile) -> None:
        self._text = source.text
        self._hidden = hide_texts(source.text)
        self._where = Positions(source.path, source.text)

    def of(self, span: Span) -> str:
        """Return what a span covers."""
        start = self._where.offset(span.line, span.column)
        return self._text[start : self._where.offset(span.end_line, span.end_column)]

    def first_word_of(self, span: Span) -> str:
        """Return the word that a clause begins with; a text may stand right behind it: `title"x"`."""
        found = _FIRST_WORD.match(self.of(span))
        if found is None:
            raise InternalError(f"{span}: the clause does not begin with a word")
        return found.group()

    def brace_of(self, span: Span) -> tuple[int, int]:
        """Return the position behind the first `{` of a block."""
        brace = self._hidden.index("{", self._where.offset(span.line, span.column))
        return self._where.at(brace + 1)


def _bare(value: Any, text: _Text) -> Any:
    match value:
        case syntax.Node():
            parts: list[Any] = [type(value).__name__]
            for name in [field.name for field in fields(value) if field.name != "span"]:
                part = getattr(value, name)
                if name == "clauses":
                    part = _in_stages(value, part, text)
                parts.append(_bare(part, text))
            return parts
        case tuple():
            return [_bare(item, text) for item in value]
        case _:
            return value


def _in_stages(block: syntax.Node, clauses: tuple[Any, ...], text: _Text) -> tuple[Any, ...]:
    """Return the clauses of a block in canonical order."""
    match block:
        case syntax.RuleBlock() | syntax.Amend() | syntax.MeasureBlock():
            stages = _RULE_STAGE
        case syntax.PlanBlock():
            stages = _PLAN_STAGE
        case syntax.StatementBlock():
            stages = _STATEMENT_STAGE
        case _:
            return clauses
    return tuple(sorted(clauses, key=lambda clause: stages[text.first_word_of(clause.span)]))


class _Formatter:
    """Writes the blocks of one file."""

    def __init__(self, source: syntax.SourceFile) -> None:
        self._source = source
        self._text = _Text(source)
        self._comments = Comments(source.comments)

    def text(self) -> str:
        """Return the whole file."""
        entries = [self._block(block) for block in self._source.blocks]
        foot = self._comments.hand_out(entries)
        return join_blocks(entries, foot)

    def _block(self, block: syntax.Block) -> Entry:
        match block:
            case syntax.QuotaBlock() | syntax.RatesBlock():
                return Entry.of(block, [wording.header(block)])
            case syntax.TableBlock(rows=rows):
                return self._braces(block, rows)
            case syntax.SegmentBlock(wheres=wheres):
                return self._braces(block, wheres)
            case syntax.ChooseBlock(among=among):
                return self._braces(block, among)
            case _:
                return self._braces(block, block.clauses)

    def _braces(self, block: Any, clauses: tuple[Any, ...]) -> Entry:
        """Write a block with braces; its comments are those inside them."""
        opened = self._text.brace_of(block.span)
        start = (block.span.line, block.span.column)
        head = Entry(start=start, end=opened, lines=[wording.header(block) + " {"])
        entries = {id(clause): self._clause(clause, block) for clause in clauses}
        first = [head]
        if isinstance(block, syntax.ChooseBlock):
            span = block.per.span
            take = Entry(
                (span.line, span.column),
                (span.end_line, span.end_column),
                [f"take {block.take} per {block.per.text}"],
            )
            first.append(take)
        whole = Entry.of(block, [])
        foot = self._comments.hand_out([*first, *entries.values()], within=whole)
        written = [*first[1:], *(entries[id(clause)] for clause in _in_stages(block, clauses, self._text))]
        inside = [line for entry in written for line in entry.written()]
        whole.lines = [*head.written(), *(f"  {line}" for line in [*inside, *foot]), "}"]
        return whole

    def _clause(self, clause: Any, block: Any) -> Entry:
        match clause:
            case syntax.Amend():
                return self._braces(clause, clause.clauses)
            case _:
                in_measure = isinstance(block, syntax.MeasureBlock)
                return Entry.of(clause, [wording.clause(clause, in_measure_block=in_measure)])
