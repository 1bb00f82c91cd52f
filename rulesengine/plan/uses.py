"""Which rules a rule as written waits for: those whose earnings it names."""

from __future__ import annotations

from collections.abc import Iterator

from rulesengine.language import syntax


def rules_used(block: syntax.RuleBlock) -> Iterator[syntax.Name]:
    """Yield the names of other rules in a rule's clauses and amendments, in written order."""
    yield from _in_clauses(block.clauses)


def _in_clauses(clauses: tuple[syntax.RuleClause, ...]) -> Iterator[syntax.Name]:
    for clause in clauses:
        match clause:
            case syntax.On(of_earnings=True, source=source):
                yield source
            case syntax.Deduct(rule=rule):
                yield rule
            case syntax.Pay() | syntax.Tier(pay=syntax.Pay()) | syntax.PlaceLine(pay=syntax.Pay()):
                pay = clause if isinstance(clause, syntax.Pay) else clause.pay
                for part in pay.parts:
                    if isinstance(part, syntax.PayPart) and isinstance(part.base, syntax.WithEarnings):
                        yield from (each.rule for each in part.base.earnings)
            case syntax.Amend(clauses=inner):
                yield from _in_clauses(inner)
            case _:
                continue
