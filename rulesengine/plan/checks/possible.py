"""Which conditions rule each other out, as far as their constants show.

This is no theorem prover: it compares tests of the same field with written values. Two
conditions it cannot tell apart count as possible together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.model.types import TextType
from rulesengine.plan import nodes

Value = Decimal | date | str | bool
Path = tuple[str, ...]

_OPPOSITE = {
    nodes.Comparison.AT_LEAST: nodes.Comparison.BELOW,
    nodes.Comparison.BELOW: nodes.Comparison.AT_LEAST,
    nodes.Comparison.AT_MOST: nodes.Comparison.ABOVE,
    nodes.Comparison.ABOVE: nodes.Comparison.AT_MOST,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a test says of one field.

    `values` are those it can have (`is`) or cannot (`is not`); `low` and `high` bound it, with
    whether the bound itself is in.
    """

    path: Path
    test: nodes.Condition
    values: frozenset[Value] | None = None
    is_excluded: bool = False
    low: tuple[Decimal | date, bool] | None = None
    high: tuple[Decimal | date, bool] | None = None
    domain: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    """All that has been said of one field so far."""

    values: frozenset[Value] | None = None
    excluded: frozenset[Value] = frozenset()
    low: tuple[Decimal | date, bool] | None = None
    high: tuple[Decimal | date, bool] | None = None
    domain: tuple[str, ...] = ()
    facts: list[Fact] = field(default_factory=list)

    def learn(self, fact: Fact) -> None:
        self.domain = fact.domain or self.domain
        if fact.values is not None and fact.is_excluded:
            self.excluded |= fact.values
        elif fact.values is not None:
            self.values = fact.values if self.values is None else self.values & fact.values
        if fact.low is not None:
            self.low = fact.low if self.low is None else _tighter_low(self.low, fact.low)
        if fact.high is not None:
            self.high = fact.high if self.high is None else _tighter_high(self.high, fact.high)
        self.facts.append(fact)

    def is_possible(self) -> bool:
        if self.low is not None and self.high is not None:
            (low, low_in), (high, high_in) = self.low, self.high
            if low > high or (low == high and not (low_in and high_in)):  # type: ignore[operator]
                return False
        values: Iterable[Value] | None = self.values
        if values is None:
            values = self.domain or None
        return values is None or any(self._allows(value) for value in values)

    def _allows(self, value: Value) -> bool:
        if value in self.excluded:
            return False
        if self.low is not None and not _holds_low(value, self.low):
            return False
        return self.high is None or _holds_high(value, self.high)


def facts_of(
    conditions: Iterable[nodes.Condition], segments: Mapping[str, nodes.Segment]
) -> tuple[Fact, ...]:
    """Return what conditions that all hold say of single fields; segments are looked into."""
    return tuple(fact for condition in conditions for fact in _facts(condition, segments, (), True))


def contradiction(facts: Iterable[Fact]) -> tuple[nodes.Condition, nodes.Condition] | None:
    """Return two tests that cannot both hold, the later one second; None if none are found."""
    known: dict[Path, _Known] = {}
    for fact in facts:
        about = known.setdefault(fact.path, _Known())
        about.learn(fact)
        if not about.is_possible():
            return _partner(about.facts), fact.test
    return None


def _partner(facts: list[Fact]) -> nodes.Condition:
    """Return the first test that the last one cannot hold beside; the one before it if none alone."""
    *before, last = facts
    for fact in (last, *before):
        pair = _Known()
        pair.learn(fact)
        pair.learn(last)
        if not pair.is_possible():
            return fact.test
    return before[-1].test


def path_of(operand: nodes.Operand | nodes.FieldRead) -> Path:
    """Return what two reads of the same value have in common."""
    if isinstance(operand, nodes.FieldRead):
        return (operand.root.value, *operand.names)
    return ("", operand.text)


def _facts(
    condition: nodes.Condition, segments: Mapping[str, nodes.Segment], prefix: Path, holds: bool
) -> Iterator[Fact]:
    match condition:
        case nodes.AllOf(tests=tests):
            if holds:
                for test in tests:
                    yield from _facts(test, segments, prefix, True)
        case nodes.AnyOf(tests=tests):
            if not holds:
                for test in tests:
                    yield from _facts(test, segments, prefix, False)
        case nodes.Not(test=test):
            yield from _facts(test, segments, prefix, not holds)
        case nodes.Compare():
            yield from _compared(condition, prefix, holds)
        case nodes.IsOneOf(left=left, values=values):
            constants = [value.value for value in values if isinstance(value, nodes.Constant)]
            if len(constants) == len(values):
                domain = left.type.one_of if isinstance(left.type, TextType) else ()
                yield Fact(
                    _path(left, prefix), condition, frozenset(constants), is_excluded=not holds, domain=domain
                )
        case nodes.IsMissing(read=read):
            yield Fact((*_path(read, prefix), "is missing"), condition, frozenset({holds}))
        case nodes.InSegment(read=read, segment=name):
            path = _path(read, prefix)
            yield Fact((*path, "in", name), condition, frozenset({holds}))
            if holds and name in segments:
                for inner in segments[name].conditions:
                    for fact in _facts(inner, segments, path, True):
                        # A finding points at the line of the rule, not at the segment's.
                        yield replace(fact, test=condition)
        case nodes.Has():
            yield from _has(condition, prefix, holds)
        case nodes.StartsWith(left=left, values=starts):
            domain = left.type.one_of if isinstance(left.type, TextType) else ()
            if domain:
                fitting = frozenset(value for value in domain if value.startswith(starts))
                yield Fact(_path(left, prefix), condition, fitting, is_excluded=not holds, domain=domain)
        case _:
            assert_never(condition)


def _compared(condition: nodes.Compare, prefix: Path, holds: bool) -> Iterator[Fact]:
    left, right = condition.left, condition.right
    bound = right.operand if isinstance(right, nodes.DateRead) else right
    if not isinstance(bound, nodes.Constant) or isinstance(bound.value, str | bool):
        return
    # A missing value makes a comparison false without making its opposite true.
    if not holds and isinstance(left, nodes.FieldRead) and left.may_be_missing:
        return
    comparison = condition.comparison if holds else _OPPOSITE[condition.comparison]
    path = _path(left, prefix)
    match comparison:
        case nodes.Comparison.AT_LEAST | nodes.Comparison.ABOVE:
            yield Fact(path, condition, low=(bound.value, comparison is nodes.Comparison.AT_LEAST))
        case nodes.Comparison.AT_MOST | nodes.Comparison.BELOW:
            yield Fact(path, condition, high=(bound.value, comparison is nodes.Comparison.AT_MOST))
        case _:
            assert_never(comparison)


def _has(condition: nodes.Has, prefix: Path, holds: bool) -> Iterator[Fact]:
    """Say of each tag whether it is on the list, where the test decides that."""
    match condition.quantifier:
        case nodes.Quantifier.ALL:
            is_decided, is_there = holds or len(condition.values) == 1, holds
        case nodes.Quantifier.ANY:
            is_decided, is_there = not holds or len(condition.values) == 1, holds
        case nodes.Quantifier.NONE:
            is_decided, is_there = holds or len(condition.values) == 1, not holds
        case _:
            assert_never(condition.quantifier)
    if is_decided:
        for value in condition.values:
            yield Fact((*_path(condition.read, prefix), "has", value), condition, frozenset({is_there}))


def _path(operand: nodes.Operand, prefix: Path) -> Path:
    """Return the path of a read; inside a segment it starts where the segment's record stands."""
    if prefix and isinstance(operand, nodes.FieldRead):
        return (*prefix, *operand.names)
    return path_of(operand)


def _tighter_low(
    one: tuple[Decimal | date, bool], other: tuple[Decimal | date, bool]
) -> tuple[Decimal | date, bool]:
    if one[0] == other[0]:
        return (one[0], one[1] and other[1])
    return max(one, other, key=lambda bound: bound[0])


def _tighter_high(
    one: tuple[Decimal | date, bool], other: tuple[Decimal | date, bool]
) -> tuple[Decimal | date, bool]:
    if one[0] == other[0]:
        return (one[0], one[1] and other[1])
    return min(one, other, key=lambda bound: bound[0])


def _holds_low(value: Value, low: tuple[Decimal | date, bool]) -> bool:
    return value > low[0] or (low[1] and value == low[0])  # type: ignore[operator]


def _holds_high(value: Value, high: tuple[Decimal | date, bool]) -> bool:
    return value < high[0] or (high[1] and value == high[0])  # type: ignore[operator]
