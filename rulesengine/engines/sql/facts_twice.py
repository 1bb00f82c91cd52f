"""The facts of two runs in one database, with columns that hold the values of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.model.change import replace
from rulesengine.model.stored_book import FILE, ROW, StoredBook, StoredColumn, StoredTable


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsTwice:
    """The facts of two runs; all else that they read is the same."""

    book: StoredBook
    """What is true of the columns of both."""
    now: Mapping[str, str]
    """By kind, a query of the rows of this run."""
    was: Mapping[str, str]
    """By kind, a query of the rows of the run before, with the same columns."""


def facts_twice(
    database: str, now: StoredBook, was: Mapping[str, StoredTable], fields: Mapping[str, tuple[str, ...]]
) -> FactsTwice:
    """Bring the facts of two runs to the same columns.

    Args:
        database: where the tables of both are.
        now: the facts of this run.
        was: the tables of facts of the run before, by kind; a kind that it had no rows of may be missing.
        fields: of each kind, in order.
    """
    tables: dict[str, StoredTable] = {}
    queries: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for kind, table in now.facts.items():
        before = was.get(kind)
        columns = dict(table.columns)
        for name in fields[kind]:
            columns[name] = _both(table.columns[name], before.columns[name] if before else None)
        rows = max(table.rows, before.rows if before else 0)
        tables[kind] = replace(table, columns=columns, rows=rows)
        queries[0][kind] = _query(database, table, columns, fields[kind])
        queries[1][kind] = (
            f"{_query(database, table, columns, fields[kind])} LIMIT 0"
            if before is None
            else _query(database, before, columns, fields[kind])
        )
    return FactsTwice(book=replace(now, facts=tables), now=queries[0], was=queries[1])


def _both(now: StoredColumn, was: StoredColumn | None) -> StoredColumn:
    if was is None:
        return now
    scale = max(now.scale, was.scale)
    return StoredColumn(
        name=now.name,
        scale=scale,
        most=max(each.most * 10 ** (scale - each.scale) for each in (now, was)),
        has_nulls=now.has_nulls or was.has_nulls,
        is_empty=now.is_empty and was.is_empty,
    )


def _query(
    database: str, table: StoredTable, columns: Mapping[str, StoredColumn], fields: tuple[str, ...]
) -> str:
    quote = DuckDB().identifier
    asked = [quote(each) for each in (FILE, ROW)]
    for name in fields:
        column, wanted = quote(name), columns[name]
        if wanted.most:
            type_ = "HUGEINT" if wanted.is_wide else "BIGINT"
            factor = 10 ** (wanted.scale - table.columns[name].scale)
            column = f"CAST({column} AS {type_}) * {factor}" if factor > 1 else f"CAST({column} AS {type_})"
            column = f"CAST({column} AS {type_}) AS {quote(name)}"
        asked.append(column)
    return f"SELECT {', '.join(asked)} FROM {quote(database)}.main.{quote(table.name)}"
