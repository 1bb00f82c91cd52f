"""A row a statement, summed up from the lines: the values of `tables.statements_table`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import STATEMENT, Part
from rulesengine.model.exact import ZERO, from_text
from rulesengine.model.exact import as_text as exact_text
from rulesengine.statements.by_sql.lines import LAST_PLACES
from rulesengine.statements.by_sql.lookups import CALENDAR, CENSUS, PARTS
from rulesengine.statements.by_sql.sql import create, single, sums_that_fit, text
from rulesengine.statements.control import Due
from rulesengine.statements.names import statement_file
from rulesengine.statements.terms import Terms

if TYPE_CHECKING:
    import duckdb

STATEMENTS = "run_statements"
SUMS = "run_sums"
"""What the lines of each rule come to, by when they are due and in what they are paid."""
_FILES = "run_files"
_AMOUNT = "DECIMAL(38,12)"


def make_statements(
    connection: duckdb.DuckDBPyConnection, terms: Terms, constants: Collection[str] = ()
) -> None:
    """Make the table of statements, without their files, in order, and `SUMS`.

    Args:
        connection: to the database that has the lines.
        terms: of the plan.
        constants: columns of the lines that hold one value in all of them.

    Raises:
        InternalError: a line is in another currency than its statement, or the totals are not the sum
            of the lines.
        Rejected: R1205, a total is too large.
    """
    with sums_that_fit():
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SUMS} AS"
            f" SELECT rule, coalesce(due, '{Due.WAITING}') AS due, memo,"
            f" {_SHOWN_IN} AS shown_in, count(*) AS lines, sum(amount) AS amount, sum({_SETTLES}) AS settles"
            f" FROM lines t LEFT JOIN {CALENDAR} ON payable_on = day GROUP BY ALL"
        )
        settles = any(rule.name == STATEMENT for rule in terms.rules)
        balances = _BALANCES if settles else f"{_BALANCES} LIMIT 0"
        query = _QUERY.format(sums=_sums(connection, constants), balances=balances)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {STATEMENTS} AS {query}", [terms.pays_in])
    wrong = connection.execute(
        f"SELECT payee, currency FROM {STATEMENTS} WHERE in_others > 0 ORDER BY ALL LIMIT 1"
    ).fetchone()
    if wrong:
        raise InternalError(f"a line of `{wrong[0]}` is not in {wrong[1]}")
    sums = connection.execute(
        f"SELECT currency, sum(total) FROM {STATEMENTS} WHERE lines + prizes > 0 GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if dict(sums) != _paid(connection):
        raise InternalError("the statements' totals are not the sum of the lines")


def _sums(connection: duckdb.DuckDBPyConnection, constants: Collection[str]) -> str:
    """Return the query for what the lines of each statement come to.

    Rows are gathered by numbers, as far as can be, and not by what is the same in all of them.
    """
    keys = {
        "payee_kind": ("t.payee_kind", {"payee_kind"}),
        "payee": ("t.payee", {"payee"}),
        "number": ("c.number", {"payable_on"}),
        "currency": (_SETTLES_IN, {"currency", "paid_currency"}),
    }
    asked = ", ".join(
        f"any_value({value}) AS {key}" if columns.issubset(constants) else f"{value} AS {key}"
        for key, (value, columns) in keys.items()
    )
    query = f"SELECT count(*) > 0 FROM {CENSUS} WHERE part = '{Part.PRIZE}'"
    is_prize = f"t.part = '{Part.PRIZE}'" if single(connection, query) else "false"
    return f"""
SELECT {asked},
  count(*) FILTER (NOT t.memo AND NOT {is_prize}) AS lines,
  count(*) FILTER (NOT t.memo AND {is_prize}) AS prizes,
  sum({_SETTLES}) FILTER (NOT t.memo) AS total,
  count(*) FILTER (NOT t.memo AND {_SHOWN_IN} <> CASE $1 WHEN '' THEN {_SETTLES_IN} ELSE $1 END) AS in_others
{_IN_PERIOD} WHERE {_IS_IN_PERIOD}
GROUP BY ALL"""


def totals(connection: duckdb.DuckDBPyConnection, terms: Terms) -> Mapping[str, Decimal]:
    """Return what is paid in the period, by currency of the statements."""
    found = {terms.pays_in: ZERO} if terms.pays_in else {}
    for currency, amount in _paid(connection).items():
        plain = from_text(exact_text(amount))
        assert isinstance(plain, Decimal)
        found[currency] = plain
    return found


def count_payees(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many payees have a statement."""
    query = f"SELECT count(*) FROM (SELECT DISTINCT payee_kind, payee FROM {STATEMENTS})"
    return int(single(connection, query))


def name_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Say for each payee who has a statement where its pages are in the run folder."""
    found = connection.execute(f"SELECT DISTINCT payee_kind, payee FROM {STATEMENTS}").fetchall()
    kinds, payees = zip(*found, strict=True) if found else ((), ())
    texts = {"payee_kind": kinds, "payee": payees, "file": [statement_file(*payee) for payee in found]}
    create(connection, _FILES, pa.table({each: pa.array(v, pa.string()) for each, v in texts.items()}))


WITH_FILES = (
    f"FROM {STATEMENTS} t JOIN {_FILES} f ON t.payee_kind = f.payee_kind AND t.payee = f.payee WHERE true"
)
STATEMENT_ORDER = "t.payee_kind, t.payee, t.first_day, t.currency"


def _paid(connection: duckdb.DuckDBPyConnection) -> dict[str, Decimal]:
    query = (
        f"SELECT shown_in, sum(settles) FROM {SUMS} WHERE due = '{Due.IN_PERIOD}' AND NOT memo GROUP BY ALL"
    )
    with sums_that_fit():
        return dict(sorted(connection.execute(query).fetchall()))


_SETTLES = "coalesce(t.paid, t.amount)"
_SHOWN_IN = "CAST(CASE WHEN t.paid IS NULL THEN t.currency ELSE t.paid_currency END AS VARCHAR)"
_SETTLES_IN = "CAST(CASE WHEN t.paid_currency = '' THEN t.currency ELSE t.paid_currency END AS VARCHAR)"
_KEYS = "payee_kind, payee, number, currency"
_IN_PERIOD = f"FROM lines t JOIN {CALENDAR} c ON t.payable_on = c.day"
_IS_IN_PERIOD = f"c.due = '{Due.IN_PERIOD}'"
_MOVES = "t.measure_before IS NOT NULL AND t.measure_after IS NOT NULL"
_IN_TURN = f"ORDER BY t.payable_on, {LAST_PLACES}"
# What settles a statement is a handful of lines: they alone are put in order.
_BALANCES = f"""
SELECT t.payee_kind, t.payee, c.number, {_SETTLES_IN} AS currency,
  sum(t.amount) FILTER (t.part = '{Part.BROUGHT_FORWARD}') AS brought,
  -sum(t.amount) FILTER (t.part = '{Part.CARRIED_FORWARD}') AS carried,
  first(t.measure_before {_IN_TURN}) FILTER ({_MOVES}) AS before,
  last(t.measure_after {_IN_TURN}) FILTER ({_MOVES}) AS after
{_IN_PERIOD} JOIN {PARTS} q ON t.part = q.part
WHERE {_IS_IN_PERIOD} AND t.rule = {text(STATEMENT)} AND NOT t.memo
GROUP BY ALL"""
_PERIODS = f"SELECT DISTINCT number, period, first_day, last_day FROM {CALENDAR}"
_QUERY = f"""
SELECT CAST(payee_kind AS VARCHAR) AS payee_kind, payee, period, first_day, last_day,
  CAST(lines AS INTEGER) AS lines, CAST(prizes AS INTEGER) AS prizes,
  CAST(coalesce(total, 0) AS {_AMOUNT}) AS total,
  CAST(coalesce(brought, 0) AS {_AMOUNT}) AS brought_forward,
  CAST(coalesce(carried, 0) AS {_AMOUNT}) AS carried_forward,
  CAST(coalesce(before, 0) AS {_AMOUNT}) AS owed_before,
  CAST(coalesce(after, 0) AS {_AMOUNT}) AS owed_after,
  currency, in_others
FROM ({{sums}}) JOIN ({_PERIODS}) USING (number) LEFT JOIN ({{balances}}) USING ({_KEYS})"""
