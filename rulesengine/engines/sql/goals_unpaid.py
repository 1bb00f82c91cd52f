"""Step 8, achieve: why a row that counts towards goals has no line of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.measures import is_nothing
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    chosen,
    equal,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.rate import outcome
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.round_off import OTHER_ROW
from rulesengine.engines.sql.scopes import in_order, scope_columns
from rulesengine.engines.sql.shown import shown
from rulesengine.engines.sql.switches import ON
from rulesengine.engines.sql.values import Number, Plain, number, otherwise
from rulesengine.plan import nodes

LEAST = "least"


def named(index: int, name: str) -> str:
    """Return the column of items for a goal: those of the first are the measure's own."""
    return f"goal_{index}_{name}" if index else name


def note_unpaid(
    compilation: Compilation, items: Items, rows: Relation, ends: Relation, turns: Relation, made: Relation
) -> None:
    """Note down the rows that count towards the goals, and are not those on which something is paid.

    Args:
        ends: where every key stands in the end.
        turns: the rows that reach the goals or lose them.
        made: what is paid and taken back on these, where it comes to anything.
    """
    rule = items.rule
    scope = scope_columns(items.relation)
    names = [name for name in ("fact_id", "line", "dated") if name in turns]
    row = [name for name in names if not is_literal(turns.columns[name])]
    source = From(rows)
    on = {name: source.key(name) for name in scope if not is_literal(rows.columns[name])}
    end = source.join(ends, on)
    found = source.join(
        _at_goal(compilation, turns, made, row, rule), {name: source.key(name) for name in row}
    )
    is_at_goal = is_given(found.expr("fact_id"))
    source.keep(negated(surely(found.expr("is_paid"))))
    pieces: list[Expr | str] = []
    for index, goal in enumerate(rule.goals):
        kind = goal.measure.aggregate.type
        total, least = otherwise(end.num(f"after_{index}"), number(0)), source[named(index, LEAST)]
        pieces += [f"{'; ' if index else ''}{goal.text}: ", shown(total, kind), " of ", shown(least, kind)]
    is_reached = equal(end.num(ON).top, integer(1))
    zero, other = text(Reason.ZERO.value), text(Reason.OTHER_ROW_REACHED.value)
    reason = chosen([(is_at_goal, zero), (is_reached, other)], text(Reason.GOAL_NOT_REACHED.value))
    details: list[tuple[Expr, Expr]] = []
    for version in items.versions:
        tests = [is_at_goal]
        if len(items.versions) > 1:
            tests.append(equal(source.num("version").top, integer(version.index)))
        details.append((all_of(tests), text(is_nothing(version.version.rate))))
    outcome(source, items, reason, chosen(details, joined(pieces)))
    comment = f"rule {rule.name}: rows that only count towards its goals"
    relation = compilation.add_written(f"{rule.name}_counting", comment, source, rule=rule)
    compilation.outcomes.append(relation)


def _at_goal(
    compilation: Compilation, turns: Relation, made: Relation, row: Sequence[str], rule: nodes.Rule
) -> Relation:
    """Return the rows that reach the goals or lose them, by `row`, each with whether anything `is_paid` or
    taken back on it: a share of nothing is nothing."""
    source = From(made)
    if OTHER_ROW in made:
        source.keep(is_null(source.num(OTHER_ROW).top))
    names = {name: "earned_on" if name == "dated" else name for name in row}
    source.groups = [source.key(name) for name in names.values()]
    source.columns = {name: source[other] for name, other in names.items()}
    comment = f"rule {rule.name}: rows on which goals pay or take back"
    paying = compilation.add(f"{rule.name}_paying", comment, source, rule=rule)
    source = From(turns)
    source.groups = [source.key(name) for name in row]
    source.columns = {name: source[name] for name in row}
    comment = f"rule {rule.name}: rows that reach its goals or lose them"
    source = From(compilation.add(f"{rule.name}_turning", comment, source, rule=rule))
    source.take_all()
    paid = source.join(paying, {name: source.key(name) for name in row})
    source.columns["is_paid"] = Plain(is_given(paid.expr("fact_id")))
    return compilation.add(f"{rule.name}_at_goal", f"{comment}, and whether they pay", source, rule=rule)


def ends_of(compilation: Compilation, reached: Relation, scope: Sequence[str], rule: nodes.Rule) -> Relation:
    """Return where every key stands in the end."""
    source = From(reached)
    source.take_all()
    keys = [source.key(name) for name in scope]
    following = over("lead", [integer(1)], partition=keys, order=in_order(source), sort=Sort.INT)
    source.columns["following"] = Number(following, 0, 1)
    comment = f"rule {rule.name}: which rows are the last of their key"
    known = compilation.add(f"{rule.name}_following", comment, source, rule=rule)
    source = From(known)
    source.keep(is_null(source.num("following").top))
    totals = [f"after_{index}" for index in range(len(rule.goals))]
    source.columns = {name: source[name] for name in (*scope, *totals, ON)}
    comment = f"rule {rule.name}: where each key stands in the end"
    return compilation.add(f"{rule.name}_ends", comment, source, rule=rule)
