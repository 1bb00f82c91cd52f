"""What decides when awards are payable, read on the rows that they are earned on.

The dates of an award are read as its row is judged, so they are columns of the items (`due.…`) that all
later steps keep: a date that months are counted from and how many are added before, so that months are
clamped once; the day until which nothing is paid; the stop that comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import partial

from rulesengine.engines.field_reads import reads_of_schedule
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import rule_named
from rulesengine.engines.sql.dates import after, count_of, day_of
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Case,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    null,
    surely,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.values import Number, Plain, add, compare, known, multiply, number, otherwise
from rulesengine.model.dates import SpanUnit, months_in
from rulesengine.model.schema import MOST_PARTS
from rulesengine.plan import nodes
from rulesengine.plan.rate_days import later_rate

DUE = "due."
HOLD, STOP, STOP_PAYS = f"{DUE}hold", f"{DUE}stop", f"{DUE}stop_pays"
SPLIT = f"{DUE}split"
RATED = "row.rated"
"""Column of items and of what they earn: the last day whose rate an amount of the row was converted at."""


def released(index: int) -> str:
    """Return what the columns of a part of a `release` begin with."""
    return f"{DUE}release_{index + 1}"


def is_dated(rule: nodes.Rule, plan: nodes.Plan) -> bool:
    """Whether anything of a row but its own date decides when its awards are payable."""
    return any(map(has_dates, rule.versions)) or later_rate(rule, partial(rule_named, plan)) is not None


def has_dates(version: nodes.Version) -> bool:
    """Whether anything but its own date decides when an award is payable."""
    return bool(version.split or version.hold or version.release or version.stops or version.clawbacks)


def check_counts(version: nodes.Version, judge: Reads) -> None:
    """Note down rows whose numbers of parts or months are none; fields were looked at by intake."""
    lengths = [version.split.span] if version.split is not None else []
    for part in version.release.parts if version.release is not None else ():
        if isinstance(part.when, nodes.Spread):
            lengths.append(part.when.span)
    lengths += [clause.unearned.span for clause in version.clawbacks if clause.unearned]
    for span in lengths:
        check_count(span, judge)


def check_count(span: nodes.Length, judge: Reads) -> None:
    """Note down rows on which a number of parts or months is no whole number from 1 to 1,200."""
    if isinstance(span.count, nodes.Constant):
        return
    count = judge.number(span.count)
    derived = judge.compilation.plan.derived
    if all(each.name != span.count.names[-1] for fields in derived.values() for each in fields):
        return
    tests = [compare(count, "<", number(1)), compare(count, ">", number(MOST_PARTS))]
    if count.scale:
        unit = integer(10**count.scale)
        tests.append(compared(Call("mod", (count.top, unit), count.top.sort), "<>", integer(0)))
    judge.problem(any_of(tests), Reason.NO_COUNT, joined([f"{span.count.text} is ", grouped(count)]))


def check_schedule(version: nodes.Version, judge: Reads) -> None:
    """Note down rows for which what decides when an award is payable cannot be read: they earn nothing."""
    for read in reads_of_schedule(version):
        judge.value(read)


def add_dates(version: nodes.Version, judge: Reads) -> None:
    """Add the columns that decide when an award of the row is payable."""
    columns = judge.source.columns
    # What cannot be read has been noted down.
    reads = copy(judge)
    reads.problems, reads.guards = [], []
    if version.hold is not None:
        columns[HOLD] = Plain(day_of(version.hold, reads))
    if version.split is not None:
        _spread(SPLIT, version.split.span, version.split.anchor, reads)
    for index, part in enumerate(version.release.parts if version.release is not None else ()):
        match part.when:
            case nodes.Spread(span=span, anchor=anchor):
                _spread(released(index), span, anchor, reads)
            case nodes.Reaches(target=target):
                columns[f"{released(index)}_target"] = otherwise(reads.number(target), number(0))
                # What comes in is for this row, also where the award stands on none: a place of a rank.
                columns[f"{released(index)}_owner"] = Plain(reads.source.expr("row.root"))
            case anchor:
                columns[f"{released(index)}_on"] = Plain(day_of(anchor, reads))
    _first_stop(version, reads)


def add_rate_day(rule: nodes.Rule, judge: Reads) -> None:
    """Add the last day whose rate was used for the row, or for the line of another rule that it is."""
    if later_rate(rule, partial(rule_named, judge.compilation.plan)) is None:
        return
    rated: Expr = null(Sort.DATE)
    if RATED in judge.source.relation:
        rated = judge.source.expr(RATED)
    for on in dict.fromkeys(on for _, on in judge.rate_days):
        is_used = any_of([test for test, each in judge.rate_days if each == on])
        rated = last_of(rated, chosen([(is_used, on)], null(Sort.DATE)))
    judge.source.columns[RATED] = Plain(rated)


def last_of(first: Expr, second: Expr) -> Expr:
    """Return the later of two dates, either where the other is missing."""
    if first == null(Sort.DATE):
        return second
    is_later = any_of([is_null(first), surely(compared(second, ">", first))])
    return chosen([(is_later, second)], first)


def not_before_rates(compilation: Compilation, lines: Relation, rule: nodes.Rule) -> Relation:
    """Return the lines of a rule, payable no earlier than the rate of their row was there."""
    if RATED not in lines:
        return lines
    source = From(lines)
    source.take_all(without=(RATED,))
    _not_before(source, source.expr(RATED))
    comment = f"rule {rule.name}: payable no earlier than the rates of its rows are there"
    return compilation.add(f"{rule.name}_rated", comment, source, rule=rule)


def not_before_budget(compilation: Compilation, lines: Relation, rule: nodes.Rule) -> Relation:
    """Return the lines of a rule, payable no earlier than the budget they share is divided.

    A `stop` that pays out and a clawback have days of their own, and what they come to is not known before.
    """
    has_own_days = any(version.stops or version.clawbacks for version in rule.versions)
    if rule.budget is None or rule.budget.ends_on is None or not has_own_days:
        return lines
    source = From(lines)
    source.take_all()
    _not_before(source, day(rule.budget.ends_on))
    comment = f"rule {rule.name}: payable no earlier than its budget is divided"
    return compilation.add(f"{rule.name}_waiting", comment, source, rule=rule)


def _not_before(source: From, least: Expr) -> None:
    """Change dates that lie before another; what has no date yet waits on."""
    for name in ("payable_on", "due_on"):
        if name in source.relation:
            on = source.expr(name)
            is_later = all_of([is_given(on), surely(compared(least, ">", on))])
            source.columns[name] = Plain(chosen([(is_later, least)], on))


def _spread(name: str, span: nodes.Length, anchor: nodes.Anchor, reads: Reads) -> None:
    """Add where the parts are counted from, how many months before the first, and how many there are."""
    columns = reads.source.columns
    columns[f"{name}_count"] = otherwise(_count(span, reads), number(1))
    months = number(0)
    if months_in(span.unit) is not None:
        while isinstance(anchor, nodes.DateAfter):
            per_unit = months_in(anchor.span.unit)
            if per_unit is None:
                break
            months = add(months, multiply(_count(anchor.span, reads), number(per_unit)))
            anchor = anchor.anchor
    columns[f"{name}_from"] = Plain(day_of(anchor, reads))
    columns[f"{name}_months"] = months


def _count(span: nodes.Length, reads: Reads) -> Number:
    if isinstance(span.count, nodes.Constant):
        return reads.number(span.count)
    value = reads.number(span.count)
    return Number(count_of(span, reads), 0, min(value.most // 10**value.scale, MOST_PARTS))


def _first_stop(version: nodes.Version, reads: Reads) -> None:
    """Add the day of the `stop` that comes first, of two on one day the first written, and what it does."""
    stops = [stop for stop in version.stops if not never_comes(stop.read, reads)]
    if not stops:
        return
    on: Expr = null(Sort.DATE)
    pays: Expr = FALSE
    for stop in stops:
        found = reads.expr(stop.read)
        is_first = TRUE if stop is stops[0] else surely(any_of([is_null(on), compared(found, "<", on)]))
        is_it = all_of([is_given(found), is_first])
        pays = chosen([(is_it, TRUE if stop.then is nodes.StopThen.PAY_OUT else FALSE)], pays)
        on = found if stop is stops[0] else chosen([(is_it, found)], on)
    reads.source.columns[STOP] = Plain(on)
    if all(stop.then is stops[0].then for stop in stops):
        pays = TRUE if stops[0].then is nodes.StopThen.PAY_OUT else FALSE
    reads.source.columns[STOP_PAYS] = Plain(pays)


def never_comes(read: nodes.FieldRead, reads: Reads) -> bool:
    """Whether no row of the facts has the date, so that nothing has to be looked at."""
    table = reads.compilation.book.facts.get(reads.kind)
    if read.root is not nodes.Root.ROW or len(read.names) != 1 or table is None:
        return False
    column = table.columns.get(read.names[0])
    return column is not None and column.is_empty


# --- days of parts -------------------------------------------------------------------------------


def day_of_part(source: From, name: str, unit: SpanUnit, part: Number) -> Expr:
    """Return the day that a part of a spread is dated, null while what it is counted from is missing."""
    start = source.expr(f"{name}_from")
    months = months_in(unit)
    if months is None:
        return after(start, part.top, unit)
    count = add(source.num(f"{name}_months"), multiply(part, number(months)))
    if known(count) == 0:
        return start
    return after(start, count.top, SpanUnit.MONTH)


def due_on(version: nodes.Version, source: From, found: Expr, first: Expr) -> Expr:
    """Return when something is due that is dated so: not before the hold, nor before the row's own date."""
    on = later(found, first)
    return latest(on, source.expr(HOLD)) if version.hold is not None else on


def later(found: Expr, least: Expr) -> Expr:
    """Return a date, or the least where it lies before; null where it is missing."""
    if found == least:
        return found
    return Case(((compared(found, "<", least), least),), found, Sort.DATE)


def latest(first: Expr, second: Expr) -> Expr:
    """Return the later of two dates, null where either is missing."""
    return chosen([(is_null(second), null(Sort.DATE))], later(first, second))


def first_day(source: From, rule: nodes.Rule) -> Expr:
    """Return the day before which nothing of an award is due: that of the row it is judged by, and of a
    budget that is divided at its end that day.

    A row that follows another shares the due dates of that row; it is not paid before its own date.
    """
    earned_on = earned_day(source)
    is_later = follows(source)
    if is_later == FALSE:
        return earned_on
    judged_on = source.expr("judged_on")
    if rule.budget is not None and rule.budget.ends_on is not None:
        judged_on = later(judged_on, day(rule.budget.ends_on))
    return chosen([(is_later, judged_on)], earned_on)


def earned_day(source: From) -> Expr:
    """Return the day on which an award is earned, or on which it becomes payable where a step said so."""
    earned_on = source.expr("earned_on")
    if "payable_on" in source.relation:
        return first_given([source.expr("payable_on"), earned_on])
    return earned_on


def dated_columns(source: From) -> Iterator[str]:
    """Yield the columns of a relation that decide when its awards are payable."""
    return (name for name in source.relation.columns if name.startswith(DUE))
