"""Derived fields: exact arithmetic over the fields of a record, bounded as the plan says."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.sql.expressions import compared, integer, is_given
from rulesengine.engines.sql.reads import Reads, no_value_columns
from rulesengine.engines.sql.spans import span_count
from rulesengine.engines.sql.values import (
    Number,
    Value,
    add,
    divide,
    known,
    larger,
    multiply,
    smaller,
    subtract,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Operation


def derived_value(derived: nodes.Derived, reads: Reads) -> Number:
    """Return a derived value, null where something that it is worked out from is missing.

    A division by zero is noted down as a problem; the value is null there.
    """
    value = _compute(derived.expression, derived, reads)
    if derived.least is not None:
        value = larger(value, reads.number(derived.least))
    if derived.most is not None:
        value = smaller(value, reads.number(derived.most))
    return value


def derived_columns(derived: nodes.Derived, reads: Reads) -> dict[str, Value]:
    """Work a derived field of the record itself out, so that later ones can read it, and return its columns:
    the value, and why some rows have none. What was found on the way stands in the problems of `reads`."""
    reads.problems = []
    value = reads.derived[derived.name] = derived_value(derived, reads)
    reads.no_value[derived.name] = tuple(reads.problems)
    return {derived.name: value, **no_value_columns(derived.name, reads.problems)}


def _compute(expression: nodes.Expression, derived: nodes.Derived, reads: Reads) -> Number:
    match expression:
        case nodes.Arithmetic(operation=operation, left=left, right=right):
            first, second = _compute(left, derived, reads), _compute(right, derived, reads)
            match operation:
                case Operation.ADD:
                    return add(first, second)
                case Operation.SUBTRACT:
                    return subtract(first, second)
                case Operation.MULTIPLY:
                    return multiply(first, second)
                case Operation.DIVIDE:
                    if known(second) is None:
                        nothing = compared(second.top, "=", integer(0))
                        with reads.within(is_given(first.top)):
                            reads.divides(nothing, derived.name, derived.expression.text)
                    return divide(first, second)
                case _:
                    assert_never(operation)
        case nodes.SpanCount():
            return span_count(expression, reads)
        case _:
            return reads.number(expression)
