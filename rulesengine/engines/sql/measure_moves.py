"""What moves a named measure: rows of its own, credited, each with where its total runs."""

from __future__ import annotations

from rulesengine.engines.sql.amounts import own_reads
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.conditions import check_conditions
from rulesengine.engines.sql.credit import credit
from rulesengine.engines.sql.expressions import (
    FALSE,
    compared,
    day,
    negated,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.most import most_items
from rulesengine.engines.sql.moving_measures import moves_of_row
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.scopes import add_counts_in, add_scope
from rulesengine.engines.sql.source import dates_of
from rulesengine.engines.sql.values import Plain
from rulesengine.model.change import replace
from rulesengine.model.dates import BEGINNING, END, DateRange, WindowKind
from rulesengine.plan import nodes


def moves_of(compilation: Compilation, measure: nodes.Measure, within: DateRange) -> Relation:
    """Return what moves a named measure, for its rows within some dates; the stage is made once.

    The columns are those of items: `fact_id`, `row.root`, `dated`, `judged_on`, `row.counts`, `row.undoes`,
    `row.order_by`, `payee_kind`, `payee`, `turn`; `key_1`…, `window_start`, `window_label`, `moves`. A
    payee for whom a row cannot be read moves nothing by it; others who are credited on it do.
    """
    assert measure.name is not None
    name = f"moves_{measure.name}" if within == dates_of_measure(compilation, measure) else ""
    name = name or f"moves_{measure.name}_{within.start}_{within.end}"
    made = ("moves", measure.name, within)
    if made not in compilation.relations:
        compilation.relations[made] = _moves(compilation, measure, within, name)
    return compilation.relations[made]


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
    judge = read_moves(compilation, measure, within, name)
    for problem in judge.problems:
        judge.source.keep(negated(problem.when))
    comment = f"measure {measure.name} ({measure.origin}): what moves it"
    return compilation.add(name, comment, judge.source)


def read_moves(compilation: Compilation, measure: nodes.Measure, within: DateRange, name: str) -> Reads:
    """Return what reads the rows of a named measure, with the columns of moves and why rows are none."""
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
    own = own_reads(judge, source.expr("row.undoes"))
    columns = source.columns
    for each in ("fact_id", "row.root", "row.counts", "row.undoes"):
        columns[each] = source[each]
    columns["dated"], columns["judged_on"] = Plain(dated), Plain(judge.day)
    if "row.order_by" in source.relation:
        columns["row.order_by"] = source["row.order_by"]
    check_conditions(rows.conditions, judge)
    add_scope(measure, judge, columns, rule)
    add_counts_in(measure, judge, own.undoes)
    columns["moves"] = moves_of_row(measure, judge, own)
    return judge


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
