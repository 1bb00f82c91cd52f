"""A sum over split credit says `credited` or `full`."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax
from rulesengine.plan.checks.written import rule_blocks


def split_measures_say_share(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0219 for each sum or max over shared rows that does not say what each payee is credited with.

    Of a deal of 100 that is shared 60 to 40, the first payee's total may rise by 60 or by 100;
    plans differ, so the plan says which.

    Source: language reference, "Who is paid: credit".
    """
    for rule in rule_blocks(tree):
        amended = [c for clause in rule.clauses if isinstance(clause, syntax.Amend) for c in clause.clauses]
        yield from _unsaid([*rule.clauses, *amended])
    for block in tree.blocks:
        if isinstance(block, syntax.MeasureBlock):
            yield from _unsaid(block.clauses)


def _unsaid(clauses: list[syntax.RuleClause] | tuple[syntax.Node, ...]) -> Iterator[Diagnostic]:
    each = [clause for clause in clauses if isinstance(clause, syntax.CreditEach)]
    shares = [clause for clause in clauses if isinstance(clause, syntax.CreditShare)]
    if not each and len(shares) < 2:
        return
    for clause in clauses:
        if not isinstance(clause, syntax.Measure | syntax.Goal | syntax.Rank):
            continue
        aggregate = clause.aggregate
        if aggregate.word != "sum" or aggregate.share or aggregate.path is None:
            continue
        name = aggregate.path.text
        yield Diagnostic(
            code="R0219",
            message=f"`sum` over shared deals must say `credited` or `full`, found `sum {name}`",
            span=aggregate.span,
            related=(Related((each or shares)[0].span, "the credit is shared here"),),
            hint=f"`sum credited {name}` adds each payee's share, `sum full {name}` all of it for each",
        )
