"""A book in memory stored as tables, for small jobs and for facts that come from the Python API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import InternalError
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.model import stored_book as stored
from rulesengine.model.book import Book, Fact, Payee, Value
from rulesengine.model.change import replace
from rulesengine.model.money import Money
from rulesengine.model.schema import Field, Role, Schema
from rulesengine.model.stored_book import StoredBook, StoredColumn, StoredTable
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
    Type,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_NUMBERS = (MoneyType, NumberType, PercentType)
_DAY = timedelta(days=1)


def store_book(connection: duckdb.DuckDBPyConnection, schema: Schema, book: Book) -> StoredBook:
    """Store all facts of a book as tables of a database (`model/stored_book.py`)."""
    store = _Store(connection)
    facts, payees, histories = {}, {}, {}
    for kind in schema.kinds.values():
        if kind.role is Role.FACT:
            facts[kind.name] = store.records(
                stored.fact_table(kind.name), kind.fields, book.facts.get(kind.name, ())
            )
            continue
        found = list(book.payees.get(kind.name, {}).values())
        plain = [field for field in kind.fields if not field.is_history]
        payees[kind.name] = store.records(stored.payee_table(kind.name), plain, found)
        if kind.has_history:
            changing = [field for field in kind.fields if field.is_history]
            name = stored.history_table(kind.name)
            histories[kind.name] = store.history(name, kind.key, changing, found)
    return StoredBook(
        facts=facts,
        payees=payees,
        histories=histories,
        quotas={name: store.quota(name, schema, book) for name in schema.quotas},
        rates={name: store.rates(name, book) for name in schema.rates},
    )


class _Store:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def records(
        self, name: str, fields: Sequence[Field], records: Sequence[Fact] | Sequence[Payee]
    ) -> StoredTable:
        columns = {
            field.name: (field.type, [record.values.get(field.name) for record in records])
            for field in fields
        }
        places: dict[str, list[Any]] = {
            stored.FILE: [record.place.file for record in records],
            stored.ROW: [record.place.row for record in records],
        }
        return self._table(name, columns, places, len(records))

    def history(self, name: str, key: Field, fields: Sequence[Field], payees: Sequence[Payee]) -> StoredTable:
        rows = [
            (payee, version, following)
            for payee in payees
            for version, following in zip(payee.versions, (*payee.versions[1:], None), strict=True)
        ]
        columns: dict[str, tuple[Type, list[Value]]] = {
            key.name: (key.type, [payee.values[key.name] for payee, _, _ in rows])
        }
        columns |= {
            field.name: (field.type, [version.values[field.name] for _, version, _ in rows])
            for field in fields
        }
        days: dict[str, list[Any]] = {
            stored.FIRST_DAY: [version.start or stored.SINCE_EVER for _, version, _ in rows],
            stored.LAST_DAY: [
                stored.OPEN_END if after is None or after.start is None else after.start - _DAY
                for _, _, after in rows
            ],
        }
        made = self._table(name, columns, days, len(rows))
        return replace(made, is_since_ever=all(payee.versions[0].start is None for payee in payees))

    def quota(self, name: str, schema: Schema, book: Book) -> StoredTable:
        shape = schema.quotas[name]
        values = sorted(book.quotas.get(name, {}).items(), key=lambda pair: (pair[0].keys, pair[0].start))
        extra: dict[str, list[Any]] = {
            stored.quota_key(number): [key.keys[number - 1] for key, _ in values]
            for number in range(1, len(shape.keys) + 1)
        }
        extra[stored.START] = [key.start for key, _ in values]
        columns: dict[str, tuple[Type, list[Value]]] = {
            stored.AMOUNT: (NumberType(), [value for _, value in values])
        }
        return self._table(stored.quota_table(name), columns, extra, len(values))

    def rates(self, name: str, book: Book) -> StoredTable:
        rows: list[tuple[str, date, date, Decimal | None]] = []
        for currency, (days, rates) in sorted(book.rates.get(name, {}).items()):
            ends = [*(day - _DAY for day in days[1:]), stored.OPEN_END]
            rows += [(currency, day, end, rate) for day, end, rate in zip(days, ends, rates, strict=True)]
        extra: dict[str, list[Any]] = {
            stored.CURRENCY: [row[0] for row in rows],
            stored.FIRST_DAY: [row[1] for row in rows],
            stored.LAST_DAY: [row[2] for row in rows],
        }
        columns: dict[str, tuple[Type, list[Value]]] = {stored.RATE: (NumberType(), [row[3] for row in rows])}
        return self._table(stored.rates_table(name), columns, extra, len(rows))

    def _table(
        self,
        name: str,
        columns: dict[str, tuple[Type, list[Value]]],
        extra: dict[str, list[Any]],
        rows: int,
    ) -> StoredTable:
        import pyarrow as pa

        arrays: dict[str, pa.Array] = {}
        known: dict[str, StoredColumn] = {}
        for each, (kind, values) in columns.items():
            if isinstance(kind, _NUMBERS):
                tops, known[each] = _integers(each, values)
                wide = known[each].is_wide
                arrays[each] = pa.array(tops, pa.decimal128(38, 0) if wide else pa.int64())
            else:
                is_empty = all(value is None for value in values)
                known[each] = StoredColumn(name=each, has_nulls=None in values, is_empty=is_empty)
                arrays[each] = pa.array(values, _arrow_type(kind))
        for each, extras in extra.items():
            known[each] = StoredColumn(name=each, has_nulls=False)
            is_number = each == stored.ROW
            is_day = each in (stored.FIRST_DAY, stored.LAST_DAY, stored.START)
            arrays[each] = pa.array(
                extras, pa.int64() if is_number else pa.date32() if is_day else pa.string()
            )
        table = pa.table(arrays)
        self._create(name, table, known)
        return StoredTable(name=name, rows=rows, columns=known)

    def _create(self, name: str, table: pa.Table, known: dict[str, StoredColumn]) -> None:
        quote = DuckDB().identifier
        selected = ", ".join(
            f"cast({quote(each)} as hugeint) as {quote(each)}" if known[each].is_wide else quote(each)
            for each in table.column_names
        )
        self.connection.register("stored_from_memory", table)
        self.connection.execute(
            f"create or replace table {quote(name)} as select {selected} from stored_from_memory"
        )
        self.connection.unregister("stored_from_memory")


def _integers(name: str, values: Sequence[Value]) -> tuple[list[int | None], StoredColumn]:
    """Return numbers as integers of one scale: the most decimals that any of them has."""
    plain = [_decimal(value) for value in values]
    scale = max((_decimals(value) for value in plain if value is not None), default=0)
    tops = [None if value is None else int(value.scaleb(scale)) for value in plain]
    most = max((abs(top) for top in tops if top is not None), default=0)
    is_empty = all(top is None for top in tops)
    return tops, StoredColumn(name=name, scale=scale, most=most, has_nulls=None in tops, is_empty=is_empty)


def _decimal(value: Value) -> Decimal | None:
    found = value.amount if isinstance(value, Money) else value
    if found is None or isinstance(found, Decimal):
        return found
    if isinstance(found, Fraction | str | date | tuple):
        raise InternalError(f"{found!r} is no number of a file")
    return Decimal(found)


def _decimals(value: Decimal) -> int:
    if value == 0:
        return 0
    digits = value.as_tuple()
    assert isinstance(digits.exponent, int)
    kept = len(digits.digits)
    while kept and digits.digits[kept - 1] == 0:
        kept -= 1
    return max(0, -(digits.exponent + len(digits.digits) - kept))


def _arrow_type(kind: Type) -> pa.DataType:
    import pyarrow as pa

    match kind:
        case DateType():
            return pa.date32()
        case FlagType():
            return pa.bool_()
        case TextListType():
            return pa.list_(pa.string())
        case _:
            return pa.string()
