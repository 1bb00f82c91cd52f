"""The first tier starts at the measure's zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from rulesengine.diagnostics import Diagnostic
from rulesengine.language import syntax
from rulesengine.plan.checks.written import as_written, clause_lists


def tiers_start_at_zero(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0206 for a list of tiers whose first one starts anywhere but at zero.

    What lies below the first tier would silently earn nothing. A plan that means this says so:
    `tier from 0 USD pay nothing`.

    Source: language reference, "Tiers".
    """
    for clauses in clause_lists(tree):
        first = next((clause for clause in clauses if isinstance(clause, syntax.Tier)), None)
        if first is None or isinstance(first.bound, syntax.Path) or first.bound.value == 0:
            continue
        zero = _zero(first.bound)
        yield Diagnostic(
            code="R0206",
            message=f"first tier must start at {zero}, found {as_written(tree.sources, first.bound.span)}",
            span=first.bound.span,
            hint=f"say what is earned below it, for example `tier from {zero} pay nothing`",
        )


def _zero(bound: syntax.Number | syntax.Percent | syntax.Amount) -> str:
    match bound:
        case syntax.Amount(currency=currency):
            return f"0 {currency}"
        case syntax.Percent():
            return "0%"
        case syntax.Number():
            return "0"
        case _:
            assert_never(bound)
