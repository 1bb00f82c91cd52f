"""Conditions, and what each tells about optional values where it holds and where it does not."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    RecordType,
    TextListType,
    TextType,
)
from rulesengine.plan import nodes
from rulesengine.plan.context import Guard
from rulesengine.plan.dates import lower_anchor
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import (
    check_possible,
    lower_literal,
    lower_operand,
    lower_value,
    share_of,
)
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike, check_is, describe
from rulesengine.plan.unquoted import as_meant, tested_for_empty

_NOTHING: frozenset[Guard] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition, with the paths that are there where it holds, and where it does not."""

    node: nodes.Condition
    if_true: frozenset[Guard] = _NOTHING
    if_false: frozenset[Guard] = _NOTHING


def lower_wheres(scope: Scope, wheres: Iterable[syntax.Where]) -> tuple[tuple[nodes.Condition, ...], Scope]:
    """Return the conditions of `where` lines, and the scope of all that is behind them.

    A line with a mistake is left out, but the values it looked for count as present: they are
    not reported again as missing.
    """
    conditions: list[nodes.Condition] = []
    for where in wheres:
        judged = scope.context.problems.attempt(lower_condition, scope, where.condition)
        if judged is None:
            scope = scope.with_guards(_looked_for(scope, where.condition))
        else:
            conditions.append(judged.node)
            scope = scope.with_guards(judged.if_true).knowing(judged.node)
    return tuple(conditions), scope


def lower_condition(scope: Scope, node: syntax.Condition) -> Judged:
    """Return a condition; every test in it is looked at, also after a mistake."""
    match node:
        case syntax.AllOf():
            return _lower_all(scope, node)
        case syntax.AnyOf():
            return _lower_any(scope, node)
        case syntax.Not():
            inner = lower_condition(scope, node.test)
            text = scope.context.texts.of(node.span)
            return Judged(
                nodes.Not(origin=node.span, test=inner.node, text=text), inner.if_false, inner.if_true
            )
        case syntax.Missing():
            return _lower_missing(scope, node)
        case syntax.Flag():
            return Judged(_lower_flag(scope, node))
        case syntax.Compare():
            return Judged(_lower_compare(scope, node))
        case syntax.Is():
            return Judged(_lower_is(scope, node))
        case syntax.InSegment():
            return Judged(_lower_in_segment(scope, node))
        case syntax.Has():
            return Judged(_lower_has(scope, node))
        case syntax.Starts():
            return Judged(_lower_starts(scope, node))


def _lower_all(scope: Scope, node: syntax.AllOf) -> Judged:
    # Each test may rely on those before it.
    judged, inner = _in_turn(scope, node.tests, holds=True)
    tests = tuple(test.node for test in judged)
    return Judged(
        nodes.AllOf(origin=node.span, tests=tests, text=scope.context.texts.of(node.span)),
        inner.guards - scope.guards,
        frozenset.intersection(*(test.if_false for test in judged)),
    )


def _lower_any(scope: Scope, node: syntax.AnyOf) -> Judged:
    # A later test is looked at only where those before it do not hold.
    judged, inner = _in_turn(scope, node.tests, holds=False)
    tests = tuple(test.node for test in judged)
    return Judged(
        nodes.AnyOf(origin=node.span, tests=tests, text=scope.context.texts.of(node.span)),
        frozenset.intersection(*(test.if_true for test in judged)),
        inner.guards - scope.guards,
    )


def _in_turn(scope: Scope, tests: tuple[syntax.Condition, ...], *, holds: bool) -> tuple[list[Judged], Scope]:
    done: list[Judged] = []
    for test in tests:
        judged = scope.context.problems.attempt(lower_condition, scope, test)
        if judged is None:
            scope = scope.with_guards(_looked_for(scope, test))
        else:
            done.append(judged)
            scope = scope.with_guards(judged.if_true if holds else judged.if_false)
            scope = scope.knowing(judged.node) if holds else scope
    if len(done) != len(tests):
        raise Mistake
    return done, scope


def _looked_for(scope: Scope, node: syntax.Condition) -> Iterable[Guard]:
    match node:
        case syntax.AllOf(tests=tests) | syntax.AnyOf(tests=tests):
            for test in tests:
                yield from _looked_for(scope, test)
        case syntax.Not(test=test):
            yield from _looked_for(scope, test)
        case syntax.Missing(path=path) | syntax.Is(left=syntax.Path() as path):
            try:
                read = scope.read(path).read
            except Mistake:
                return
            yield (read.root, read.names)
        case _:
            return


def _lower_missing(scope: Scope, node: syntax.Missing) -> Judged:
    read = scope.read(node.path).read
    text = scope.context.texts.of(node.span)
    test = nodes.IsMissing(origin=node.span, read=read, text=text)
    guard = frozenset({(read.root, read.names)})
    if node.negated:
        return Judged(nodes.Not(origin=node.span, test=test, text=text), if_true=guard)
    return Judged(test, if_false=guard)


def _lower_flag(scope: Scope, node: syntax.Flag) -> nodes.Condition:
    typed = scope.get(node.path).typed
    if not isinstance(typed.type, FlagType):
        raise mistake(
            "R0401",
            f"only a flag can stand alone, {typed.described}",
            node.span,
            related=(Related(typed.declared, typed.described),),
            hint=f"compare it, as in `{typed.text} is …`",
        )
    text = scope.context.texts.of(node.span)
    yes = nodes.Constant(origin=node.span, value=True, type=FlagType(), text=text)
    return nodes.IsOneOf(origin=node.span, left=typed.node, values=(yes,), text=text)


def _lower_compare(scope: Scope, node: syntax.Compare) -> nodes.Condition:
    left = lower_operand(scope, node.left)
    if not isinstance(left.type, MoneyType | NumberType | PercentType | DateType):
        raise mistake(
            "R0401",
            f"`{node.operator}` compares amounts, numbers, percentages and dates, {left.described}",
            node.left.span,
            related=(Related(left.declared, left.described),),
            hint="write `has any of …`" if isinstance(left.type, TextListType) else "write `is …`",
        )
    right: nodes.Operand | nodes.Anchor
    match node.right:
        case syntax.After() | syntax.StartAfter() | syntax.StartOf() | syntax.EndOf():
            right = lower_anchor(scope, node.right, waits=False)
            check_is(left, f"`{scope.context.texts.of(node.right.span)}` is a date", DateType)
        case syntax.ShareOf(share=share, of=of):
            _check_as_they_stand(left, of)
            right = _alike(left, share_of(scope, share, of, is_compared=True))
        case syntax.MeasureReading():
            _check_as_they_stand(left, node.right)
            right = _alike(left, lower_operand(scope, node.right))
        case _:
            right = _alike(left, lower_value(scope, node.right))
    return nodes.Compare(
        origin=node.span,
        left=left.node,
        comparison=nodes.Comparison(node.operator),
        right=right,
        text=scope.context.texts.of(node.span),
    )


def _check_as_they_stand(left: Typed, right: syntax.Path | syntax.MeasureReading) -> None:
    """Raise R0237 for a total that is decided again and compared with another total."""
    if not isinstance(right, syntax.MeasureReading):
        return
    is_left = isinstance(left.node, nodes.MeasureRead) and left.node.in_total
    if is_left or right.in_total:
        raise mistake(
            "R0237",
            "a total that is decided again cannot be compared with another one",
            left.node.origin if is_left else right.span,
            related=(Related(right.span if is_left else left.node.origin, "it is compared with this"),),
            hint="write `so far` on both sides, on rows of a calendar: `on rep per quarter`",
        )


def _alike(left: Typed, right: Typed) -> nodes.Operand:
    check_alike(left, right)
    return right.node


def _lower_is(scope: Scope, node: syntax.Is) -> nodes.Condition:
    problem = tested_for_empty(scope, node)
    if problem is not None:
        raise problem
    left = lower_operand(scope, node.left)
    _check_one_kind(scope, left)
    if isinstance(left.type, TextListType):
        raise mistake(
            "R0401",
            f"`is` compares one value, {left.described}",
            node.span,
            related=(Related(left.declared, left.described),),
            hint=f'write `{left.text} has any of "…"`',
        )

    def lower_one(value: syntax.Literal | syntax.Path) -> nodes.Operand:
        try:
            right = lower_value(scope, value)
        except Mistake as problem:
            raise as_meant(problem, left, value, negated=node.negated) from None
        _check_one_kind(scope, right)
        check_alike(left, right)
        check_possible(left, right)
        return right.node

    values = scope.context.problems.every(lower_one, node.values)
    text = scope.context.texts.of(node.span)
    test = nodes.IsOneOf(origin=node.span, left=left.node, values=values, text=text)
    return nodes.Not(origin=node.span, test=test, text=text) if node.negated else test


def _check_one_kind(scope: Scope, typed: Typed) -> None:
    """`payee` alone, where the rule credits several kinds, has no one type to compare."""
    node = typed.node
    if isinstance(node, nodes.FieldRead) and node.root is nodes.Root.PAYEE and not node.names:
        others = [kind for kind in scope.payees if RecordType(kind.name) != node.type]
        if others:
            kinds = " and ".join(f"`{kind.name}`" for kind in scope.payees)
            raise mistake(
                "R0401",
                f"`payee` is of several kinds here: {kinds}",
                node.origin,
                hint="name the field that you mean",
            )


def _lower_in_segment(scope: Scope, node: syntax.InSegment) -> nodes.Condition:
    declared = scope.context.catalog.find(node.segment, Sort.SEGMENT)
    typed = scope.get(node.path).typed
    _check_one_kind(scope, typed)
    assert isinstance(declared.block, syntax.SegmentBlock)
    of = declared.block.of
    if typed.type != RecordType(of.text):
        raise mistake(
            "R0303",
            f"segment `{node.segment.text}` is of `{of.text}`, `{typed.text}` is {describe(typed.type)}",
            node.path.span,
            related=(Related(of.span, f"`{node.segment.text}` is declared here"),),
        )
    assert isinstance(typed.node, nodes.FieldRead)
    return nodes.InSegment(
        origin=node.span, read=typed.node, segment=node.segment.text, text=scope.context.texts.of(node.span)
    )


def _lower_has(scope: Scope, node: syntax.Has) -> nodes.Condition:
    typed = scope.get(node.path).typed
    if not isinstance(typed.type, TextListType):
        raise mistake(
            "R0401",
            f"`has` looks into a list of text, {typed.described}",
            node.path.span,
            related=(Related(typed.declared, typed.described),),
            hint=f"write `{typed.text} is one of …`",
        )
    assert isinstance(typed.node, nodes.FieldRead)
    for value in node.values:
        lower_literal(scope.context, value)
    return nodes.Has(
        origin=node.span,
        read=typed.node,
        quantifier=nodes.Quantifier(node.quantifier),
        values=tuple(value.value for value in node.values),
        text=scope.context.texts.of(node.span),
    )


def _lower_starts(scope: Scope, node: syntax.Starts) -> nodes.Condition:
    left = lower_operand(scope, node.left)
    check_is(left, "only a text starts with a text", TextType)
    for value in node.values:
        if not value.value:
            raise mistake(
                "R0404", "every text starts with nothing", value.span, hint="write what it starts with"
            )
        _check_can_start(left, value)
    return nodes.StartsWith(
        origin=node.span,
        left=left.node,
        values=tuple(value.value for value in node.values),
        text=scope.context.texts.of(node.span),
    )


def _check_can_start(left: Typed, value: syntax.Text) -> None:
    allowed = left.type.one_of if isinstance(left.type, TextType) else ()
    if allowed and not any(each.startswith(value.value) for each in allowed):
        listed = ", ".join(f'"{each}"' for each in allowed)
        raise mistake(
            "R0404",
            f'`{left.text}` never starts with "{value.value}"; it is one of {listed}',
            value.span,
            related=(Related(left.declared, "its values are listed here"),),
        )
