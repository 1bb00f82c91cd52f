"""Cutting an award into parts that are whole steps: what each part has, and who gets what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    FALSE,
    ONE,
    TRUE,
    Call,
    Expr,
    chosen,
    compared,
    equal,
    integer,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import (
    Number,
    add,
    at_scale,
    compare,
    divide,
    fitted,
    known,
    magnitude_of,
    multiply,
    negated_integer,
    number,
    pick,
    rounded,
    subtract,
)
from rulesengine.model.rounding import Remainder, RoundingMode

PLACE = "n"
COUNT = "count"


@dataclass(slots=True)
class AwardPart:
    """A part of the awards of a version, in a select that is being made."""

    source: From
    day: Expr
    """What it is dated; null while that is missing."""
    index: Number
    """Its place among all parts of the award, from 0."""
    piece: Number
    """Its place among the lines of a part that comes bit by bit, from 0."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Equal parts of a share of an award; one for a share that is paid on one day."""

    share: Decimal
    count: Number

    def of(self, total: Number) -> Number:
        """Return what one of them has of a total, exactly."""
        return divide(multiply(total, number(self.share)), self.count)


def cut_down(total: Number, pieces: Sequence[Pieces], step: Decimal) -> tuple[list[Number], Number]:
    """Return what the parts of each share have, cut down to whole steps, and what is left over of all."""
    floors = [rounded(each.of(total), step, RoundingMode.DOWN) for each in pieces]
    rest = total
    for each, floor in zip(pieces, floors, strict=True):
        rest = subtract(rest, multiply(floor, each.count))
    # What is cut off of each part is less than a step, and all of it no more than the total.
    return floors, Number(rest.top, rest.scale, max(total.most, 1), rest.bottom, rest.bottom_most)


def with_left_over(floor: Number, rest: Number, place: Number, step: Decimal) -> Number:
    """Return what a part has that was cut down to `floor`.

    Args:
        rest: what is left over of all parts; it has the sign of the award.
        place: of the part among those that get a step of it, from 0.
        step: what is less than one goes with the first.
    """
    rest = at_scale(rest, max(rest.scale, number(step).scale))
    size = known(at_scale(number(step), rest.scale))
    assert size is not None
    units = int(size * 10**rest.scale)
    most = max(rest.most, units)
    top, unit = fitted(rest.top, most), fitted(integer(units), most)
    steps: Expr = magnitude_of(top)
    if units != 1:
        steps = Call("div", (steps, unit), steps.sort)
    signed = chosen([(compared(top, "<", integer(0)), negated_integer(unit))], unit)
    extra = chosen([(compared(place.top, "<", steps), signed)], fitted(integer(0), most))
    made = add(floor, Number(extra, rest.scale, units))
    if units == 1:
        return made
    odd = Call("mod", (top, unit), top.sort)
    first = chosen([(equal(place.top, integer(0)), odd)], fitted(integer(0), most))
    return add(made, Number(first, rest.scale, units))


def place_of(index: Number, count: Number, to: Remainder) -> Number:
    """Return the place of a part among those that get what is left over, where sizes do not matter."""
    if to is Remainder.LAST:
        return subtract(subtract(count, number(1)), index)
    return index


def ahead_of(place: int, sizes: Sequence[Number], pieces: Sequence[Pieces]) -> Number:
    """Return how many parts get what is left over before those of a share: the larger ones, and of equal
    ones those that stand before."""
    ahead = number(0)
    for other, each in enumerate(pieces):
        if other != place:
            is_before = _is_ahead(sizes[other], sizes[place], stands_before=other < place)
            ahead = add(ahead, pick([(is_before, each.count)], number(0)))
    return ahead


def _is_ahead(size: Number, of: Number, *, stands_before: bool) -> Expr:
    one, other = known(size), known(of)
    if one is None or other is None:
        return compare(size, ">=" if stands_before else ">", of)
    return TRUE if one > other or (stands_before and one == other) else FALSE


# --- parts as rows -------------------------------------------------------------------------------


def each_part(compilation: Compilation, source: From, count: Number) -> Number:
    """Join a row for each of so many parts, and return its number, from 0."""
    found = known(count)
    if found is not None:
        if found == 1:
            return number(0)
        joined = source.join(_numbers(compilation, int(found)), is_left=False)
    else:
        pairs = _numbers_up_to(compilation, count.most)
        joined = source.join(pairs, {COUNT: fitted(count.top, count.most)}, is_left=False)
    return joined.num(PLACE)


def _numbers(compilation: Compilation, count: int) -> Relation:
    made = ("numbers", count)
    if made not in compilation.relations:
        rows = [[integer(place)] for place in range(count)]
        columns = {PLACE: Number(ONE, 0, count)}
        comment = f"0 up to {count - 1}"
        compilation.relations[made] = compilation.add_rows(f"numbers_{count}", comment, columns, rows)
    return compilation.relations[made]


def _numbers_up_to(compilation: Compilation, most: int) -> Relation:
    """Return the numbers of parts for each count there may be, so that they are joined by equality."""
    made = ("numbers up to", most)
    if made not in compilation.relations:
        numbers = _numbers(compilation, most)
        source = From(numbers)
        below = source.join_on(numbers)
        source.close(below, compared(below.num(PLACE).top, "<=", source.num(PLACE).top), is_left=False)
        source.columns[COUNT] = add(source.num(PLACE), number(1))
        source.columns[PLACE] = below[PLACE]
        comment = f"the parts of every number of parts up to {most}"
        name = f"numbers_up_to_{most}"
        compilation.relations[made] = compilation.add(name, comment, source, is_kept=True)
    return compilation.relations[made]
