"""Whether a condition holds for a row, and the words for what it found where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.dates import day_of
from rulesengine.engines.sql.expressions import (
    TRUE,
    Call,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    equal,
    first_given,
    is_given,
    is_null,
    joined,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.records import record_reads
from rulesengine.engines.sql.shown import distinct_joined, shown
from rulesengine.engines.sql.values import Number, Plain, Value, compare, expr_of
from rulesengine.model.types import RecordType
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Quantifier

Finding = tuple[Expr, Expr]
"""Whether something was found, and the words for it."""


def check_conditions(conditions: Sequence[nodes.Condition], reads: Reads) -> None:
    """Note down, condition by condition, that a row earns nothing where it fails."""
    for condition in conditions:
        test = holds(condition, reads)
        # What the words read in addition is read for rows that fail, and may be missing for them.
        read = len(reads.notes)
        with reads.within(negated(test)):
            words = failure(condition, reads)
        del reads.notes[read:]
        reads.problem(negated(test), Reason.CONDITION, words)


def failure(condition: nodes.Condition, reads: Reads) -> Expr:
    """Return the words for a condition that fails: `type is "new": type is renewal`."""
    found = distinct_joined(list(_findings(condition, reads)))
    if found == text(""):
        return text(condition.text)
    behind = joined([f"{condition.text}: ", found])
    if isinstance(found, Literal):
        return behind
    return (
        behind
        if _always(condition)
        else chosen([(compared(found, "=", text("")), text(condition.text))], behind)
    )


def first_failure(conditions: Sequence[nodes.Condition], reads: Reads) -> Expr:
    """Return the words for the first condition that fails, null where all hold."""
    made: list[Expr] = []
    whens = []
    for each in conditions:
        with reads.within(all_of(made)):
            test = holds(each, reads)
            with reads.within(negated(test)):
                whens.append((negated(test), failure(each, reads)))
        made.append(test)
    return chosen(whens, Literal(None, Sort.TEXT))


def holds(condition: nodes.Condition, reads: Reads) -> Expr:
    """Return whether a condition holds, never null; a comparison with a missing value does not."""
    match condition:
        case nodes.AllOf(tests=tests):
            return _in_turn(tests, reads, is_all=True)
        case nodes.AnyOf(tests=tests):
            return _in_turn(tests, reads, is_all=False)
        case nodes.Not(test=test):
            return negated(holds(test, reads))
        case nodes.Compare(left=left, comparison=comparison, right=right):
            first = reads.value(left)
            second = _right(right, reads)
            return surely(_compared(first, comparison.value, second))
        case nodes.IsOneOf(left=left, values=values):
            found = reads.value(left)
            return surely(any_of(_compared(found, "=", reads.value(value)) for value in values))
        case nodes.IsMissing(read=read):
            return is_null(expr_of(reads.read(read)))
        case nodes.InSegment(read=read, segment=segment):
            return _in_segment(read, reads.compilation.plan.segments[segment], reads)
        case nodes.Has(read=read, quantifier=quantifier, values=values):
            tags = expr_of(reads.read(read))
            has = [surely(Call("contains", (tags, text(value)), Sort.FLAG)) for value in values]
            match quantifier:
                case Quantifier.ALL:
                    return all_of(has)
                case Quantifier.ANY:
                    return any_of(has)
                case Quantifier.NONE:
                    return negated(any_of(has))
        case nodes.StartsWith(left=left, values=values):
            found_text = expr_of(reads.value(left))
            return surely(any_of(Call("starts with", (found_text, text(each)), Sort.FLAG) for each in values))
        case _:
            assert_never(condition)


def _in_turn(tests: Sequence[nodes.Condition], reads: Reads, *, is_all: bool) -> Expr:
    """Return whether all (or any) hold; a later one is read only where those before leave it open."""
    made: list[Expr] = []
    for test in tests:
        is_open = all_of(made) if is_all else negated(any_of(made))
        with reads.within(is_open):
            made.append(holds(test, reads))
    return all_of(made) if is_all else any_of(made)


def _compared(left: Value, operator: str, right: Value) -> Expr:
    if isinstance(left, Number) and isinstance(right, Number):
        return compare(left, operator, right)
    if isinstance(left, Plain) and isinstance(right, Plain):
        if left.expr.sort is Sort.FLAG and isinstance(right.expr, Literal) and operator == "=":
            return left.expr if right.expr.value else negated(left.expr)
        return equal(left.expr, right.expr) if operator == "=" else compared(left.expr, operator, right.expr)
    raise InternalError("a number is compared with something else")


def _right(right: nodes.Operand | nodes.Anchor, reads: Reads) -> Value:
    match right:
        case nodes.DateRead() | nodes.DateAfter() | nodes.StartAfter() | nodes.StartOf() | nodes.EndOf():
            return Plain(day_of(right, reads))
        case _:
            return reads.value(right)


def _in_segment(read: nodes.FieldRead, segment: nodes.Segment, reads: Reads) -> Expr:
    return in_segment(expr_of(reads.read(read)), segment, reads)


def in_segment(key: Expr, segment: nodes.Segment, reads: Reads) -> Expr:
    """Return whether the record with a key is in a segment, never null."""
    inside = record_reads(segment.kind, key, reads)
    is_there = is_given(key)
    with reads.within(is_there):
        member = _in_turn(segment.conditions, inside, is_all=True)
    return surely(all_of([is_there, member]))


# --- words ---------------------------------------------------------------------------------------


def _always(condition: nodes.Condition) -> bool:
    """Whether a condition that fails has always found something."""
    match condition:
        case nodes.AllOf() | nodes.AnyOf() | nodes.Not():
            return False
        case nodes.Compare(left=nodes.Constant()) | nodes.IsOneOf(left=nodes.Constant()):
            return False
        case _:
            return True


def _findings(condition: nodes.Condition, reads: Reads) -> Iterator[Finding]:
    match condition:
        case nodes.AllOf(tests=tests):
            for test in tests:
                fails = negated(holds(test, reads))
                yield from ((all_of([fails, when]), words) for when, words in _findings(test, reads))
        case nodes.AnyOf(tests=tests):
            for test in tests:
                yield from _findings(test, reads)
        case nodes.Not(test=test):
            yield from _findings(test, reads)
        case nodes.Compare(left=left, right=right):
            yield from _finding(left, reads)
            match right:
                case (
                    nodes.DateRead()
                    | nodes.DateAfter()
                    | nodes.StartAfter()
                    | nodes.StartOf()
                    | nodes.EndOf()
                ):
                    if not (isinstance(right, nodes.DateRead) and isinstance(right.operand, nodes.Constant)):
                        found = first_given([as_text(day_of(right, reads)), text("missing")])
                        yield TRUE, joined(["the date is ", found])
                case _:
                    yield from _finding(right, reads)
        case nodes.IsOneOf(left=left, values=values):
            yield from _finding(left, reads)
            for value in values:
                yield from _finding(value, reads)
        case nodes.StartsWith(left=left):
            yield from _finding(left, reads)
        case nodes.IsMissing(read=read) | nodes.Has(read=read):
            yield from _finding(read, reads)
        case nodes.InSegment(read=read, segment=segment):
            yield TRUE, _segment_words(read, reads.compilation.plan.segments[segment], reads)
        case _:
            assert_never(condition)


def _segment_words(read: nodes.FieldRead, segment: nodes.Segment, reads: Reads) -> Expr:
    key = expr_of(reads.read(read))
    why = first_failure(segment.conditions, record_reads(segment.kind, key, reads))
    outside = joined([key, f" is not in {segment.name} (", why, ")"])
    inside = joined([key, f" is in {segment.name}"])
    return chosen([(is_null(key), text(f"{read.text} is missing")), (is_null(why), inside)], outside)


def _finding(operand: nodes.Operand, reads: Reads) -> Iterator[Finding]:
    match operand:
        case nodes.Constant():
            return
        case nodes.FieldRead(type=RecordType(), root=nodes.Root.PAYEE, names=()):
            yield TRUE, joined(["the payee is ", expr_of(reads.read(operand))])
        case _:
            yield TRUE, joined([f"{operand.text} is ", shown(reads.value(operand), operand.type)])
