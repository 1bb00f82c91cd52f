"""Whether a condition holds for a row, and if not, what it found."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from typing import Any, assert_never

from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.view import View
from rulesengine.engines.values import Scalar, number
from rulesengine.model.exact import HUNDRED, grouped, multiply
from rulesengine.model.types import MoneyType, PercentType, RecordType, Type
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Comparison, Quantifier


def holds(condition: nodes.Condition, reader: Reader, view: View) -> bool:
    """Return whether the condition holds; a comparison with a missing value does not."""
    match condition:
        case nodes.IsOneOf(left=left, values=values):
            found = reader.value(left, view)
            if found is None:
                return False
            for value in values:  # `any` and `all` take three times as long over one or two
                known = value.value if isinstance(value, nodes.Constant) else reader.value(value, view)
                if found == known:
                    break
            else:
                return False
            return True
        case nodes.Compare(left=left, comparison=comparison, right=right):
            return _compare(reader.value(left, view), comparison, _right(right, reader, view))
        case nodes.AllOf(tests=tests):
            for test in tests:
                if not holds(test, reader, view):
                    break
            else:
                return True
            return False
        case nodes.AnyOf(tests=tests):
            for test in tests:
                if holds(test, reader, view):
                    break
            else:
                return False
            return True
        case nodes.Not(test=test):
            return not holds(test, reader, view)
        case nodes.IsMissing(read=read):
            return reader.read(read, view) is None
        case nodes.InSegment(read=read, segment=segment):
            return _in_segment(read, reader.plan.segments[segment], reader, view)
        case nodes.Has(read=read, quantifier=quantifier, values=values):
            tags = reader.read(read, view)
            found_tags = set(tags) if isinstance(tags, tuple) else set()
            match quantifier:
                case Quantifier.ALL:
                    return found_tags.issuperset(values)
                case Quantifier.ANY:
                    return not found_tags.isdisjoint(values)
                case Quantifier.NONE:
                    return found_tags.isdisjoint(values)
        case nodes.StartsWith(left=left, values=values):
            text = reader.value(left, view)
            return isinstance(text, str) and text.startswith(values)
        case _:
            assert_never(condition)


def all_hold(conditions: tuple[nodes.Condition, ...], reader: Reader, view: View) -> bool:
    """Return whether each of the conditions holds."""
    return all(holds(condition, reader, view) for condition in conditions)


def first_failure(conditions: tuple[nodes.Condition, ...], reader: Reader, view: View) -> str | None:
    """Return which of the conditions fails first and what it found, None if all hold.

    Example: "type is "new": type is renewal".
    """
    for condition in conditions:
        if not holds(condition, reader, view):
            found: dict[str, None] = {}
            _note(condition, reader, view, found)
            return f"{condition.text}: {', '.join(found)}" if found else condition.text
    return None


def show(value: Scalar | None, kind: Type) -> str:
    """Return a value as an explanation shows it, with its unit."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) if value else "empty"
    if isinstance(value, date):
        return str(value)
    match kind:
        case MoneyType(currency=currency):
            return f"{grouped(value)} {currency}".rstrip()
        case PercentType():
            return f"{grouped(multiply(value, HUNDRED))}%"
        case _:
            return grouped(value)


def _compare(left: Scalar | None, comparison: Comparison, right: Scalar | None) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, date) and isinstance(right, date):
        return _ORDERS[comparison](left, right)
    return _ORDERS[comparison](number(left), number(right))


_ORDERS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.AT_MOST: operator.le,
    Comparison.ABOVE: operator.gt,
    Comparison.BELOW: operator.lt,
}


def _right(right: nodes.Operand | nodes.Anchor, reader: Reader, view: View) -> Scalar | None:
    match right:
        case nodes.Constant(value=value):
            return value
        case nodes.DateRead() | nodes.DateAfter() | nodes.StartAfter() | nodes.StartOf() | nodes.EndOf():
            return reader.day_of(right, view)
        case _:
            return reader.value(right, view)


def _in_segment(read: nodes.FieldRead, segment: nodes.Segment, reader: Reader, view: View) -> bool:
    key = reader.read(read, view)
    return key is not None and is_member(str(key), segment, reader, view.day)


def is_member(key: str, segment: nodes.Segment, reader: Reader, day: date) -> bool:
    """Return whether the record with this key is in the segment on that day."""
    inside = View(reader.record(segment.kind, key), day)
    return all(holds(condition, reader, inside) for condition in segment.conditions)


def _note(condition: nodes.Condition, reader: Reader, view: View, found: dict[str, None]) -> None:
    """Add in words what a condition that does not hold was judged by, each thing once."""
    match condition:
        case nodes.IsOneOf(left=left, values=values):
            _note_value(left, reader, view, found)
            for value in values:
                _note_value(value, reader, view, found)
        case nodes.Compare(left=left, right=right):
            _note_value(left, reader, view, found)
            _note_right(right, reader, view, found)
        case nodes.AnyOf(tests=tests):
            for test in tests:
                _note(test, reader, view, found)
        case nodes.AllOf(tests=tests):
            for test in tests:
                if not holds(test, reader, view):
                    _note(test, reader, view, found)
        case nodes.Not(test=test):
            _note(test, reader, view, found)
        case nodes.StartsWith(left=left):
            _note_value(left, reader, view, found)
        case nodes.IsMissing(read=read) | nodes.Has(read=read):
            _note_value(read, reader, view, found)
        case nodes.InSegment(read=read, segment=segment):
            found[_membership(read, segment, reader, view)] = None
        case _:
            assert_never(condition)


def _note_right(
    right: nodes.Operand | nodes.Anchor, reader: Reader, view: View, found: dict[str, None]
) -> None:
    match right:
        case nodes.DateRead(operand=nodes.Constant()):
            return
        case nodes.DateRead() | nodes.DateAfter() | nodes.StartAfter() | nodes.StartOf() | nodes.EndOf():
            found[f"the date is {reader.day_of(right, view) or 'missing'}"] = None
        case _:
            _note_value(right, reader, view, found)


def _note_value(operand: nodes.Operand, reader: Reader, view: View, found: dict[str, None]) -> None:
    match operand:
        case nodes.Constant():
            return
        case nodes.FieldRead(type=RecordType(), root=nodes.Root.PAYEE, names=()):
            found[f"the payee is {reader.read(operand, view)}"] = None
        case _:
            found[f"{operand.text} is {show(reader.value(operand, view), operand.type)}"] = None


def _membership(read: nodes.FieldRead, name: str, reader: Reader, view: View) -> str:
    key, segment = reader.read(read, view), reader.plan.segments[name]
    if key is None:
        return f"{read.text} is missing"
    inside = View(reader.record(segment.kind, str(key)), view.day)
    failure = first_failure(segment.conditions, reader, inside)
    return f"{key} is not in {name} ({failure})" if failure else f"{key} is in {name}"
