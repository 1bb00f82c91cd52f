"""Segments, and the `where` and `order by` lines of fact kinds."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.schema import Role
from rulesengine.model.types import TextListType
from rulesengine.plan import nodes
from rulesengine.plan.conditions import lower_wheres
from rulesengine.plan.context import Context, FactRows
from rulesengine.plan.header import only
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import mistake
from rulesengine.plan.scope import Scope


def lower_fact_rows(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, FactRows]:
    """Return the rows of each fact kind."""
    rows: dict[str, FactRows] = {}
    for block in blocks:
        if not isinstance(block, syntax.RecordBlock):
            continue
        kind = context.kinds.get(block.name.text)
        if kind is None or kind.role is Role.PAYEE or kind.declared != block.name.span:
            continue
        scope = Scope(
            context=context, row=kind, no_payee="which rows count is decided before anybody is credited"
        )
        wheres = [clause for clause in block.clauses if isinstance(clause, syntax.Where)]
        conditions, inner = lower_wheres(scope, wheres)
        order = only(block.clauses, syntax.OrderBy, "order by", context.problems)
        read = context.problems.attempt(_order_field, inner, order) if order else None
        rows[kind.name] = FactRows(conditions, read, inner.guards)
    return rows


def _order_field(scope: Scope, clause: syntax.OrderBy) -> nodes.FieldRead:
    reading = scope.get(clause.path)
    if isinstance(reading.read.type, TextListType):
        raise mistake(
            "R0401",
            f"rows cannot be put in order by a list, {reading.typed.described}",
            clause.path.span,
            related=(Related(reading.declared, reading.typed.described),),
        )
    return reading.read


def lower_segments(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, nodes.Segment]:
    """Return the segments; none may lead back to itself through segments that it names."""
    segments: dict[str, nodes.Segment] = {}
    for block in blocks:
        if isinstance(block, syntax.SegmentBlock):
            segment = context.problems.attempt(_lower_segment, context, block)
            if segment is not None:
                segments.setdefault(segment.name, segment)
    for name in _circular(segments):
        context.problems.add(
            mistake(
                "R0221",
                f"segment `{name}` is chosen by itself",
                segments[name].origin,
                hint="a segment may name others, never one that names it in turn",
            )
        )
        del segments[name]
    return segments


def _lower_segment(context: Context, block: syntax.SegmentBlock) -> nodes.Segment:
    context.catalog.find(block.of, Sort.PAYEE, Sort.FACT)
    kind = context.kinds.get(block.of.text)
    scope = Scope(context=context, row=kind, no_payee="a segment names the fields of its own records")
    conditions, _ = lower_wheres(scope, block.wheres)
    return nodes.Segment(
        origin=block.name.span, name=block.name.text, kind=block.of.text, conditions=conditions
    )


def _circular(segments: dict[str, nodes.Segment]) -> list[str]:
    uses = {
        name: {used for condition in segment.conditions for used in _segments_in(condition)}
        for name, segment in segments.items()
    }
    return [name for name in segments if name in _reached_from(name, uses)]


def _reached_from(start: str, uses: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(uses.get(name, ()))
    return reached


def _segments_in(condition: nodes.Condition) -> set[str]:
    match condition:
        case nodes.AllOf(tests=tests) | nodes.AnyOf(tests=tests):
            return {name for test in tests for name in _segments_in(test)}
        case nodes.Not(test=test):
            return _segments_in(test)
        case nodes.InSegment(segment=segment):
            return {segment}
        case _:
            return set()
