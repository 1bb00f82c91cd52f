"""The book: all facts of a run, typed and checked, in no particular order that matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal

from rulesengine.model.money import Money
from rulesengine.model.quick_dataclass import dataclass

Value = str | Decimal | Money | date | bool | tuple[str, ...] | None
"""A value of a field; None where an optional field is empty. A percent is a ratio (15% is
Decimal("0.15")), a reference is the key of the record it points at."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the facts a record stood: a file (as named in the manifest) and a row from 1.

    The row counts lines of data, the header of a CSV not included.
    """

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a fact kind."""

    kind: str
    key: str
    values: Mapping[str, Value]
    """Every declared field of the kind; None where an optional one is empty."""
    place: Place


@dataclass(frozen=True, slots=True)
class Version:
    """The values of a payee's `history` fields from a date on; `start` None means since ever."""

    start: date | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Payee:
    """One record of a payee kind, with its values over time."""

    kind: str
    key: str
    values: Mapping[str, Value]
    """The fields without `history`."""
    versions: tuple[Version, ...]
    """Ascending by start; one with `start` None where the kind has no history fields."""
    place: Place

    def version_at(self, day: date) -> Version | None:
        """Return the version in force on a day, None before the first."""
        found = None
        for version in self.versions:
            if version.start is not None and version.start > day:
                break
            found = version
        return found


@dataclass(frozen=True, slots=True)
class QuotaKey:
    """The place of one quota value: its keys in the order of the shape, and the window's start."""

    keys: tuple[str, ...]
    start: date


RateSeries = tuple[tuple[date, ...], tuple[Decimal | None, ...]]
"""The days that have a rate, ascending, and the rates; None where the rate of a day was rejected."""


@dataclass(frozen=True, slots=True)
class Book:
    """All facts of a run. Facts and payees are sorted by key, so no file order shows through."""

    facts: Mapping[str, tuple[Fact, ...]]
    payees: Mapping[str, Mapping[str, Payee]]
    quotas: Mapping[str, Mapping[QuotaKey, Decimal]]
    """Values in the quota's currency (money quotas) or plain numbers; all above zero."""
    rates: Mapping[str, Mapping[str, RateSeries]] = field(default_factory=dict)
    """Exchange rates by table and currency; the base of a table has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One row of facts that was not taken, and why."""

    kind: str
    """The fact kind, payee kind or quota it was meant for."""
    file: str
    row: int
    key: str = ""
    field: str = ""
    value: str = ""
    code: str
    """The code of the reason, as in `rulesengine help R1004`."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """Rows and sums of money of one kind: read = accepted + rejected.

    `money` maps each money field to its sums; a rejected row whose amount cannot be read adds to
    `unreadable` instead.
    """

    kind: str
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    money_read: Mapping[str, Decimal] = field(default_factory=dict)
    money_accepted: Mapping[str, Decimal] = field(default_factory=dict)
    money_rejected: Mapping[str, Decimal] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)
