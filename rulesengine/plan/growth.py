"""Growth: what a named measure came to one unit earlier, as the target of another."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.dates import SpanUnit
from rulesengine.plan import nodes
from rulesengine.plan.earlier import check_has_rows, check_is_told_earlier
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
    context.catalog.find(node.path.names[0], Sort.MEASURE)
    earlier = context.measures.get(node.path.text)
    if earlier is None:
        raise Mistake
    unit = SpanUnit(node.unit)
    check_has_rows(earlier, node.span)
    keys, _ = read_here(scope, earlier, node.span)
    if measure.window != earlier.window or [_id(key) for key in keys] != [_id(key) for key in measure.keys]:
        raise mistake(
            "R0236",
            f"`{earlier.name}` has another window or other keys than what is held against it",
            node.span,
            related=(Related(earlier.origin, f"`{earlier.name}` is declared here"),),
            hint="give both the same window and keys",
        )
    check_alike(_shown(measure.aggregate), _shown(earlier.aggregate))
    check_is_told_earlier(context, earlier, unit, node.span)
    return nodes.GrowthTarget(
        origin=node.span,
        measure=node.path.text,
        unit=unit,
        keys=keys,
        text=context.texts.of(node.span),
    )


def _shown(aggregate: nodes.Aggregate) -> Typed:
    what = nodes.Constant(origin=aggregate.origin, value="", type=aggregate.type, text=aggregate.text)
    return Typed(what, aggregate.origin)


def _id(key: nodes.FieldRead) -> tuple[nodes.Root, tuple[str, ...]]:
    return key.root, key.names
