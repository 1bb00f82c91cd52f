"""Where a running total runs: its keys, and the window that a row's date lies in."""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.credited_kinds import all_kinds_credited
from rulesengine.engines.sql.dates import label_within, window_label, window_start
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    as_text,
    chosen,
    compared,
    day,
    integer,
    is_null,
    joined,
    text,
)
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.shown import key_text
from rulesengine.engines.sql.values import Plain, Value, expr_of
from rulesengine.model.dates import END, MONTHS_OF, DateRange, WindowKind
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AggregateKind

COUNTS_IN = "counts_in."
"""Before the names of columns of the window of the row that judges, where that is another scope."""
ORDER = ("dated", "row.order_by", "fact_id", "line", "turn")
"""What items of one kind are in order by, as far as they have these columns."""


def in_order(source: From) -> list[Expr]:
    """Return what the items of a relation are in order by."""
    found = [source[name] for name in ORDER if name in source.relation]
    return [expr_of(each) for each in found if not is_literal(each)]


def add_scope(
    measure: nodes.Measure,
    judge: Reads,
    columns: dict[str, Value],
    rule: nodes.Rule,
    within: DateRange | None = None,
) -> None:
    """Add the columns of a measure's scope: `key_1`… as texts, `window_start`, `window_label`, and
    `scope_label`, the keys as lines show them.

    Args:
        measure: whose scope it is.
        judge: reads the keys.
        columns: have the date `dated`, and take the scope.
        rule: has the measure, or stands for the rows that move a named one.
        within: the days that `dated` is known to lie in, where it is.
    """
    shown = []
    read_by = measure.keys if measure.read_by is None else measure.read_by
    for number, (key, by) in enumerate(zip(measure.keys, read_by, strict=True), start=1):
        value = Plain(key_of(by, judge, rule) if measure.name is None else key_of_named(by, judge))
        columns[f"key_{number}"] = value
        if not is_payee(key):
            shown.append(joined([f"{key.text}=", value.expr]))
    pieces = [piece for each in shown for piece in (", ", each)][1:]
    columns["scope_label"] = Plain(joined(pieces) if pieces else text(""))
    dated = columns["dated"]
    assert isinstance(dated, Plain)
    add_window(measure.window, dated.expr, judge, columns, within)


def add_window(
    window: nodes.MeasureWindow,
    dated: Expr,
    judge: Reads,
    columns: dict[str, Value],
    within: DateRange | None = None,
) -> None:
    """Add the columns of the window of a date, `window_start` and `window_label`, or the key `key_row` of a
    window that is one row and the rows that undo it."""
    plan = judge.compilation.plan
    match window:
        case nodes.PerFact():
            columns["key_row"] = judge.source["row.root"]
            columns["window_label"] = Plain(text(""))
        case nodes.Anniversary():
            anchor = anchor_of(window, dated, judge)
            start, _, label = window_from(window, anchor, dated)
            columns["window_start"] = Plain(start)
            # Windows that begin on one day may be counted from several.
            columns["key_window"] = columns["window_label"] = Plain(label)
        case _:
            columns["window_start"] = Plain(window_start(dated, window, plan.fiscal, plan.effective))
            label = (
                window_label(dated, window, plan.fiscal)
                if within is None
                else label_within(dated, window, plan.fiscal, plan.effective, within)
            )
            columns["window_label"] = Plain(label)


def add_counts_in(measure: nodes.Measure, judge: Reads, undoes: Expr) -> None:
    """Add the columns of the window in which a value counts, for a count of distinct ones: that of the row
    which judges, behind `COUNTS_IN`."""
    window = measure.window
    if measure.aggregate.kind is not AggregateKind.COUNT_DISTINCT or undoes == FALSE:
        return
    columns, plan = judge.source.columns, judge.compilation.plan
    match window:
        case nodes.PerFact():
            return
        case nodes.Anniversary():
            anchor = judge.read(window.anchor)
            assert isinstance(anchor, Plain)
            start, _, label = window_from(window, anchor.expr, judge.day)
            columns[f"{COUNTS_IN}key_window"] = Plain(label)
        case _:
            start = window_start(judge.day, window, plan.fiscal, plan.effective)
    columns[f"{COUNTS_IN}window_start"] = Plain(start)


def anchor_of(window: nodes.Anniversary, dated: Expr, judge: Reads) -> Expr:
    """Return the date of the payee or row that windows are counted from; a row before the first of them
    earns nothing, nor does one that undoes it."""
    value = judge.read(window.anchor)
    assert isinstance(value, Plain)
    anchor, name = value.expr, window.anchor.text
    judge.problem(is_null(anchor), Reason.BEFORE_FIRST_WINDOW, text(f"{name} is missing"))
    for date in dict.fromkeys((dated, judge.day)):
        early = joined([as_text(date), " is before ", as_text(anchor), f", {name}"])
        judge.problem(compared(date, "<", anchor), Reason.BEFORE_FIRST_WINDOW, early)
    return anchor


def window_from(window: nodes.Anniversary, anchor: Expr, dated: Expr) -> tuple[Expr, Expr, Expr]:
    """Return the first day, the last day and the label of the window, counted from a date, that a day lies in
    (model/dates.py, `anniversary_of`)."""
    if window.unit is WindowKind.WEEK:
        index = _int("div", _int("days between", anchor, dated), integer(7))
        start = Call("days after", (anchor, _int("*", integer(7), index)), Sort.DATE)
        end = Call("days after", (start, integer(6)), Sort.DATE)
    else:
        size = integer(MONTHS_OF[window.unit])
        years = _int("-", _int("year", dated), _int("year", anchor))
        months = _int("-", _int("month", dated), _int("month", anchor))
        whole = _int("div", _int("+", _int("*", integer(12), years), months), size)
        begun = Call("months after", (anchor, _int("*", whole, size)), Sort.DATE)
        index = chosen([(compared(begun, ">", dated), _int("-", whole, integer(1)))], whole)
        start = Call("months after", (anchor, _int("*", index, size)), Sort.DATE)
        following = Call("months after", (anchor, _int("*", _int("+", index, integer(1)), size)), Sort.DATE)
        end = Call("days after", (following, integer(-1)), Sort.DATE)
    number = as_text(_int("+", index, integer(1)))
    last = chosen([(compared(end, ">", day(END)), day(END))], end)
    return start, last, joined([f"{window.unit} ", number, " from ", as_text(anchor)])


def key_of(key: nodes.FieldRead, judge: Reads, rule: nodes.Rule) -> Expr:
    """Return the value of a key as a text; the payee with its kind, where the rule credits payees of several.

    All versions of a rule have one form of it, since its totals run on across amendments.
    """
    found = key_text(judge.read(key))
    is_credited = key.root is nodes.Root.PAYEE and not key.names
    if is_credited and len(all_kinds_credited(judge.compilation.plan, rule)) > 1:
        kind = judge.source.columns["payee_kind"]
        assert isinstance(kind, Plain)
        return joined([kind.expr, "\x1f", found])
    return found


def key_of_named(key: nodes.FieldRead, judge: Reads) -> Expr:
    """Return the value of a key of a named measure, which rules with payees of other kinds read too: the
    payee is always with its kind."""
    if key.root is nodes.Root.PAYEE and not key.names:
        kind: Expr = text(judge.payee_kind)
        if not judge.payee_kind:
            found = judge.source.columns["payee_kind"]
            assert isinstance(found, Plain)
            kind = found.expr
        return joined([kind, "\x1f", key_text(judge.read(key))])
    if not key.names and judge.kind in judge.compilation.book.payees:
        return joined([text(judge.kind), "\x1f", key_text(judge.read(key))])
    return key_text(judge.read(key))


def scope_columns(relation: Relation) -> list[str]:
    """Return the columns that make up the scope of a measure."""
    return [name for name in relation.columns if name.startswith("key_") or name == "window_start"]


def _int(name: str, *args: Expr) -> Expr:
    return Call(name, args, Sort.INT)


def is_payee(key: nodes.FieldRead) -> bool:
    """Whether a key is the payee: who is credited, or, read as `payee`, who the row is."""
    return not key.names and (key.root is nodes.Root.PAYEE or key.text == "payee")
