"""Laws of parsing and layout, on random texts."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, given, settings

from rulesengine.language import syntax
from rulesengine.language.format import essence, format_file
from rulesengine.language.parse import parse_text
from tests.properties.plans_text import plans_text

FILE = "plan.rules"


@settings(max_examples=300, deadline=None)
@given(text=plans_text())
def test_the_layout_says_the_same(text: str) -> None:
    """parse, format, parse gives what parse gives; every comment is there; a second time changes nothing."""
    source = parse_text(text, FILE)
    formatted = format_file(source)
    again = parse_text(formatted, FILE)
    assert essence(again) == essence(source)
    assert Counter(c.text for c in again.comments) == Counter(c.text for c in source.comments)
    assert format_file(again) == formatted


@settings(max_examples=200, deadline=None)
@given(text=plans_text())
def test_line_ends_and_blanks_carry_no_meaning(text: str) -> None:
    """The canonical layout on one line, without comments, is the same plan."""
    assume(not re.search(r'"[^"\n]*#', text))
    source = parse_text(text, FILE)
    joined = re.sub(r"#.*", "", format_file(source)).replace("\n", " ")
    assert essence(parse_text(joined, FILE)) == essence(source)


@settings(max_examples=200, deadline=None)
@given(text=plans_text())
def test_spans_lie_inside_each_other(text: str) -> None:
    """Each node has a span with something in it, inside that of the node around it, siblings apart."""
    source = parse_text(text, FILE)
    for block in source.blocks:
        for outer, inner in _nested(block):
            assert _start(inner) < _end(inner)
            assert _start(outer) <= _start(inner) and _end(inner) <= _end(outer)
    for before, after in zip(source.blocks, source.blocks[1:], strict=False):
        assert _end(before) <= _start(after)


def _start(node: syntax.Node) -> tuple[int, int]:
    return node.span.line, node.span.column


def _end(node: syntax.Node) -> tuple[int, int]:
    return node.span.end_line, node.span.end_column


def _nested(node: syntax.Node) -> Iterator[tuple[syntax.Node, syntax.Node]]:
    for part in _parts(node):
        yield node, part
        yield from _nested(part)


def _parts(node: syntax.Node) -> Iterator[syntax.Node]:
    for field in dataclasses.fields(node):
        value: Any = getattr(node, field.name)
        yield from (
            part for part in (value if isinstance(value, tuple) else [value]) if isinstance(part, syntax.Node)
        )
