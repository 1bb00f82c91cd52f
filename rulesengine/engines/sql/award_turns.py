"""`remainder to in_turn` of an award: what is left over goes to whoever has waited longest for a step."""

from __future__ import annotations

from rulesengine.engines.sql.award_rows import AWARD
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    ZERO,
    Aggregate,
    Call,
    Expr,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    equal,
    integer,
    joined,
    over,
    text,
)
from rulesengine.engines.sql.following import MOVED, follows
from rulesengine.engines.sql.in_turn import carried_turns
from rulesengine.engines.sql.member_reads import OF
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    at_scale,
    expr_of,
    fitted,
    known,
    magnitude_of,
    number,
)
from rulesengine.plan import nodes

KEY, DRAFT, STEPS = f"{AWARD}key", f"{AWARD}draft", f"{AWARD}steps"
_ORDER = (
    "earned_on",
    "row.order_by",
    "fact_id",
    "line",
    f"{AWARD}from_kind",
    f"{AWARD}from",
    f"{AWARD}position",
)
MOST = 10**9


def with_turns(compilation: Compilation, cut: Relation, rule: nodes.Rule) -> Relation:
    """Return the parts of drafts with `award.turn`, from 0: whose turn it is to get a step that is left over.

    A row that follows another goes by the order that that one had, and gives nobody a turn; who gets a step
    of a draft comes last from then on. So drafts of which something is left over are carried one after
    the other.

    Args:
        cut: with `award.rest`, what is left over of each draft.
    """
    for version in rule.versions:
        rate = version.rate
        if isinstance(rate, nodes.Bands) and rate.method.trues_up:
            what = "`remainder to in_turn` of awards under `apply whole` or `interpolated`"
            raise unsupported(what, version.origin, rule.name)
    named = _named(compilation, cut, rule)
    events = _events(compilation, named, rule)
    carried = carried_turns(compilation, rule, events)
    source = From(carried)
    source.columns = {DRAFT: source["fact_id"], "turn": source["turn"]}
    turns = From(events)
    found = turns.join(
        compilation.add(
            f"{rule.name}_award_order", f"rule {rule.name}: whose turn it was", source, rule=rule
        ),
        {DRAFT: turns.expr("fact_id")},
        is_left=False,
    )
    turns.columns = {KEY: turns[KEY], "turn": found["turn"]}
    comment = f"rule {rule.name}: whose turn it is, row by row"
    by_key = compilation.add(f"{rule.name}_award_turn", comment, turns, rule=rule)
    source = From(named)
    row = source.join(by_key, {KEY: source.expr(KEY)})
    source.take_all(without=[KEY, DRAFT, STEPS])
    place = Call("place in", (row.expr("turn"), _who(source)), Sort.INT)
    turn = Call("-", (place, integer(1)), Sort.INT)
    source.columns[f"{AWARD}turn"] = Number(chosen([(compared(place, ">", ZERO), turn)], ZERO), 0, MOST)
    return compilation.add(f"{rule.name}_award_ranked", comment, source, rule=rule)


def _named(compilation: Compilation, cut: Relation, rule: nodes.Rule) -> Relation:
    """Return the parts with which draft they are of, whose turn it has, and how many steps are left over."""
    source = From(cut)
    source.take_all()
    whose = [source.expr(name) for name in (OF, f"{AWARD}from_kind", f"{AWARD}from", "span", "part")]
    source.columns[KEY] = Plain(_text(whose))
    names = ("fact_id", "line", "earned_on", f"{AWARD}from_kind", f"{AWARD}from", f"{AWARD}position", OF)
    source.columns[DRAFT] = Plain(_text([as_text(expr_of(source[name])) for name in names if name in cut]))
    rest = source.num(f"{AWARD}rest")
    rest = at_scale(rest, max(rest.scale, number(rule.rounding.step).scale))
    size = known(at_scale(number(rule.rounding.step), rest.scale))
    assert size is not None
    units = integer(int(size * 10**rest.scale))
    steps = fitted(Call("div", (magnitude_of(rest.top), units), rest.top.sort), MOST)
    source.columns[STEPS] = Number(steps, 0, MOST)
    comment = f"rule {rule.name}: how many steps are left over of each"
    return compilation.add(f"{rule.name}_award_left", comment, source, rule=rule)


def _events(compilation: Compilation, named: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts that say whose turn it is, in order: the first of each row, payee and part of the pay
    of which something is left over, `members` in their order."""
    source = From(named)
    order = [name for name in (*_ORDER, "fact", "row.undoes", MOVED, KEY, DRAFT) if name in named]
    keys = {name: source[name] for name in order if not is_literal(named.columns[name])}
    source.columns |= keys
    place = source.num(f"{AWARD}place").top
    source.columns["members"] = Plain(Aggregate("list", (_who(source),), (place,), Sort.TEXTS))
    steps = Aggregate("max", (source.num(STEPS).top,), (), Sort.INT)
    source.columns[STEPS] = Number(steps, 0, MOST)
    source.groups = [expr_of(value) for value in keys.values()]
    comment = f"rule {rule.name}: the members of each draft"
    wholes = compilation.add(f"{rule.name}_award_wholes", comment, source, rule=rule)
    source = From(wholes)
    source.take_all()
    in_order = _in_order(source)
    is_later = follows(source)
    if is_later != FALSE:
        # The turn is that of the row itself, also where what undoes it comes before it on its day.
        in_order.insert(0, chosen([(is_later, integer(1))], ZERO))
    nth = over("row_number", [], partition=[source.expr(KEY)], order=in_order, sort=Sort.INT)
    source.columns["nth_of_key"] = Number(nth, 0, MOST)
    left = over("max", [source.num(STEPS).top], partition=[source.expr(KEY)], sort=Sort.INT)
    source.columns["left_of_key"] = Number(left, 0, MOST)
    first = compilation.add(f"{rule.name}_award_firsts", comment, source, rule=rule)
    source = From(first)
    is_first = equal(source.num("nth_of_key").top, integer(1))
    source.keep(all_of([is_first, compared(source.num("left_of_key").top, ">", ZERO)]))
    is_later = follows(source)
    steps_of = source.num(STEPS)
    if is_later != FALSE:
        steps_of = Number(chosen([(is_later, ZERO)], steps_of.top), 0, MOST)
    source.columns = {
        "nth": Number(over("row_number", [], partition=[], order=_in_order(source), sort=Sort.INT), 0, MOST),
        "fact_id": source[DRAFT],
        KEY: source[KEY],
        "members": source["members"],
        "payees": source["members"],
        "steps": steps_of,
    }
    comment = f"rule {rule.name}: the drafts that something is left over of, in order"
    return compilation.add(f"{rule.name}_award_events", comment, source, rule=rule, is_kept=True)


def _in_order(source: From) -> list[Expr]:
    order = [source[name] for name in _ORDER if name in source.relation]
    found = [expr_of(each) for each in order if not is_literal(each)]
    if "fact" in source.relation and "fact_id" in source.relation:
        # What stands on no row comes when all rows of its day have come.
        rowless = chosen([(equal(source.expr("fact_id"), text("")), integer(1))], ZERO)
        found.insert(1 if "earned_on" in source.relation else 0, rowless)
    return found


def _who(source: From) -> Expr:
    return joined([source.expr("payee_kind"), "\x1f", source.expr("payee")])


def _text(parts: list[Expr]) -> Expr:
    return joined([piece for each in parts for piece in ("\x1f", each)][1:])
