"""Small tables that are looked up while the rows go by; made by the functions of the other road."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Part, Reason
from rulesengine.plan.nodes import FactSource
from rulesengine.statements.by_sql.sql import create
from rulesengine.statements.control import Due, due_on
from rulesengine.statements.heading import Heading

if TYPE_CHECKING:
    import duckdb

RULES, PARTS, REASONS, CALENDAR, SPANS, PAYEES = (
    "run_rules",
    "run_parts",
    "run_reasons",
    "run_calendar",
    "run_spans",
    "run_payees",
)
DAY_BITS = 22
"""Days since 0001-01-01 take fewer; the last such number stands for a date that is still missing."""


def make_lookups(connection: duckdb.DuckDBPyConnection, heading: Heading) -> None:
    """Make all of them for the lines and outcomes of a connection.

    Raises:
        InternalError: a line or outcome has a rule, part or reason that there is not.
    """
    _rules(connection, heading)
    _named(connection, PARTS, "part", [part.value for part in Part])
    _named(connection, REASONS, "reason", [reason.value for reason in Reason])
    for table, column, known in (
        ("lines", "rule", RULES),
        ("lines", "part", PARTS),
        ("outcomes", "rule", RULES),
        ("outcomes", "reason", REASONS),
    ):
        found = connection.execute(
            f"SELECT DISTINCT {column} FROM {table} ANTI JOIN {known} USING ({column}) LIMIT 1"
        ).fetchone()
        if found:
            raise InternalError(f"`{table}` have the {column} `{found[0]}`, which there is not")
    _calendar(connection, heading)
    spans = [
        span for (span,) in connection.execute("SELECT DISTINCT CAST(span AS VARCHAR) FROM lines").fetchall()
    ]
    create(connection, SPANS, pa.table({"span": _texts(spans), "short": _texts(map(heading.short, spans))}))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {PAYEES} AS"
        " SELECT *, row_number() OVER (ORDER BY payee_kind, payee) AS place"
        " FROM (SELECT CAST(payee_kind AS VARCHAR) AS payee_kind, payee,"
        f" count(*) FILTER (due = '{Due.IN_PERIOD}') AS in_period, count(*) AS rows"
        f" FROM lines LEFT JOIN {CALENDAR} ON payable_on = day GROUP BY ALL)"
    )


def _rules(connection: duckdb.DuckDBPyConnection, heading: Heading) -> None:
    on_facts = {rule.name for rule in heading.plan.rules if isinstance(rule.source, FactSource)}
    rules = heading.terms.rules
    create(
        connection,
        RULES,
        pa.table(
            {
                "rule": _texts(rule.name for rule in rules),
                "place": pa.array(range(len(rules)), pa.int64()),
                "fact": _texts(rule.fact for rule in rules),
                "is_on_facts": pa.array([rule.name in on_facts for rule in rules], pa.bool_()),
            }
        ),
    )


def _named(connection: duckdb.DuckDBPyConnection, table: str, column: str, values: list[str]) -> None:
    places = pa.array(range(len(values)), pa.int64())
    create(connection, table, pa.table({column: _texts(values), "place": places}))


def _calendar(connection: duckdb.DuckDBPyConnection, heading: Heading) -> None:
    """The days on which something is payable: statement period, and when it is due seen from the run."""
    query = "SELECT DISTINCT payable_on FROM lines WHERE payable_on IS NOT NULL ORDER BY payable_on"
    days: list[date] = [day for (day,) in connection.execute(query).fetchall()]
    periods = [heading.terms.period_of(day) for day in days]
    create(
        connection,
        CALENDAR,
        pa.table(
            {
                "day": pa.array(days, pa.date32()),
                "period": _texts(label for label, _ in periods),
                "first_day": pa.array([window.start for _, window in periods], pa.date32()),
                "last_day": pa.array([window.end for _, window in periods], pa.date32()),
                "due": _texts(due_on(day, heading.days, heading.through).value for day in days),
            }
        ),
    )


def _texts(values: object) -> pa.Array:
    return pa.array(list(values), pa.string())  # type: ignore[call-overload]
