"""What is paid while something holds: paid by the row that switches it on, and taken back from whoever got
it by the row that switches it off.

A state is a whole number of each row, zero for off. Only rows where it differs from that of the row before
are looked at: such a row takes back what the one before it paid, and pays what its own state pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulesengine.engines.sql.award_rows import BUDGET, UNDOES
from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.due import DUE, RATED
from rulesengine.engines.sql.exchange import SHOWN
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Call,
    Expr,
    Literal,
    Sort,
    all_of,
    chosen,
    compared,
    equal,
    first_given,
    integer,
    over,
    surely,
)
from rulesengine.engines.sql.look_up_limits import DEDUCTS, LIMIT, windows_on
from rulesengine.engines.sql.rate import PART_OF_PAY
from rulesengine.engines.sql.relations import From, Joined, Relation, is_literal
from rulesengine.engines.sql.round_off import award_of
from rulesengine.engines.sql.scopes import in_order
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    add,
    multiply,
    negate,
    no_number,
    number,
    pick,
)
from rulesengine.plan import nodes

ON, WAS, TURN = "switch.on", "switch.was", "switch.turn"
OF_TURN = 10**6
"""Positions of the drafts that one payee's turn of a row brings; others of the row may get some of them."""
TAKEN = OF_TURN // 2
"""Where those stand among them that take back."""
_OF_ROW = (
    "fact",
    "fact_id",
    "line",
    "other_row",
    "row.root",
    "judged_on",
    "row.counts",
    "row.undoes",
    "row.moved",
    "row.order_by",
    RATED,
)
_OF_ITEM = ("turn", "place", "level", "version")
_TURNED = ("exact", "base", "units")
_NOT_TAKEN = ("base_how", "readings", "nth", *SHOWN)


def turns_of(
    compilation: Compilation, rows: Relation, scope: Sequence[str], rule: nodes.Rule, suffix: str = ""
) -> Relation:
    """Return the rows whose state, `switch.on`, is not that of the row before: with that, `switch.was`, and
    numbered in each scope by `switch.turn`."""
    source = From(rows)
    source.take_all()
    keys = [source.key(name) for name in scope]
    state = source.num(ON)
    earlier = over("lag", [state.top], partition=keys, order=in_order(source), sort=Sort.INT)
    source.columns[WAS] = Number(first_given([earlier, integer(0)]), 0, state.most)
    comment = f"rule {rule.name}: whether it held before each row"
    known = compilation.add(f"{rule.name}_before{suffix}", comment, source, rule=rule)
    source = From(known)
    source.take_all()
    source.keep(compared(source.num(ON).top, "<>", source.num(WAS).top))
    keys = [source.key(name) for name in scope]
    place = over("row_number", [], partition=keys, order=in_order(source), sort=Sort.INT)
    source.columns[TURN] = Number(place, 0, 10**15)
    comment = f"rule {rule.name}: rows from which on it holds, or no longer holds"
    return compilation.add(f"{rule.name}_turns{suffix}", comment, source, rule=rule)


def position_of(source: From, place: int) -> Number:
    """Return the position of a draft among all of its row: those of one payee's turn stand together."""
    turn = source.relation.columns.get("turn")
    if turn is None or is_literal(turn):
        return number(place)
    return add(multiply(source.num("turn"), number(OF_TURN)), number(place))


def alike(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with the limits, budget and version of the first of their award.

    What is paid on earlier rows may stand in one award with a row's own lines: an award is under the limits
    of its first draft, and what it says of dates holds for all of it.
    """
    names = [name for name in drafts.columns if name.startswith((LIMIT, BUDGET)) or name == "version"]
    names = [name for name in names if not is_literal(drafts.columns[name])]
    if not names:
        return drafts
    source = From(drafts)
    award, order = award_of(source), [source.num("position").top]
    for name in names:
        source.columns[name] = _first(source[name], award, order)
    source.take_all()
    comment = f"rule {rule.name}: each award under the limits of its first line"
    return compilation.add(f"{rule.name}_awards_alike", comment, source, rule=rule)


def _first(value: Value, award: Sequence[Expr], order: Sequence[Expr]) -> Value:
    def first(expr: Expr) -> Expr:
        if isinstance(expr, Literal):
            return expr
        return over("first_value", [expr], partition=award, order=order, sort=expr.sort)

    match value:
        case Plain(expr=expr):
            return Plain(first(expr))
        case Number():
            bottom = None if value.bottom is None else first(value.bottom)
            return Number(first(value.top), value.scale, value.most, bottom, value.bottom_most)


def drafts_of(paid: Relation, scope: Sequence[str], keeps: Sequence[str]) -> From:
    """Return what was paid as drafts, without what told which row switched it on.

    Args:
        keeps: columns of the scope that drafts have.
    """
    source = From(paid)
    source.take_all(without=[TURN, "place_paid", *(name for name in scope if name not in keeps)])
    return source


def place_own(source: From, place: int) -> None:
    """Set the position of a draft of a row's own pay, where drafts of other rows may stand beside it."""
    source.columns["position"] = position_of(source, place)
    if "share_of_row" in source.columns:
        source.columns[PART_OF_PAY] = number(place)


def undone(
    compilation: Compilation,
    rule: nodes.Rule,
    turns: Relation,
    paid: Relation,
    scope: Sequence[str],
    current: Sequence[str],
    keeps: Sequence[str] = (),
    *,
    backwards: bool,
) -> From:
    """Return the drafts that take back what was paid, on the rows where it no longer holds.

    Args:
        keeps: columns of the scope that drafts have.
        backwards: whether of several parts the last one is taken back first.
        paid: drafts on the rows where it began to hold, with the scope, `switch.turn` and their `place_paid`.
        current: columns of drafts that are those of the row that takes back.
    """
    source = From(turns)
    names = [name for name in scope if not is_literal(turns.columns[name])]
    got = source.join_on(paid, is_left=False)
    tests: list[Expr] = [equal(got.key(name), source.key(name)) for name in names]
    following = Call("+", (got.num(TURN).top, integer(1)), Sort.INT)
    tests.append(equal(source.num(TURN).top, following))
    source.close(got, all_of(tests), is_left=False)
    source.keep(compared(source.num(WAS).top, "<>", integer(0)))
    columns = source.columns
    for name in paid.columns:
        if name in keeps:
            columns[name] = source[name]
        if name in (*scope, TURN, "place_paid", *_NOT_TAKEN, *current):
            continue
        value = got[name]
        columns[name] = negate(value) if name in _TURNED and isinstance(value, Number) else value
    windows = windows_on(rule, compilation.plan, source.expr("dated"), source, got)
    _of_item(source, got, paid, windows)
    for name in (*_OF_ROW, *current):
        if name in turns:
            columns[name] = source[name]
    columns["earned_on"] = source["dated"]
    place = got.num("place_paid")
    columns["position"] = add(position_of(source, TAKEN), negate(place) if backwards else place)
    columns |= {
        f"{UNDOES}fact_id": got["fact_id"],
        f"{UNDOES}row.root": got["row.root"],
        f"{UNDOES}on": got["earned_on"],
        f"{UNDOES}position": got["position"],
    }
    if "line" in paid:
        columns[f"{UNDOES}line"] = got["line"]
    return source


def _of_item(source: From, got: Joined, paid: Relation, windows: dict[str, Value]) -> None:
    """Take limits, dates and the like from the row where it is the same payee's, else from what is undone.

    Args:
        windows: of the limits, in which the row's date lies.
    """
    is_same: Expr = TRUE
    if not all(is_literal(paid.columns[name]) for name in ("payee_kind", "payee")):
        names = [name for name in ("payee_kind", "payee") if not is_literal(paid.columns[name])]
        is_same = all_of(equal(source.expr(name), got.expr(name)) for name in names)
    is_on_row = FALSE if is_same == TRUE else stands_on(source, got)
    for name in paid.columns:
        if name.startswith(DUE) and name in source.relation:
            source.columns[name] = source[name]
        elif (name in _OF_ITEM or name.startswith((LIMIT, BUDGET))) and name in source.relation:
            there = either(is_on_row, got[name], of_another_row(name, got[name], windows))
            source.columns[name] = either(is_same, source[name], there)


def stands_on(source: From, earned: Joined) -> Expr:
    """Return whether what was earned stands on the row at hand: several payees of a row have turns of it."""
    turn = source.relation.columns.get("turn")
    if turn is None or is_literal(turn):
        return FALSE
    tests: list[Expr] = [equal(source.expr("fact_id"), earned.expr("fact_id"))]
    if "line" in source.relation:
        tests.append(surely(equal(source.key("line"), earned.key("line"))))
    return all_of(tests)


def of_another_row(name: str, value: Value, windows: Mapping[str, Value]) -> Value:
    """Return a column of limits for what is paid on another row: it counts in the window of that, and
    nothing is deducted for it there."""
    if name in windows:
        return windows[name]
    if name == DEDUCTS:
        return Plain(FALSE)
    if not name.startswith(f"{LIMIT}deduct_"):
        return value
    assert isinstance(value, Number)
    return pick([(TRUE, no_number() if name.endswith("_share") else number(0))], value)


def either(test: Expr, here: Value, there: Value) -> Value:
    """Return one value where a test holds, else the other."""
    if test == FALSE:
        return there
    if test == TRUE:
        return here
    if isinstance(here, Number) and isinstance(there, Number):
        return pick([(test, here)], there)
    assert isinstance(here, Plain) and isinstance(there, Plain)
    return Plain(chosen([(test, here.expr)], there.expr))
