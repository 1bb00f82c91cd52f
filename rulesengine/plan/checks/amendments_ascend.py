"""Amendments follow each other in time."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax
from rulesengine.plan.checks.written import rule_blocks


def amendments_ascend(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0504 for each `amend` that does not start after all those before it.

    An amendment changes what the lines above it say, so they are read in the order in which they
    come into force; two on one day would leave open which of them holds.

    Source: language reference, "When a rule holds: effective, amend".
    """
    for rule in rule_blocks(tree):
        latest: syntax.Amend | None = None
        for clause in rule.clauses:
            if not isinstance(clause, syntax.Amend):
                continue
            if latest is not None and clause.start.value <= latest.start.value:
                yield Diagnostic(
                    code="R0504",
                    message=f"amendment must start after {latest.start.value}, found {clause.start.value}",
                    span=clause.start.span,
                    related=(Related(latest.start.span, "the amendment before starts here"),),
                    hint="write amendments in the order of their dates; two of one day are one",
                )
            else:
                latest = clause
