"""Words for measures and pays that lines and outcomes of all engines show."""

from __future__ import annotations

from typing import assert_never

from rulesengine.model.types import MoneyType, PercentType
from rulesengine.plan import nodes


def unit_of(measure: nodes.Measure | None) -> str:
    """Return the currency of a measure of money, `%` of an attainment, empty for counts and quantities."""
    kind = measure.aggregate.type if measure else None
    if isinstance(kind, PercentType):
        return "%"
    return kind.currency if isinstance(kind, MoneyType) else ""


def measured(measure: nodes.Measure | None) -> str:
    """Return what a measure is of."""
    if measure is None:
        return ""
    return measure.aggregate.read.text if measure.aggregate.read else measure.aggregate.text


def is_count(measure: nodes.Measure | None) -> bool:
    """Return whether a measure counts rows, which bands never cut."""
    return measure is not None and measure.aggregate.kind in (
        nodes.AggregateKind.COUNT,
        nodes.AggregateKind.COUNT_DISTINCT,
    )


def pays_of(rate: nodes.Rate | None) -> tuple[nodes.Pay, ...]:
    """Return the pay of each band; a plain `pay` is as if it were one band."""
    match rate:
        case None:
            return ()
        case nodes.Pay():
            return (rate,)
        case nodes.Bands(bands=bands):
            return tuple(band.pay for band in bands)
        case _:
            assert_never(rate)


def is_nothing(rate: nodes.Rate | None) -> str:
    """Return why a row whose pay comes to nothing has no line: `10% of amount is 0`."""
    parts = "; ".join(part.text for part in rate.parts) if isinstance(rate, nodes.Pay) else ""
    return f"{parts} is 0" if parts else "pays nothing"
