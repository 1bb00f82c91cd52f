"""Lines of a rule that stand on rows of another kind than its own, such as on the visit that made a goal
reached: what its deals have is not there to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from rulesengine.language import syntax
from rulesengine.plan.context import Context


def lines_elsewhere(context: Context, clauses: tuple[syntax.RuleClause, ...], rows: str) -> tuple[str, str]:
    """Return the first measure that brings lines on rows of another kind, and that kind; empty if none does.

    Args:
        clauses: of one version of a rule.
        rows: the kind of fact that the rule looks at; empty for rows of a calendar.
    """
    for measure in _measures(context, clauses):
        other = next((kind for kind in _kinds(context, measure) if kind != rows), "")
        if other:
            return measure, other
    return "", ""


def _measures(context: Context, clauses: tuple[syntax.RuleClause, ...]) -> Iterator[str]:
    """Yield the measures whose rows may have lines of the rule: they change what earlier rows have earned."""
    for clause in clauses:
        match clause:
            case syntax.UseMeasure(name=name) if any(map(_pays_on_what_moves_it, clauses)):
                yield name.text
            case syntax.Goal(aggregate=syntax.Aggregate(word="measure", path=syntax.Path(names=(name,)))):
                yield name.text
            case _:
                yield from _in_total(context, clause)


def _pays_on_what_moves_it(clause: syntax.RuleClause) -> bool:
    """Whether tiers pay on each row that moves their measure: what earlier rows have earned, or once."""
    if isinstance(clause, syntax.Apply):
        return clause.method in ("whole", "interpolated")
    return isinstance(clause, syntax.Tier) and any(
        isinstance(part, syntax.PrizePart) or part.once for part in clause.pay.parts
    )


def _in_total(context: Context, clause: syntax.Node) -> Iterator[str]:
    """Yield the measures whose totals a clause, or a table that it reads, decides again."""
    for node in _nodes(clause):
        match node:
            case syntax.MeasureReading(in_total=True, path=path):
                yield path.names[0].text
            case syntax.Path(names=(name,)):
                declared = context.catalog.entries.get(name.text)
                if declared is not None and isinstance(declared.block, syntax.TableBlock):
                    for key in declared.block.keys:
                        if isinstance(key, syntax.MeasureReading) and key.in_total:
                            yield key.path.names[0].text
            case _:
                continue


def _kinds(context: Context, measure: str, within: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the kinds of fact that a measure counts, or that the parts of a weighted one do.

    Args:
        within: the measures that it is a part of; who is a part of itself is reported elsewhere.
    """
    declared = context.catalog.entries.get(measure)
    if declared is None or not isinstance(declared.block, syntax.MeasureBlock):
        return
    for clause in declared.block.clauses:
        match clause:
            case syntax.On(source=source):
                yield source.text
            case syntax.TakePart(measure=part) if part.text not in (measure, *within):
                yield from _kinds(context, part.text, (*within, measure))
            case _:
                continue


def _nodes(node: object) -> Iterator[syntax.Node]:
    """Yield a node and all that stand in it."""
    if isinstance(node, tuple):
        for each in node:
            yield from _nodes(each)
    elif isinstance(node, syntax.Node):
        yield node
        for part in fields(node):
            yield from _nodes(getattr(node, part.name))
