"""What moves a named measure: rows of its own, credited, each with where its total runs."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.amounts import own_reads
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import check_conditions
from rulesengine.engines.sql.credit import credit
from rulesengine.engines.sql.expressions import (
    FALSE,
    Sort,
    any_of,
    chosen,
    compared,
    day,
    equal,
    integer,
    negated,
    over,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.items import moves_of_row
from rulesengine.engines.sql.most import most_items
from rulesengine.engines.sql.reads import Problem, Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import add_scope
from rulesengine.engines.sql.source import dates_of
from rulesengine.engines.sql.values import Number, Plain
from rulesengine.model.change import replace
from rulesengine.model.dates import BEGINNING, END, DateRange, WindowKind
from rulesengine.plan import nodes


def moves_of(compilation: Compilation, measure: nodes.Measure, within: DateRange) -> Relation:
    """Return what moves a named measure, for its rows within some dates; the stage is made once.

    The columns are those of items: `fact_id`, `row.root`, `dated`, `judged_on`, `row.counts`, `row.undoes`,
    `row.order_by`, `payee_kind`, `payee`, `turn`; `key_1`…, `window_start`, `window_label`, `moves`. A row
    that cannot be read moves nothing, nor do the payees of it that come after the one for whom it cannot.
    """
    assert measure.name is not None
    name = f"moves_{measure.name}" if within == dates_of_measure(compilation, measure) else ""
    name = name or f"moves_{measure.name}_{within.start}_{within.end}"
    if name not in compilation.relations:
        compilation.relations[name] = _moves(compilation, measure, within, name)
    return compilation.relations[name]


def moves_in_window(
    compilation: Compilation, measure: nodes.Measure, window: DateRange, name: str
) -> Relation:
    """Return what moves a named measure in the window of a rule with goals or a rank, as `moves_of` does.

    A row that undoes one in the window, but comes after it, moves no goal and no rank.

    Args:
        measure: with the keys of the goal or rank, which need not be its own.
        name: of the stage.
    """
    moves = _moves(compilation, measure, window, name)
    if From(moves).expr("row.undoes") == FALSE:
        return moves
    source = From(moves)
    source.take_all()
    source.keep(compared(source.expr("dated"), "<=", day(window.end)))
    comment = f"measure {measure.name}: what moves it by {window.end}"
    return compilation.add(f"{name}_in_window", comment, source)


def dates_of_measure(compilation: Compilation, measure: nodes.Measure) -> DateRange:
    """Return the dates of the rows that a measure counts, whatever rule uses it."""
    if measure.rows is not None and measure.rows.effective is not None:
        return measure.rows.effective
    is_lifetime = measure.window is WindowKind.LIFETIME
    return DateRange(BEGINNING, END) if is_lifetime else compilation.plan.effective


def most_moves(compilation: Compilation, measure: nodes.Measure) -> int:
    """Return how many moves of a named measure there are at most."""
    rule = as_rule(compilation.plan, measure, compilation.plan.effective, "")
    return most_items(compilation, rule)


def _moves(compilation: Compilation, measure: nodes.Measure, within: DateRange, name: str) -> Relation:
    judge, seen = read_moves(compilation, measure, within, name)
    source = judge.source
    for problem in judge.problems[:seen]:
        source.keep(negated(problem.when))
    comment = f"measure {measure.name} ({measure.origin}): what moves it"
    if is_literal(source.columns["turn"]):
        for problem in judge.problems[seen:]:
            source.keep(negated(problem.when))
        return compilation.add(name, comment, source)
    return _until_broken(compilation, source, judge.problems[seen:], name, comment)


def read_moves(
    compilation: Compilation, measure: nodes.Measure, within: DateRange, name: str
) -> tuple[Reads, int]:
    """Return what reads the rows of a named measure, with the columns of moves and why rows are none; and
    how many of these reasons are told before anybody is credited."""
    rows = measure.rows
    assert rows is not None
    rule = as_rule(compilation.plan, measure, within, name)
    kind, event = rows.source.kind, rows.source.event
    source = From(facts_of(compilation, kind))
    judge = Reads(compilation, source, ROOT, source.expr(ROOT + event), kind, key="row.root")
    of_kind = compilation.kind(kind).event
    judge.is_on_other_day = of_kind is None or of_kind.name != event
    judge.convert = rows.convert
    dated = dates_of(judge, rule)
    credit(judge, rule.versions[0], rule, 0)
    seen = len(judge.problems)
    own = own_reads(judge, source.expr("row.undoes"))
    columns = source.columns
    for each in ("fact_id", "row.root", "row.counts", "row.undoes"):
        columns[each] = source[each]
    columns["dated"], columns["judged_on"] = Plain(dated), Plain(judge.day)
    if "row.order_by" in source.relation:
        columns["row.order_by"] = source["row.order_by"]
    check_conditions(rows.conditions, judge)
    add_scope(measure, judge, columns)
    columns["moves"] = moves_of_row(measure, judge, own)
    return judge, seen


def _until_broken(
    compilation: Compilation, source: From, problems: Sequence[Problem], name: str, comment: str
) -> Relation:
    """Return the moves of shared rows, without those of payees behind one for whom the row cannot be read."""
    is_out = any_of(each.when for each in problems)
    breaking = [each for each in problems if each.reason is not Reason.CONDITION and each.when != FALSE]
    if not breaking:
        source.keep(negated(is_out))
        return compilation.add(name, comment, source)
    source.columns["is_out"] = Plain(is_out)
    # A condition that fails before what cannot be read says that the payee has no part in it; one that
    # cannot be read itself does not.
    broken = [(each.when, integer(int(each.reason is not Reason.CONDITION))) for each in problems]
    source.columns["breaks"] = Number(chosen(broken, integer(0)), 0, 1)
    marked = compilation.add(f"{name}_marked", comment, source)
    source = From(marked)
    source.take_all()
    so_far = over(
        "max",
        [source.num("breaks").top],
        partition=[source.expr("fact_id")],
        order=[source.num("turn").top],
        is_running=True,
        sort=Sort.INT,
    )
    source.columns["breaks"] = Number(so_far, 0, 1)
    running = compilation.add(f"{name}_running", comment, source)
    source = From(running)
    source.take_all(without=["is_out", "breaks"])
    source.keep(negated(source.expr("is_out")))
    source.keep(equal(source.num("breaks").top, integer(0)))
    return compilation.add(name, comment, source)


def as_rule(plan: nodes.Plan, measure: nodes.Measure, within: DateRange, name: str) -> nodes.Rule:
    """Return a rule that looks at the rows of a measure and pays nothing, for steps that ask for a rule."""
    rows = measure.rows
    assert rows is not None
    first = plan.rules[0]
    version = replace(
        first.versions[0],
        start=None,
        conditions=rows.conditions,
        credit=rows.credit,
        duration=None,
        rate=None,
        adjusters=(),
        first=None,
        prorate=None,
        hold=None,
        split=None,
        release=None,
        stops=(),
        clawbacks=(),
        remainder=None,
    )
    return replace(
        first,
        origin=measure.origin,
        name=name,
        title="",
        source=rows.source,
        fact_kind=rows.source.kind,
        effective=within,
        convert=None,
        measure=measure,
        goals=(),
        rank=None,
        award=None,
        budget=None,
        versions=(version,),
        text=measure.text,
    )
