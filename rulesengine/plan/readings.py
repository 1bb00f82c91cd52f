"""Totals of named measures as values: `bookings so far`, and measures on the rows of a calendar.

A measure is kept by keys of its own rows. Elsewhere each key must have a counterpart: the field of
the same name and type, the credited payee, or, on a row of a calendar, the payee that the row is.
"""

from __future__ import annotations

from rulesengine.diagnostics import Related, Span
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.dates import SpanUnit
from rulesengine.model.schema import Role
from rulesengine.model.types import PercentType, RecordType
from rulesengine.plan import nodes
from rulesengine.plan.earlier import check_has_rows, check_is_told_earlier
from rulesengine.plan.names import Sort
from rulesengine.plan.payee_kinds import payee_kinds_of
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, is_alike

Target = nodes.Target | None


def lower_reading(scope: Scope, node: syntax.MeasureReading) -> Typed:
    """Return the total of a measure as it stands with the row.

    Raises:
        Mistake: R0232 where there is no row in a rule, R0233 where the row lacks a key.
    """
    if len(node.path.names) != 1:
        raise mistake(
            "R0303",
            f"`{node.path.text}` is no measure; only a `measure` block has a total that can be read",
            node.path.span,
        )
    name = node.path.names[0]
    declared = scope.context.catalog.find(name, Sort.MEASURE)
    if not scope.reads_measures:
        raise mistake(
            "R0232",
            f"`{scope.context.texts.of(node.span)}` has no meaning here: there is no row of a rule",
            node.span,
            hint="write it in a `where` or `times` of the rule",
        )
    measure = scope.context.measures.get(name.text)
    if measure is None:
        raise Mistake
    if scope.row is None and scope.no_row:
        raise mistake("R0232", f"`{name.text}` cannot be read here: {scope.no_row}", node.span)
    before = SpanUnit(node.before) if node.before else None
    if before is not None:
        check_has_rows(measure, node.span)
        check_is_told_earlier(scope.context, measure, before, node.span)
    keys, against = read_here(scope, measure, node.span)
    read = nodes.MeasureRead(
        origin=node.span,
        measure=name.text,
        keys=keys,
        against=against,
        in_total=node.in_total,
        before=before,
        type=measure.aggregate.type if against is None else PercentType(),
        text=scope.context.texts.of(node.span),
    )
    return Typed(read, declared.span)


def read_here(scope: Scope, measure: nodes.Measure, span: Span) -> tuple[tuple[nodes.FieldRead, ...], Target]:
    """Return the keys and the target of a measure as they are read on a row of this scope."""
    if isinstance(measure.against, nodes.WeightedTarget):
        return _weighted_here(scope, measure.against, span)
    if scope.row is not None and isinstance(measure.window, nodes.PerFact | nodes.Anniversary):
        _check_window(scope, measure, span)
    keys = tuple(_key_here(scope, measure, key, span) for key in measure.keys)
    target = measure.against
    match target:
        case nodes.QuotaTarget():
            reads = tuple(_key_here(scope, measure, key, span) for key in target.keys)
            return keys, replace(target, keys=reads)
        case nodes.FieldRead():
            return keys, _key_here(scope, measure, target, span)
        case nodes.GrowthTarget():
            reads = tuple(_key_here(scope, measure, key, span) for key in target.keys)
            return keys, replace(target, keys=reads)
        case _:
            return keys, target


def _weighted_here(
    scope: Scope, target: nodes.WeightedTarget, span: Span
) -> tuple[tuple[nodes.FieldRead, ...], Target]:
    keys: tuple[nodes.FieldRead, ...] = ()
    parts = []
    for part in target.parts:
        measure = scope.context.measures.get(part.measure)
        if measure is None:
            raise Mistake
        keys, against = read_here(scope, measure, span)
        assert against is not None
        parts.append(replace(part, against=against))
    return keys, replace(target, parts=tuple(parts))


def _check_window(scope: Scope, measure: nodes.Measure, span: Span) -> None:
    """Raise R0233 for windows of rows, or counted from dates, that the row here does not have."""
    assert measure.rows is not None and scope.row is not None
    if not scope.is_calendar and scope.row.name == measure.rows.source.kind:
        return
    window = measure.window
    if (
        isinstance(window, nodes.Anniversary)
        and window.anchor.root is nodes.Root.PAYEE
        and not scope.is_calendar
    ):
        return
    said = window.kind if isinstance(window, nodes.PerFact) else str(window)
    raise mistake(
        "R0233",
        f"measure `{measure.name}` is kept per {said}, which a row of `{scope.row.name}` does not say",
        span,
        related=(Related(measure.origin, f"`{measure.name}` is declared here"),),
        hint=f"read it in a rule on `{measure.rows.source.kind}`",
    )


def _key_here(scope: Scope, measure: nodes.Measure, key: nodes.FieldRead, span: Span) -> nodes.FieldRead:
    assert measure.rows is not None
    if scope.row is None:
        raise Mistake
    if key.root is nodes.Root.PAYEE:
        return _of_payee(scope, measure, key, span)
    if not scope.is_calendar and scope.row.name == measure.rows.source.kind:
        return key
    if not key.names:
        raise _no_key(scope, measure, key, span)
    if isinstance(key.type, RecordType) and key.type.kind == scope.row.name and scope.row.role is Role.PAYEE:
        # The total of a manager's people, on a row of the manager.
        return replace(key, root=nodes.Root.ROW, names=(scope.row.record.key.name,))
    names = tuple(syntax.Name(text=text, span=span) for text in key.names)
    if names[0].text not in scope.row.fields:
        raise _no_key(scope, measure, key, span)
    reading = scope.get(syntax.Path(names=names, span=span))
    if not is_alike(reading.read.type, key.type):
        raise _no_key(scope, measure, key, span)
    return replace(reading.read, text=key.text)


def _of_payee(scope: Scope, measure: nodes.Measure, key: nodes.FieldRead, span: Span) -> nodes.FieldRead:
    """Return a key of the payee: of the row's own on a row of a calendar, else of who is credited."""
    assert measure.rows is not None and scope.row is not None
    kinds = payee_kinds_of(scope.context, (measure.rows.credit,))
    if scope.is_calendar and any(kind.name == scope.row.name for kind in kinds):
        return replace(key, root=nodes.Root.ROW)
    others = [kind for kind in scope.payees if kind not in kinds]
    if scope.is_calendar or others:
        whom = others[0].name if others else scope.row.name
        raise mistake(
            "R0233",
            f"measure `{measure.name}` has no totals for `{whom}`",
            span,
            related=(Related(measure.origin, "it is kept for those whom its own rows credit"),),
            hint="add a line with `credit` to the measure that leads to them, and keep it `by payee`",
        )
    return key


def _no_key(scope: Scope, measure: nodes.Measure, key: nodes.FieldRead, span: Span) -> Mistake:
    row = scope.row.name if scope.row else ""
    return mistake(
        "R0233",
        f"measure `{measure.name}` is kept by `{key.text}`, which `{row}` does not have",
        span,
        related=(Related(measure.origin, f"`{measure.name}` is declared here"),),
        hint=f"keep it by the payee, or by a field that `{row}` has under the same name",
    )
