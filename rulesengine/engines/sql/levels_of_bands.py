"""Where a total stands in the bands, and between two of them if they are interpolated, as columns.

`band_V` is the band in version V, -1 below the first; `way_V`, where the bands are interpolated, how far
it is towards the next one, 0 where they are flat. `was_band_V` and `was_way_V` are the same without the row.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.expressions import FALSE, TRUE, Expr, chosen, equal, integer
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    add,
    is_zero,
    multiply,
    no_number,
    number,
    pick,
    subtract,
)
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Method

BAND, WAY, WAS = "band_", "way_", "was_"


def slopes_of(bands: nodes.Bands) -> list[int]:
    """Return the bands from which rates move in a straight line to those of the next one.

    The last band and bands that pay nothing are flat, and so are those before these.
    """
    if bands.method is not Method.INTERPOLATED:
        return []
    paid = [bool(band.pay.parts) for band in bands.bands]
    return [index for index in range(len(paid) - 1) if paid[index] and paid[index + 1]]


@dataclass(frozen=True, slots=True)
class Level:
    """Where a total stands, by columns of a select."""

    bands: nodes.Bands
    band: Number
    way: Number | None
    """None where all bands are flat."""

    def is_at(self, index: int) -> Expr:
        """Return whether it is a band."""
        return equal(self.band.top, integer(index))

    def of(self, values: Sequence[Number]) -> Number:
        """Return the value at this level, given the value in each band."""
        here = pick([(self.is_at(index), value) for index, value in enumerate(values)], number(0))
        if self.way is None:
            return here
        gains = [
            (self.is_at(index), subtract(values[index + 1], values[index])) for index in slopes_of(self.bands)
        ]
        return add(here, multiply(self.way, pick(gains, number(0))))

    def shown(self) -> dict[str, Number | Plain]:
        """Return the columns of drafts that say where it is."""
        starts = [(self.is_at(index), number(band.start)) for index, band in enumerate(self.bands.bands)]
        above = [
            (self.is_at(index), FALSE if band.is_included else TRUE)
            for index, band in enumerate(self.bands.bands)
        ]
        found: dict[str, Number | Plain] = {
            "band_from": pick(starts, no_number()),
            "band_above": Plain(chosen(above, FALSE)),
        }
        if self.way is not None:
            found["towards_next"] = shown_way(self.way)
        return found


def level_with(source: From, version: int, bands: nodes.Bands, *, was: bool = False) -> Level:
    """Return where the total stands with each row, or without it."""
    before = WAS if was else ""
    name = f"{before}{WAY}{version}"
    way = source.num(name) if name in source.relation else None
    return Level(bands, source.num(f"{before}{BAND}{version}"), way)


def shown_way(way: Number) -> Number:
    """Return how far it is to the next band, missing where it is not on the way."""
    return pick([(is_zero(way), no_number())], way)
