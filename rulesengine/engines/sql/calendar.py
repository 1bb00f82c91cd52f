"""Step 1, source, for the rows of a calendar: one for each payee of a kind and each window.

The relation has the columns of facts, so that rules read both alike: the fields of the payee stand where
those of a row would. Beside them: `@payee`, its key; `@first` and `@last`, the days of the whole window.
"""

from __future__ import annotations

from datetime import date

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.derived import derived_columns
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Sort,
    all_of,
    chosen,
    compared,
    day,
    equal,
    first_given,
    integer,
    is_given,
    joined,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import COUNTS, KEPT_OUT, ORDER, ROOT
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import Number, Plain, Value, number
from rulesengine.model.dates import END, SpanUnit, Window, add_span, window_of
from rulesengine.model.stored_book import FIRST_DAY, LAST_DAY
from rulesengine.plan import nodes

DAY = "@day"
"""The date of a row: the last day of its window, or the rule's last day inside it."""
PAYEE = "@payee"
FIRST, LAST = "@first", "@last"
SINCE = "@since"
"""The day of the payee's row before, or the day before the rule begins; where a rule asks for it."""
_LABEL = "@label"


def rows_of_calendar(compilation: Compilation, rule: nodes.Rule) -> Relation:
    """Return a row for each payee and each window that is over by the last day of the run.

    A payee has no row on a day on which its history fields have no values yet.
    """
    assert isinstance(rule.source, nodes.CalendarSource)
    kind = rule.source.kind
    shape = compilation.kind(kind)
    windows = windows_of(compilation, rule)
    source = From(compilation.payees(kind))
    key = source.expr(shape.key.name)
    each = source.join_on(_days(compilation, rule, windows))
    source.close(each, TRUE, is_left=False)
    if not windows:
        source.keep(FALSE)
    on = each.expr(DAY)
    fields: dict[str, Value] = {
        field.name: source[field.name] for field in shape.fields if not field.is_history
    }
    if shape.has_history:
        values = source.join_on(compilation.history(kind))
        tests = [equal(values.expr(shape.key.name), key)]
        tests += [compared(values.expr(FIRST_DAY), "<=", on), compared(on, "<=", values.expr(LAST_DAY))]
        source.close(values, all_of(tests), is_left=False)
        fields |= {field.name: values[field.name] for field in shape.fields if field.is_history}
    reads = Reads(compilation, source, "", on, kind, key=shape.key.name, derived=dict(fields))
    for derived in compilation.plan.derived.get(kind, ()):
        fields |= derived_columns(derived, reads)
    columns = source.columns
    columns |= fields
    columns |= {ROOT + name: value for name, value in fields.items()}
    name = Plain(joined([key, " ", each.expr(_LABEL)]))
    columns |= {"fact_id": name, "row.root": name, PAYEE: Plain(key), ORDER: Plain(key)}
    columns |= {each_: each[each_] for each_ in (DAY, FIRST, LAST)}
    if rule.measure is not None and rule.measure.read_by is not None:
        earlier = over("lag", [on], partition=[key], order=[on], sort=Sort.DATE)
        columns[SINCE] = Plain(first_given([earlier, day(_day_before(rule.effective.start))]))
    columns |= {"row.undoes": Plain(FALSE), COUNTS: number(1), KEPT_OUT: Plain(null(Sort.TEXT))}
    comment = f"rule {rule.name}: {rule.source.rows}, a row for each window that is over"
    return compilation.add(f"{rule.name}_rows", comment, source, rule=rule)


def add_prorated(prorate: nodes.Prorate, judge: Reads) -> None:
    """Add `days` and `days_of`, those of the window's days that count and all of them; null where all do."""
    columns = judge.source.columns
    start, end = judge.read(prorate.start), judge.read(prorate.end)
    assert isinstance(start, Plain) and isinstance(end, Plain)
    bounds = judge.column(FIRST), judge.column(LAST)
    assert isinstance(bounds[0], Plain) and isinstance(bounds[1], Plain)
    first, last = bounds[0].expr, bounds[1].expr
    until = first_given([end.expr, day(END)])
    begins = chosen([(compared(start.expr, ">", first), start.expr)], first)
    ends = chosen([(compared(until, "<", last), until)], last)
    inside = _days_through(begins, ends)
    counted = chosen([(compared(inside, ">", integer(0)), inside)], integer(0))
    of = _days_through(first, last)
    is_cut = all_of([is_given(start.expr), compared(counted, "<>", of)])
    most = 366 * 10_000
    columns["days"] = Number(chosen([(is_cut, counted)], null(Sort.INT)), 0, most)
    columns["days_of"] = Number(chosen([(is_cut, of)], null(Sort.INT)), 0, most)


def _day_before(found: date) -> date:
    return found if found == date.min else add_span(found, -1, SpanUnit.DAY)


def _days_through(first: Expr, last: Expr) -> Expr:
    return Call("+", (Call("days between", (first, last), Sort.INT), integer(1)), Sort.INT)


def windows_of(compilation: Compilation, rule: nodes.Rule) -> list[Window]:
    """Return the windows that are over, or that the rule ends in, by the last day of the run."""
    assert isinstance(rule.source, nodes.CalendarSource)
    plan, within = compilation.plan, rule.effective
    found: list[Window] = []
    on = within.start
    while on <= within.end:
        window = window_of(on, rule.source.window, plan.fiscal, plan.effective)
        end = min(window.end, within.end)
        if end > compilation.through:
            break
        found.append(window)
        if end == END:
            break
        on = add_span(end, 1, SpanUnit.DAY)
    return found


def _days(compilation: Compilation, rule: nodes.Rule, windows: list[Window]) -> Relation:
    """Return the windows as rows of literals; one that nobody has a row for stands in for none."""
    end = rule.effective.end
    rows = [
        (day(window.start), day(window.end), day(min(window.end, end)), text(window.label))
        for window in windows
    ] or [(day(end), day(end), day(end), text(""))]
    columns: dict[str, Value] = {name: Plain(null(Sort.DATE)) for name in (FIRST, LAST, DAY)}
    columns[_LABEL] = Plain(null(Sort.TEXT))
    assert isinstance(rule.source, nodes.CalendarSource)
    comment = f"rule {rule.name}: each {rule.source.window} that is over"
    return compilation.add_rows(f"{rule.name}_windows", comment, columns, rows)
