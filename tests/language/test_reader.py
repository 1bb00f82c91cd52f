"""Reading by tables, and Lark, which the tables are from: they read the same of every plan there is here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lark.exceptions import UnexpectedInput

from rulesengine.diagnostics import Diagnostic
from rulesengine.language import syntax
from rulesengine.language.blocks import Chunk, scan
from rulesengine.language.build import Builder
from rulesengine.language.grammar import load_parser
from rulesengine.language.parse import parse_text
from rulesengine.language.reader import NotRead, Reader
from rulesengine.language.tables import tables_of

REPOSITORY = Path(__file__).parents[2]
Found = tuple[object, list[Diagnostic]]


class Both:
    """A reader and the parser that its tables are from, with a builder."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.lark = load_parser(self.builder)
        self.reader = Reader(tables_of(self.lark), self.builder)

    def read(self, chunk: Chunk) -> tuple[Found | None, Found | None]:
        """Return what each of the two finds, None for a text that it refuses."""
        found: list[Found | None] = []
        for read in (self.reader.read, self.lark.parse):
            self.builder.begin("x", chunk.lines_before)
            self.builder.problems.clear()
            try:
                found.append((read(chunk.text), list(self.builder.problems)))
            except (NotRead, UnexpectedInput):
                found.append(None)
        ours, theirs = found
        return ours, theirs


@pytest.fixture(scope="module")
def both() -> Both:
    return Both()


def _texts() -> list[str]:
    """The plans of rules, gallery, cases and language reference, and the wrong ones with their mistakes."""
    paths = [
        path for home in ("rules", "tests", "rulesengine") for path in (REPOSITORY / home).rglob("*.rules")
    ]
    texts = [path.read_text(encoding="utf-8") for path in sorted(paths)]
    for path in sorted((REPOSITORY / "tests" / "cases").rglob("*.case")):
        texts += re.split(r"^---.*\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:2]
    reference = (REPOSITORY / "docs" / "language.md").read_text(encoding="utf-8")
    return texts + re.findall(r"^```rules\n(.*?)^```", reference, flags=re.MULTILINE | re.DOTALL)


def test_alike(both: Both) -> None:
    """The same nodes at the same places, the same mistakes in values, and the same texts refused."""
    right = refused = 0
    for text in _texts():
        for chunk in scan(text, "x").chunks:
            ours, theirs = both.read(chunk)
            assert ours == theirs, chunk.text
            right += ours is not None
            refused += ours is None
    assert right > 1_000
    assert refused > 30


def test_alike_without_a_token(both: Both) -> None:
    """Plans of which one word or sign was left out, one after the other."""
    refused = 0
    (path, *_) = sorted((REPOSITORY / "rules" / "partner_program").glob("*.rules"))
    for chunk in scan(path.read_text(encoding="utf-8"), "x").chunks:
        for match in re.finditer(r'"[^"]*"|[\w.,%-]+|\S', chunk.text):
            wrong = chunk.text[: match.start()] + chunk.text[match.end() :]
            ours, theirs = both.read(Chunk(wrong, 0))
            assert ours == theirs, wrong
            refused += ours is None
    assert refused > 100


def test_what_only_lark_reads() -> None:
    """Digits that look like a date where only numbers may stand are numbers, as the grammar has it."""
    text = "fact sale {\n  derive left = 2026-01-01\n}\n"
    (block,) = parse_text(text, "x").blocks
    assert isinstance(block, syntax.RecordBlock)
    assert isinstance(block.clauses[0], syntax.Derive)
    with pytest.raises(NotRead):
        Both().reader.read(text)
