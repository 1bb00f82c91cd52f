"""Derived fields: sums with their signs, and spans of time."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.dates import anchor, window_name
from rulesengine.letter.values import operand
from rulesengine.letter.words import human, plural
from rulesengine.model.dates import SpanUnit, WindowKind
from rulesengine.plan import nodes

_SIGNS = {
    nodes.Operation.ADD: "+",
    nodes.Operation.SUBTRACT: "−",
    nodes.Operation.MULTIPLY: "×",
    nodes.Operation.DIVIDE: "÷",
}


def expression(node: nodes.Expression, row: str) -> str:
    """Return a sum with its signs, brackets around what is worked out first."""
    match node:
        case nodes.FieldRead() | nodes.Constant() | nodes.OtherwiseRead():
            return operand(node, row)
        case nodes.Arithmetic(operation=operation, left=left, right=right):
            return f"{_inner(left, row)} {_SIGNS[operation]} {_inner(right, row)}"
        case nodes.SpanCount():
            return _span(node, row)
        case _:
            assert_never(node)


def _span(node: nodes.SpanCount, row: str) -> str:
    start, end = anchor(node.start, row), anchor(node.end, row)
    if node.is_end_included:
        end += ", that day included"
    noun = window_name(node.unit) if isinstance(node.unit, WindowKind) else node.unit.value
    match node.method:
        case nodes.SpanMethod.FULL if node.unit is SpanUnit.DAY:
            return f"the number of days from {start} to {end}"
        case nodes.SpanMethod.FULL:
            return f"the number of full {plural(noun)} from {start} to {end}"
        case nodes.SpanMethod.STARTED:
            return f"the number of {plural(noun)} started from {start} to {end}"
        case nodes.SpanMethod.ENDS:
            return f"the number of {noun} ends from {start} to {end}"
        case _:
            assert_never(node.method)


def _inner(node: nodes.Expression, row: str) -> str:
    text = expression(node, row)
    return f"({text})" if isinstance(node, nodes.Arithmetic | nodes.SpanCount) else text


def derived(node: nodes.Derived, row: str) -> str:
    """Return how a derived field is worked out."""
    text = f"the {human(node.name)} of {row} is {expression(node.expression, row)}"
    if node.least is not None:
        text += f", but at least {operand(node.least, row)}"
    if node.most is not None:
        text += f", {'and' if node.least is not None else 'but'} at most {operand(node.most, row)}"
    return text
