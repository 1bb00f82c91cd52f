"""Step 8 for ranks: who takes which place on the last day of the window, and what the places pay."""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.accumulate import total_of
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.earned_rows import kinds_credited
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
    over,
    text,
)
from rulesengine.engines.sql.facts import ROOT, facts_of
from rulesengine.engines.sql.fractions import over_common_bottom
from rulesengine.engines.sql.goals import within_window
from rulesengine.engines.sql.items import Items
from rulesengine.engines.sql.place_pay import Placed, drafts_of_places
from rulesengine.engines.sql.rate import outcome, pays_nothing
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.scopes import ORDER, in_order, scope_columns
from rulesengine.engines.sql.values import Number, compare, expr_of, is_zero, negated_integer
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
    moved = total_of(compilation, ranked, rule.rank.measure, rule, rows)
    if rule.effective.end > compilation.through:
        comment = f"rule {rule.name}: its window is not over yet"
        nothing = pays_nothing(moved)
        nothing.columns |= {name: nothing[name] for name in scope_columns(moved)}
        return compilation.add(f"{rule.name}_drafts", comment, nothing, rule=rule), moved
    entrants = _entrants(compilation, moved, rule)
    places = _places(compilation, entrants, rule)
    return drafts_of_places(compilation, _placed(compilation, places, rule)), moved


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
    found = (kinds_credited(compilation.plan, rule, version.credit) for version in rule.versions)
    kinds = tuple(dict.fromkeys(each for one in found for each in one))
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
