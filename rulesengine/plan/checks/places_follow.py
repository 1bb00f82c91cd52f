"""Places of a rank follow each other."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic
from rulesengine.language import syntax
from rulesengine.plan.checks.written import as_written, clause_lists


def places_follow(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0217 for the first place that is not the next one: 1, 2, 3 and so on.

    Ties share what the places they cover pay, so a place left out has no pay to share. A place
    that is to earn nothing says `pay nothing`.

    Source: language reference, "SPIFFs".
    """
    for clauses in clause_lists(tree):
        places = [clause for clause in clauses if isinstance(clause, syntax.PlaceLine)]
        for expected, line in enumerate(places, start=1):
            if line.number.value != expected:
                found = as_written(tree.sources, line.number.span)
                yield Diagnostic(
                    code="R0217",
                    message=f"place must be {expected}, found {found}",
                    span=line.number.span,
                    hint="places run from 1 on without gaps; one that earns nothing says `pay nothing`",
                )
                break
