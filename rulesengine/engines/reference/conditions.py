"""Whether a condition holds for a row, and if not, what it found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

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
        case nodes.AllOf(tests=tests):
            return all(holds(test, reader, view) for test in tests)
        case nodes.AnyOf(tests=tests):
            return any(holds(test, reader, view) for test in tests)
        case nodes.Not(test=test):
            return not holds(test, reader, view)
        case nodes.Compare(left=left, comparison=comparison, right=right):
            return _compare(reader.value(left, view), comparison, _right(right, reader, view))
        case nodes.IsOneOf(left=left, values=values):
            found = reader.value(left, view)
            return found is not None and any(found == reader.value(value, view) for value in values)
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


def first_failure(conditions: tuple[nodes.Condition, ...], reader: Reader, view: View) -> str | None:
    """Return which of the conditions fails first and what it found, None if all hold.

    Example: "type is "new": type is renewal".
    """
    for condition in conditions:
        if not holds(condition, reader, view):
            found = ", ".join(dict.fromkeys(_findings(condition, reader, view)))
            return f"{condition.text}: {found}" if found else condition.text
    return None


def show(value: Scalar | None, kind: Type) -> str:
    """Return a value as an explanation shows it, with its unit."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) if value else "empty"
    if isinstance(value, str | date):
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
        order = (left > right) - (left < right)
    else:
        first, second = number(left), number(right)
        order = (first > second) - (first < second)
    match comparison:
        case Comparison.AT_LEAST:
            return order >= 0
        case Comparison.AT_MOST:
            return order <= 0
        case Comparison.ABOVE:
            return order > 0
        case Comparison.BELOW:
            return order < 0


def _right(right: nodes.Operand | nodes.Anchor, reader: Reader, view: View) -> Scalar | None:
    match right:
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


def _findings(condition: nodes.Condition, reader: Reader, view: View) -> Iterator[str]:
    match condition:
        case nodes.AllOf(tests=tests) | nodes.AnyOf(tests=tests):
            for test in tests:
                if isinstance(condition, nodes.AnyOf) or not holds(test, reader, view):
                    yield from _findings(test, reader, view)
        case nodes.Not(test=test):
            yield from _findings(test, reader, view)
        case nodes.Compare(left=left, right=right):
            yield from _finding(left, reader, view)
            match right:
                case (
                    nodes.DateRead()
                    | nodes.DateAfter()
                    | nodes.StartAfter()
                    | nodes.StartOf()
                    | nodes.EndOf()
                ):
                    day = reader.day_of(right, view)
                    if not (isinstance(right, nodes.DateRead) and isinstance(right.operand, nodes.Constant)):
                        yield f"the date is {day or 'missing'}"
                case _:
                    yield from _finding(right, reader, view)
        case nodes.IsOneOf(left=left, values=values):
            yield from _finding(left, reader, view)
            for value in values:
                yield from _finding(value, reader, view)
        case nodes.StartsWith(left=left):
            yield from _finding(left, reader, view)
        case nodes.IsMissing(read=read) | nodes.Has(read=read):
            yield from _finding(read, reader, view)
        case nodes.InSegment(read=read, segment=segment):
            key = reader.read(read, view)
            if key is None:
                yield f"{read.text} is missing"
                return
            inside = View(reader.record(reader.plan.segments[segment].kind, str(key)), view.day)
            failure = first_failure(reader.plan.segments[segment].conditions, reader, inside)
            yield f"{key} is not in {segment} ({failure})" if failure else f"{key} is in {segment}"
        case _:
            assert_never(condition)


def _finding(operand: nodes.Operand, reader: Reader, view: View) -> Iterator[str]:
    match operand:
        case nodes.Constant():
            return
        case nodes.FieldRead(type=RecordType(), root=nodes.Root.PAYEE, names=()):
            yield f"the payee is {reader.read(operand, view)}"
        case _:
            yield f"{operand.text} is {show(reader.value(operand, view), operand.type)}"
