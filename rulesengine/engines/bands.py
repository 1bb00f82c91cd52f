"""Where a running total stands in the bands, and which part of a row lies in which band.

Pure arithmetic. Below zero everything mirrors: the bands of -x are those of x, with minus signs.
"""

from __future__ import annotations

import math

from rulesengine.model.exact import ZERO, Exact, absolute, multiply, subtract
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.nodes import Bands, Method


@dataclass(frozen=True, slots=True)
class Bound:
    """The lower end of a band in the measure's unit, and whether it lies in the band."""

    start: Exact
    is_included: bool

    def is_reached_by(self, magnitude: Exact) -> bool:
        """Whether a total of that magnitude is in this band or a higher one."""
        return magnitude >= self.start if self.is_included else magnitude > self.start


def bounds_of(bands: Bands, target: Exact | None) -> list[Bound]:
    """Return the lower ends; against a target they are its multiples, never a quotient."""
    return [
        Bound(band.start if target is None else multiply(band.start, target), band.is_included)
        for band in bands.bands
    ]


def band_at(bounds: list[Bound], total: Exact) -> int | None:
    """Return the band a total is in, None below the first."""
    magnitude = absolute(total)
    found = None
    for index, bound in enumerate(bounds):
        if not bound.is_reached_by(magnitude):
            break
        found = index
    return found


def entered(bounds: list[Bound], total: Exact) -> set[tuple[int, int]]:
    """Return the bands entered at a total, as (sign, band); at zero none is.

    Under `from 0` a total of zero lies in the band without having entered it: what is paid once
    is due when something has been sold.
    """
    if total == 0:
        return set()
    sign = -1 if total < 0 else 1
    return {(sign, index) for index, bound in enumerate(bounds) if bound.is_reached_by(absolute(total))}


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a row that lies in one band: from where to where it moves the band's own total."""

    band: int
    before: Exact
    after: Exact

    @property
    def part(self) -> Exact:
        return subtract(self.after, self.before)


def slices(
    method: Method, bounds: list[Bound], before: Exact, after: Exact, *, is_count: bool
) -> list[tuple[int, Exact]]:
    """Return the parts of a row by band: (band, part), lowest band first.

    The parts add up to after - before, less what lies below the first band.

    Args:
        method: marginal, from_crossing or from_next.
        bounds: ascending.
        before: the total without the row.
        after: the total with it.
        is_count: counted rows are never cut: a row belongs to the band of its own number.
    """
    cuts = slices_between(method, bounds, before, after, is_count=is_count)
    return [(each.band, each.part) for each in cuts]


def slices_between(
    method: Method, bounds: list[Bound], before: Exact, after: Exact, *, is_count: bool
) -> list[Slice]:
    """Return the parts of a row as `slices` does, each with the totals that it lies between.

    Under `marginal` these are totals inside the band, else those of the whole measure.
    """
    if method is Method.MARGINAL:
        return _marginal(bounds, before, after, is_count=is_count)
    found: dict[int, Slice] = {}
    # A row that crosses zero undoes one side and builds up the other.
    crosses = (before < 0 < after) or (after < 0 < before)
    steps = [(before, ZERO), (ZERO, after)] if crosses else [(before, after)]
    for start, end in steps:
        grows = absolute(end) >= absolute(start)
        decides = end if grows == (method is Method.FROM_CROSSING) else start
        index = band_at(bounds, decides)
        if index is not None and start != end:
            found[index] = Slice(index, found[index].before if index in found else start, end)
    return sorted(found.values(), key=lambda each: each.band)


def _marginal(bounds: list[Bound], before: Exact, after: Exact, *, is_count: bool) -> list[Slice]:
    starts = [_first_counted(bound) if is_count else bound.start for bound in bounds]
    found = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else None
        cut = Slice(index, _inside(before, start, end), _inside(after, start, end))
        if cut.part != 0:
            found.append(cut)
    return found


def _first_counted(bound: Bound) -> Exact:
    """Return how many rows lie below the band: row n is in it if n reaches the bound."""
    below = math.ceil(bound.start) - 1 if bound.is_included else math.floor(bound.start)
    return ZERO + max(below, 0)


def _inside(total: Exact, start: Exact, end: Exact | None) -> Exact:
    """Return how much of a total lies between two bounds; mirrored below zero."""
    magnitude = absolute(total)
    reach = magnitude if end is None else min(magnitude, end)
    part = max(subtract(reach, start), ZERO)
    return -part if total < 0 else part
