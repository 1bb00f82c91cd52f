"""Rules: all clauses of a rule, put together version by version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rulesengine.language import syntax
from rulesengine.model.dates import DateRange
from rulesengine.plan import nodes
from rulesengine.plan.adjust import lower_for, lower_hold, lower_limit, lower_split, lower_stop, lower_times
from rulesengine.plan.conditions import lower_wheres
from rulesengine.plan.context import Context
from rulesengine.plan.credits import check_shares
from rulesengine.plan.header import lower_range, lower_rounding
from rulesengine.plan.incentives import (
    check_goals_agree,
    check_remainder_is_used,
    check_somebody_is_paid,
    lower_award,
    lower_budget,
    lower_goal,
    lower_rank,
)
from rulesengine.plan.measures import Keys, lower_measure, use_measure
from rulesengine.plan.pay import PayScope, Place, lower_bands, lower_pay
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.sources import RuleInfo, Version

C = TypeVar("C", bound=syntax.Node)
_R, _F, _T, _S = (
    nodes.RuleKind.REVENUE_SHARE,
    nodes.RuleKind.FLAT,
    nodes.RuleKind.TIERED,
    nodes.RuleKind.SPIFF,
)


def lower_rules(context: Context, infos: tuple[RuleInfo, ...]) -> tuple[nodes.Rule, ...]:
    """Return the rules that can be put together, in the order of `infos`.

    A rule with a mistake in a clause that others do not need (a `where`, a `cap`) is put together
    without it, so that the checks can look at the rest of the rule.
    """
    return context.problems.those_that_work(lambda info: lower_rule(context, info), infos)


@dataclass(frozen=True, slots=True)
class _Looked:
    """One version while its rule is lowered: the conditions, and the scope behind them."""

    version: Version
    conditions: tuple[nodes.Condition, ...]
    scope: Scope


def lower_rule(context: Context, info: RuleInfo) -> nodes.Rule:
    """Return one rule; the mistakes of all its clauses are kept before it gives up."""
    versions = tuple(_look_at(context, info, version) for version in info.versions)
    scope = _scope_of_all(context, info, versions)
    clauses = info.versions[0].draft.clauses
    effective = _effective(context, clauses)
    attempt = context.problems.attempt
    has_measure, measure = _measure(scope, clauses, info)
    at = PayScope(scope, Place.GOAL, info.row.name if info.row else "", measure, has_measure)
    remainder = _first(clauses, syntax.RemainderClause)
    goals = context.problems.those_that_work(lambda goal: lower_goal(scope, goal), _all(clauses, syntax.Goal))
    attempt(check_goals_agree, goals)
    rank_line = _first(clauses, syntax.Rank)
    places = _all(clauses, syntax.PlaceLine)
    rank = attempt(lower_rank, at, rank_line, places, remainder) if rank_line else None
    award = _award(scope, clauses, measure, goals, rank)
    budget_line = _first(clauses, syntax.Budget)
    budget = attempt(lower_budget, scope, budget_line, effective, remainder) if budget_line else None
    rounding_line = _first(clauses, syntax.RoundingClause)
    rounding = attempt(lower_rounding, rounding_line, context.header) if rounding_line else None
    lowered = [_lower_version(info, looked, measure, has_measure) for looked in versions]
    made = [version for version in lowered if version is not None]
    attempt(check_remainder_is_used, remainder, _is_divided(versions, clauses))
    if info.source is None or info.row is None or len(made) != len(lowered):
        raise Mistake
    if (has_measure and measure is None) or (rank_line is not None and rank is None):
        raise Mistake
    if len(goals) != len(_all(clauses, syntax.Goal)):
        raise Mistake
    title = _first(clauses, syntax.Title)
    return nodes.Rule(
        origin=info.block.name.span,
        name=info.name,
        kind=info.kind,
        title=title.text if title else info.name,
        source=info.source,
        fact_kind=info.row.name,
        effective=effective,
        is_memo=_first(clauses, syntax.Memo) is not None,
        rounding=rounding or context.header.rounding,
        measure=measure,
        goals=goals,
        rank=rank,
        award=award,
        budget=budget,
        versions=tuple(made),
        text=context.texts.of(info.block.span),
    )


def _look_at(context: Context, info: RuleInfo, version: Version) -> _Looked:
    scope = info.scope(context, (version.credit,))
    conditions, scope = lower_wheres(scope, _all(version.draft.clauses, syntax.Where))
    if version.credit is not None:
        context.problems.attempt(check_shares, scope, version.credit)
    return _Looked(version, conditions, scope)


def _scope_of_all(context: Context, info: RuleInfo, versions: tuple[_Looked, ...]) -> Scope:
    """Return the scope of clauses that no amendment changes: they must hold in every version."""
    guards = frozenset.intersection(*(looked.scope.guards for looked in versions))
    return info.scope(context, tuple(version.credit for version in info.versions)).with_guards(guards)


def _effective(context: Context, clauses: tuple[syntax.RuleClause, ...]) -> DateRange:
    """Return the dates of the plan, the rule and its window in common; the plan's where there are
    none, which `checks/dates_lie_within.py` reports."""
    dates = context.header.effective
    for clause in clauses:
        if isinstance(clause, syntax.Effective | syntax.WindowClause):
            dates = dates.overlap(lower_range(clause.start, clause.end)) or dates
    return dates


def _measure(
    scope: Scope, clauses: tuple[syntax.RuleClause, ...], info: RuleInfo
) -> tuple[bool, nodes.Measure | None]:
    fact_kind = info.row.name if info.row else ""
    for clause in clauses:
        match clause:
            case syntax.Measure():
                return True, scope.context.problems.attempt(lower_measure, scope, clause, fact_kind)
            case syntax.UseMeasure(name=name):
                return True, scope.context.problems.attempt(use_measure, scope, name)
            case _:
                continue
    # A tiered rule without a measure has been reported, like one whose measure is mistaken.
    return info.kind is _T, None


def _award(
    scope: Scope,
    clauses: tuple[syntax.RuleClause, ...],
    measure: nodes.Measure | None,
    goals: tuple[nodes.Goal, ...],
    rank: nodes.Rank | None,
) -> nodes.Award | None:
    attempt = scope.context.problems.attempt
    line = _first(clauses, syntax.Award)
    reached: Keys | None = goals[0].measure.keys if goals else rank.measure.keys if rank else None
    stands = _first(clauses, syntax.Goal) or _first(clauses, syntax.Rank)
    if reached is not None and stands is not None:
        attempt(check_somebody_is_paid, reached, stands, line)
    keys = reached if reached is not None else measure.keys if measure else None
    if line is None:
        return None
    if keys is None:
        measure_line = _first(clauses, syntax.Measure) or _first(clauses, syntax.UseMeasure)
        if stands is None and measure_line is None:
            scope.context.problems.add(
                mistake("R0218", "nothing is earned together here: no goal, rank or measure", line.span)
            )
        return None
    remainder = _first(clauses, syntax.RemainderClause)
    return attempt(lower_award, scope, line, keys, remainder)


def _lower_version(
    info: RuleInfo, looked: _Looked, measure: nodes.Measure | None, has_measure: bool
) -> nodes.Version | None:
    scope, clauses = looked.scope, looked.version.draft.clauses
    attempt = scope.context.problems.attempt
    at = PayScope(scope, _place(info, clauses), info.row.name if info.row else "", measure, has_measure)
    is_paid_by_rank = _first(clauses, syntax.Rank) is not None
    rate = None if is_paid_by_rank else attempt(_lower_rate, at, info, clauses)
    for_line, hold_line = _first(clauses, syntax.For), _first(clauses, syntax.Hold)
    split_line, stop_line = _first(clauses, syntax.Split), _first(clauses, syntax.Stop)
    remainder = _first(clauses, syntax.RemainderClause)
    adjusters = _adjusters(scope, clauses, at.fact_kind)
    duration = attempt(lower_for, scope, for_line) if for_line else None
    hold = attempt(lower_hold, scope, hold_line) if hold_line else None
    split = attempt(lower_split, scope, split_line, remainder) if split_line else None
    stop = attempt(lower_stop, scope, stop_line) if stop_line else None
    if looked.version.credit is None or (rate is None and not is_paid_by_rank):
        return None
    return nodes.Version(
        origin=looked.version.draft.origin,
        start=looked.version.draft.start,
        conditions=looked.conditions,
        credit=looked.version.credit,
        duration=duration,
        rate=rate,
        adjusters=adjusters,
        hold=hold,
        split=split,
        stop=stop,
    )


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
            return Place.GOAL if _first(clauses, syntax.Goal) else Place.AWARD


def _lower_rate(at: PayScope, info: RuleInfo, clauses: tuple[syntax.RuleClause, ...]) -> nodes.Rate:
    if info.kind is _T:
        return lower_bands(at, _first(clauses, syntax.Apply), _all(clauses, syntax.Tier))
    pay = _first(clauses, syntax.Pay)
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
            case _:
                continue
    return tuple(adjuster for adjuster in made if adjuster is not None)


def _is_divided(versions: tuple[_Looked, ...], clauses: tuple[syntax.RuleClause, ...]) -> bool:
    for clause in (*clauses, *(c for looked in versions for c in looked.version.draft.clauses)):
        match clause:
            case syntax.Split() | syntax.Award(equally=True) | syntax.Budget(first_come_on=None):
                return True
            case syntax.Rank(ties="share"):
                return True
            case _:
                continue
    return False


def _first(clauses: Sequence[syntax.RuleClause], sort: type[C]) -> C | None:
    return next((clause for clause in clauses if isinstance(clause, sort)), None)


def _all(clauses: Sequence[syntax.RuleClause], sort: type[C]) -> list[C]:
    return [clause for clause in clauses if isinstance(clause, sort)]
