"""Step 1, source: which rows of facts a rule looks at, and when each of them took place."""

from __future__ import annotations

from datetime import date

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.expressions import (
    FALSE,
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
    later,
    text,
)
from rulesengine.engines.sql.facts import KEPT_OUT, ROOT
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import Plain
from rulesengine.model.dates import END, DateRange
from rulesengine.plan import nodes


def dates_of(judge: Reads, rule: nodes.Rule) -> Expr:
    """Return the date of each row, and note down which rows are no rows of the rule.

    A row that undoes another is dated by its own event date, but never before the row it undoes, and is
    inside when that row is: `effective` judges, so it follows the row undone.
    """
    assert isinstance(rule.source, nodes.FactSource)
    source, event = judge.source, rule.source.event
    judged_on, dated = source.expr(ROOT + event), row_date(judge, event)
    left_out = source.expr(KEPT_OUT)
    judge.problem(is_given(left_out), Reason.NOT_COUNTED, left_out)
    judge.problem(is_null(dated), Reason.NO_EVENT_DATE, text(f"{event} is empty"))
    if source.expr("row.undoes") != FALSE:
        waits = joined([f"{event} of ", source.expr("row.root"), ", which it undoes, is empty"])
        judge.problem(is_null(judged_on), Reason.WAITS_FOR_UNDONE, waits)
    through = judge.compilation.through
    late = joined(["dated ", as_text(dated), f", run through {through}"])
    judge.problem(compared(dated, ">", day(through)), Reason.AFTER_THROUGH, late)
    within: DateRange = rule.effective
    outside = any_of([compared(judged_on, "<", day(within.start)), compared(judged_on, ">", day(within.end))])
    detail = joined([as_text(judged_on), f" is outside {within.start} through {within.end}"])
    judge.problem(outside, Reason.OUTSIDE_DATES, detail)
    return dated


def days_of_rows(rule: nodes.Rule, through: date) -> DateRange | None:
    """Return the days that all rows of a rule are dated on that earn, None where that is not known.

    A row that undoes another may be dated after the rule's last day, but never before its first.
    """
    if not isinstance(rule.source, nodes.FactSource) or through < rule.effective.start:
        return None
    return DateRange(rule.effective.start, through)


def row_date(judge: Reads, event: str) -> Expr:
    """Return when a row took place by one of its date fields.

    What undoes a row need not have every date of it; then its own event date counts. Nothing is taken
    back before it is earned, or a run up to that day would not know it yet.
    """
    source = judge.source
    own, judged_on = source.expr(event), source.expr(ROOT + event)
    if source.expr("row.undoes") == FALSE:
        return own
    declared = judge.compilation.kind(judge.kind).event
    others = [source.expr(declared.name)] if declared is not None and declared.name != event else []
    came = first_given([own, *others, day(END)])
    return chosen([(is_null(judged_on), own)], later(came, judged_on))


def shown_date(source: From, rule: nodes.Rule) -> Expr:
    """Return the date that a row which earns nothing is shown with: of those left out it is their own."""
    if not isinstance(rule.source, nodes.FactSource):
        return _dated(source)
    own, left_out = source.expr(rule.source.event), is_given(source.expr(KEPT_OUT))
    return chosen([(all_of([source.expr("row.undoes"), left_out]), own)], _dated(source))


def _dated(source: From) -> Expr:
    dated = source.columns["dated"]
    assert isinstance(dated, Plain)
    return dated.expr
