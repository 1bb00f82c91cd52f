"""Text in, syntax tree out: every syntax mistake of a plan at once, or its tree.

The only module that reads the grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from threading import Lock

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.language import syntax
from rulesengine.language.blocks import Chunk, scan
from rulesengine.language.build import Builder
from rulesengine.language.grammar import load_parser, load_reader
from rulesengine.language.reader import NotRead
from rulesengine.language.source import plain_text
from rulesengine.model.collector import collector_held

_MOST_PROBLEMS = 25

_builder = Builder()
_one_at_a_time = Lock()  # the parser writes into the one builder


def parse(files: Mapping[str, str]) -> syntax.Tree:
    """Return the tree of a plan, its files in the order of their names.

    Raises:
        Rejected: with the syntax mistakes of all files.
    """
    read: list[syntax.SourceFile] = []
    problems: list[Diagnostic] = []
    for path in sorted(files):
        try:
            read.append(parse_text(files[path], path))
        except Rejected as rejected:
            problems.extend(rejected.diagnostics)
    if problems:
        raise Rejected(problems, files)
    return syntax.Tree(files=tuple(read))


def parse_text(text: str, path: str) -> syntax.SourceFile:
    """Return the blocks and comments of one file.

    Raises:
        Rejected: with every syntax mistake found, at most about 25.
    """
    text = plain_text(text)
    found = scan(text, path)
    problems = list(found.problems[:_MOST_PROBLEMS])
    blocks: list[syntax.Block] = []
    with _one_at_a_time, collector_held():
        _builder.problems.clear()
        for chunk in found.chunks:
            blocks.extend(_read(chunk, path, problems))
            if len(problems) + len(_builder.problems) >= _MOST_PROBLEMS:
                break
        problems.extend(_builder.problems)
    if problems:
        raise Rejected(problems, {path: text})
    return syntax.SourceFile(path=path, text=text, blocks=tuple(blocks), comments=found.comments)


def _read(chunk: Chunk, path: str, problems: list[Diagnostic]) -> list[syntax.Block]:
    reader = load_reader(_builder)
    found_before = len(_builder.problems)
    _builder.begin(path, chunk.lines_before)
    try:
        return reader.read(chunk.text)  # type: ignore[no-any-return]
    except NotRead:
        del _builder.problems[found_before:]
        return _explain(chunk, path, problems)


def _explain(chunk: Chunk, path: str, problems: list[Diagnostic]) -> list[syntax.Block]:
    """Add what is wrong with a chunk, as Lark finds it; return its blocks if Lark finds nothing."""
    from lark.exceptions import UnexpectedInput

    parser = load_parser(_builder)
    _builder.begin(path, chunk.lines_before)
    try:
        return parser.parse(chunk.text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        from rulesengine.language.mend import explain_all

        more = explain_all(parser, chunk, error, path)
        problems.extend(islice(more, _MOST_PROBLEMS - len(problems)))
        return []
