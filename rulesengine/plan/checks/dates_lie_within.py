"""Rules lie within the plan's dates, amendments within their rule's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rulesengine.diagnostics import Diagnostic, Related, Span
from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.checks.written import rule_blocks


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The dates that something must lie within; where each end was written, and by what."""

    start: date
    start_at: Span
    end: date | None
    end_at: Span | None
    owner: str


def dates_lie_within(tree: syntax.Tree) -> Iterator[Diagnostic]:
    """Yield R0502 for dates of a rule outside the plan's, and amendments outside the rule's.

    The part of a rule outside its plan would never pay, and an amendment outside its rule would
    never hold, though both can be read as if they did. An amendment from the rule's first day on
    would leave its first lines without a day.

    Source: language reference, "When a rule holds: effective, amend".
    """
    plan = next(
        (
            _bounds(clause, "the plan")
            for block in tree.blocks
            if isinstance(block, syntax.PlanBlock)
            for clause in block.clauses
            if isinstance(clause, syntax.Effective)
        ),
        None,
    )
    if plan is None or (plan.end is not None and plan.end < plan.start):
        return
    for rule in rule_blocks(tree):
        bounds = plan
        for clause in rule.clauses:
            if isinstance(clause, syntax.Effective | syntax.WindowClause):
                if clause.end is not None and clause.end.value < clause.start.value:
                    continue
                yield from _outside(clause, plan)
                bounds = _narrower(bounds, clause)
        for clause in rule.clauses:
            if isinstance(clause, syntax.Amend):
                yield from _amended_outside(clause, bounds)


def _bounds(clause: syntax.Effective | syntax.WindowClause, owner: str) -> _Bounds:
    end = clause.end
    return _Bounds(
        clause.start.value, clause.start.span, end.value if end else None, end.span if end else None, owner
    )


def _narrower(outer: _Bounds, clause: syntax.Effective | syntax.WindowClause) -> _Bounds:
    inner = _bounds(clause, "the rule")
    start, start_at = max((outer.start, outer.start_at), (inner.start, inner.start_at), key=lambda at: at[0])
    end, end_at = inner.end, inner.end_at
    if end is None or (outer.end is not None and outer.end < end):
        end, end_at = outer.end, outer.end_at
    return _Bounds(start, start_at, end, end_at, "the rule")


def _outside(clause: syntax.Effective | syntax.WindowClause, plan: _Bounds) -> Iterator[Diagnostic]:
    if clause.start.value < plan.start:
        yield Diagnostic(
            code="R0502",
            message=f"rule must begin on or after {plan.start}, found {clause.start.value}",
            span=clause.start.span,
            related=(Related(plan.start_at, "the plan begins here"),),
        )
    last = clause.end or clause.start
    if plan.end is not None and last.value > plan.end:
        assert plan.end_at is not None
        yield Diagnostic(
            code="R0502",
            message=f"rule must end on or before {plan.end}, found {last.value}",
            span=last.span,
            related=(Related(plan.end_at, "the plan ends here"),),
        )


def _amended_outside(amend: syntax.Amend, bounds: _Bounds) -> Iterator[Diagnostic]:
    start = amend.start
    if start.value <= bounds.start:
        yield Diagnostic(
            code="R0502",
            message=f"amendment must start after {bounds.start}, found {start.value}",
            span=start.span,
            related=(Related(bounds.start_at, f"{bounds.owner} begins here"),),
            hint="what holds from the first day on is written in the rule itself",
        )
    elif bounds.end is not None and start.value > bounds.end:
        assert bounds.end_at is not None
        yield Diagnostic(
            code="R0502",
            message=f"amendment must start on or before {bounds.end}, found {start.value}",
            span=start.span,
            related=(Related(bounds.end_at, f"{bounds.owner} ends here"),),
        )
