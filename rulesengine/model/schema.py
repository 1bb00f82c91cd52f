"""What the facts of a plan must look like: record kinds with their fields, and quotas.

The plan stage makes a `Schema`; intake reads files by it. It is all that intake knows of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field as dataclass_field
from enum import StrEnum

from rulesengine.model.dates import DateRange, FiscalYear, WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import Type

MOST_PARTS = 1200
"""Largest number of parts or months: a hundred years of months."""


class Role(StrEnum):
    """Whether a kind of record is paid or earns."""

    PAYEE = "payee"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record kind, as its `field` line declares it."""

    name: str
    type: Type
    is_key: bool = False
    is_optional: bool = False
    is_history: bool = False
    is_event: bool = False
    is_credited: bool = False
    is_signed: bool = False
    is_reverses: bool = False
    decimals: int
    """Most decimals a value may have: the currency's minor digits, 9 for numbers and percents,
    or what `decimals N` says; 0 for all other types."""
    says_decimals: bool = False
    """`decimals N` is written: it holds for every currency that the field may be in."""
    is_count: bool = False
    """Used as a number of parts or of months somewhere: must be a whole number, 1 or more."""
    is_currency: bool = False
    """Says the currency of amounts: must be a code of ISO 4217."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """A payee kind or fact kind with its fields in written order (derived ones are not here)."""

    name: str
    role: Role
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return the field of that name, None if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        return None

    @property
    def key(self) -> Field:
        """The key field; the plan stage has made sure that there is exactly one."""
        return next(field for field in self.fields if field.is_key)

    @property
    def event(self) -> Field | None:
        """The event date of a fact kind."""
        return next((field for field in self.fields if field.is_event), None)

    @property
    def reverses(self) -> Field | None:
        """The field that names the row which a row undoes."""
        return next((field for field in self.fields if field.is_reverses), None)

    @property
    def has_history(self) -> bool:
        """Whether any field changes over time."""
        return any(field.is_history for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaShape:
    """A quota: one value for each combination of keys and each window."""

    name: str
    keys: tuple[tuple[str, Type], ...]
    """Column name and type of each key, in written order."""
    window: WindowKind
    type: Type
    """MoneyType or NumberType."""
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesShape:
    """A table of exchange rates: one value for each day and currency, all against one base."""

    name: str
    base: str
    is_per_base: bool
    """A rate is units of the other currency for one of the base; else units of the base for one of
    the other."""
    within_days: int
    """A rate is good until so many days after its date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Everything intake needs to know to read facts."""

    currency: str
    fiscal: FiscalYear
    effective: DateRange
    kinds: Mapping[str, RecordKind]
    quotas: Mapping[str, QuotaShape]
    rates: Mapping[str, RatesShape] = dataclass_field(default_factory=dict)
