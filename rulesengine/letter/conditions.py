"""Conditions: what must hold."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.dates import anchor
from rulesengine.letter.values import operand, the_field
from rulesengine.letter.words import human, listed, quoted
from rulesengine.model.change import replace
from rulesengine.model.types import DateType, FlagType, RecordType
from rulesengine.plan import nodes


def condition(node: nodes.Condition, row: str) -> str:
    """Return what must hold, to stand behind `only if`."""
    match node:
        case nodes.AllOf(tests=tests):
            return listed(_inner(test, row) for test in tests)
        case nodes.AnyOf(tests=tests):
            return f"either {listed((_inner(test, row) for test in tests), 'or')}"
        case nodes.Not(test=test):
            return _negated(test, row)
        case nodes.Compare(left=left, right=right):
            return f"{operand(left, row)} is {_order(node, left)} {_right(right, row)}"
        case nodes.IsOneOf():
            return _is_one_of(node, row, True)
        case nodes.IsMissing(read=read):
            return f"{the_field(read, row)} is empty"
        case nodes.InSegment(read=read, segment=segment):
            return f"{the_field(read, row)} {_be(read)} in the group {human(segment)}"
        case nodes.Has(read=read, quantifier=quantifier, values=values):
            return (
                f"{the_field(read, row)} {_has(read)} {_quantity(quantifier)} {listed(map(quoted, values))}"
            )
        case nodes.StartsWith(left=left, values=values):
            return f"{operand(left, row)} begins with {listed(map(quoted, values), 'or')}"
        case _:
            assert_never(node)


def _inner(node: nodes.Condition, row: str) -> str:
    text = condition(node, row)
    return f"({text})" if isinstance(node, nodes.AllOf | nodes.AnyOf) else text


def _negated(test: nodes.Condition, row: str) -> str:
    match test:
        case nodes.IsOneOf():
            return _is_one_of(test, row, False)
        case nodes.IsMissing(read=read):
            return f"{the_field(read, row)} is filled in"
        case nodes.InSegment(read=read, segment=segment):
            return f"{the_field(read, row)} {_be(read)} not in the group {human(segment)}"
        case nodes.StartsWith(left=left, values=values):
            return f"{operand(left, row)} does not begin with {listed(map(quoted, values), 'or')}"
        case _:
            return f"it is not so that {_inner(test, row)}"


def _is_one_of(node: nodes.IsOneOf, row: str, holds: bool) -> str:
    match node:
        case nodes.IsOneOf(
            left=nodes.FieldRead(type=FlagType()) as read, values=(nodes.Constant(value=bool() as value),)
        ):
            return _marked(read, row, value is holds)
        case nodes.IsOneOf():
            values = listed((operand(value, row) for value in node.values), "or")
            return f"{operand(node.left, row)} {'is' if holds else 'is not'} {values}"


def _marked(flag: nodes.FieldRead, row: str, holds: bool) -> str:
    """`the deal is marked "renewed"`, `you are not marked "on leave"`."""
    record = replace(flag, names=flag.names[:-1], type=RecordType(row))
    word = human(flag.names[-1].removeprefix("is_").removeprefix("has_"))
    return f"{the_field(record, row)} {_be(record)} {'' if holds else 'not '}marked {quoted(word)}"


def _order(node: nodes.Compare, left: nodes.Operand) -> str:
    on_dates = isinstance(left, nodes.FieldRead) and isinstance(left.type, DateType)
    match node.comparison:
        case nodes.Comparison.AT_LEAST:
            return "on or after" if on_dates else "at least"
        case nodes.Comparison.AT_MOST:
            return "on or before" if on_dates else "at most"
        case nodes.Comparison.ABOVE:
            return "after" if on_dates else "above"
        case nodes.Comparison.BELOW:
            return "before" if on_dates else "below"
        case _:
            assert_never(node.comparison)


def _right(node: nodes.Operand | nodes.Anchor, row: str) -> str:
    match node:
        case nodes.DateRead() | nodes.DateAfter() | nodes.StartAfter() | nodes.StartOf() | nodes.EndOf():
            return anchor(node, row)
        case (
            nodes.FieldRead()
            | nodes.Constant()
            | nodes.OtherwiseRead()
            | nodes.TableRead()
            | nodes.ShareOfRead()
            | nodes.MeasureRead()
        ):
            return operand(node, row)
        case _:
            assert_never(node)


def _be(read: nodes.FieldRead) -> str:
    return "are" if read.root is nodes.Root.PAYEE and not read.names else "is"


def _has(read: nodes.FieldRead) -> str:
    return "have" if read.names[-1].endswith("s") else "has"


def _quantity(quantifier: nodes.Quantifier) -> str:
    match quantifier:
        case nodes.Quantifier.ALL:
            return "all of"
        case nodes.Quantifier.ANY:
            return "any of"
        case nodes.Quantifier.NONE:
            return "none of"
        case _:
            assert_never(quantifier)
