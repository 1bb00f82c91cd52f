"""Small tables that are looked up while the rows go by; made by the functions of the other road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Part, Reason
from rulesengine.plan.nodes import FactSource
from rulesengine.statements.by_sql.sql import create, described, single, text
from rulesengine.statements.control import Due, due_on
from rulesengine.statements.heading import Heading

if TYPE_CHECKING:
    import duckdb

CENSUS, OUTCOMES, RULES, PARTS, REASONS, CALENDAR, SPANS, PAYEES = (
    "run_census",
    "run_outcomes",
    "run_rules",
    "run_parts",
    "run_reasons",
    "run_calendar",
    "run_spans",
    "run_payees",
)
"""`CENSUS` counts the lines by all that the other tables are made from, `OUTCOMES` the rows without any."""
DAY_BITS = 22
"""Days since 0001-01-01 take fewer; the last such number stands for a date that is still missing."""


def make_lookups(connection: duckdb.DuckDBPyConnection, heading: Heading) -> None:
    """Make those for the lines of a connection, all but `PAYEES`.

    Raises:
        InternalError: a line has a rule or part that there is not.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {CENSUS} AS"
        " SELECT rule, part, span, payable_on, count(*) AS rows FROM lines GROUP BY ALL"
    )
    _rules(connection, heading)
    _named(connection, PARTS, "part", [part.value for part in Part])
    _named(connection, REASONS, "reason", [reason.value for reason in Reason])
    for column, known in (("rule", RULES), ("part", PARTS)):
        _check_known(connection, CENSUS, column, known, "lines")
    _calendar(connection, heading)
    query = f"SELECT DISTINCT CAST(span AS VARCHAR) FROM {CENSUS}"
    spans = [span for (span,) in connection.execute(query).fetchall()]
    create(connection, SPANS, pa.table({"span": _texts(spans), "short": _texts(map(heading.short, spans))}))
    for table, column, others in (
        (CALENDAR, "period", [""]),
        (CALENDAR, "due", list(Due)),
        (SPANS, "short", [""]),
    ):
        _as_few(connection, table, column, others)
    for table, column in ((RULES, "rule"), (PARTS, "part"), (SPANS, "span")):
        _of_the_type(connection, table, column, CENSUS)


def count_outcomes(connection: duckdb.DuckDBPyConnection) -> None:
    """Count the outcomes by rule and reason in `OUTCOMES`, and check that there are these.

    Raises:
        InternalError: there is one that is not known.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {OUTCOMES} AS"
        " SELECT rule, reason, count(*) AS rows FROM outcomes GROUP BY ALL"
    )
    for column, known in (("rule", RULES), ("reason", REASONS)):
        _check_known(connection, OUTCOMES, column, known, "outcomes")
    _of_the_type(connection, REASONS, "reason", OUTCOMES)


def counted_outcomes(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many rows earned nothing."""
    return int(single(connection, f"SELECT coalesce(sum(rows), 0) FROM {OUTCOMES}"))


def make_payees(connection: duckdb.DuckDBPyConnection, gathered: str) -> None:
    """Make the table of payees with their places and how many lines they have.

    Args:
        connection: to the database.
        gathered: the table, or a query in brackets, of how many lines each payee has, by `number`; none for
            those at other times.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {PAYEES} AS"
        " SELECT *, row_number() OVER (ORDER BY payee_kind, payee) AS place"
        " FROM (SELECT payee_kind, payee,"
        " CAST(coalesce(sum(rows) FILTER (number IS NOT NULL), 0) AS BIGINT) AS in_period,"
        f" CAST(sum(rows) AS BIGINT) AS rows FROM {gathered} GROUP BY ALL)"
    )


LINES_OF_PAYEES = (
    f"(SELECT payee_kind, payee, CASE WHEN due = '{Due.IN_PERIOD}' THEN number END AS number,"
    f" count(*) AS rows FROM lines LEFT JOIN {CALENDAR} ON payable_on = day GROUP BY ALL)"
)
"""What `make_payees` asks for where lines are not added up before they are written."""


def counted_lines(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many lines there are, as they were counted before they were written."""
    return int(single(connection, f"SELECT coalesce(sum(rows), 0) FROM {CENSUS}"))


def count_others(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many lines are payable at other times than the period."""
    query = (
        f"SELECT coalesce(sum(rows), 0) FROM {CENSUS} LEFT JOIN {CALENDAR} ON payable_on = day"
        f" WHERE due IS DISTINCT FROM '{Due.IN_PERIOD}'"
    )
    return int(single(connection, query))


def _check_known(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, known: str, what: str
) -> None:
    found = connection.execute(
        f"SELECT DISTINCT {column} FROM {table} ANTI JOIN {known} USING ({column}) LIMIT 1"
    ).fetchall()
    if found:
        raise InternalError(f"`{what}` have the {column} `{found[0][0]}`, which there is not")


def _of_the_type(connection: duckdb.DuckDBPyConnection, table: str, column: str, rows: str) -> None:
    """Give a column the type that it has in the rows, so that numbers are compared where it is one of a few.

    Texts that no row can have are left out.
    """
    if described(connection, rows)[column] != "VARCHAR":
        found = f'TRY_CAST({column} AS "word")'
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS"
            f" SELECT * REPLACE ({found} AS {column}) FROM {table} WHERE {found} IS NOT NULL"
        )


def _as_few(connection: duckdb.DuckDBPyConnection, table: str, column: str, others: Sequence[str]) -> None:
    """Make the texts of a column one of a few, in a type of their own, which has other texts as well.

    Joined to many rows they are numbers then: cheaper to sort, and written at a tenth of the price.
    """
    type_ = few_of(column)
    listed = ", ".join(map(text, others))
    connection.execute(
        f"CREATE OR REPLACE TEMP TYPE {type_} AS ENUM"
        f" (SELECT unnest([{listed}]) AS found UNION SELECT {column} FROM {table} ORDER BY found)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS"
        f" SELECT * REPLACE (CAST({column} AS {type_}) AS {column}) FROM {table}"
    )


def few_of(column: str) -> str:
    """Return the type of `period` or `due` of `CALENDAR`, or of `short` of `SPANS`: one of a few texts."""
    return f"run_few_{column}"


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
    """The days on which something is payable: statement period, by label and number, and when it is due."""
    query = f"SELECT DISTINCT payable_on FROM {CENSUS} WHERE payable_on IS NOT NULL ORDER BY payable_on"
    days: list[date] = [day for (day,) in connection.execute(query).fetchall()]
    periods = [heading.terms.period_of(day) for day in days]
    numbers = {label: at for at, label in enumerate(dict.fromkeys(label for label, _ in periods))}
    create(
        connection,
        CALENDAR,
        pa.table(
            {
                "day": pa.array(days, pa.date32()),
                "period": _texts(label for label, _ in periods),
                "number": pa.array([numbers[label] for label, _ in periods], pa.int64()),
                "first_day": pa.array([window.start for _, window in periods], pa.date32()),
                "last_day": pa.array([window.end for _, window in periods], pa.date32()),
                "due": _texts(due_on(day, heading.days, heading.through).value for day in days),
            }
        ),
    )


def _texts(values: object) -> pa.Array:
    return pa.array(list(values), pa.string())  # type: ignore[call-overload]
