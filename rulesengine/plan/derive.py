"""Derived fields: `derive net = total - tax at least 0 USD`, the only arithmetic there is."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.types import MoneyType, NumberType, PercentType, Type
from rulesengine.plan import nodes
from rulesengine.plan.context import Context, FieldInfo, KindInfo
from rulesengine.plan.derived_size import Size, check_size
from rulesengine.plan.operands import lower_literal, lower_operand
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.spans import lower_span_count
from rulesengine.plan.types import Typed, check_alike, check_currencies, check_is, is_alike

Lowered = tuple[nodes.Expression, Typed]


def lower_derived(
    context: Context, blocks: tuple[syntax.Block, ...]
) -> tuple[dict[str, tuple[nodes.Derived, ...]], dict[str, KindInfo | None]]:
    """Return the derived fields by kind, and the kinds with these fields in them.

    A derived field uses the fields of its record, what references lead to, and derived fields
    above it; a missing value makes it missing.
    """
    derived: dict[str, tuple[nodes.Derived, ...]] = {}
    kinds = dict(context.kinds)
    sizes: dict[str, Size] = {}
    for block in blocks:
        kind = context.kinds.get(block.name.text) if isinstance(block, syntax.RecordBlock) else None
        if not isinstance(block, syntax.RecordBlock) or kind is None or block.name.span != kind.declared:
            continue
        made: list[nodes.Derived] = []
        for clause in block.clauses:
            if isinstance(clause, syntax.Derive) and clause.name.text not in kind.fields:
                field = context.problems.attempt(_lower_derive, context, kind, clause, sizes)
                info = _info_of(kind, field) if field else None
                kind = replace(kind, fields={**kind.fields, clause.name.text: info})
                made.extend([field] if field else [])
        kinds[kind.name] = kind
        if made:
            derived[kind.name] = tuple(made)
    return derived, kinds


def _info_of(kind: KindInfo, field: nodes.Derived) -> FieldInfo:
    return FieldInfo(
        kind=kind.name,
        name=field.name,
        type=field.type,
        is_optional=field.may_be_missing,
        is_derived=True,
        declared=field.origin,
        is_ratio=_is_ratio(field.expression),
    )


def _is_ratio(expression: nodes.Expression) -> bool:
    """Tell whether an expression is money divided by money."""
    return (
        isinstance(expression, nodes.Arithmetic)
        and expression.operation is nodes.Operation.DIVIDE
        and isinstance(expression.right.type, MoneyType)
    )


def _lower_derive(
    context: Context, kind: KindInfo, clause: syntax.Derive, sizes: dict[str, Size]
) -> nodes.Derived:
    scope = Scope(context=context, row=kind, no_payee="a `derive` belongs to its record, whoever is credited")
    expression, typed = _lower_expression(scope, clause.expression)
    bounds: dict[str, nodes.Constant | nodes.FieldRead | None] = {"least": None, "most": None}
    for word, bound in (("least", clause.least), ("most", clause.most)):
        if bound is not None:
            limit, limit_typed = _lower_expression(scope, bound)
            check_alike(typed, limit_typed)
            assert isinstance(limit, nodes.Constant | nodes.FieldRead)
            bounds[word] = limit
    used = [expression, *(bound for bound in bounds.values() if bound is not None)]
    check_size(clause, used, sizes)
    return nodes.Derived(
        origin=clause.span,
        name=clause.name.text,
        expression=expression,
        least=bounds["least"],
        most=bounds["most"],
        type=typed.type,
        may_be_missing=any(_may_be_missing(part) for part in used),
    )


def _may_be_missing(expression: nodes.Expression) -> bool:
    match expression:
        case nodes.FieldRead(may_be_missing=may_be_missing):
            return may_be_missing
        case nodes.Arithmetic(left=left, right=right):
            return _may_be_missing(left) or _may_be_missing(right)
        case nodes.OtherwiseRead(default=default):
            assert not isinstance(default, nodes.TableRead)
            return _may_be_missing(default)
        case nodes.SpanCount(start=start, end=end):
            return any(_waits(anchor) for anchor in (start, end))
        case nodes.Constant():
            return False


def _waits(anchor: nodes.Anchor) -> bool:
    """Tell whether a date may be missing."""
    while not isinstance(anchor, nodes.DateRead):
        anchor = anchor.anchor
    return isinstance(anchor.operand, nodes.FieldRead) and anchor.operand.may_be_missing


def _lower_expression(scope: Scope, node: syntax.Expression) -> Lowered:
    match node:
        case syntax.Binary():
            return _lower_binary(scope, node)
        case syntax.SpanCount():
            made = lower_span_count(scope, node)
            # Stands in for the result in messages only, like that of a sum.
            shown = nodes.Constant(origin=node.span, value="", type=made.type, text=made.text)
            return made, Typed(shown, node.span)
        case syntax.Path():
            reading = scope.read(node)
            typed = reading.typed
            check_is(typed, "only money, numbers and percentages can be computed", *_NUMERIC)
            return reading.read, typed
        case syntax.Otherwise():
            typed = lower_operand(scope, node)
            check_is(typed, "only money, numbers and percentages can be computed", *_NUMERIC)
            assert isinstance(typed.node, nodes.OtherwiseRead)
            return typed.node, typed
        case syntax.Number() | syntax.Percent() | syntax.Amount():
            typed = lower_literal(scope.context, node)
            assert isinstance(typed.node, nodes.Constant)
            return typed.node, typed


_NUMERIC = (MoneyType, NumberType, PercentType)


def _lower_binary(scope: Scope, node: syntax.Binary) -> Lowered:
    try:
        left, left_typed = _lower_expression(scope, node.left)
    except Mistake as problem:
        raise _divided_late(scope, node, problem) from None
    right, right_typed = _lower_expression(scope, node.right)
    operation = nodes.Operation(node.operator)
    type_ = _result(operation, left_typed.type, right_typed.type)
    if type_ is None:
        if operation is not nodes.Operation.MULTIPLY:
            check_currencies(left_typed, right_typed)
        raise mistake(
            "R0401",
            f"units do not fit together: {left_typed.described}, {right_typed.described}",
            node.span,
            related=(
                Related(left_typed.declared, left_typed.described),
                Related(right_typed.declared, right_typed.described),
            ),
            hint="`+` and `-` take two of a kind; money and money can be divided, not multiplied",
        )
    if operation is nodes.Operation.DIVIDE and isinstance(right, nodes.Constant) and right.value == 0:
        raise mistake("R0407", "nothing can be divided by zero", node.right.span)
    text = scope.context.texts.of(node.span)
    made = nodes.Arithmetic(
        origin=node.span, operation=operation, left=left, right=right, type=type_, text=text
    )
    # Stands in for the result in messages only: an expression is no operand of a clause.
    shown = nodes.Constant(origin=node.span, value="", type=type_, text=text)
    return made, Typed(shown, node.span)


def _divided_late(scope: Scope, node: syntax.Binary, problem: Mistake) -> Mistake:
    """Return the mistake; of `amount * target / quota`, read from the left, with what puts it right."""
    product = node.left
    is_product = node.operator == "/" and isinstance(product, syntax.Binary) and product.operator == "*"
    if problem.diagnostic is None or problem.diagnostic.code != "R0401" or not is_product:
        return problem
    assert isinstance(product, syntax.Binary)
    if problem.diagnostic.span != product.span:
        return problem
    text = scope.context.texts.of
    mended = f"{text(product.left.span)} * ({text(product.right.span)} / {text(node.right.span)})"
    return Mistake(replace(problem.diagnostic, hint=f"put the division in brackets: `{mended}`"))


def _result(operation: nodes.Operation, left: Type, right: Type) -> Type | None:
    """Return the type of a result, None where the units do not fit together."""
    match operation:
        case nodes.Operation.ADD | nodes.Operation.SUBTRACT:
            return left if is_alike(left, right) else None
        case nodes.Operation.MULTIPLY:
            match left, right:
                case MoneyType(), MoneyType():
                    return None
                case (MoneyType() as money, _) | (_, MoneyType() as money):
                    return money
                case (PercentType() as percent, _) | (_, PercentType() as percent):
                    return percent
                case _:
                    return NumberType()
        case nodes.Operation.DIVIDE:
            match left, right:
                case MoneyType(), MoneyType():
                    return NumberType() if is_alike(left, right) else None
                case PercentType(), NumberType():
                    return PercentType()
                case MoneyType() as money, _:
                    return money
                case _, MoneyType():
                    return None
                case _:
                    return NumberType()
