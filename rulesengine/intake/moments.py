"""Days and times of typed columns as Python values, also those for which Python itself has none."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from rulesengine.model.quick_dataclass import dataclass

DAY_NS = 86_400_000_000_000
"""Nanoseconds of a day."""
_START = date(2000, 1, 1)
_START_DAYS = 10_957
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
"""After so many years the calendar repeats."""


class Instant(datetime):
    """A time that has nanoseconds, for which a `datetime` has no room; a frame of pandas has such too."""

    nanosecond: int
    """Nanoseconds beyond the microsecond, 1 through 999."""

    def __str__(self) -> str:
        """Show all nine decimals of the second."""
        return f"{datetime.__str__(self.replace(microsecond=0))}.{self.microsecond:06d}{self.nanosecond:03d}"


@dataclass(frozen=True, slots=True)
class Beyond:
    """A day or time before the year 1 or after 9999, in words such as `+10000-01-01`."""

    text: str

    def __str__(self) -> str:
        """Show it as ISO 8601 writes long years."""
        return self.text


def day_of(days: int) -> date | Beyond:
    """Return a day by its number, counted from 1970-01-01."""
    cycles, rest = divmod(days - _START_DAYS, _CYCLE_DAYS)
    day = _START + timedelta(days=rest)
    year = day.year + cycles * _CYCLE_YEARS
    if date.min.year <= year <= date.max.year:
        return day.replace(year=year)
    return Beyond(f"{year:+05d}-{day.month:02d}-{day.day:02d}")


def time_of(nanoseconds: int) -> datetime | Beyond:
    """Return a time by its nanoseconds, counted from the begin of 1970-01-01."""
    days, rest = divmod(nanoseconds, DAY_NS)
    microseconds, below = divmod(rest, 1000)
    day, clock = day_of(days), (datetime.min + timedelta(microseconds=microseconds)).time()
    if isinstance(day, Beyond):
        return Beyond(f"{day} {clock}")
    if not below:
        return datetime.combine(day, clock)
    found = Instant.combine(day, clock)
    found.nanosecond = below
    return found


def is_midnight(instant: datetime) -> bool:
    """Whether a time is the begin of its day, to the nanosecond."""
    return instant.time() == time(0) and not getattr(instant, "nanosecond", 0)
