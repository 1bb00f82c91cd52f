"""Growth: what a named measure came to one unit earlier, as the target of another."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import MONTHS_OF, SpanUnit, WindowKind, add_span, months_in, window_of
from rulesengine.plan import nodes
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.readings import read_here
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike


def growth_target(scope: Scope, node: syntax.Before, measure: nodes.Measure) -> nodes.GrowthTarget:
    """Return what `measure` is held against: the total of a measure with its window and keys.

    Raises:
        Mistake: R0236 where the two do not fit, R0234 where the unit does not, or where the other
            counts nothing before the plan begins.
    """
    context = scope.context
    declared = context.catalog.find(node.path.names[0], Sort.MEASURE)
    earlier = context.measures.get(node.path.text)
    if earlier is None:
        raise Mistake
    related = (Related(earlier.origin, f"`{earlier.name}` is declared here"),)
    if earlier.rows is None or isinstance(earlier.against, nodes.GrowthTarget):
        message = f"`{earlier.name}` adds up no rows that could be compared with those of another year"
        raise mistake("R0236", message, node.span, related=related, hint="name a measure of a sum or a count")
    keys, _ = read_here(scope, earlier, node.span)
    if measure.window != earlier.window or [_id(key) for key in keys] != [_id(key) for key in measure.keys]:
        raise mistake(
            "R0236",
            f"`{earlier.name}` has another window or other keys than what is held against it",
            node.span,
            related=related,
            hint="give both the same window and keys",
        )
    check_alike(_shown(measure.aggregate), _shown(earlier.aggregate))
    unit = SpanUnit(node.unit)
    _check_unit(node, measure.window, unit)
    assert isinstance(measure.window, WindowKind)
    header = context.header
    first = window_of(header.effective.start, measure.window, header.fiscal, header.effective)
    since = add_span(first.start, -1, unit)
    counted = earlier.rows.effective or header.effective
    if counted.start > since:
        raise mistake(
            "R0234",
            f"`{earlier.name}` counts from {counted.start} on, so nothing is known of the {unit} before",
            node.span,
            related=(Related(declared.span, f"`{earlier.name}` is declared here"),),
            hint=f"add `effective from {since}` to it: earlier rows count then, and never earn",
        )
    return nodes.GrowthTarget(
        origin=node.span,
        measure=node.path.text,
        unit=unit,
        keys=keys,
        text=context.texts.of(node.span),
    )


def _check_unit(node: syntax.Before, window: nodes.MeasureWindow, unit: SpanUnit) -> None:
    months = MONTHS_OF.get(window) if isinstance(window, WindowKind) else None
    if months is None or (months_in(unit) or 0) % months:
        fitting = [kind.value for kind, length in MONTHS_OF.items() if (months_in(unit) or 0) % length == 0]
        raise mistake(
            "R0234",
            f"the {unit} before cannot be told for a measure per {_said(window)}",
            node.span,
            hint=f"measure per {' or '.join(fitting)}",
        )


def _shown(aggregate: nodes.Aggregate) -> Typed:
    what = nodes.Constant(origin=aggregate.origin, value="", type=aggregate.type, text=aggregate.text)
    return Typed(what, aggregate.origin)


def _said(window: nodes.MeasureWindow) -> str:
    return window.kind if isinstance(window, nodes.PerFact) else str(window)


def _id(key: nodes.FieldRead) -> tuple[nodes.Root, tuple[str, ...]]:
    return key.root, key.names
