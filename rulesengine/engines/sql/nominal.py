"""What facts of ordinary size look like, for printing a plan as SQL before there are any."""

from __future__ import annotations

from rulesengine.model import stored_book as stored
from rulesengine.model.schema import Field, Role, Schema
from rulesengine.model.stored_book import StoredBook, StoredColumn, StoredTable
from rulesengine.model.types import MoneyType, NumberType, PercentType

ROWS = 1_000_000
DIGITS = 12
"""Of an amount in its minor unit."""
SAYS = "Compiled for a million rows, amounts of up to 12 digits, whole numbers, percentages in hundredths."


def nominal_book(schema: Schema) -> StoredBook:
    """Return stored facts as `SAYS` has them; there is no database behind it."""
    facts, payees, histories = {}, {}, {}
    for kind in schema.kinds.values():
        if kind.role is Role.FACT:
            facts[kind.name] = _table(stored.fact_table(kind.name), kind.fields)
            continue
        plain = tuple(field for field in kind.fields if not field.is_history)
        payees[kind.name] = _table(stored.payee_table(kind.name), plain)
        if kind.has_history:
            changing = tuple(field for field in kind.fields if field.is_history or field.is_key)
            name = stored.history_table(kind.name)
            histories[kind.name] = _table(name, changing, stored.FIRST_DAY, stored.LAST_DAY)
    return StoredBook(
        facts=facts,
        payees=payees,
        histories=histories,
        quotas={name: _quota(name, len(shape.keys), shape.decimals) for name, shape in schema.quotas.items()},
        rates={name: _rates(name) for name in schema.rates},
    )


def _table(name: str, fields: tuple[Field, ...], *extra: str) -> StoredTable:
    columns = {field.name: _column(field) for field in fields}
    columns |= {each: StoredColumn(name=each, has_nulls=False) for each in extra}
    return StoredTable(name=name, rows=ROWS, columns=columns)


def _column(field: Field) -> StoredColumn:
    match field.type:
        case MoneyType():
            scale, digits = field.decimals, DIGITS
        case NumberType():
            scale, digits = 0, 9
        case PercentType():
            scale, digits = 4, 6
        case _:
            return StoredColumn(name=field.name, has_nulls=field.is_optional)
    return StoredColumn(name=field.name, scale=scale, most=10**digits, has_nulls=field.is_optional)


def _quota(name: str, keys: int, decimals: int) -> StoredTable:
    columns = {
        stored.quota_key(number): StoredColumn(name=stored.quota_key(number), has_nulls=False)
        for number in range(1, keys + 1)
    }
    columns[stored.START] = StoredColumn(name=stored.START, has_nulls=False)
    columns[stored.AMOUNT] = StoredColumn(name=stored.AMOUNT, scale=decimals, most=10**DIGITS)
    return StoredTable(name=stored.quota_table(name), rows=ROWS, columns=columns)


def _rates(name: str) -> StoredTable:
    texts = (stored.CURRENCY, stored.FIRST_DAY, stored.LAST_DAY)
    columns = {each: StoredColumn(name=each, has_nulls=False) for each in texts}
    columns[stored.RATE] = StoredColumn(name=stored.RATE, scale=6, most=10**10)
    return StoredTable(name=stored.rates_table(name), rows=ROWS, columns=columns)
