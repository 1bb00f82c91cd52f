"""The condition of a `times` is `when`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.language import syntax
from rulesengine.plan.checks.written import as_written, clause_lists


def when_of_times(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0604, a warning, for a `where` on the line of a `times` without a condition.

    Lines have no meaning, so `times 150% where type is "new"` pays new deals only, all of them one
    and a half times. Who writes it on one line mostly means `when`: pay all, new deals more.

    Source: language reference, "times, cap and floor".
    """
    for clauses in clause_lists(tree):
        for times, where in pairwise(clauses):
            if not isinstance(times, syntax.Times) or not isinstance(where, syntax.Where):
                continue
            if times.when is not None or times.span.end_line != where.span.line:
                continue
            condition = as_written(tree.sources, where.condition.span)
            yield Diagnostic(
                code="R0604",
                message="`where` filters the whole rule, not this `times`",
                span=where.span,
                severity=Severity.WARNING,
                related=(Related(times.span, "this multiplies every row that is left"),),
                hint=f"write `when {condition}` to multiply only those, or put `where` on a line of its own",
            )
