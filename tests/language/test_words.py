"""The tables of words, held against the grammar."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lark.exceptions import UnexpectedInput

from rulesengine.diagnostics import Rejected
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
    NOT_A_FIELD,
    NOT_A_RECORD,
    NOT_A_RULE,
    NOT_A_VALUE,
    RULE_SHAPES,
    shape_of,
)
from rulesengine.plan.names import NOT_A_RECORD_KIND

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


# --- words that cannot be names ----------------------------------------------------------------

FIELD_PLACES = """
    fact d { field K text } / fact d { derive x = (K otherwise 1) + K } / fact d { order by K }
    fact d { where K is present } / fact d { where K } / fact d { where not K } / fact d { where K > 5 }
    fact d { where K in s } / fact d { where K has any of "a" } / fact d { where a > 5% of K }
    fact d { where a > K } / fact d { where a > 30 days after K } / flat x { pay K } / flat x { pay 5% of K }
    flat x { pay 5 USD per unit of K } / flat x { measure sum K per month by K against K }
    flat x { measure max K per month } / flat x { on d at K } / flat x { credit 60% to K }
    flat x { award each member of payee.K } / flat x { hold until K days after K } / flat x { times K when K }
    flat x { cap K per month by K } / flat x { hold until end of month of K }
    flat x { split into K months starting K } / flat x { stop on K then forfeit }
    flat x { goal sum K >= 5 by K } / flat x { rank sum K by K ties share }
    flat x { budget K by K then first_come on K } / table t on d by K { row any gives K }
    quota q by a.K per month as money
"""
RECORD_PLACES = """
    fact K { } / payee K { } / fact d { field x K } / segment s of K { where a }
    table t on K by K { row any gives 1% } / quota q by K, K.a per month as money / flat x { on K }
    flat x { pay 5 USD per K } / flat x { measure count per K } / flat x { cap 5 USD per K }
    flat x { where K in s } / choose c { take first per K among a }
"""
VALUE_PLACES = """
    table K on d by a { row any gives 1% } / segment K of d { where a } / quota K by d per month as money
    measure K { on d } / flat x { pay K of a } / flat x { times K } / flat x { where payee in K }
    flat x { measure K } / flat x { measure count per month against K } / flat x { goal K >= 5 by a }
    flat x { rank K by a ties share } / flat x { cap K per month }
"""
# Here a word of the clause itself may stand, which is a name everywhere else.
ONE_CLAUSE = """
    flat x { credit K } / flat x { for 5 months from K } / flat x { pay K of a } / fact d { where a is K }
"""


def unfit(places: str) -> set[str]:
    """Return the words that cannot stand for K in every place."""
    snippets = [snippet for line in places.strip().split("\n") for snippet in line.strip().split(" / ")]
    return {word for word in KEYWORDS if not all(is_read(snippet, word) for snippet in snippets)}


def is_read(snippet: str, word: str) -> bool:
    try:
        parse_text(re.sub(r"\bK\b", word, snippet), "x")
    except Rejected:
        return False
    return True


def test_reserved_words_are_those_that_cannot_be_read() -> None:
    # `by all` can be read, and means everybody.
    assert unfit(FIELD_PLACES) | {"all"} == NOT_A_FIELD
    assert unfit(ONE_CLAUSE) == {"each", "end", "first", "not", "nothing", "one", "prize", "rest", "start"}
    assert unfit(VALUE_PLACES) == NOT_A_VALUE
    assert unfit(RECORD_PLACES) | {"all", "quota"} == NOT_A_RECORD


def test_the_reference_lists_the_reserved_words() -> None:
    text = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
    section = text[text.index("## 32 Reserved words\n") : text.index("## 33")]
    rows = re.findall(r"^\| (a .*?) \| (.*) \|$", section, re.MULTILINE)
    listed = {what: set(re.findall(r"`(\w+)`", words)) for what, words in rows}
    assert listed == {
        "a field": NOT_A_FIELD | {"payee"},
        "a table, segment, quota or measure": NOT_A_VALUE,
        "a rule": NOT_A_RULE,
        "a payee or fact block": {word for word in NOT_A_RECORD_KIND if " " not in word},
    }
