"""The book as tables of a database: what the batch engine reads instead of records in memory.

A fact kind `deal` is the table `fact_deal`; a payee kind `partner` is `payee_partner` and, where it
has history fields, `history_partner`; a quota is `quota_NAME`, a table of exchange rates is
`rates_NAME`. Columns have the names of their fields. Columns that are no field begin with `@`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date

from rulesengine.model.quick_dataclass import dataclass

FILE = "@file"
"""The file that a record stood in, as the manifest names it."""
ROW = "@row"
"""The row of that file, from 1, the header not counted."""
FIRST_DAY = "@first_day"
"""First day on which the values of a history or an exchange rate hold; `SINCE_EVER` if there is none."""
LAST_DAY = "@last_day"
"""Last such day, itself included; `OPEN_END` if there is none."""
START = "@start"
"""First day of the window that a quota is for."""
AMOUNT = "amount"
"""The value of a quota."""
CURRENCY = "currency"
"""The currency that a row of exchange rates is for."""
RATE = "rate"
"""The exchange rate; null where the rate of that day was rejected."""
SINCE_EVER = date.min
OPEN_END = date.max

MOST_IN_64_BITS = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredColumn:
    """What is known of a column: numbers are integers, value = integer / 10**scale."""

    name: str
    scale: int = 0
    most: int = 0
    """Largest magnitude among its integers; 0 for what is no number."""
    has_nulls: bool = True
    is_empty: bool = False
    """Whether no row has a value."""

    @property
    def is_wide(self) -> bool:
        """Whether it is stored in 128 bits."""
        return self.most > MOST_IN_64_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table and what is known of its columns."""

    name: str
    rows: int
    columns: Mapping[str, StoredColumn]
    is_since_ever: bool = False
    """Of a history: every payee has values from the first day on, so that none can be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBook:
    """All facts of a run, as tables of one database; every reference and check has been looked at."""

    facts: Mapping[str, StoredTable]
    """By fact kind."""
    payees: Mapping[str, StoredTable]
    """By payee kind: keys and the fields without history."""
    histories: Mapping[str, StoredTable] = field(default_factory=dict)
    """By payee kind, of those that have history fields."""
    quotas: Mapping[str, StoredTable] = field(default_factory=dict)
    rates: Mapping[str, StoredTable] = field(default_factory=dict)

    def tables(self) -> Iterator[StoredTable]:
        """Yield all tables."""
        for tables in (self.facts, self.payees, self.histories, self.quotas, self.rates):
            yield from tables.values()


def fact_table(kind: str) -> str:
    """Return the name of the table of a fact kind."""
    return f"fact_{kind}"


def payee_table(kind: str) -> str:
    """Return the name of the table of a payee kind."""
    return f"payee_{kind}"


def history_table(kind: str) -> str:
    """Return the name of the table of a payee kind's history."""
    return f"history_{kind}"


def quota_table(name: str) -> str:
    """Return the name of the table of a quota."""
    return f"quota_{name}"


def rates_table(name: str) -> str:
    """Return the name of a table of exchange rates."""
    return f"rates_{name}"


def quota_key(number: int) -> str:
    """Return the column of a quota's key, counted from 1."""
    return f"key_{number}"
