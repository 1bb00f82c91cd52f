"""Where a running total stands in the bands, and which part of a row lies in which band.

Below zero everything mirrors: the bands of -x are those of x, with minus signs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rulesengine.diagnostics import InternalError
from rulesengine.engines.sql.expressions import (
    TRUE,
    Expr,
    all_of,
    any_of,
    compared,
    integer,
    negated,
)
from rulesengine.engines.sql.values import (
    Number,
    absolute,
    add,
    compare,
    known,
    larger,
    multiply,
    negate,
    number,
    pick,
    rounded,
    smaller,
    subtract,
)
from rulesengine.model.rounding import RoundingMode
from rulesengine.plan.nodes import Bands, Method


@dataclass(frozen=True, slots=True)
class Bound:
    """The lower end of a band in the measure's unit, and whether it lies in the band."""

    start: Number
    is_included: bool

    def is_reached_by(self, magnitude: Number) -> Expr:
        """Return whether a total of that magnitude is in this band or a higher one."""
        return compare(magnitude, ">=" if self.is_included else ">", self.start)


def bounds_of(bands: Bands, target: Number | None) -> list[Bound]:
    """Return the lower ends; against a target they are its multiples."""
    return [
        Bound(
            number(band.start) if target is None else multiply(number(band.start), target), band.is_included
        )
        for band in bands.bands
    ]


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a row that lies in one band, zero if none does: from where to where it moves the band's
    own total (`marginal`) or the whole one."""

    part: Number
    before: Number
    after: Number


def is_in_band(bounds: Sequence[Bound], index: int, total: Number) -> Expr:
    """Return whether a total is in a band."""
    size = absolute(total)
    reached = bounds[index].is_reached_by(size)
    if index + 1 < len(bounds):
        return all_of([reached, negated(bounds[index + 1].is_reached_by(size))])
    return reached


def parts_of_row(
    bands: Bands, bounds: Sequence[Bound], before: Number, after: Number, *, is_count: bool
) -> list[Slice]:
    """Return how much of a row lies in each band; zero for those that it does not touch."""
    if bands.method is Method.MARGINAL:
        return _marginal(bounds, before, after, is_count=is_count)
    if bands.method in (Method.FROM_CROSSING, Method.FROM_NEXT):
        return _whole_rows(bands, bounds, before, after)
    raise InternalError(f"rows under {bands.method} are not cut one by one")


def _marginal(bounds: Sequence[Bound], before: Number, after: Number, *, is_count: bool) -> list[Slice]:
    starts = [bound.start for bound in bounds]
    if is_count:
        starts = [_first_counted(bound) for bound in bounds]
    found = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else None
        here, then = _inside(before, start, end), _inside(after, start, end)
        found.append(Slice(subtract(then, here), here, then))
    return found


def _first_counted(bound: Bound) -> Number:
    """Return how many rows lie below the band: row n is in it if n reaches the bound."""
    start = known(bound.start)
    if start is not None:
        below = math.ceil(start) - 1 if bound.is_included else math.floor(start)
        return number(max(below, 0))
    if not bound.is_included:
        return rounded(bound.start, Decimal(1), RoundingMode.DOWN)
    reached = rounded(bound.start, Decimal(1), RoundingMode.UP)
    return larger(subtract(reached, number(1)), number(0))


def _inside(total: Number, start: Number, end: Number | None) -> Number:
    """Return how much of a total lies between two bounds; mirrored below zero."""
    size = absolute(total)
    reach = size if end is None else smaller(size, end)
    part = larger(subtract(reach, start), number(0))
    return pick([(compared(total.top, "<", integer(0)), negate(part))], part)


def _whole_rows(bands: Bands, bounds: Sequence[Bound], before: Number, after: Number) -> list[Slice]:
    """Return the row as a whole in the band that decides; one that crosses zero has two sides."""
    zero = number(0)
    is_crossing = bands.method is Method.FROM_CROSSING
    crosses = any_of(
        [
            all_of([compare(before, "<", zero), compare(after, ">", zero)]),
            all_of([compare(after, "<", zero), compare(before, ">", zero)]),
        ]
    )
    grows = compare(absolute(after), ">=", absolute(before))
    decides_by_end = grows if is_crossing else negated(grows)
    by = subtract(after, before)
    found = []
    for index in range(len(bounds)):
        at_end, at_start = is_in_band(bounds, index, after), is_in_band(bounds, index, before)
        at_zero = is_in_band(bounds, index, zero)
        # From one side of zero to the other: the way to zero, then the way from it.
        back = at_start if is_crossing else at_zero
        forth = at_end if is_crossing else at_zero
        both = add(pick([(back, negate(before))], zero), pick([(forth, after)], zero))
        part = pick(
            [
                (crosses, both),
                (all_of([decides_by_end, at_end]), by),
                (all_of([negated(decides_by_end), at_start]), by),
            ],
            zero,
        )
        start = pick([(all_of([crosses, negated(back)]), zero)], before)
        end = pick([(all_of([crosses, negated(forth)]), zero)], after)
        found.append(Slice(part, start, end))
    return found


def stands_in(bounds: Sequence[Bound], index: int, before: Number, after: Number) -> Expr:
    """Return whether a row that does not move the total stands in a band."""
    return all_of([compare(before, "=", after), is_in_band(bounds, index, after)]) if bounds else TRUE
