"""Which parts of a row lie in which bands, quickly where the total only grows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rulesengine.engines.bands import Bound, band_at, slices_between
from rulesengine.engines.prepared.runtime import LeftToJudge
from rulesengine.model.exact import ONE, ZERO, Exact, divide, multiply, subtract
from rulesengine.plan.nodes import Method

Cut = tuple[int, Exact, Exact, Exact, Exact]
"""A part of a row: its band, how much it is, the totals that it lies between, and what those are counted
from: they less that are the band's own totals before and after it."""


class Ends:
    """The lower ends of bands."""

    __slots__ = ("bounds", "starts")

    def __init__(self, ends: Sequence[tuple[Exact, bool]]) -> None:
        self.starts = [start for start, _ in ends]
        self.bounds = [Bound(start, is_included) for start, is_included in ends]


def ends_against(target: Exact, ends: Sequence[tuple[Exact, bool]]) -> Ends:
    """Return the lower ends of bands that are multiples of a target."""
    return Ends([(multiply(start, target), is_included) for start, is_included in ends])


def cuts_of(
    method: Method, ends: Ends, before: Exact, after: Exact, *, is_count: bool = False
) -> Sequence[Cut]:
    """Return the parts of a row by band, lowest first; a row that moves nothing lies where the total is."""
    if before == after:
        index = band_at(ends.bounds, after)
        return () if index is None else ((index, ZERO, ZERO, ZERO, ZERO),)
    cuts = slices_between(method, ends.bounds, before, after, is_count=is_count)
    return [(each.band, each.part, each.before, each.after, ZERO) for each in cuts]


def marginal_cuts(ends: Ends, before: Exact, after: Exact) -> Sequence[Cut]:
    """Return the marginal parts of a row, lowest first; as `cuts_of` has them."""
    if not ZERO <= before < after:
        return cuts_of(Method.MARGINAL, ends, before, after)
    starts = ends.starts
    first, last = bisect_right(starts, before) - 1, bisect_left(starts, after) - 1
    if first == last:
        return ((first, subtract(after, before), before, after, starts[first]),) if first >= 0 else ()
    found: list[Cut] = []
    for band in range(max(first, 0), last + 1):
        low = max(before, starts[band])
        high = after if band == last else starts[band + 1]
        if low != high:
            found.append((band, subtract(high, low), low, high, starts[band]))
    return found


def fraction_of(part: Exact, moved: Exact) -> Exact:
    """Return which share of a row lies in a band: the part of it there, of all that it moves."""
    return ONE if part == moved else divide(part, moved)


def whole_cut(ends: Ends, before: Exact, after: Exact, *, is_first: bool) -> Sequence[Cut]:
    """Return the band that all of a row is paid in, where the total decides for all rows of it.

    Raises:
        LeftToJudge: the band changes, so that earlier rows gain or lose by it.
    """
    index = band_at(ends.bounds, after)
    if not is_first and index != band_at(ends.bounds, before):
        raise LeftToJudge("the band of earlier rows changes")
    return () if index is None else ((index, subtract(after, before), before, after, ZERO),)
