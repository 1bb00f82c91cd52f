"""Rows credited to payees, with everything that a rule reads on them: steps 1 to 3 of a rule.

The relation of `Items` has a row for each row of facts and payee that gets as far as being paid. Why the
others do not is a relation of outcomes. Columns of an item: `fact_id`, `row.root`, `dated`, `judged_on`,
`row.counts`, `row.undoes`, `row.order_by` where the kind has one, `row.moved` (following.py) where
it may be a line that takes or gives back, `payee_kind`, `payee`, `turn`, `share`
where credit is shared, `version`; `key_1`…, `window_start`, `window_label`, `moves` and `target` of a
measure; `rate_B_P` and `quantity_B_P` of part P of the pay of band B; `factor_N`, `amount_N` of adjusters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rulesengine.engines.measures import pays_of
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.again import add_again, add_not_yet, asks_again, conditions_at_once
from rulesengine.engines.sql.amounts import OwnReads, own_reads
from rulesengine.engines.sql.award_rows import fact_of
from rulesengine.engines.sql.calendar import DAY, PAYEE, add_prorated
from rulesengine.engines.sql.clawback_terms import add_clawbacks
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import check_conditions
from rulesengine.engines.sql.credit import credit
from rulesengine.engines.sql.dates import day_after, day_of
from rulesengine.engines.sql.due import add_dates, add_rate_day, check_count, check_counts, check_schedule
from rulesengine.engines.sql.earned_rows import (
    DATED,
    EARNING,
    LINE,
    line_reads,
    rows_of,
    rows_of_earnings,
)
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    day,
    first_given,
    is_given,
    is_null,
    joined,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.first_rows import add_first, first_rows
from rulesengine.engines.sql.following import MOVED, follows
from rulesengine.engines.sql.look_up_limits import add_adjusters
from rulesengine.engines.sql.member_reads import add_award
from rulesengine.engines.sql.moving_measures import add_goals, moves_of
from rulesengine.engines.sql.pots import add_budget
from rulesengine.engines.sql.price import PricedPart, price
from rulesengine.engines.sql.reads import Problem, Reads, reason_columns
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import add_scope
from rulesengine.engines.sql.source import dates_of, days_of_rows, shown_date
from rulesengine.engines.sql.targets import target_of
from rulesengine.engines.sql.total_reads import note_weighted, noted
from rulesengine.engines.sql.unrated import refuse_unrated_earnings, with_rates
from rulesengine.engines.sql.values import Plain, number
from rulesengine.plan import nodes
from rulesengine.plan.total_reads import reads_in_total


@dataclass(frozen=True, slots=True)
class VersionItems:
    """What is known at compile time of the items of one version of a rule."""

    index: int
    version: nodes.Version
    bands: tuple[tuple[PricedPart, ...], ...]
    """The parts of each band's pay; of a plain `pay` as if it were one band."""


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a rule."""

    rule: nodes.Rule
    relation: Relation
    versions: tuple[VersionItems, ...]

    @property
    def is_shared(self) -> bool:
        """Whether credit is shared, so that items have a share."""
        return "share" in self.relation


def items_of(compilation: Compilation, rule: nodes.Rule, drafts_of: Callable[[str], Relation]) -> Items:
    """Compile the rows of a rule, credited and looked up; note down those that earn nothing.

    Args:
        drafts_of: what a rule earns by its name, for rules on the earnings of another.
    """
    if isinstance(rule.source, nodes.EarningsSource):
        drafts = drafts_of(rule.source.rule)
        compilation.relations["rows", rule.name] = rows_of_earnings(compilation, rule, drafts)
    made = [_version(compilation, rule, index) for index in range(len(rule.versions))]
    comment = f"rule {rule.name} ({rule.origin}): {rule.text.splitlines()[0]}\nrows that count, credited"
    relation = compilation.add_union(f"{rule.name}_items", comment, [source for source, _ in made], rule=rule)
    relation = first_rows(compilation, relation, rule)
    return Items(rule, relation, tuple(version for _, version in made))


def _version(compilation: Compilation, rule: nodes.Rule, index: int) -> tuple[From, VersionItems]:
    judge, bands, here = read_version(compilation, rule, index)
    source = judge.source
    _outcomes(compilation, rule, index, source, judge.problems, here)
    for problem in judge.problems:
        source.keep(negated(problem.when))
    source.keep(here)
    return source, VersionItems(index, rule.versions[index], bands)


def read_version(
    compilation: Compilation, rule: nodes.Rule, index: int
) -> tuple[Reads, tuple[tuple[PricedPart, ...], ...], Expr]:
    """Return what reads the rows of a version, with all that is read and why rows earn nothing; the parts
    of its pay; and whether a row is judged by this version."""
    version = rule.versions[index]
    judge, dated = read_source(compilation, rule)
    judge.convert = rule.convert
    source, judged_on = judge.source, judge.day
    columns = source.columns
    credit(judge, version, rule, index)
    own = own_reads(
        judge, source.expr("row.undoes"), source.num(EARNING) if EARNING in source.relation else None
    )
    if judge.earned is not None:
        own.earned = dated
    judge.converts_at = own.converts_at
    columns["fact_id"], columns["row.root"] = source["fact_id"], source["row.root"]
    if EARNING in source.relation:
        columns |= {name: source[name] for name in ("fact", LINE) if name in source.relation}
        if MOVED in source.relation:
            columns[MOVED] = source[MOVED]
    columns["dated"], columns["judged_on"] = Plain(dated), Plain(judged_on)
    columns["row.counts"], columns["row.undoes"] = source["row.counts"], source["row.undoes"]
    if "row.order_by" in source.relation:
        columns["row.order_by"] = source["row.order_by"]
    if len(rule.versions) > 1:
        columns["version"] = number(index)
    bands = _look_up(rule, version, judge, own)
    return judge, bands, _in_version(rule, index, judged_on)


def read_source(compilation: Compilation, rule: nodes.Rule) -> tuple[Reads, Expr]:
    """Return what reads the rows of a rule as they are judged, and the date of each."""
    match rule.source:
        case nodes.CalendarSource(kind=kind):
            source = From(rows_of(compilation, rule))
            judged_on = source.expr(DAY)
            judge = Reads(compilation, source, ROOT, judged_on, kind, key=PAYEE, earned=judged_on)
            return judge, judged_on
        case nodes.FactSource(kind=kind, event=named):
            source = From(facts_of(compilation, kind))
            event = compilation.kind(kind).event
            judge = Reads(compilation, source, ROOT, source.expr(ROOT + named), kind, key="row.root")
            judge.is_on_other_day = event is None or event.name != named
            return judge, dates_of(judge, rule)
        case nodes.EarningsSource():
            judge = line_reads(compilation, rule, compilation.relations["rows", rule.name])
            return judge, judge.source.expr(DATED)


# --- versions and credit -------------------------------------------------------------------------


def _in_version(rule: nodes.Rule, index: int, judged_on: Expr) -> Expr:
    """Return whether a version of the rule is in force on the date that a row is judged on."""
    tests = []
    start = rule.versions[index].start
    if start is not None:
        tests.append(compared(judged_on, ">=", day(start)))
    for later in rule.versions[index + 1 :]:
        if isinstance(later.start, date):
            tests.append(compared(judged_on, "<", day(later.start)))
            break
    if len(rule.versions) == 1:
        return TRUE
    # A row without a date is in no version; its outcome is that of the first.
    return first_given([all_of(tests), TRUE if index == 0 else FALSE])


# --- what is read --------------------------------------------------------------------------------


def _look_up(
    rule: nodes.Rule, version: nodes.Version, judge: Reads, own: OwnReads
) -> tuple[tuple[PricedPart, ...], ...]:
    """Read all that the rule needs, in the order of engines/reference/look_up.py."""
    columns = judge.source.columns
    within = days_of_rows(rule, judge.compilation.through)
    is_again = asks_again(rule, judge.compilation.plan)
    check_conditions(conditions_at_once(version) if is_again else version.conditions, judge)
    if is_again:
        add_not_yet(version, judge)
    if version.duration is not None:
        check_count(version.duration.span, judge)
        _inside(version.duration, judge)
    check_counts(version, judge)
    if rule.measure is not None:
        add_scope(rule.measure, judge, columns, rule, within)
        moves = moves_of(rule.measure, judge, own, rule)
        if moves is not None:
            columns["moves"] = moves
        # What had no target earned nothing, so what undoes it has nothing to take back.
        target_of(rule.measure.against, judge, Plain(judge.day))
        target = target_of(rule.measure.against, judge, columns["dated"])
        if target is not None:
            columns["target"] = target
        if isinstance(rule.measure.against, nodes.WeightedTarget):
            note_weighted(rule.measure, judge)
    add_award(rule, judge)
    bands = tuple(
        tuple(price(part, (band, place), judge, own, rule) for place, part in enumerate(pay.parts))
        for band, pay in enumerate(pays_of(version.rate))
    )
    if version.prorate is not None:
        add_prorated(version.prorate, judge)
    add_adjusters(rule, version, judge, follows(judge.source))
    add_goals(rule, judge, own)
    add_budget(rule, judge, own)
    add_first(rule, version, judge)
    check_schedule(version, judge)
    add_dates(version, judge)
    add_clawbacks(version, judge)
    if reads_in_total(version, judge.compilation.plan.tables):
        add_again(rule, version, judge)
    add_rate_day(rule, judge)
    readings = noted(judge.notes)
    if readings is not None:
        columns["readings"] = Plain(readings)
    return bands


def _inside(duration: nodes.ForSpan, judge: Reads) -> None:
    """Note down rows that lie outside `for … from`."""
    start = day_of(duration.anchor, judge)
    missing = text(f"{duration.text}: the date is missing")
    judge.problem(is_null(start), Reason.OUTSIDE_DURATION, missing)
    end = day_after(duration.anchor, duration.span, judge)
    before = compared(judge.day, "<", start)
    behind = all_of([is_given(end), surely(compared(judge.day, ">=", end))])
    until = first_given([joined([", before ", as_text(end)]), text("")])
    detail = joined([f"{duration.text}: ", as_text(judge.day), " is not from ", as_text(start), " on", until])
    judge.problem(any_of([before, behind]), Reason.OUTSIDE_DURATION, detail)


# --- outcomes ------------------------------------------------------------------------------------


def _outcomes(
    compilation: Compilation,
    rule: nodes.Rule,
    index: int,
    source: From,
    problems: list[Problem],
    here: Expr,
) -> None:
    """Note down why rows earn nothing: the first problem that each of them has."""
    found = From(source.relation, source.alias, list(source.joins), list(source.wheres))
    known = any_of([problem.when for problem in problems if not problem.has_payee])
    payee = source.columns["payee"]
    payee_kind = source.columns["payee_kind"]
    assert isinstance(payee, Plain) and isinstance(payee_kind, Plain)
    reason, detail = reason_columns(with_rates(problems, rule))
    found.columns = {
        "rule": Plain(text(rule.name)),
        "payee_kind": Plain(_unless(known, payee_kind.expr)),
        "payee": Plain(_unless(known, payee.expr)),
        "fact": fact_of(source, rule) if EARNING in source.relation else Plain(text(rule.fact_kind)),
        "fact_id": source["fact_id"],
        "dated": Plain(shown_date(source, rule)),
        "reason": Plain(reason),
        "detail": Plain(detail),
    }
    found.keep(any_of([problem.when for problem in problems]))
    found.keep(here)
    found.leave_unread_out()
    suffix = f"_{index + 1}" if len(rule.versions) > 1 else ""
    relation = compilation.add_written(
        f"{rule.name}_not_earning{suffix}", f"rule {rule.name}: rows that earn nothing", found, rule=rule
    )
    compilation.outcomes.append(relation)
    refuse_unrated_earnings(compilation, relation, problems, rule)


def _unless(test: Expr, value: Expr) -> Expr:
    return chosen([(test, text(""))], first_given([value, text("")]))
