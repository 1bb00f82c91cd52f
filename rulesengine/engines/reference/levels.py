"""Where a total stands among the bands, and between two of them if they are interpolated."""

from __future__ import annotations

from rulesengine.engines.bands import Bound, band_at, bounds_of
from rulesengine.model.exact import ZERO, Exact, absolute, add, divide, multiply, subtract
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Method


@dataclass(frozen=True, slots=True)
class Level:
    """Where a total stands: its band, and how far it is towards the next (0 unless interpolated)."""

    band: int | None
    towards_next: Exact

    def of(self, values: list[Exact]) -> Exact:
        """Return the value at this level, given the value in each band."""
        if self.band is None:
            return ZERO
        here = values[self.band]
        if self.towards_next == 0:
            return here
        return add(here, multiply(self.towards_next, subtract(values[self.band + 1], here)))


def level_at(bands: nodes.Bands, target: Exact | None, total: Exact) -> Level:
    """Return where a total stands; the last band and bands that pay nothing are flat."""
    bounds = bounds_of(bands, target)
    index = band_at(bounds, total)
    if index is None or bands.method is not Method.INTERPOLATED or index + 1 == len(bounds):
        return Level(index, ZERO)
    if not bands.bands[index].pay.parts or not bands.bands[index + 1].pay.parts:
        return Level(index, ZERO)
    return Level(index, _way(bounds, index, total))


def _way(bounds: list[Bound], index: int, total: Exact) -> Exact:
    start, end = bounds[index].start, bounds[index + 1].start
    return divide(subtract(absolute(total), start), subtract(end, start))


def shown_way(level: Level) -> Exact | None:
    return level.towards_next if level.towards_next != 0 else None
