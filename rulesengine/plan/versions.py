"""Versions of a rule: the clauses that an amendment can change, lowered for one stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from rulesengine.plan.adjust import (
    lower_first,
    lower_for,
    lower_hold,
    lower_limit,
    lower_prorate,
    lower_split,
    lower_stops,
    lower_times,
    remainder_of,
)
from rulesengine.plan.bases import lower_deduct
from rulesengine.plan.clawbacks import lower_clawbacks
from rulesengine.plan.conditions import lower_wheres
from rulesengine.plan.context import Context
from rulesengine.plan.credits import check_shares
from rulesengine.plan.pay import PayScope, Place, lower_bands, lower_pay
from rulesengine.plan.problems import Mistake
from rulesengine.plan.releases import lower_release
from rulesengine.plan.scope import Scope
from rulesengine.plan.shares import are_divided, must_have_remainder
from rulesengine.plan.sources import RuleInfo, Version

C = TypeVar("C", bound=syntax.Node)


@dataclass(frozen=True, slots=True)
class Looked:
    """One version while its rule is lowered: the conditions, and the scope behind them."""

    version: Version
    conditions: tuple[nodes.Condition, ...]
    scope: Scope


def look_at(context: Context, info: RuleInfo, version: Version) -> Looked:
    """Return the conditions of a version; a mistaken one is kept and left out."""
    scope = info.scope(context, (version.credit,))
    conditions, scope = lower_wheres(scope, all_of(version.draft.clauses, syntax.Where))
    if version.credit is not None:
        context.problems.attempt(check_shares, scope, version.credit)
    return Looked(version, conditions, scope)


def lower_version(
    info: RuleInfo, looked: Looked, measure: nodes.Measure | None, has_measure: bool
) -> nodes.Version:
    """Return one version of a rule; the mistakes of all its clauses are kept before it gives up."""
    scope, clauses = looked.scope, looked.version.draft.clauses
    attempt = scope.context.problems.attempt
    at = PayScope(scope, _place(info, clauses), info.unit, measure, has_measure)
    is_paid_by_rank = first_of(clauses, syntax.Rank) is not None
    rate = None if is_paid_by_rank else attempt(_lower_rate, at, info, clauses)
    for_line, hold_line = first_of(clauses, syntax.For), first_of(clauses, syntax.Hold)
    split_line = first_of(clauses, syntax.Split)
    remainder = first_of(clauses, syntax.RemainderClause)
    adjusters = _adjusters(scope, clauses, at.fact_kind)
    duration = attempt(lower_for, scope, for_line) if for_line else None
    first_line, prorate_line = first_of(clauses, syntax.ForFirst), first_of(clauses, syntax.Prorate)
    first = attempt(lower_first, scope, first_line) if first_line else None
    prorate = attempt(lower_prorate, scope, prorate_line) if prorate_line else None
    hold = attempt(lower_hold, scope, hold_line) if hold_line else None
    split = attempt(lower_split, scope, split_line, remainder) if split_line else None
    release_lines = all_of(clauses, syntax.Release)
    release = None
    if release_lines:
        release = attempt(lower_release, scope, release_lines, remainder, at.fact_kind, split_line)
    rank = first_of(clauses, syntax.Rank)
    clawbacks = lower_clawbacks(scope, info, all_of(clauses, syntax.Clawback), rank)
    stops = attempt(lower_stops, scope, all_of(clauses, syntax.Stop)) or ()
    credit = looked.version.credit
    shared_to = attempt(_shared_remainder, credit, remainder, clauses) if credit else None
    if credit is None or (rate is None and not is_paid_by_rank):
        raise Mistake
    return nodes.Version(
        origin=looked.version.draft.origin,
        start=looked.version.draft.start,
        conditions=looked.conditions,
        credit=credit,
        duration=duration,
        rate=rate,
        adjusters=adjusters,
        first=first,
        prorate=prorate,
        hold=hold,
        split=split,
        release=release,
        stops=stops,
        clawbacks=clawbacks,
        remainder=shared_to,
    )


def _shared_remainder(
    credit: nodes.Credit, remainder: syntax.RemainderClause | None, clauses: Sequence[syntax.RuleClause]
) -> Remainder | None:
    """Return who gets what is left over among the payees of a row; R0216 where the shares are not
    known from the plan and nobody does."""
    if remainder is None and not must_have_remainder(credit):
        return None
    if not are_divided(credit):
        return None
    line = first_of(clauses, syntax.CreditEach) or first_of(clauses, syntax.CreditShare)
    return remainder_of(remainder, line or clauses[0], "the shares")


def _place(info: RuleInfo, clauses: tuple[syntax.RuleClause, ...]) -> Place:
    match info.kind:
        case nodes.RuleKind.REVENUE_SHARE:
            return Place.SHARE
        case nodes.RuleKind.FLAT:
            return Place.FLAT
        case nodes.RuleKind.TIERED:
            return Place.TIER
        case nodes.RuleKind.INSTALLMENTS:
            return Place.AWARD
        case nodes.RuleKind.SPIFF:
            return Place.GOAL if first_of(clauses, syntax.Goal) else Place.AWARD


def _lower_rate(at: PayScope, info: RuleInfo, clauses: tuple[syntax.RuleClause, ...]) -> nodes.Rate:
    if info.kind is nodes.RuleKind.TIERED:
        return lower_bands(at, first_of(clauses, syntax.Apply), all_of(clauses, syntax.Tier))
    pay = first_of(clauses, syntax.Pay)
    if pay is None:
        raise Mistake
    return lower_pay(at, pay)


def _adjusters(
    scope: Scope, clauses: tuple[syntax.RuleClause, ...], fact_kind: str
) -> tuple[nodes.Adjuster, ...]:
    made: list[nodes.Adjuster | None] = []
    for clause in clauses:
        match clause:
            case syntax.Times():
                made.append(scope.context.problems.attempt(lower_times, scope, clause))
            case syntax.Limit():
                made.append(scope.context.problems.attempt(lower_limit, scope, clause, fact_kind))
            case syntax.Deduct():
                made.append(scope.context.problems.attempt(lower_deduct, scope, clause))
            case _:
                continue
    return tuple(adjuster for adjuster in made if adjuster is not None)


def first_of(clauses: Sequence[syntax.RuleClause], sort: type[C]) -> C | None:
    """Return the first clause of a sort, None if there is none."""
    return next((clause for clause in clauses if isinstance(clause, sort)), None)


def all_of(clauses: Sequence[syntax.RuleClause], sort: type[C]) -> list[C]:
    """Return the clauses of a sort, in written order."""
    return [clause for clause in clauses if isinstance(clause, sort)]
