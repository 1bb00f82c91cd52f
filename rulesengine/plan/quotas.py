"""Quotas: `quota booking_quota by partner per quarter as money`, and reading them as targets."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import WindowKind
from rulesengine.model.money import minor_digits
from rulesengine.model.schema import QuotaShape, Role
from rulesengine.model.types import MoneyType, NumberType, RecordType, Type
from rulesengine.plan import nodes
from rulesengine.plan.context import Context, QuotaInfo, QuotaKeyInfo
from rulesengine.plan.currencies import known_code
from rulesengine.plan.dates import check_word
from rulesengine.plan.names import Sort, given_twice
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.records import MOST_DECIMALS
from rulesengine.plan.scope import Scope

_COLUMNS_TAKEN = ("period", "amount")


def lower_quotas(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, QuotaInfo | None]:
    """Return the quotas by name; None for one with a mistake."""
    quotas: dict[str, QuotaInfo | None] = {}
    for block in blocks:
        if isinstance(block, syntax.QuotaBlock):
            quotas.setdefault(block.name.text, context.problems.attempt(_lower_quota, context, block))
    return quotas


def _lower_quota(context: Context, block: syntax.QuotaBlock) -> QuotaInfo:
    attempt = context.problems.attempt
    keys = context.problems.those_that_work(lambda path: _lower_key(context, path), block.keys)
    columns = attempt(_columns, block)
    window = attempt(_window, block.window)
    type_ = attempt(_value_type, context, block.type, block.currency)
    if len(keys) != len(block.keys) or columns is None or window is None or type_ is None:
        raise Mistake
    return QuotaInfo(
        shape=QuotaShape(
            name=block.name.text,
            keys=tuple((column, type_) for column, (_, type_) in zip(columns, keys, strict=True)),
            window=window,
            type=type_,
            decimals=_decimals(context, type_),
        ),
        keys=tuple(key for key, _ in keys),
        declared=block.span,
    )


def _columns(block: syntax.QuotaBlock) -> tuple[str, ...]:
    """Return the columns of the keys, named by the last name of each path."""
    columns: dict[str, syntax.Path] = {}
    for path in block.keys:
        column = path.names[-1]
        if column.text in _COLUMNS_TAKEN:
            raise mistake(
                "R0302", f"a quota has a column `{column.text}` already; no key can be named so", column.span
            )
        first = columns.setdefault(column.text, path)
        if first is not path:
            raise given_twice(column.text, path.span, first.span, "a key of this quota")
    return tuple(columns)


def _window(name: syntax.Name) -> WindowKind:
    check_word(name, "window", list(WindowKind))
    return WindowKind(name.text)


def _decimals(context: Context, type_: Type) -> int:
    if not isinstance(type_, MoneyType):
        return MOST_DECIMALS
    digits = minor_digits(type_.currency)
    return context.header.minor_digits if digits is None else digits


def _value_type(context: Context, name: syntax.Name, currency: syntax.Name | None) -> Type:
    if name.text not in ("money", "number"):
        raise mistake(
            "R0401", f"a quota is money or a number, found `{name.text}`", name.span, hint="write `as money`"
        )
    if currency is not None and name.text != "money":
        raise mistake("R0258", "only money is in a currency", currency.span, hint="write `as money`")
    if currency is not None:
        return MoneyType(known_code(currency))
    return MoneyType(context.header.currency) if name.text == "money" else NumberType()


def _lower_key(context: Context, path: syntax.Path) -> tuple[QuotaKeyInfo, Type]:
    declared = context.catalog.find(path.names[0], Sort.PAYEE, Sort.FACT)
    kind = context.kinds.get(declared.name)
    if kind is None:
        raise Mistake
    # The path begins with the kind's own name, so the kind itself is the row to read it on.
    read = Scope(context=context, row=None).from_record(nodes.Root.ROW, (kind,), path).read
    if not read.names and kind.role is Role.FACT:
        raise mistake(
            "R0303",
            f"`{path.text}` is a fact kind, a quota is kept by payee or by a field",
            path.span,
            hint=f"write a field of it, such as `{path.text}.{next(iter(kind.fields), 'product')}`",
        )
    root = nodes.Root.PAYEE if kind.role is Role.PAYEE else nodes.Root.ROW
    return QuotaKeyInfo(root=root, kind=kind.name, names=read.names, text=path.text), read.type


def quota_target(
    scope: Scope, path: syntax.Path, window: nodes.MeasureWindow, keys: tuple[nodes.FieldRead, ...]
) -> tuple[nodes.QuotaTarget, QuotaInfo]:
    """Return a quota as the target of a measure.

    Raises:
        Mistake: R0406 where its window or keys are not those of the measure.
    """
    name = path.names[0]
    quota = scope.context.quotas.get(name.text)
    if quota is None:
        raise Mistake
    declared = (Related(quota.declared, f"`{name.text}` is declared here"),)
    if window != quota.shape.window:
        found = window.kind if isinstance(window, nodes.PerFact) else str(window)
        raise mistake(
            "R0406",
            f"quota `{name.text}` is per {quota.shape.window}, the measure is per {found}",
            path.span,
            related=declared,
            hint=f"measure per {quota.shape.window}",
        )
    reads = tuple(_key_read(scope, name, quota, key) for key in quota.keys)
    if {(key.root, key.names) for key in keys} != {(read.root, read.names) for read in reads}:
        by = ", ".join(_as_measured(read) for read in reads)
        found = ", ".join(key.text for key in keys) or "all"
        written = ", ".join(key.text for key in quota.keys)
        raise mistake(
            "R0406",
            f"quota `{name.text}` is by {by if written == found else written}, the measure is by {found}",
            path.span,
            related=declared,
            hint=f"measure by {by}",
        )
    return nodes.QuotaTarget(origin=path.span, quota=name.text, keys=reads, text=path.text), quota


def _as_measured(read: nodes.FieldRead) -> str:
    start = ("payee",) if read.root is nodes.Root.PAYEE else ()
    return ".".join((*start, *read.names))


def _key_read(scope: Scope, name: syntax.Name, quota: QuotaInfo, key: QuotaKeyInfo) -> nodes.FieldRead:
    if key.root is nodes.Root.PAYEE:
        if not scope.payees and not scope.no_payee:
            raise Mistake
        starts = scope.payees
        what = "the rule pays " + " and ".join(f"`{kind.name}`" for kind in scope.payees)
    else:
        if scope.row is None:
            raise Mistake
        starts = (scope.row,)
        what = f"the rule is on `{scope.row.name}`"
    if {kind.name for kind in starts} != {key.kind}:
        raise mistake(
            "R0406",
            f"quota `{name.text}` is by `{key.text}`, {what}",
            name.span,
            related=(Related(quota.declared, f"`{name.text}` is declared here"),),
            hint=_crediting(scope, key),
        )
    names = tuple(syntax.Name(text=text, span=name.span) for text in (key.kind, *key.names))
    reading = scope.from_record(key.root, starts, syntax.Path(names=names, span=name.span))
    scope.check_guarded(reading)
    return reading.read


def _crediting(scope: Scope, key: QuotaKeyInfo) -> str:
    """Return what to write where the row leads to a payee of the kind that the quota is kept by."""
    if scope.row is None or key.root is not nodes.Root.PAYEE:
        return ""
    paths = {name: field.type for name, field in scope.row.fields.items() if field is not None}
    for name, type_ in tuple(paths.items()):
        payee = scope.context.kinds.get(type_.kind) if isinstance(type_, RecordType) else None
        if payee is not None and payee.role is Role.PAYEE:
            fields = [field for field in payee.fields.values() if field is not None]
            paths |= {f"{name}.{field.name}": field.type for field in fields}
    path = next((path for path, type_ in paths.items() if type_ == RecordType(key.kind)), None)
    kept = "by payee" if not key.names else f"by {'.'.join(('payee', *key.names))}"
    return f"add `credit {path}`, and keep the total `{kept}`" if path is not None else ""
