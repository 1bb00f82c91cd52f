"""A part of an award that is released in proportion, as what has come in adds up to an amount."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rulesengine.engines.sql.due import STOP, first_day, released
from rulesengine.engines.sql.expressions import (
    Expr,
    Sort,
    all_of,
    any_of,
    compared,
    equal,
    integer,
    is_null,
    joined,
    negated,
    null,
    text,
)
from rulesengine.engines.sql.line_columns import show_number
from rulesengine.engines.sql.parts import AwardPart
from rulesengine.engines.sql.received import received
from rulesengine.engines.sql.relations import From, Joined
from rulesengine.engines.sql.shown import said
from rulesengine.engines.sql.values import (
    Number,
    compare,
    divide,
    larger,
    multiply,
    number,
    otherwise,
    pick,
    rounded,
    smaller,
    subtract,
)
from rulesengine.plan import nodes

if TYPE_CHECKING:
    from rulesengine.engines.sql.award_parts import AwardParts

LAST_PIECE = 10**9
"""The piece that is still to come stands behind all that have come in; they are counted later."""


def gradual_parts(parts: AwardParts, place: int, reaches: nodes.Reaches) -> Iterator[AwardPart]:
    """Yield what each row that came in released, what is still to come, and what waits for nothing."""
    yield _come_in(parts, place, reaches)
    yield _to_come(parts, place, reaches)
    yield _at_once(parts, place)


def _come_in(parts: AwardParts, place: int, reaches: nodes.Reaches) -> AwardPart:
    """Return a line for each row that moved the share that is released."""
    source = From(parts.awards)
    rows = source.join_on(received(parts.compilation, reaches))
    source.close(rows, _is_for(source, place, rows), is_left=False)
    target = _target(source, place)
    before, after = (_share(rows.num(name), target) for name in ("before", "after"))
    source.keep(_is_asked(target))
    source.keep(compare(after, "<>", before))
    if STOP in source.relation:
        source.keep(_is_in_time(source, rows.expr("day")))
    kind = reaches.target.type
    moved = [f"; {reaches.kind} ", rows.expr("key"), " brings it from ", said(rows.num("before"), kind)]
    how = joined(
        [parts.percent(place), *moved, " to ", said(rows.num("after"), kind), " of ", said(target, kind)]
    )
    return _piece(parts, source, place, (before, after), rows.expr("day"), rows.num("place"), how)


def _to_come(parts: AwardParts, place: int, reaches: nodes.Reaches) -> AwardPart:
    """Return what waits: the share that nothing has come in for."""
    source = From(parts.awards)
    rows = source.join_on(received(parts.compilation, reaches))
    source.close(rows, all_of([_is_for(source, place, rows), _is_last(source, rows)]))
    target = _target(source, place)
    total = otherwise(rows.num("after"), number(0))
    reached = _share(total, target)
    source.keep(_is_asked(target))
    source.keep(compare(reached, "<>", number(1)))
    kind = reaches.target.type
    how = joined([parts.percent(place), "; so far ", said(total, kind), " of ", said(target, kind)])
    return _piece(parts, source, place, (reached, number(1)), null(Sort.DATE), number(LAST_PIECE), how)


def _at_once(parts: AwardParts, place: int) -> AwardPart:
    """Return what waits for nothing: an amount of zero has been reached from the start."""
    source = From(parts.awards)
    source.keep(negated(_is_asked(_target(source, place))))
    index = parts.cut(source, place, number(0), text(parts.percent(place)))
    source.columns["piece"] = number(0)
    return AwardPart(source, first_day(source, parts.rule), index, number(0))


def _piece(
    parts: AwardParts,
    source: From,
    place: int,
    between: tuple[Number, Number],
    day: Expr,
    piece: Number,
    how: Expr,
) -> AwardPart:
    """Return what is due of a part on one day: from one share of it up to another."""
    index = parts.cut(source, place, number(0), how)
    amounts = []
    for name in parts.totals:
        whole = parts.amount(source, place, name, number(0))
        amounts.append(subtract(_of(whole, between[1], parts), _of(whole, between[0], parts)))
    columns = source.columns
    columns["amount"] = parts.difference(amounts)
    columns["piece"] = piece
    share = multiply(parts.pieces(source)[place].of(number(1)), subtract(between[1], between[0]))
    columns["part_share"] = share
    show_number(columns, "exact", multiply(source.num("amount"), share), "exact")
    return AwardPart(source, day, index, piece)


def _of(whole: Number, share: Number, parts: AwardParts) -> Number:
    """Return what a share of a part comes to: running totals are rounded, and all of it is all of it."""
    rounding = parts.rule.rounding
    cut = rounded(multiply(whole, share), rounding.step, rounding.mode)
    return pick([(compare(share, "=", number(1)), whole)], cut)


def _is_for(source: From, place: int, rows: Joined) -> Expr:
    return equal(rows.expr("owner"), source.expr(f"{released(place)}_owner"))


def _target(source: From, place: int) -> Number:
    return source.num(f"{released(place)}_target")


def _is_asked(target: Number) -> Expr:
    return compared(target.top, ">", integer(0))


def _share(total: Number, target: Number) -> Number:
    """Return the share of the target that a total comes to, from 0 up to 1."""
    return smaller(larger(divide(total, target), number(0)), number(1))


def _is_in_time(source: From, day: Expr) -> Expr:
    """Return whether a day is before the `stop`: what comes in later moves nothing."""
    stop = source.expr(STOP)
    return any_of([is_null(stop), compared(day, "<", stop)])


def _is_last(source: From, rows: Joined) -> Expr:
    """Return whether a row is the last that came in, before the `stop` if there is one."""
    following = rows.expr("next_day")
    if STOP not in source.relation:
        return is_null(following)
    stop = source.expr(STOP)
    is_next_late = any_of([is_null(following), compared(following, ">=", stop)])
    return all_of([_is_in_time(source, rows.expr("day")), is_next_late])
