"""Derived fields: exact arithmetic over the fields of a record, bounded as the plan says."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, add, larger, multiply, smaller, subtract
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Operation


def derived_value(derived: nodes.Derived, reads: Reads) -> Number:
    """Return a derived value, null where something that it is worked out from is missing."""
    value = _compute(derived.expression, reads)
    if derived.least is not None:
        value = larger(value, reads.number(derived.least))
    if derived.most is not None:
        value = smaller(value, reads.number(derived.most))
    return value


def _compute(expression: nodes.Expression, reads: Reads) -> Number:
    match expression:
        case nodes.Arithmetic(operation=operation, left=left, right=right):
            first, second = _compute(left, reads), _compute(right, reads)
            match operation:
                case Operation.ADD:
                    return add(first, second)
                case Operation.SUBTRACT:
                    return subtract(first, second)
                case Operation.MULTIPLY:
                    return multiply(first, second)
                case Operation.DIVIDE:
                    raise unsupported(f"the division `{expression.text}`", expression.origin)
                case _:
                    assert_never(operation)
        case nodes.SpanCount():
            raise unsupported(f"the span `{expression.text}` as a number", expression.origin)
        case _:
            return reads.number(expression)
