"""The rows of facts, counted and added up: what control totals are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.schema import RecordKind
from rulesengine.model.stored_book import StoredBook, StoredTable
from rulesengine.model.types import MoneyType, RecordType
from rulesengine.plan.nodes import Plan
from rulesengine.statements.by_sql.sql import name

if TYPE_CHECKING:
    import duckdb


@dataclass(slots=True)
class Sums:
    """Rows, how many of them are among the facts, and their money by field and currency."""

    rows: int = 0
    known: int = 0
    keys: int = 0
    """The sum of the hashes of their keys, where that was asked for: as good as the set of them."""
    money: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, other: Sums) -> None:
        """Add others to them."""
        self.rows += other.rows
        self.known += other.known
        self.keys += other.keys
        for key, amount in other.money.items():
            self.money[key] = EXACT.add(self.money.get(key, ZERO), amount)

    def of(self, field_name: str, currency: str) -> Decimal:
        """Return the money of a field in a currency."""
        return self.money.get((field_name, currency), ZERO)


@dataclass(frozen=True, slots=True)
class MoneyField:
    """A field of money of a fact kind, where it stands and what its currency is."""

    name: str
    scale: int
    currency: str
    """Of each row, as an expression; empty where it is said of the field."""
    join: str = ""

    def currencies(self, accepted: Sums) -> list[str]:
        """Return the currencies that there are amounts in; one empty one where it is said of the field."""
        if not self.currency:
            return [""]
        return sorted(currency for name, currency in accepted.money if name == self.name)


def money_fields(kind: RecordKind, table: StoredTable, book: StoredBook, plan: Plan) -> Iterator[MoneyField]:
    for number, each in enumerate(kind.fields):
        if not isinstance(each.type, MoneyType):
            continue
        scale = table.columns[each.name].scale
        if not each.type.by:
            yield MoneyField(each.name, scale, "")
        elif len(each.type.by) == 1:
            yield MoneyField(each.name, scale, f"f.{name(each.type.by[0])}")
        else:
            first, last = each.type.by
            pointer = kind.field(first)
            assert pointer is not None and isinstance(pointer.type, RecordType)
            other = pointer.type.kind
            stored = book.facts.get(other) or book.payees[other]
            key = plan.schema.kinds[other].key.name
            alias = f"other_{number}"
            join = f" LEFT JOIN {name(stored.name)} {alias} ON f.{name(first)} = {alias}.{name(key)}"
            yield MoneyField(each.name, scale, f"{alias}.{name(last)}", join)


@dataclass(frozen=True, slots=True)
class FactRows:
    """The stored rows of a fact kind, as `f`; rows of a calendar are nowhere stored."""

    source: str
    key: str
    fields: tuple[MoneyField, ...]

    @classmethod
    def of_kind(cls, plan: Plan, kind: str, book: StoredBook) -> FactRows:
        record, table = plan.schema.kinds[kind], book.facts[kind]
        fields = tuple(money_fields(record, table, book, plan))
        source = f"{name(table.name)} f" + "".join(each.join for each in fields)
        return cls(source, f"f.{name(record.key.name)}", fields)


def grouped(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[MoneyField],
    known: str,
    source: str,
    keys: str,
    key: str = "",
) -> Iterator[tuple[tuple[Any, ...], Sums]]:
    """Count rows and add up their money by keys and by the currencies of each field that has its own.

    Args:
        connection: to the database.
        fields: of money.
        known: whether a row is among the facts.
        source: the rows, facts as `f`.
        keys: what they are grouped by; empty for nothing.
        key: what is hashed for `Sums.keys`.
    """
    own = [each for each in fields if each.currency]
    by = ", ".join([*([keys] if keys else []), *(f"{each.currency}" for each in own)])
    asked = [
        *([keys] if keys else []),
        *(each.currency for each in own),
        "count(*)",
        f"count(*) FILTER ({known})",
        f"sum(CAST(hash({key}) AS HUGEINT))" if key else "0",
        *(f"sum(f.{name(each.name)})" for each in fields),
    ]
    grouped = f" GROUP BY {by}" if by else ""
    width = len(keys.split(",")) if keys else 0
    for row in connection.execute(f"SELECT {', '.join(asked)} FROM {source}{grouped}").fetchall():
        currencies = dict(zip((each.name for each in own), row[width:], strict=False))
        rows, found, hashes = row[width + len(own) : width + len(own) + 3]
        money = {
            (each.name, currencies.get(each.name) or ""): EXACT.scaleb(Decimal(int(top)), -each.scale)
            for each, top in zip(fields, row[width + len(own) + 3 :], strict=True)
            if top is not None
        }
        yield row[:width], Sums(rows, found, int(hashes or 0), money)
