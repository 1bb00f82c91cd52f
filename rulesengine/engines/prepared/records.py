"""The records of a book, made ready to be read by generated code: plain values by field, as of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from rulesengine.engines.prepared.runtime import LeftToJudge
from rulesengine.model.book import Book, Fact, Payee, Place, Value
from rulesengine.model.dates import BEGINNING
from rulesengine.model.money import Money
from rulesengine.model.schema import RecordKind
from rulesengine.model.types import MoneyType

Plain = Mapping[str, object]
"""Values by field; of money, its amount."""
History = tuple[tuple[date, Plain], ...]
"""All values of a payee from a day on, the last day first."""
Records = Mapping[str, Mapping[str, Plain] | Mapping[str, History]]
"""By kind and key; payees whose values change over time have a history."""


def records_of(book: Book, kinds_with_history: frozenset[str]) -> Records:
    """Return the payees and facts of a book by kind and key."""
    found: dict[str, Mapping[str, Plain] | Mapping[str, History]] = {}
    for kind, payees in book.payees.items():
        if kind in kinds_with_history:
            found[kind] = {key: _history(payee) for key, payee in payees.items()}
        else:
            found[kind] = {key: plain_values(payee.values) for key, payee in payees.items()}
    for kind, facts in book.facts.items():
        found[kind] = {fact.key: plain_values(fact.values) for fact in facts}
    return found


def as_of(history: History, day: date) -> Plain:
    """Return the values of a payee on a day.

    Raises:
        LeftToJudge: there are none yet.
    """
    for start, values in history:
        if start <= day:
            return values
    raise LeftToJudge("no values yet")


def plain_values(values: Mapping[str, Value]) -> dict[str, object]:
    """Return values as rules read them."""
    return {name: plain(value) for name, value in values.items()}


def plain(value: Value) -> object:
    """Return a value as rules read it: of money, its amount."""
    return value.amount if isinstance(value, Money) else value


def values_of(fact: Fact, kind: RecordKind) -> list[object]:
    """Return the values of a row in the order of the fields of its kind."""
    return [plain(fact.values[field.name]) for field in kind.fields]


def fact_of(values: Sequence[object], kind: RecordKind) -> Fact:
    """Return a row with these values, which has been read from no file: the inverse of `values_of`."""
    found: dict[str, Value] = {}
    for field, value in zip(kind.fields, values, strict=True):
        if isinstance(field.type, MoneyType) and isinstance(value, Decimal):
            found[field.name] = Money(value, field.type.currency)
        else:
            assert value is None or isinstance(value, str | Decimal | date | bool | tuple)
            found[field.name] = value
    return Fact(kind.name, str(found[kind.key.name]), found, Place(kind.name, 1))


def _history(payee: Payee) -> History:
    steady = plain_values(payee.values)
    return tuple(
        (version.start or BEGINNING, {**plain_values(version.values), **steady})
        for version in reversed(payee.versions)
    )
