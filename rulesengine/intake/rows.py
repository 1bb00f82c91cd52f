"""The rows of one kind while they are judged, before they become the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from rulesengine.model.book import Value
from rulesengine.model.schema import Field

START = "from"
"""The column with the date from which a row of a payee's history holds."""
PERIOD = "period"
DATE, CURRENCY, RATE = "date", "currency", "rate"
"""The columns of a table of rates."""
AMOUNT = "amount"
BETWEEN_PARTS = "\x1f"
"""Joins the parts of a quota's key; no value holds it, so different keys never look the same."""


class Sort(StrEnum):
    """What a section's rows become."""

    FACT = "fact"
    PAYEE = "payee"
    QUOTA = "quota"
    RATES = "table of rates"


@dataclass(slots=True, eq=False)
class Row:
    """One row of data: what could be read of it, and whether it is still accepted."""

    file: str
    number: int
    key: str
    """Empty where the key could not be read."""
    values: Mapping[str, Value]
    """The fields that could be read; all of them, where the row is alive."""
    is_alive: bool = True

    @property
    def shown_key(self) -> str:
        """The key as people read it."""
        return self.key.replace(BETWEEN_PARTS, ", ")

    @property
    def place(self) -> tuple[str, int]:
        """File and number, for sorting."""
        return (self.file, self.number)


@dataclass(slots=True, kw_only=True)
class Section:
    """All rows of one fact kind, payee kind or quota."""

    name: str
    sort: Sort
    fields: tuple[Field, ...]
    """The declared fields, and those that intake adds: `from`, or a quota's `period` and `amount`."""
    key: str
    """Name of the key field; empty for a quota, whose key is all fields but `amount`."""
    reverses: str = ""
    event: str = ""
    is_distinct: bool = False
    rows: list[Row] = field(default_factory=list)
    money_read: dict[str, Decimal] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)

    @property
    def has_history(self) -> bool:
        """Whether the rows carry the date from which they hold."""
        return any(f.name == START and f.is_history for f in self.fields)
