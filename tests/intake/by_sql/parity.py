"""Holds the intake in SQL to the reference: the same book, rejects, totals and files, or the same refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from rulesengine.diagnostics import Rejected
from rulesengine.intake import Intake, read_book
from rulesengine.intake.by_sql import StoredIntake, store_book
from rulesengine.model import stored_book as names
from rulesengine.model.book import Reject
from rulesengine.model.money import Money
from rulesengine.model.schema import Field, Schema
from rulesengine.model.stored_book import OPEN_END, SINCE_EVER, StoredTable
from rulesengine.model.types import MoneyType, NumberType, PercentType

NUMBERS = (MoneyType, NumberType, PercentType)
Rows = list[dict[str, Any]]


def both(
    schema: Schema, source: Path | str | Mapping[str, object], *, root: Path | str | None = None
) -> Intake:
    """Return what the reference reads, once the intake in SQL has proved to read the same."""
    try:
        expected = read_book(schema, source, root=root)
    except Rejected as refused:
        found_by_sql = refused_by_sql(schema, source, root)
        assert found_by_sql == list(refused.diagnostics)
        raise
    if isinstance(source, Mapping) and any(isinstance(data, Iterator) for data in source.values()):
        return expected
    with duckdb.connect() as connection:
        found = store_book(connection, schema, source, root=root)
        assert_same(connection, schema, found, expected)
    return expected


def refused_by_sql(schema: Schema, source: Any, root: Path | str | None) -> list[Any]:
    """Return why the intake in SQL takes nothing; empty if it does."""
    with duckdb.connect() as connection:
        try:
            store_book(connection, schema, source, root=root)
        except Rejected as refused:
            return list(refused.diagnostics)
    return []


def assert_same(connection: Any, schema: Schema, found: StoredIntake, expected: Intake) -> None:
    """Compare everything that an intake says."""
    assert rejects_of(connection, found) == list(expected.rejects)
    assert found.totals == expected.totals
    assert found.files == expected.files
    assert book_of(connection, found) == flat(schema, expected)
    assert_no_floats(connection)


def rejects_of(connection: Any, found: StoredIntake) -> list[Reject]:
    """Return the table of rejects as the reference has them."""
    rows = connection.execute(f"SELECT * FROM {found.rejects}").fetchall()
    return [
        Reject(kind=kind, file=file, row=row, key=key, field=field, value=value, code=code, reason=reason)
        for kind, file, row, key, field, value, code, reason in rows
    ]


def book_of(connection: Any, found: StoredIntake) -> dict[str, Rows]:
    """Return the stored tables, numbers as decimals."""
    book = found.book
    tables = {
        names.fact_table: book.facts,
        names.payee_table: book.payees,
        names.history_table: book.histories,
        names.quota_table: book.quotas,
        names.rates_table: book.rates,
    }
    return {
        name_of(kind): _rows(connection, table)
        for name_of, of_kind in tables.items()
        for kind, table in of_kind.items()
    }


def _rows(connection: Any, table: StoredTable) -> Rows:
    cursor = connection.execute(f'SELECT * FROM "{table.name}"')
    columns = [(name, str(type)) for name, type, *_ in cursor.description]
    found: Rows = []
    most = dict.fromkeys((name for name, _ in columns), 0)
    nulls: set[str] = set()
    assert {name for name, _ in columns} == set(table.columns)
    for line in cursor.fetchall():
        row: dict[str, Any] = {}
        for (name, type), value in zip(columns, line, strict=True):
            column = table.columns[name]
            if value is None:
                nulls.add(name)
            if type in ("BIGINT", "HUGEINT") and name != names.ROW and value is not None:
                most[name] = max(most[name], abs(value))
                assert (type == "HUGEINT") >= column.is_wide
                value = Decimal(value).scaleb(-column.scale)
            row[name] = tuple(value) if isinstance(value, list) else value
        found.append(row)
    assert len(found) == table.rows
    if names.FIRST_DAY in table.columns and names.RATE not in table.columns:
        key = columns[0][0]
        since_ever = {row[key] for row in found if row[names.FIRST_DAY] == SINCE_EVER}
        assert table.is_since_ever == ({row[key] for row in found} == since_ever)
    for name, _ in columns:
        assert table.columns[name].most == most[name], name
        assert table.columns[name].has_nulls == (name in nulls), name
        if not name.startswith(("@", "key_")) and name != names.CURRENCY:
            assert table.columns[name].is_empty == all(row[name] is None for row in found), name
    return sorted(found, key=_text)


def _text(row: dict[str, Any]) -> str:
    return str(sorted((name, value) for name, value in row.items() if not isinstance(value, Decimal)))


def flat(schema: Schema, intake: Intake) -> dict[str, Rows]:
    """Return the reference's book as the same tables."""
    book = intake.book
    tables: dict[str, Rows] = {}
    for kind, facts in book.facts.items():
        tables[names.fact_table(kind)] = [
            {names.FILE: fact.place.file, names.ROW: fact.place.row, **_plain(fact.values)} for fact in facts
        ]
    for kind, payees in book.payees.items():
        tables[names.payee_table(kind)] = [
            {names.FILE: payee.place.file, names.ROW: payee.place.row, **_plain(payee.values)}
            for payee in payees.values()
        ]
        if schema.kinds[kind].has_history:
            key = schema.kinds[kind].key
            tables[names.history_table(kind)] = [
                row for payee in payees.values() for row in _versions(key, payee)
            ]
    for name, quotas in book.quotas.items():
        tables[names.quota_table(name)] = [
            {
                **{names.quota_key(at): key for at, key in enumerate(place.keys, 1)},
                names.START: place.start,
                names.AMOUNT: amount,
            }
            for place, amount in quotas.items()
        ]
    for name, series in book.rates.items():
        tables[names.rates_table(name)] = [
            {
                names.CURRENCY: code,
                names.FIRST_DAY: day,
                names.LAST_DAY: days[at + 1] - timedelta(days=1) if at + 1 < len(days) else OPEN_END,
                names.RATE: rate,
            }
            for code, (days, rates) in series.items()
            for at, (day, rate) in enumerate(zip(days, rates, strict=True))
        ]
    return {name: sorted(rows, key=_text) for name, rows in tables.items()}


def _versions(key: Field, payee: Any) -> Rows:
    starts = [version.start or SINCE_EVER for version in payee.versions]
    ends: list[date] = [start - timedelta(days=1) for start in starts[1:]]
    return [
        {
            key.name: _value(payee.values[key.name]),
            names.FIRST_DAY: start,
            names.LAST_DAY: end,
            **_plain(version.values),
        }
        for version, start, end in zip(payee.versions, starts, [*ends, OPEN_END], strict=True)
    ]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items() if name != "from"}


def _value(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


def assert_no_floats(connection: Any) -> None:
    """No column of any table or view is binary floating point."""
    found = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    assert [line for line in found if any(word in line[2] for word in ("DOUBLE", "FLOAT", "REAL"))] == []
