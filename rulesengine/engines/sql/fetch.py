"""The tables of an answer read back as lines and outcomes, for small jobs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Earned, Line, Outcome, Part, Reason
from rulesengine.engines.sql.line_columns import COLUMNS, Kind
from rulesengine.model.book import Reject
from rulesengine.model.exact import as_text, divide, from_text

if TYPE_CHECKING:
    import duckdb

_NUMBERS = frozenset(name for name, kind in COLUMNS if kind in (Kind.NUMBER, Kind.ZERO))


def fetch_earned(connection: duckdb.DuckDBPyConnection) -> Earned:
    """Return what the tables `lines`, `outcomes` and `engine_rejects` hold."""
    return Earned(
        tuple(map(_line, _rows(connection, "lines"))),
        tuple(map(_outcome, _rows(connection, "outcomes"))),
        tuple(Reject(**row) for row in _rows(connection, "engine_rejects")),
    )


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    known = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if table not in known:
        return []
    found = connection.execute(f"select * from {table}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _line(row: dict[str, Any]) -> Line:
    line_id = row.pop("line_id")
    exact = dict(each.split("=", 1) for each in row.pop("fractions").split(" ") if each)
    for name in _NUMBERS:
        if name in exact:
            top, _, bottom = exact[name].partition("/")
            row[name] = divide(Fraction(int(top)), Fraction(int(bottom)))
        elif isinstance(row[name], Decimal):
            row[name] = from_text(as_text(row[name]))
    row["part"] = Part(row["part"])
    line = Line(**row)
    if line_id != line.line_id:
        raise InternalError(f"the line {line.line_id} of {line.rule} is named {line_id}")
    return line


def _outcome(row: dict[str, Any]) -> Outcome:
    return Outcome(**{**row, "reason": Reason(row["reason"])})
