"""Rules: all clauses of a rule, put together version by version."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.dates import DateRange, WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Rounding, RoundingPlace
from rulesengine.plan import nodes
from rulesengine.plan.awards import lower_award
from rulesengine.plan.context import Context
from rulesengine.plan.conversions import lower_convert
from rulesengine.plan.currencies import Paying
from rulesengine.plan.header import divides, is_multiple, lower_range, lower_rounding
from rulesengine.plan.incentives import (
    check_goals_agree,
    check_remainder_is_used,
    check_somebody_is_paid,
    lower_budget,
    lower_goal,
    lower_rank,
)
from rulesengine.plan.key_order import goals_by_the_same, limits_by_the_same
from rulesengine.plan.measures import Keys, lower_measure, use_measure
from rulesengine.plan.pay import PayScope, Place
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.sources import RuleInfo
from rulesengine.plan.versions import Looked, all_of, first_of, look_at, lower_version


def lower_rules(context: Context, infos: tuple[RuleInfo, ...]) -> tuple[nodes.Rule, ...]:
    """Return the rules that can be put together, in the order of `infos`.

    A rule with a mistake in a clause that others do not need (a `where`, a `cap`) is put together
    without it, so that the checks can look at the rest of the rule.
    """
    return context.problems.those_that_work(lambda info: lower_rule(context, info), infos)


@dataclass(frozen=True, slots=True)
class _Incentives:
    """What belongs to the whole of a rule, besides its measure."""

    goals: tuple[nodes.Goal, ...]
    rank: nodes.Rank | None
    award: nodes.Award | None
    budget: nodes.Budget | None


def lower_rule(context: Context, info: RuleInfo) -> nodes.Rule:
    """Return one rule; the mistakes of all its clauses are kept before it gives up."""
    attempt = context.problems.attempt
    versions = tuple(look_at(context, info, version) for version in info.versions)
    scope = _scope_of_all(context, info, versions)
    clauses = info.versions[0].draft.clauses
    effective = _effective(context, clauses)
    has_measure, measure = _measure(scope, clauses, info)
    at = PayScope(scope, Place.GOAL, info.unit, measure, has_measure)
    incentives = attempt(_lower_incentives, at, clauses, effective)
    rounding_line = first_of(clauses, syntax.RoundingClause)
    rounding = attempt(_rounding, context, info.paying, rounding_line)
    made = context.problems.those_that_work(
        lambda looked: lower_version(info, looked, measure, has_measure), versions
    )
    attempt(_check_sums_are_not_shared, made, rounding_line, rounding or context.header.rounding)
    remainder = first_of(clauses, syntax.RemainderClause)
    attempt(check_remainder_is_used, remainder, _is_divided(versions, clauses))
    convert = attempt(lower_convert, scope)
    if info.source is None or info.row is None or incentives is None or len(made) != len(versions):
        raise Mistake
    if has_measure and measure is None:
        raise Mistake
    title = first_of(clauses, syntax.Title)
    return nodes.Rule(
        origin=info.block.name.span,
        name=info.name,
        kind=info.kind,
        title=title.text if title else info.name,
        source=info.source,
        fact_kind=info.fact_kind,
        effective=effective,
        is_memo=first_of(clauses, syntax.Memo) is not None,
        currency=info.paying.code,
        minor_unit=info.paying.minor_unit,
        convert=convert,
        rounding=rounding or context.header.rounding,
        measure=measure,
        goals=incentives.goals,
        rank=incentives.rank,
        award=incentives.award,
        budget=incentives.budget,
        versions=limits_by_the_same(made),
        text=context.texts.of(info.block.span),
        elsewhere=info.elsewhere,
    )


def _rounding(context: Context, paying: Paying, line: syntax.RoundingClause | None) -> Rounding:
    """Return the rule's rounding; R0405 where the plan's has a step that its currency does not."""
    if line is not None:
        finer = context.header.rounds_statements
        return lower_rounding(line, paying.minor_unit, paying.code, finer=finer)
    rounding, unit = context.header.rounding, paying.minor_unit
    is_finer = context.header.rounds_statements and divides(rounding.step, unit)
    if not is_multiple(rounding.step, unit) and not is_finer:
        raise mistake(
            "R0405",
            f"the plan rounds to {rounding.step}, {paying.code} is paid in steps of {unit}",
            paying.declared,
            hint=f"add `rounding {rounding.mode} to {unit} per {rounding.place}` to the rule",
        )
    return rounding


def _scope_of_all(context: Context, info: RuleInfo, versions: tuple[Looked, ...]) -> Scope:
    """Return the scope of clauses that no amendment changes: they must hold in every version."""
    guards = frozenset.intersection(*(looked.scope.guards for looked in versions))
    first = versions[0].scope.known
    known = {
        field: code
        for field, code in first.items()
        if all(looked.scope.known.get(field) == code for looked in versions)
    }
    scope = info.scope(context, tuple(version.credit for version in info.versions))
    return replace(scope.with_guards(guards), known=known)


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
    for clause in clauses:
        match clause:
            case syntax.Measure():
                return True, scope.context.problems.attempt(lower_measure, scope, clause, info.unit)
            case syntax.UseMeasure(name=name):
                return True, scope.context.problems.attempt(_named, scope, name, info.calendar)
            case _:
                continue
    # A tiered rule without a measure has been reported, like one whose measure is mistaken.
    return info.kind is nodes.RuleKind.TIERED, None


def _named(scope: Scope, name: syntax.Name, calendar: nodes.CalendarSource | None) -> nodes.Measure:
    """Return a named measure; R0231 if parts of its windows would fall between rows of a calendar."""
    measure = use_measure(scope, name)
    if calendar is not None and scope.is_calendar and not _is_made_of(measure.window, calendar.window):
        kept = measure.window
        window = kept.kind if isinstance(kept, nodes.PerFact) else str(kept)
        raise mistake(
            "R0231",
            f"`{name.text}` is kept per {window}, which does not begin and end with a {calendar.window}: "
            f"a row per {calendar.window} would miss part of it",
            name.span,
            related=(Related(measure.origin, f"`{name.text}` is declared here"),),
            hint=f"write `on {calendar.kind} per {window}`, or keep the measure over a longer window",
        )
    return measure


def _is_made_of(window: nodes.MeasureWindow, part: WindowKind) -> bool:
    """Tell whether each window of a kind consists of whole windows of another."""
    if not isinstance(window, WindowKind):
        return False
    weeks = (WindowKind.DAY, WindowKind.WEEK)
    rising: list[WindowKind] = [kind for kind in WindowKind if kind is not WindowKind.WEEK]
    if window in (WindowKind.PLAN, WindowKind.LIFETIME) or window is part:
        return window is not WindowKind.PLAN or part is not WindowKind.LIFETIME
    if WindowKind.WEEK in (window, part):
        return window is WindowKind.WEEK and part in weeks
    return rising.index(part) <= rising.index(window)


def _award(
    scope: Scope,
    clauses: tuple[syntax.RuleClause, ...],
    measure: nodes.Measure | None,
    goals: tuple[nodes.Goal, ...],
    rank: nodes.Rank | None,
) -> nodes.Award | None:
    attempt = scope.context.problems.attempt
    line = first_of(clauses, syntax.Award)
    reached: Keys | None = goals[0].measure.keys if goals else rank.measure.keys if rank else None
    stands = first_of(clauses, syntax.Goal) or first_of(clauses, syntax.Rank)
    if reached is not None and stands is not None:
        attempt(check_somebody_is_paid, reached, stands, line)
    if line is None:
        return None
    measured = goals[0].measure if goals else rank.measure if rank else measure
    measure_line = first_of(clauses, syntax.Measure) or first_of(clauses, syntax.UseMeasure)
    if measured is None and (stands is not None or measure_line is not None):
        return None  # what is mistaken there has been reported
    remainder = first_of(clauses, syntax.RemainderClause)
    return attempt(lower_award, scope, line, measured, remainder)


def _lower_incentives(
    at: PayScope, clauses: tuple[syntax.RuleClause, ...], effective: DateRange
) -> _Incentives:
    scope, problems = at.scope, at.scope.context.problems
    remainder = first_of(clauses, syntax.RemainderClause)
    goal_lines = all_of(clauses, syntax.Goal)
    goals = problems.those_that_work(lambda goal: lower_goal(scope, goal), goal_lines)
    problems.attempt(check_goals_agree, goals)
    rank_line, places = first_of(clauses, syntax.Rank), all_of(clauses, syntax.PlaceLine)
    rank = problems.attempt(lower_rank, at, rank_line, places, remainder) if rank_line else None
    award = _award(scope, clauses, at.measure, goals, rank)
    budget_line = first_of(clauses, syntax.Budget)
    budget = problems.attempt(lower_budget, scope, budget_line, effective, remainder) if budget_line else None
    if len(goals) != len(goal_lines) or (rank_line is not None and rank is None):
        raise Mistake
    return _Incentives(goals_by_the_same(goals), rank, award, budget)


def _check_sums_are_not_shared(
    versions: tuple[nodes.Version, ...], line: syntax.RoundingClause | None, rounding: Rounding
) -> None:
    """Raise R0238 where running sums are rounded: then no row's pay is a whole that could be cut."""
    if rounding.place in (RoundingPlace.LINE, RoundingPlace.FACT):
        return
    for version in versions:
        if version.remainder is not None:
            raise mistake(
                "R0238",
                f"shares cannot be cut from a row's pay that is rounded `per {rounding.place}`",
                version.credit.origin,
                related=(Related(line.span, "it is rounded here"),) if line else (),
                hint="round this rule `per line` or `per fact`",
            )


def _is_divided(versions: tuple[Looked, ...], clauses: tuple[syntax.RuleClause, ...]) -> bool:
    for clause in (*clauses, *(c for looked in versions for c in looked.version.draft.clauses)):
        match clause:
            case (
                syntax.Split() | syntax.Award(how="equally" | "pro_rata") | syntax.Budget(first_come_on=None)
            ):
                return True
            case syntax.CreditEach() | syntax.CreditShare():
                return True
            case syntax.Rank(ties="share"):
                return True
            case syntax.Release(share=share, when=when) if share is None or isinstance(when, syntax.Split):
                return True
            case syntax.Release(share=syntax.Percent(value=part)) if part < 1:
                return True
            case _:
                continue
    return False
