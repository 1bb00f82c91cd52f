"""Which parts of a row lie in which bands, quickly where the total only grows."""

from __future__ import annotations

from typing import NamedTuple

from rulesengine.engines.bands import Bound, band_at, slices_between
from rulesengine.engines.prepared.runtime import LeftToJudge
from rulesengine.model.exact import ONE, ZERO, Exact, divide, subtract
from rulesengine.plan.nodes import Method


class Cut(NamedTuple):
    """A part of a row: its band, how much it is, which share of the row, and where it lies."""

    band: int
    part: Exact
    fraction: Exact
    low: Exact
    """The totals that it lies between, counted from `start`."""
    high: Exact
    start: Exact = ZERO

    @property
    def before(self) -> Exact:
        """The band's own total before it."""
        return subtract(self.low, self.start)

    @property
    def after(self) -> Exact:
        """The band's own total with it."""
        return subtract(self.high, self.start)


def cuts_of(
    method: Method, bounds: tuple[Bound, ...], before: Exact, after: Exact, *, is_count: bool
) -> list[Cut]:
    """Return the parts of a row by band, lowest first; a row that moves nothing lies where the total is."""
    if before == after:
        index = band_at(list(bounds), after)
        return [] if index is None else [Cut(index, ZERO, ONE, ZERO, ZERO)]
    if method is Method.MARGINAL and not is_count and 0 <= before < after:
        return _growing(bounds, before, after)
    by = subtract(after, before)
    return [
        Cut(each.band, each.part, divide(each.part, by), each.before, each.after)
        for each in slices_between(method, list(bounds), before, after, is_count=is_count)
    ]


def _growing(bounds: tuple[Bound, ...], before: Exact, after: Exact) -> list[Cut]:
    """Return the marginal parts of a row that adds to a total of zero or more."""
    found: list[Cut] = []
    last = len(bounds) - 1
    for index, bound in enumerate(bounds):
        start = bound.start
        if after <= start:
            break
        end = bounds[index + 1].start if index < last else None
        if end is not None and end <= before:
            continue
        if start <= before and (end is None or after <= end):
            return [Cut(index, subtract(after, before), ONE, before, after, start)]
        low, high = max(before, start), after if end is None else min(after, end)
        part = subtract(high, low)
        if part != 0:
            found.append(Cut(index, part, divide(part, subtract(after, before)), low, high, start))
    return found


def whole_cut(bounds: tuple[Bound, ...], before: Exact, after: Exact, *, is_first: bool) -> list[Cut]:
    """Return the band that all of a row is paid in, where the total decides for all rows of it.

    Raises:
        LeftToJudge: the band changes, so that earlier rows gain or lose by it.
    """
    index = band_at(list(bounds), after)
    if not is_first and index != band_at(list(bounds), before):
        raise LeftToJudge("the band of earlier rows changes")
    return [] if index is None else [Cut(index, subtract(after, before), ONE, before, after)]
