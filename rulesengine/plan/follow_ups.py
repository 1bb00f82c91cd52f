"""Leaves out what is only reported because a clause of the same rule is not built yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulesengine.diagnostics import Diagnostic, Span
from rulesengine.language import syntax


def without_follow_ups(tree: syntax.Tree, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the mistakes but for those that a clause which is not built brings about in its rule.

    Without that clause others seem to be missing, out of place, or to rely on a value that nothing
    guards. Names, units and dates are judged as ever.
    """
    blocks = (block for block in tree.blocks if isinstance(block, syntax.RuleBlock))
    rules = [block.span for block in blocks if next(unbuilt_in(block), None) is not None]
    return [d for d in found if not (_may_follow(d.code) and d.span and _lies_in(d.span, rules))]


def unbuilt_in(block: syntax.RuleBlock | syntax.MeasureBlock) -> Iterator[syntax.NotYet]:
    """Yield the clauses of a block that are not built yet, those of amendments too."""
    for clause in block.clauses:
        if isinstance(clause, syntax.NotYet):
            yield clause
        elif isinstance(clause, syntax.Amend):
            yield from (inner for inner in clause.clauses if isinstance(inner, syntax.NotYet))


def _may_follow(code: str) -> bool:
    return code.startswith("R02") or code == "R0501"


def _lies_in(span: Span, rules: list[Span]) -> bool:
    start = (span.line, span.column)
    return any(
        rule.file == span.file and (rule.line, rule.column) <= start < (rule.end_line, rule.end_column)
        for rule in rules
    )
