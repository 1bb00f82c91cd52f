"""How a derived amount was worked out, in words with its numbers: `10,000.00 − 1,000.00, at least 0.00`."""

from __future__ import annotations

from rulesengine.engines.sql.amounts import OwnReads
from rulesengine.engines.sql.expressions import Expr, first_given, joined, text
from rulesengine.engines.sql.shown import said
from rulesengine.engines.sql.spans import span_count
from rulesengine.engines.sql.values import Number
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Operation, Root

_SIGNS = {
    Operation.ADD: "+",
    Operation.SUBTRACT: "−",
    Operation.MULTIPLY: "×",
    Operation.DIVIDE: "÷",
}


def how(operand: nodes.Operand, own: OwnReads) -> Expr | None:
    """Return how a derived amount of the row was worked out, None for any other operand."""
    if not isinstance(operand, nodes.FieldRead) or operand.root is not Root.ROW or len(operand.names) != 1:
        return None
    fields = own.compilation.plan.derived.get(own.kind, ())
    derived = next((each for each in fields if each.name == operand.names[0]), None)
    if derived is None:
        return None
    if isinstance(derived.expression, nodes.SpanCount):
        words: Expr = text(derived.expression.text)
    else:
        words = _with_numbers(derived.expression, own)
    pieces: list[Expr | str] = [words]
    for word, bound in (("at least", derived.least), ("at most", derived.most)):
        if bound is not None:
            pieces += [f", {word} ", said(own.number(bound), bound.type)]
    return joined(pieces)


def _with_numbers(expression: nodes.Expression, own: OwnReads, *, within: bool = False) -> Expr:
    if not isinstance(expression, nodes.Arithmetic):
        value = _leaf(expression, own)
        return first_given([said(value, expression.type), text("missing")])
    left = _with_numbers(expression.left, own, within=True)
    right = _with_numbers(expression.right, own, within=True)
    words = joined([left, f" {_SIGNS[expression.operation]} ", right])
    return joined(["(", words, ")"]) if within else words


def _leaf(expression: nodes.Expression, own: OwnReads) -> Number:
    if isinstance(expression, nodes.SpanCount):
        return span_count(expression, own)
    assert not isinstance(expression, nodes.Arithmetic)
    return own.number(expression)
