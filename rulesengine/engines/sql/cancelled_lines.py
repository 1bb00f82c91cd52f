"""The lines that the moves of clawbacks leave of an award: what stays, what is cut short, what is said to be
cancelled, and what is taken back or given back (cancel.py)."""

from __future__ import annotations

from rulesengine.engines.results import Part
from rulesengine.engines.sql.award_rows import OF_AWARD, UNDOES
from rulesengine.engines.sql.clawback_turns import CLAWED, row_of
from rulesengine.engines.sql.corrections import AT, MOVED_ON
from rulesengine.engines.sql.earned_rows import LINE_NUMBER
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    chosen,
    compared,
    day,
    equal,
    first_given,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.line_columns import COLUMNS, Kind, show_number
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    compare,
    is_zero,
    negate,
    negated_integer,
    no_number,
    number,
    pick,
    subtract,
)
from rulesengine.model.dates import END

DUE_ON, STOPPED, LOST = f"{CLAWED}due", f"{CLAWED}stopped", f"{CLAWED}lost"
ON, NTH, CLAUSE, IS_BACK = f"{CLAWED}on", f"{CLAWED}nth", f"{CLAWED}clause", f"{CLAWED}is_back"
AWARD_EARNED_ON = f"{CLAWED}award_earned_on"
"""When the award was earned that a line takes back or gives back; null for all other lines."""
MOST_LINES = 100_000
"""Of one award, after all that clawbacks cut."""
PLACES = 4
"""How many kinds of lines a move leaves behind: each stands behind all that were there before."""
CANCELLED, CUT_SHORT, TAKEN = range(PLACES - 3, PLACES)


def kept(cut: Relation) -> From:
    """Return the lines that stay as they are."""
    source = From(cut)
    _take(source)
    here, size = source.num("here"), source.num("size")
    stopped = source.expr(STOPPED)
    is_all = all_of([compare(here, "=", size), any_of([stopped, negated(is_zero(source.num("amount")))])])
    is_first = equal(source.num("in_bucket").top, integer(1))
    is_some = all_of([stopped, is_first, negated(is_zero(here))])
    source.keep(any_of([is_null(here.top), negated(any_of([is_all, is_some]))]))
    return source


def _is_cut_short(source: From) -> list[Expr]:
    here, size = source.num("here"), source.num("size")
    is_first = equal(source.num("in_bucket").top, integer(1))
    return [is_given(here.top), is_first, negated(is_zero(here)), compare(here, "<>", size)]


def forfeits_less(cut: Relation, nth: int) -> From:
    """Return what a `stop` forfeits of an award, after a clawback has cancelled some of it."""
    source = From(cut)
    _take(source)
    for test in (*_is_cut_short(source), source.expr(STOPPED)):
        source.keep(test)
    lost = subtract(source.num(LOST), source.num("here"))
    source.columns[LOST], source.columns[AT] = lost, _at(nth, CUT_SHORT)
    show_number(source.columns, "exact", lost, "exact")
    return source


def cut_short(cut: Relation, moves: Relation, nth: int, *, has_pieces: bool) -> From:
    """Return the lines that leave a part only what is still due of it."""
    source = From(cut)
    for test in (*_is_cut_short(source), negated(source.expr(STOPPED))):
        source.keep(test)
    move = source.join(moves, of_row(source), is_left=False)
    here = source.num("here")
    _of_move(source, move, has_pieces=has_pieces)
    columns = source.columns
    for name in ("part_number", "part_count", "piece", "payable_on", "due_on"):
        if name in cut:
            columns[name] = source[name]
    columns["part_how"] = Plain(joined([move.expr("part_how"), "; part"]))
    columns["base_of"] = Plain(text("elsewhere"))
    columns["amount"] = columns["exact"] = negate(here)
    columns["base"] = subtract(negate(here), move.num("exact"))
    columns[DUE_ON], columns[AT] = source[DUE_ON], _at(nth, CUT_SHORT)
    show(source)
    return source


def cancelled(moves: Relation, nth: int, *, has_pieces: bool) -> From:
    """Return the lines that say what of an award will not be paid."""
    source = From(moves)
    cancelled = source.num("cancelled")
    source.keep(negated(is_zero(cancelled)))
    _of_move(source, source, has_pieces=has_pieces)
    columns = source.columns
    columns |= {
        "part": Plain(text(Part.FORFEITED.value)),
        "exact": cancelled,
        "amount": number(0),
        "payable_on": source["earned_on"],
        "part_share": no_number(),
        "part_how": Plain(text("")),
        AT: _at(nth, CANCELLED),
    }
    show(source)
    return source


def taken(moves: Relation, nth: int, *, has_pieces: bool) -> From:
    """Return the lines that take back of what was paid, and those that give it back."""
    source = From(moves)
    is_back = source.expr(IS_BACK)
    amount = pick([(is_back, negate(source.num("taken")))], source.num("given"))
    source.keep(negated(is_zero(amount)))
    _of_move(source, source, has_pieces=has_pieces)
    not_paid = source.num("not_paid")
    is_any = negated(is_zero(not_paid))
    exact = source.num("exact")
    columns = source.columns
    columns |= {
        "amount": amount,
        "exact": pick([(is_back, add(exact, not_paid))], subtract(exact, not_paid)),
        "base": pick([(is_any, not_paid)], no_number()),
        "base_of": Plain(chosen([(is_any, text("not_paid"))], text(""))),
        AT: _at(nth, TAKEN),
    }
    show(source)
    return source


def _of_move(source: From, move: From | Joined, *, has_pieces: bool) -> None:
    """Set the columns of a line of a move as it was worked out."""
    names = [name for name, _ in COLUMNS if name in move.relation]
    undone = [name for name in move.relation.columns if name.startswith(UNDOES)]
    for name in (*names, *undone, *OF_AWARD, LINE_NUMBER, "position"):
        if name in move.relation:
            source.columns[name] = move[name]
    source.columns |= {
        DUE_ON: move[ON],
        STOPPED: Plain(FALSE),
        LOST: number(0),
        MOVED_ON: move[MOVED_ON],
        "due_on": Plain(null(Sort.DATE)),
        "step": number(0),
        "part_number": number(0),
    }
    if has_pieces:
        source.columns["piece"] = number(0)


# --- columns -------------------------------------------------------------------------------------


def _take(source: From) -> None:
    """Take over the lines, without what was worked out for one move."""
    source.take_all(without=("here", "size", "in_bucket"))


def show(source: From) -> None:
    """Turn numbers into what lines show: parts of awards have them so."""
    for name, kind in COLUMNS:
        value = source.columns.get(name)
        if kind is Kind.NUMBER and isinstance(value, Number):
            show_number(source.columns, name, value, name)


def _at(nth: int, kind: int) -> Number:
    return number(nth * PLACES + kind)


def given_by(place: int) -> str:
    """Return the column with what a clause has taken so far: so much can be given back."""
    return f"given_{place}"


# --- what is so of a line --------------------------------------------------------------------------


def is_open(source: From, move: Joined) -> Expr:
    """Return whether a line is still to come on the day of a move; of one day, a `stop` comes first."""
    due, on = source.expr(DUE_ON), move.expr(ON)
    is_forfeited = equal(source.expr("part"), text(Part.FORFEITED.value))
    is_part = all_of([negated(is_forfeited), any_of([is_null(due), compared(due, ">=", on)])])
    stops = all_of([source.expr(STOPPED), surely(compared(due, ">", on))])
    return any_of([stops, is_part])


def size_of(source: From) -> Number:
    """Return what a line comes to: of one that says what is forfeited, that."""
    if source.expr(STOPPED) == FALSE:
        return source.num("amount")
    return pick([(source.expr(STOPPED), source.num(LOST))], source.num("amount"))


def bucket_of(source: From) -> dict[str, Expr]:
    """Return what makes the bucket of a line, ascending from those that are cancelled first: `far`, how far
    off it is, and `number`."""
    due = source.expr(DUE_ON)
    is_last = any_of([is_null(due), source.expr(STOPPED)])
    before_the_end = Call("days between", (due, day(END)), Sort.INT)
    far = chosen([(is_last, integer(0))], Call("+", (before_the_end, integer(1)), Sort.INT))
    return {"far": far, "number": negated_integer(source.num("part_number").top)}


def part_number(source: From) -> Number:
    """Return the number of the part of each line, 0 where its award is not cut."""
    if "part_number" not in source.relation:
        return number(0)
    found = source.num("part_number")
    return Number(first_given([found.top, integer(0)]), 0, found.most)


def of_row(source: From) -> dict[str, Expr]:
    """Return what the lines and moves of one award have alike, to join them by."""
    return {name: source.key(name) for name in row_of(source.relation)}
