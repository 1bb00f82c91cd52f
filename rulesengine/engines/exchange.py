"""Exchange: the rate between two currencies on a day, as one exact number, or why there is none.

Source: language reference, "Currencies".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta

from rulesengine.model.book import RateSeries
from rulesengine.model.exact import ONE, Exact, divide, grouped, multiply
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RatesShape


class NoRate(Exception):
    """There is no rate that could be used, so the row is rejected."""

    def __init__(self, code: str, currency: str, reason: str) -> None:
        self.code, self.currency, self.reason = code, currency, reason
        self.field = self.value = ""
        """The amount; known to who asks for the rate."""
        super().__init__(f"{code}: {reason}")


class RateToCome(Exception):
    """The day whose rate is asked for is missing, or lies after the last day of facts."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A rate: so many units of one currency are paid for one of another."""

    rate: Exact
    on: date
    """The day that the rate is of."""
    rates: str
    how: str
    """How it is used: `÷ 1.1172`, or `÷ 1.1172 × 0.8338, through EUR`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """An amount in its own currency, and what it comes to in the rule's."""

    original: Exact
    currency: str
    amount: Exact
    quote: Quote


def quote(shape: RatesShape, series: Mapping[str, RateSeries], source: str, target: str, day: date) -> Quote:
    """Return the last rate from one currency to another on or before a day.

    A rate between two currencies that are both not the base goes through it, at the last day on
    which both have a rate: rates of two days make no rate.

    Raises:
        NoRate: R1115, there is none; R1116, it is older than the rates are good for.
    """
    legs = [code for code in (source, target) if code != shape.base]
    on = _last_day(shape, series, legs, day)
    oldest = day - timedelta(days=shape.within_days)
    if on < oldest:
        raise NoRate(
            "R1116",
            source,
            f"the last rate of `{shape.name}` for {_both(legs)} on or before {day} is of {on}, "
            f"and is good for {shape.within_days} days",
        )
    rate: Exact = ONE
    words = []
    for code in legs:
        dates, values = series[code]
        value = values[bisect_right(dates, on) - 1]
        if value is None:
            raise NoRate("R1115", code, f"the rate of `{shape.name}` for {code} on {on} is rejected itself")
        # Units of the currency for one of the base: from the currency divides, to it multiplies.
        divides = (code == source) == shape.is_per_base
        rate = divide(rate, value) if divides else multiply(rate, value)
        words.append(f"{'÷' if divides else '×'} {grouped(value)}")
    through = f", through {shape.base}" if len(legs) > 1 else ""
    return Quote(rate=rate, on=on, rates=shape.name, how=f"{' '.join(words)}{through}")


def _last_day(shape: RatesShape, series: Mapping[str, RateSeries], legs: list[str], day: date) -> date:
    """Return the last day on or before a day on which all legs have a rate."""
    on = day
    while True:
        found = []
        for code in legs:
            dates, _ = series.get(code, ((), ()))
            index = bisect_right(dates, on)
            if index == 0:
                raise NoRate(
                    "R1115",
                    code,
                    f"`{shape.name}` has no rate for {code} on or before {day}"
                    if dates
                    else f"`{shape.name}` has no rates for {code}",
                )
            found.append(dates[index - 1])
        earliest = min(found, default=day)
        if earliest == max(found, default=day):
            return earliest
        on = earliest


def _both(legs: list[str]) -> str:
    return " and ".join(legs)
