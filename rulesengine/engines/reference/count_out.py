"""Step 3b, count out: what of a row's quantity counts, above a bound or in packages.

The quantity runs over a row and the rows that undo it: a row has what is counted of the sum with
it, less what is counted of the sum without it. So a refund takes back exactly what is no longer
above the bound, or the packages that are no longer touched, and refunds in full leave nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rulesengine.engines.counting import counted_of
from rulesengine.engines.reference.rows import Counted, Item, PayeeId, Priced
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact, add, multiply, subtract

Place = tuple[str, str, PayeeId, int, int]
"""Fact kind and key of the row judged by, payee, band, part of its pay."""


@dataclass(slots=True)
class Sum:
    """The quantity of a row and of the rows that undo it, so far."""

    total: Exact = ZERO
    whole: Exact | None = None
    """The quantity of the row itself; None before it has come."""

    def with_row(self, brings: Exact, *, is_reversal: bool) -> Exact:
        """Return the sum with a row: what is undone of a quantity is never more than there was."""
        after = add(self.total, brings)
        if not is_reversal:
            self.whole = brings
        elif self.whole is not None:
            after = max(after, ZERO) if self.whole > 0 else min(after, ZERO)
        return after


def moved(counted: Counted) -> Exact:
    """Return what a row has of a counted quantity."""
    return subtract(counted_of(counted.after, counted.how), counted_of(counted.before, counted.how))


def count_out(items: Iterable[Item]) -> list[Item]:
    """Return the items with the base or units of each part that counts in a way of its own.

    Args:
        items: in order. Parts that are paid of the measure stay as they are: they are counted band
            by band.
    """
    sums: dict[Place, Sum] = {}
    return [_counted(item, sums) if _counts(item) else item for item in items]


def _counts(item: Item) -> bool:
    return any(
        priced.counting is not None and not priced.of_measure for band in item.bands for priced in band
    )


def _counted(item: Item, sums: dict[Place, Sum]) -> Item:
    root = item.row.root
    bands = []
    for band, parts in enumerate(item.bands):
        made = []
        for number, priced in enumerate(parts):
            place = (root.kind, root.key, item.payee, band, number) if root else None
            made.append(_along(priced, place, sums, item) if place else priced)
        bands.append(tuple(made))
    return replace(item, bands=tuple(bands))


def _along(priced: Priced, place: Place, sums: dict[Place, Sum], item: Item) -> Priced:
    if priced.counting is None or priced.of_measure:
        return priced
    found = sums.setdefault(place, Sum())
    before = found.total
    after = found.total = found.with_row(priced.brings, is_reversal=item.row.is_reversal)
    counted = Counted(how=priced.counting, before=before, after=after)
    quantity = multiply(moved(counted), item.share)
    return replace(
        priced,
        counted=counted,
        base=quantity if priced.is_ratio else None,
        units=None if priced.is_ratio else quantity,
    )
