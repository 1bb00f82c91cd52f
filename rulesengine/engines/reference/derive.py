"""Derived values: worked out exactly, and shown with the numbers that went in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulesengine.engines.reference.spans import count_span
from rulesengine.engines.reference.view import DividesByZero, View
from rulesengine.engines.values import number, shown_amount
from rulesengine.model.exact import Exact, add, divide, multiply, subtract
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Operation, Root

if TYPE_CHECKING:
    from rulesengine.engines.reference.reader import Reader

_SIGNS = {
    Operation.ADD: "+",
    Operation.SUBTRACT: "−",
    Operation.MULTIPLY: "×",
    Operation.DIVIDE: "÷",
}


def derive(reader: Reader, derived: nodes.Derived, view: View) -> Exact | None:
    """Return a derived value of a record, None where something that it is worked out from is missing.

    Raises:
        DividesByZero: its division has no answer.
    """
    try:
        value = _compute(reader, derived.expression, view)
        if value is None:
            return None
        if derived.least is not None:
            value = max(value, reader.quantity(derived.least, view))
        if derived.most is not None:
            value = min(value, reader.quantity(derived.most, view))
    except ZeroDivisionError:
        kind, key = (view.record.kind, view.record.key) if view.record else ("", "")
        raise DividesByZero(kind, key, derived.name, derived.expression.text) from None
    return value


def _compute(reader: Reader, expression: nodes.Expression, view: View) -> Exact | None:
    if isinstance(expression, nodes.SpanCount):
        return count_span(reader, expression, view)
    if not isinstance(expression, nodes.Arithmetic):
        value = reader.value(expression, view)
        return None if value is None else number(value)
    left, right = _compute(reader, expression.left, view), _compute(reader, expression.right, view)
    if left is None or right is None:
        return None
    match expression.operation:
        case Operation.ADD:
            return add(left, right)
        case Operation.SUBTRACT:
            return subtract(left, right)
        case Operation.MULTIPLY:
            return multiply(left, right)
        case Operation.DIVIDE:
            return divide(left, right)


def how(reader: Reader, operand: nodes.Operand, view: View) -> str:
    """Return how a derived amount was worked out, with its numbers; empty for any other.

    Example: "10,000 − 1,000, at least 0".
    """
    if not isinstance(operand, nodes.FieldRead) or len(operand.names) != 1 or view.record is None:
        return ""
    derived = reader.derived(view.record.kind, operand.names[0])
    if derived is None or operand.root is not Root.ROW:
        return ""
    text = _with_numbers(reader, derived.expression, view)
    if isinstance(derived.expression, nodes.SpanCount):
        text = derived.expression.text
    for word, bound in (("at least", derived.least), ("at most", derived.most)):
        if bound is not None:
            text += f", {word} {shown_amount(reader.quantity(bound, view), bound.type)}"
    return text


def _with_numbers(reader: Reader, expression: nodes.Expression, view: View, *, within: bool = False) -> str:
    if not isinstance(expression, nodes.Arithmetic):
        value = _compute(reader, expression, view)
        return "missing" if value is None else shown_amount(value, expression.type)
    left = _with_numbers(reader, expression.left, view, within=True)
    right = _with_numbers(reader, expression.right, view, within=True)
    text = f"{left} {_SIGNS[expression.operation]} {right}"
    return f"({text})" if within else text
