"""The tables of words, held against the grammar."""

from __future__ import annotations

import pytest
from lark.exceptions import UnexpectedInput

from rulesengine.language.build import Builder
from rulesengine.language.grammar import build_parser, grammar_text
from rulesengine.language.parse import parse_text
from rulesengine.language.words import (
    BLOCK_WORDS,
    CLAUSE_SYNONYMS,
    CLAUSES,
    HEADER_SHAPES,
    HEADERS,
    KEYWORDS,
    RULE_SHAPES,
    shape_of,
)

PARSER = build_parser(grammar_text(), transformer=Builder())


def accepted(text: str) -> set[str]:
    """Return the words that could go on behind a text."""
    with pytest.raises(UnexpectedInput) as caught:
        PARSER.parse(text + " ?")
    words = caught.value.interactive_parser.accepts()  # type: ignore[attr-defined]
    return {word.lower() for word in words if word.lower() in KEYWORDS}


def test_every_keyword_is_listed() -> None:
    """And the parser calls each by its own name, by which messages know it."""
    keywords = {t.pattern.value: t.name for t in PARSER.terminals if t.pattern.type == "str"}
    keywords = {word: name for word, name in keywords.items() if word[0].isalpha()}
    assert keywords == {word: word.upper() for word in KEYWORDS}


def test_the_blocks_are_those_of_the_grammar() -> None:
    assert accepted("") == set(BLOCK_WORDS)


@pytest.mark.parametrize("block", [block for block in CLAUSES if block not in ("amend", "choose")])
def test_the_clauses_are_those_of_the_grammar(block: str) -> None:
    assert accepted(f"{HEADERS[block]} {{") == set(CLAUSES[block])


def test_the_clauses_of_an_amendment_are_those_of_the_grammar() -> None:
    assert accepted("flat x { amend from 2026-01-01 {") == set(CLAUSES["amend"])


@pytest.mark.parametrize("word", RULE_SHAPES)
def test_shapes_of_clauses_can_be_parsed(word: str) -> None:
    parse_text(f"flat x {{ {shape_of('flat', word)} }}", "x")


@pytest.mark.parametrize("block", ["plan", "fact", "table", "statement", "measure", "choose"])
def test_shapes_of_other_lines_can_be_parsed(block: str) -> None:
    lines = " ".join(shape_of(block, word) for word in CLAUSES[block])
    parse_text(f"{HEADERS[block]} {{ {lines} }}", "x")


@pytest.mark.parametrize("block", HEADER_SHAPES)
def test_shapes_of_headers_can_be_parsed(block: str) -> None:
    inside = {"segment": "where a", "table": "row any gives 1%", "choose": "take first per deal among a"}
    shape = HEADER_SHAPES[block]
    parse_text(f"{shape} {inside.get(block, '')} }}" if shape.endswith("{") else shape, "x")


def test_synonyms_are_no_clauses_of_rules() -> None:
    assert not set(CLAUSE_SYNONYMS) & set(RULE_SHAPES)
