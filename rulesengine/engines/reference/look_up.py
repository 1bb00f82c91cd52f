"""Step 3, look up: everything a rule reads for a credited row, as of the row's date.

After this step no rule reads the book again: the later steps are arithmetic on what is here.
"""

from __future__ import annotations

from datetime import date

from rulesengine.engines.exchange import Converted
from rulesengine.engines.measures import pays_of
from rulesengine.engines.reference.amounts import counted, judged_from, moves_of, own_converted, own_view
from rulesengine.engines.reference.conditions import first_failure
from rulesengine.engines.reference.credit import Credited
from rulesengine.engines.reference.first_rows import first_keys
from rulesengine.engines.reference.keys import counts_in_of, keys_of, scope_of
from rulesengine.engines.reference.look_up_limits import adjusters_of, other_limits
from rulesengine.engines.reference.price import paid_of_measure, price
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import EarnsNothing, Item, Row, Scope
from rulesengine.engines.reference.targets import target_of
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Reason
from rulesengine.model.change import replace
from rulesengine.model.dates import WindowKind
from rulesengine.model.exact import ONE, ZERO, Exact, grouped
from rulesengine.model.schema import MOST_PARTS
from rulesengine.plan import nodes
from rulesengine.plan.nodes import CreditShareOf


def look_up(rule: nodes.Rule, row: Row, turn: int, credited: Credited, reader: Reader) -> Item:
    """Return the item of a credited row.

    Raises:
        EarnsNothing: a condition fails, the row lies outside `for`, there is no quota, or packages
            have no size.
        NoValue: a payee that it reads has no values on the row's date.
        NoRate: an amount that it reads is in another currency, and there is no rate for it.
        RateToCome: likewise, and the day of the rate is not known or not there yet.
    """
    payee, share = credited.payee, credited.share
    judge = judged_from(row, payee, credited.level)
    version = rule.version_on(row.judged_on)
    at_once, again = reader.known.conditions_of(version)
    failure = first_failure(at_once, reader, judge)
    if failure is not None:
        raise EarnsNothing(Reason.CONDITION, failure)
    not_yet = first_failure(again, reader, judge) or ""
    if version.duration is not None:
        _check_count(version.duration.span, judge, reader)
        _inside(version.duration, row, judge, reader)
    for span in _parts(version):
        _check_count(span, judge, reader)
    own = own_view(row, judge)
    measure = rule.measure
    scope: Scope | None = None
    counts_in: Scope | None = None
    moves: Exact = ZERO
    value = ""
    target: Exact | None = None
    paid_share: Exact = ONE
    converted: Converted | None = None
    moved_at: list[date] = []
    if measure is not None:
        keys = measure.keys if measure.read_by is None else measure.read_by
        scope = scope_of(keys, measure.window, row, judge, reader)
        if measure.read_by is None:
            moved, own_of = row, own
            if measure.rows is not None:
                # A named measure converts by its own clause, whether or not the rule pays of amounts.
                moved = replace(row, convert=measure.rows.convert)
                own_of = own_view(moved, judged_from(moved, payee, credited.level))
            moves = moves_of(measure.aggregate, moved, share, own_of, reader)
            converted = own_converted(measure.aggregate.read, moved, own_of, reader)
            moved_at = own_of.rate_days or []
            value = counted(measure.aggregate, judge, reader)
            counts_in = counts_in_of(measure, row, judge, reader)
        if row.is_reversal:
            # What had no target earned nothing, so there is nothing to take back.
            target_of(measure.against, row.judged_on, row.judged_on, judge, reader)
        target = target_of(measure.against, row.dated, row.judged_on, judge, reader)
        if isinstance(measure.against, nodes.WeightedTarget) and judge.notes is not None:
            moment = (row.dated, row.order)
            parts = reader.reads_totals().weighted(measure.against, scope, moment, row.judged_on, judge)
            judge.notes.append(f"{measure.text}: {parts}")
        if measure.aggregate.share is CreditShareOf.FULL or measure.read_by is not None:
            # A total of full amounts sets the level; what is paid is still the payee's share. So it
            # is with what a row of a calendar brings.
            paid_share = share
    if rule.rank is not None:
        ranked = rule.rank.measure
        scope = scope_of(ranked.keys, WindowKind.LIFETIME, row, judge, reader)
        if ranked.name is None:
            moves = moves_of(ranked.aggregate, row, share, own, reader)
            value = counted(ranked.aggregate, judge, reader)
    if rule.award is not None and isinstance(rule.award.whom, nodes.MembersAlike):
        reader.read(rule.award.whom.read, judge)  # whoever has no team yet has no members either
    budget = rule.budget
    bands = tuple(
        tuple(
            paid_of_measure(price(part, row, share, judge, own, reader), measure, target, paid_share)
            for part in pay.parts
        )
        for pay in pays_of(version.rate)
    )
    adjusters = adjusters_of(version, row, share, judge, reader)
    item = Item(
        row=row,
        payee=payee,
        turn=turn,
        place=credited.place,
        level=credited.level,
        share=share,
        version=version,
        version_index=next(index for index, each in enumerate(rule.versions) if each is version),
        scope=scope,
        moves=moves,
        counted=value,
        counts_in=counts_in,
        target=target,
        converted=converted,
        bands=bands,
        adjusters=adjusters,
        other_limits=other_limits(rule, version, row, judge, reader),
        goal_scopes=tuple(
            scope_of(goal.measure.keys, WindowKind.LIFETIME, row, judge, reader) for goal in rule.goals
        ),
        goal_moves=tuple(
            ZERO if goal.measure.name else moves_of(goal.measure.aggregate, row, share, own, reader)
            for goal in rule.goals
        ),
        goal_counted=tuple(
            "" if goal.measure.name else counted(goal.measure.aggregate, judge, reader) for goal in rule.goals
        ),
        goal_least=tuple(reader.quantity(goal.least, judge) for goal in rule.goals),
        budget_keys=keys_of(budget.keys, judge, reader) if budget else (),
        budget_on=_budget_date(budget, row, own, reader),
        first_keys=first_keys(rule, version, judge, reader),
        not_yet=not_yet,
        readings=tuple(judge.notes or ()),
    )
    for read in reader.known.schedule_of(version):
        reader.read(read, judge)  # the schedule reads it again, when it is too late to earn nothing
    rated_on = max((*(judge.rate_days or ()), *moved_at, *_given(row.rated_on)), default=None)
    return item if rated_on is None else replace(item, rated_on=rated_on)


def _given(day: date | None) -> tuple[date, ...]:
    return () if day is None else (day,)


def _parts(version: nodes.Version) -> list[nodes.Length]:
    """Return the numbers of parts that an award is cut into."""
    spreads = [part.when for part in version.release.parts] if version.release else []
    lengths = [spread.span for spread in spreads if isinstance(spread, nodes.Spread)]
    lengths += [clause.unearned.span for clause in version.clawbacks if clause.unearned]
    return [version.split.span, *lengths] if version.split is not None else lengths


def _check_count(span: nodes.Length, judge: View, reader: Reader) -> None:
    """Refuse a derived number of parts or months that is none; fields were looked at by intake."""
    if isinstance(span.count, nodes.Constant):
        return
    count = reader.quantity(span.count, judge)
    if count != int(count) or not 1 <= count <= MOST_PARTS:
        raise EarnsNothing(Reason.NO_COUNT, f"{span.count.text} is {grouped(count)}")


def _inside(duration: nodes.ForSpan, row: Row, judge: View, reader: Reader) -> None:
    start = reader.day_of(duration.anchor, judge)
    if start is None:
        raise EarnsNothing(Reason.OUTSIDE_DURATION, f"{duration.text}: the date is missing")
    end = reader.after(duration.anchor, duration.span, judge)
    if row.judged_on < start or (end is not None and row.judged_on >= end):
        until = f", before {end}" if end else ""
        raise EarnsNothing(
            Reason.OUTSIDE_DURATION, f"{duration.text}: {row.judged_on} is not from {start} on{until}"
        )


def _budget_date(budget: nodes.Budget | None, row: Row, own: View, reader: Reader) -> date | None:
    if budget is None or budget.first_come is None:
        return None
    found = reader.read(budget.first_come, own)
    return found if isinstance(found, date) else row.dated
