"""Literals, fields, `otherwise`, and tables as values."""

from __future__ import annotations

from collections.abc import Callable

from rulesengine.diagnostics import Related, did_you_mean
from rulesengine.language import syntax
from rulesengine.model.money import minor_digits
from rulesengine.model.types import DateType, MoneyType, NumberType, PercentType, TextType
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.header import unknown_currency
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.readings import lower_reading
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike, check_is, describe

_LowerLast = Callable[[Scope, syntax.Literal | syntax.Path], Typed]


def lower_literal(context: Context, node: syntax.Literal) -> Typed:
    """Return a literal as a constant; R0403 for an amount in a currency that there is not."""
    text = context.texts.of(node.span)
    match node:
        case syntax.Number():
            constant = nodes.Constant(value=node.value, type=NumberType(), text=text, origin=node.span)
        case syntax.Percent():
            constant = nodes.Constant(value=node.value, type=PercentType(), text=text, origin=node.span)
        case syntax.Amount():
            if minor_digits(node.currency) is None:
                raise unknown_currency(node.currency, node.span)
            money = MoneyType(node.currency)
            constant = nodes.Constant(value=node.value, type=money, text=text, origin=node.span)
        case syntax.Date():
            constant = nodes.Constant(value=node.value, type=DateType(), text=text, origin=node.span)
        case syntax.Text():
            constant = nodes.Constant(value=node.value, type=TextType(), text=text, origin=node.span)
    return Typed(constant, node.span)


def lower_operand(scope: Scope, node: syntax.Operand) -> Typed:
    """Return a field that is there, or a field with what stands in for it."""
    match node:
        case syntax.Path():
            return scope.get(node).typed
        case syntax.Otherwise():
            return _lower_otherwise(scope, node, lower_value)
        case syntax.MeasureReading():
            return lower_reading(scope, node)


def _lower_otherwise(scope: Scope, node: syntax.Otherwise, lower_last: _LowerLast) -> Typed:
    reading = scope.read(node.path)
    if isinstance(node.default, syntax.Otherwise):
        default = _lower_otherwise(scope, node.default, lower_last)
    else:
        default = lower_last(scope, node.default)
    check_alike(reading.typed, default)
    assert isinstance(default.node, nodes.Constant | nodes.FieldRead | nodes.OtherwiseRead | nodes.TableRead)
    if isinstance(default.node, nodes.Constant):
        check_possible(reading.typed, default)
    otherwise = nodes.OtherwiseRead(
        origin=node.span,
        read=reading.read,
        default=default.node,
        type=reading.read.type,
        text=scope.context.texts.of(node.span),
    )
    return Typed(otherwise, reading.declared)


def lower_value(scope: Scope, node: syntax.Literal | syntax.Path) -> Typed:
    """Return a literal, or a field that is there."""
    if isinstance(node, syntax.Path):
        return scope.get(node).typed
    return lower_literal(scope.context, node)


def lower_scalar(scope: Scope, node: syntax.Rate) -> Typed:
    """Return a literal, a field that is there or has what stands in for it, the value of a table or the
    total of a measure."""
    if isinstance(node, syntax.MeasureReading):
        return lower_reading(scope, node)
    if isinstance(node, syntax.Otherwise):
        return _lower_otherwise(scope, node, _lower_value_or_table)
    return _lower_value_or_table(scope, node)


def _lower_value_or_table(scope: Scope, node: syntax.Literal | syntax.Path) -> Typed:
    if isinstance(node, syntax.Path) and is_table(scope, node):
        return _lower_table(scope, node)
    return lower_value(scope, node)


def is_table(scope: Scope, path: syntax.Path) -> bool:
    """Tell whether a path is the name of a table and of no field."""
    name = path.names[0].text
    declared = scope.context.catalog.entries.get(name)
    if len(path.names) != 1 or declared is None or declared.sort is not Sort.TABLE:
        return False
    return scope.row is None or name not in scope.row.fields


def _lower_table(scope: Scope, path: syntax.Path) -> Typed:
    name = path.names[0]
    table = scope.context.tables.get(name.text)
    if table is None or (scope.row is None and not scope.no_row):
        raise Mistake
    if scope.row is None or scope.row.name != table.kind:
        raise mistake(
            "R0303",
            f"table `{name.text}` is on `{table.kind}`, its rows cannot be looked up here",
            name.span,
            related=(Related(table.origin, f"`{name.text}` is declared here"),),
            hint=f"this place reads `{scope.row.name}`" if scope.row else scope.no_row,
        )
    used = [*table.keys, *(row.value for row in table.rows)]
    for key in table.keys:
        if isinstance(key, nodes.MeasureRead):
            _check_reading(scope, name, key)
    for key in table.keys:
        if isinstance(key, nodes.FieldRead) and key.root is nodes.Root.LEVEL and not scope.has_level:
            raise mistake(
                "R0242",
                f"table `{name.text}` is by level, and nobody is credited at a level here",
                name.span,
                related=(Related(key.origin, "it is looked up by this"),),
                hint="add a line such as `credit each level of partner.sponsor through 5`",
            )
    for read_by_table in used:
        if isinstance(read_by_table, nodes.FieldRead) and read_by_table.root is nodes.Root.PAYEE:
            _check_payee_read(scope, name, read_by_table)
    read = nodes.TableRead(origin=path.span, table=name.text, type=table.type, text=name.text)
    return Typed(read, table.rows[0].value.origin)


def _check_reading(scope: Scope, table: syntax.Name, used: nodes.MeasureRead) -> None:
    """The total must be there for whom the rule pays, and be kept by the same keys."""
    path = syntax.Path(names=(syntax.Name(text=used.measure, span=table.span),), span=table.span)
    found = lower_reading(scope, syntax.MeasureReading(path=path, in_total=False, span=table.span)).node
    assert isinstance(found, nodes.MeasureRead)
    if [(key.root, key.names) for key in found.keys] != [(key.root, key.names) for key in used.keys]:
        raise mistake(
            "R0233",
            f"table `{table.text}` cannot be read here: `{used.text}` would be that of others",
            table.span,
            related=(Related(used.origin, "it is looked up by this"),),
        )


def _check_payee_read(scope: Scope, table: syntax.Name, used: nodes.FieldRead) -> None:
    """A table is declared once and used by many rules: `payee` must mean the same in each."""
    names = tuple(syntax.Name(text=text, span=table.span) for text in ("payee", *used.names))
    try:
        reading = scope.read(syntax.Path(names=names, span=table.span))
    except Mistake as problem:
        if problem.diagnostic is None:
            raise
        raise mistake(
            problem.diagnostic.code,
            f"table `{table.text}` cannot be read here: {problem.diagnostic.message}",
            table.span,
            related=(Related(used.origin, f"it reads `{used.text}`"),),
            hint=problem.diagnostic.hint,
        ) from None
    if type(reading.read.type) is not type(used.type):
        raise mistake(
            "R0401",
            f"table `{table.text}` cannot be read here: units do not fit together",
            table.span,
            related=(
                Related(used.origin, f"it takes `{used.text}` as {describe(used.type)}"),
                Related(reading.declared, reading.typed.described),
            ),
        )


def check_not_of_measure(scope: Scope, base: Typed) -> None:
    """Raise R0232 for a total as an amount, but on rows of a calendar: each row of a fact would be
    paid for all the rows before it."""
    if isinstance(base.node, nodes.MeasureRead) and not scope.is_calendar:
        raise mistake(
            "R0232",
            f"`{base.text}` is an amount on rows of a calendar only; here a row would pay for all before it",
            base.node.origin,
            related=(Related(base.declared, "this adds up many rows"),),
            hint="let a rule `on … per month` pay it, or a `tiered` rule, which pays what each row adds",
        )


def check_possible(field: Typed, value: Typed) -> None:
    """Raise R0404 if a text is not among those that the field can have."""
    if isinstance(field.type, TextType) and isinstance(value.node, nodes.Constant):
        check_listed(field, value.node)


def check_listed(field: Typed, value: nodes.Constant) -> None:
    """Raise R0404 for a text constant that the field's `one of` does not list."""
    type_ = field.type
    if not isinstance(type_, TextType) or not type_.one_of or value.value in type_.one_of:
        return
    allowed = ", ".join(f'"{text}"' for text in type_.one_of)
    near = did_you_mean(str(value.value), type_.one_of).replace("`", '"')
    raise mistake(
        "R0404",
        f'`{field.text}` is never "{value.value}"; it is one of {allowed}',
        value.origin,
        related=(Related(field.declared, "its values are listed here"),),
        hint=near,
    )


def share_of(
    scope: Scope, share: syntax.Percent, base: syntax.Operand, *, is_compared: bool = False
) -> Typed:
    """Return a percentage of a field or a total as one operand, of its type.

    Args:
        is_compared: it is no amount that is paid, so a total may stand in it on any row.
    """
    of = lower_operand(scope, base)
    if not is_compared:
        check_not_of_measure(scope, of)
    check_is(of, "a percentage is taken of money or a number", MoneyType, NumberType)
    assert isinstance(of.node, nodes.FieldRead | nodes.OtherwiseRead | nodes.MeasureRead)
    span = share.span.through(base.span)
    read = nodes.ShareOfRead(
        origin=span, share=share.value, of=of.node, type=of.type, text=scope.context.texts.of(span)
    )
    return Typed(read, of.declared)
