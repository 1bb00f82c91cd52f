"""Step 8 for ranks: who takes which place on the last day of the window, and what the places pay."""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.accumulate import total_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.credited_kinds import all_kinds_credited
from rulesengine.engines.sql.expressions import (
    Call,
    Expr,
    Sort,
    chosen,
    compared,
    day,
    equal,
    integer,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.goals import within_window
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.moves_and_rows import (
    BEHIND,
    EVENT,
    IS_OWN,
    ITEM,
    LAST_OWN,
    OF_ITEM,
    EventsOfTotals,
    after_all,
    moved_by,
)
from rulesengine.engines.sql.place_pay import Placed, drafts_of_places
from rulesengine.engines.sql.rate import outcome, pays_nothing
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.scopes import ORDER, in_order, scope_columns
from rulesengine.engines.sql.values import (
    Number,
    Value,
    compare,
    expr_of,
    is_zero,
    negated_integer,
    pick,
    subtract,
)
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Ties

SINCE = "since."
"""Before the names of what a key got to its total by: the order of the row that last changed it."""
MOST = 10**12


def rank(compilation: Compilation, items: Items, rows: int) -> tuple[Relation, Relation]:
    """Return what the places of a rank pay, nothing before its window is over; and the items with the total
    of the rank's measure.

    Args:
        rows: how many items there are at most.
    """
    rule = items.rule
    assert rule.rank is not None
    ranked = within_window(compilation, items)
    source = From(ranked)
    outcome(source, items, text(Reason.GOAL_NOT_REACHED.value), text(rule.rank.text))
    comment = f"rule {rule.name}: rows that count in its rank"
    compilation.outcomes.append(compilation.add_written(f"{rule.name}_counting", comment, source, rule=rule))
    if rule.rank.measure.name is not None:
        return _by_named(compilation, items, ranked)
    moved = total_of(compilation, ranked, rule.rank.measure, rule, rows)
    if rule.effective.end > compilation.through:
        comment = f"rule {rule.name}: its window is not over yet"
        nothing = pays_nothing(moved)
        nothing.columns |= {name: nothing[name] for name in scope_columns(moved)}
        return compilation.add(f"{rule.name}_drafts", comment, nothing, rule=rule), moved
    entrants = _entrants(compilation, moved, rule)
    places = _places(compilation, entrants, rule)
    return drafts_of_places(compilation, _placed(compilation, places, rule)), moved


def _by_named(compilation: Compilation, items: Items, ranked: Relation) -> tuple[Relation, Relation]:
    """Return the same of a rank by a measure that has rows of its own."""
    rule = items.rule
    assert rule.rank is not None
    events = EventsOfTotals(compilation, items, ranked, [rule.rank.measure])
    standings = _since_own(events, events.made())
    source = From(standings)
    source.take_all()
    source.columns["after"] = source[after_all(0)]
    source.columns["before"] = subtract(source.num(after_all(0)), source.num(moved_by(0)))
    moved = events.add("moved", f"{rule.rank.measure.text}, the total with and without each row", source)
    if rule.effective.end > compilation.through:
        nothing = pays_nothing(ranked)
        nothing.columns |= {name: nothing[name] for name in scope_columns(ranked)}
        comment = f"rule {rule.name}: its window is not over yet"
        return compilation.add(f"{rule.name}_drafts", comment, nothing, rule=rule), moved
    places = _places(compilation, _entrants_of(events, standings), rule)
    return drafts_of_places(compilation, _placed(compilation, places, rule)), moved


def _since_own(events: EventsOfTotals, relation: Relation) -> Relation:
    """Return the events of each key from its first row of the rule on: with the place of that, of the last
    event, and of the one since which the key has its total; before its first row it has none."""
    source = From(relation)
    source.take_all()
    keys, nth = source.keys(events.keys), source.num(EVENT).top
    own = chosen([(source.expr(IS_OWN), nth)], null(Sort.INT))
    source.columns["first_own"] = Number(over("min", [own], partition=keys, sort=Sort.INT), 0, MOST)
    source.columns["last"] = Number(over("max", [nth], partition=keys, sort=Sort.INT), 0, MOST)
    source = From(events.add("of_keys", "the first of its rows in each key", source))
    source.take_all()
    nth, first = source.num(EVENT).top, source.num("first_own").top
    source.keep(compared(nth, ">=", first))
    moves = pick([(equal(nth, first), source.num(after_all(0)))], source.num(moved_by(0)))
    changed = chosen([(negated(is_zero(moves)), nth)], integer(0))
    since = over("max", [changed], partition=source.keys(events.keys), sort=Sort.INT)
    source.columns["since"] = Number(since, 0, MOST)
    return events.add("standings", "which row brought each key to its total", source, is_kept=True)


def _entrants_of(events: EventsOfTotals, standings: Relation) -> Relation:
    """Return the last row of the rule of each key with a total above zero, with that total and since when it
    has it; of two keys since one moment that of the first row of the rule comes first."""
    source = From(standings)
    nth = source.num(EVENT).top
    source.keep(equal(nth, source.num("last").top))
    source.keep(compared(source.num(after_all(0)).top, ">", integer(0)))

    def at(place: str) -> Joined:
        on = {name: source.key(name) for name in events.keys} | {EVENT: source.num(place).top}
        return source.join(standings, on, is_left=False)

    own, since, first = at(LAST_OWN), at("since"), at("first_own")
    item = source.join(events.rows, {name: own.expr(f"{OF_ITEM}{name}") for name in ITEM}, is_left=False)
    columns: dict[str, Value] = {name: item[name] for name in events.rows.columns}
    columns |= {name: source[name] for name in (*events.keys, "scope_label")}
    columns["after"] = source[after_all(0)]
    order = (*events.order_of(standings), BEHIND)
    columns |= {f"{SINCE}{name}": since[name] for name in order}
    columns |= {f"{SINCE}first.{name}": first[name] for name in order}
    source.columns = columns
    return events.add("entrants", "who is in the rank", source)


def _entrants(compilation: Compilation, moved: Relation, rule: nodes.Rule) -> Relation:
    """Return the last row of each key with a total above zero, and since when it has that total."""
    keys = [name for name in scope_columns(moved) if not is_literal(moved.columns[name])]
    source = From(moved)
    source.take_all()
    place = over("row_number", [], partition=source.keys(keys), order=in_order(source), sort=Sort.INT)
    source.columns["nth_of_key"] = Number(place, 0, MOST)
    comment = f"rule {rule.name}: the rows of each key, in order"
    numbered = compilation.add(f"{rule.name}_of_keys", comment, source, rule=rule)
    source = From(numbered)
    source.take_all()
    nth = source.num("nth_of_key").top
    if "before" in numbered:
        is_still = compare(source.num("before"), "=", source.num("after"))
    else:
        is_still = is_zero(source.num("moves"))
    changed = chosen([(negated(is_still), nth)], integer(0))
    partition = source.keys(keys)
    source.columns["last"] = Number(over("max", [nth], partition=partition, sort=Sort.INT), 0, MOST)
    since = over("max", [changed], partition=partition, sort=Sort.INT)
    source.columns["since"] = Number(since, 0, MOST)
    comment = f"rule {rule.name}: the last row of each key, and the one that brought it to its total"
    known = compilation.add(f"{rule.name}_standings", comment, source, rule=rule, is_kept=True)
    source = From(known)
    source.keep(equal(source.num("nth_of_key").top, source.num("last").top))
    source.keep(compared(source.num("after").top, ">", integer(0)))
    on = {name: source.key(name) for name in keys} | {"nth_of_key": source.num("since").top}
    got = source.join(known, on, is_left=False)
    source.take_all(without=["nth_of_key", "last", "since", "moves", "before"])
    source.columns |= {f"{SINCE}{name}": got[name] for name in ORDER if name in known}
    comment = f"rule {rule.name}: who is in the rank"
    return compilation.add(f"{rule.name}_entrants", comment, source, rule=rule)


def _places(compilation: Compilation, entrants: Relation, rule: nodes.Rule) -> Relation:
    """Return the entrants with the `place.number` that they take, how many share it, `place.count`, and
    which of these each is, `place.among`, from 0: whoever got to the total first is the first."""
    assert rule.rank is not None
    entrants = over_common_bottom(compilation, entrants, "after", [], rule)
    source = From(entrants)
    source.take_all(without=[name for name in entrants.columns if name.startswith(SINCE)])
    total = source.num("after").top
    since = [source[name] for name in entrants.columns if name.startswith(SINCE)]
    better = [negated_integer(total), *(expr_of(each) for each in since if not is_literal(each))]
    turn = over("row_number", [], partition=[], order=better, sort=Sort.INT)
    place: Expr = turn
    among: Expr = integer(0)
    count: Expr = integer(1)
    if rule.rank.ties is not Ties.FIRST:
        place = over("rank", [], partition=[], order=[negated_integer(total)], sort=Sort.INT)
        among = Call("-", (turn, place), Sort.INT)
        count = over("count", [total], partition=[total], sort=Sort.INT)
    source.columns["place.number"] = Number(place, 0, MOST)
    source.columns["place.among"] = Number(among, 0, MOST)
    source.columns["place.count"] = Number(count, 0, MOST)
    comment = f"rule {rule.name}: {rule.rank.text}"
    return compilation.add(f"{rule.name}_places", comment, source, rule=rule)


def _placed(compilation: Compilation, places: Relation, rule: nodes.Rule) -> Placed:
    """Return the entrants that take a place with pay, with what its parts pay them as of the last day."""
    assert rule.rank is not None and isinstance(rule.source, nodes.FactSource)
    source = From(places)
    source.take_all()
    last = max((pay.place for pay in rule.rank.places), default=0)
    source.keep(compared(source.num("place.number").top, "<=", integer(last)))
    kind = rule.source.kind
    kinds = all_kinds_credited(compilation.plan, rule)
    judge = Reads(
        compilation,
        source,
        ROOT,
        day(rule.effective.end),
        kind,
        payee_kind=kinds[0] if len(kinds) == 1 else "",
        payee=source.expr("payee"),
        key="row.root",
        row=facts_of(compilation, kind),
        kinds=kinds,
        kind_of_payee=source.expr("payee_kind"),
        is_on_other_day=True,
    )
    return Placed.priced(judge, rule)
