"""Weighted attainment: one measure of several, each held against its own target."""

from __future__ import annotations

from decimal import Decimal

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.exact import HUNDRED, ONE, as_text, multiply, total
from rulesengine.model.types import PercentType
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake

_Part = tuple[syntax.TakePart, nodes.Measure]


def lower_weighted(context: Context, block: syntax.MeasureBlock) -> nodes.Measure:
    """Return the measure of `take 60% of bookings  take 40% of new_logos`.

    Raises:
        Mistake: R0201 for other clauses beside, R0235 where the weights do not make 100%, R0236
            for parts without a target, or with windows or keys of their own.
    """
    lines = tuple(clause for clause in block.clauses if isinstance(clause, syntax.TakePart))
    for clause in block.clauses:
        if not isinstance(clause, syntax.TakePart):
            message = f"`{block.name.text}` is made of other measures, which say what they count"
            raise mistake("R0201", message, clause.span, hint="write it in the measures that it is made of")
    parts = context.problems.every(lambda line: (line, _part(context, line)), lines)
    _check_weights(block, lines)
    _check_fit(parts)
    first = parts[0][1]
    text = " plus ".join(context.texts.of(line.span).removeprefix("take ") for line in lines)
    aggregate = nodes.Aggregate(
        origin=block.name.span,
        kind=nodes.AggregateKind.SUM,
        share=nodes.CreditShareOf.FULL,
        read=None,
        type=PercentType(),
        text=block.name.text,
    )
    target = nodes.WeightedTarget(
        origin=lines[0].span.through(lines[-1].span),
        parts=tuple(_weighted(context, line, measure) for line, measure in parts),
        text=text,
    )
    return nodes.Measure(
        origin=block.name.span,
        name=block.name.text,
        rows=None,
        aggregate=aggregate,
        window=first.window,
        keys=first.keys,
        against=target,
        text=block.name.text,
    )


def _part(context: Context, line: syntax.TakePart) -> nodes.Measure:
    context.catalog.find(line.measure, Sort.MEASURE)
    measure = context.measures.get(line.measure.text)
    if measure is None:
        raise Mistake
    if measure.against is None or measure.rows is None:
        raise mistake(
            "R0236",
            f"`{line.measure.text}` is not held against a target, so it has no attainment to weigh",
            line.measure.span,
            related=(Related(measure.origin, f"`{line.measure.text}` is declared here"),),
            hint="add `against` with a quota, a field or an amount to its `take`",
        )
    return measure


def _weighted(context: Context, line: syntax.TakePart, measure: nodes.Measure) -> nodes.WeightedPart:
    assert measure.against is not None
    return nodes.WeightedPart(
        origin=line.span,
        measure=line.measure.text,
        weight=line.share.value,
        most=line.most.value if line.most else None,
        against=measure.against,
        text=context.texts.of(line.span),
    )


def _check_weights(block: syntax.MeasureBlock, lines: tuple[syntax.TakePart, ...]) -> None:
    weights = total([line.share.value for line in lines])
    if weights != ONE:
        raise mistake(
            "R0235",
            f"the weights of `{block.name.text}` make {as_text(multiply(weights, HUNDRED))}%, not 100%",
            lines[-1].share.span,
            related=tuple(Related(line.share.span, "one of the weights") for line in lines[:-1]),
            hint="let the weights of all `take` lines make 100%",
        )
    for line in lines:
        if line.share.value == Decimal(0):
            raise mistake("R0235", "a part of 0% counts nothing", line.share.span, hint="drop the line")


def _check_fit(parts: tuple[_Part, ...]) -> None:
    first = parts[0][1]
    seen: dict[str, syntax.TakePart] = {}
    for line, measure in parts:
        before = seen.setdefault(line.measure.text, line)
        others = [_id(key) for key in measure.keys] != [_id(key) for key in first.keys]
        if before is not line:
            message, at = f"`{line.measure.text}` is taken twice", before.span
        elif isinstance(measure.window, nodes.PerFact) or measure.window != first.window or others:
            message, at = (
                f"`{line.measure.text}` has another window or other keys than the first part",
                first.origin,
            )
        else:
            continue
        raise mistake(
            "R0236",
            message,
            line.measure.span,
            related=(Related(at, "compare this"),),
            hint="give all parts one window and the same keys, and take each once",
        )


def _id(key: nodes.FieldRead) -> tuple[nodes.Root, tuple[str, ...], str]:
    return key.root, key.names, str(key.type)
