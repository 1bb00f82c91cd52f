"""Credits make 100%."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related
from rulesengine.language import syntax
from rulesengine.model.exact import as_text
from rulesengine.plan.checks.written import clause_lists


def credits_make_whole(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0208 where the shares of a list of `credit … to` lines do not add up to 100%.

    Less would lose a part of each deal, more would pay a part twice. What somebody earns on top
    of the whole is an overlay, and a rule of its own.

    Source: language reference, "Who is paid: credit".
    """
    lists: list[tuple[syntax.Node, ...]] = [tuple(clauses) for clauses in clause_lists(tree)]
    lists += [tuple(block.clauses) for block in tree.blocks if isinstance(block, syntax.MeasureBlock)]
    for clauses in lists:
        shares = [clause for clause in clauses if isinstance(clause, syntax.CreditShare)]
        written = [clause for clause in shares if isinstance(clause.share, syntax.Percent)]
        values = [clause.share.value for clause in shares if isinstance(clause.share, syntax.Percent)]
        total = sum(values, Decimal(0))
        # Beside shares that stand in fields, only what is too much already can be told.
        rest = [clause for clause in shares if clause.share is None]
        if rest and len(written) + 1 == len(shares) and total == 1:
            yield _nothing_left(written, rest[0])
        if not written or total == 1 or (len(written) < len(shares) and total < 1):
            continue
        *before, last = written
        gap = _percent(abs(1 - total))
        yield Diagnostic(
            code="R0208",
            message=f"credits must make 100%, found {_percent(total)}",
            span=last.share.span if last.share else last.span,
            related=_added(before),
            hint=f"credit the other {gap}" if total < 1 else f"take {gap} away, or pay it by another rule",
        )


def _nothing_left(written: list[syntax.CreditShare], rest: syntax.CreditShare) -> Diagnostic:
    return Diagnostic(
        code="R0208",
        message="credits make 100% before the `rest`, which is nothing",
        span=rest.span,
        related=_added(written),
        hint="drop this line, or take away from the others",
    )


def _added(shares: list[syntax.CreditShare]) -> tuple[Related, ...]:
    return tuple(Related(clause.share.span, "added to this share") for clause in shares if clause.share)


def _percent(ratio: Decimal) -> str:
    return as_text(ratio * 100) + "%"
