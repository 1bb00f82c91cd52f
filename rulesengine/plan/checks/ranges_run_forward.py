"""A range of dates ends on or after the day it begins."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax


def ranges_run_forward(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0503 for each `effective` and `window` that ends before it begins.

    No date would lie in it, so that nothing would ever be earned. Both ends are in the range:
    from a day through the same day is one day.

    Source: language reference, "When a rule holds: effective, amend".
    """
    for block in tree.blocks:
        if not isinstance(block, syntax.PlanBlock | syntax.RuleBlock | syntax.MeasureBlock):
            continue
        for clause in block.clauses:
            if not isinstance(clause, syntax.Effective | syntax.WindowClause):
                continue
            start, end = clause.start, clause.end
            if end is not None and end.value < start.value:
                yield Diagnostic(
                    code="R0503",
                    message=f"range must end on or after {start.value}, found {end.value}",
                    span=end.span,
                    related=(Related(start.span, "it begins here"),),
                    hint="swap the two dates",
                )
