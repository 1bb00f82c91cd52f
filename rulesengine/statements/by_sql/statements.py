"""A row a statement, summed up from the lines: the values of `tables.statements_table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
GATHERED = "run_gathered"
"""What the lines of each payee come to, by statement period and currency; other times have no number."""
_BALANCES, _FILES = "run_balances", "run_files"
_AMOUNT = "DECIMAL(38,12)"


def make_statements(
    connection: duckdb.DuckDBPyConnection, terms: Terms, constants: Mapping[str, str]
) -> Mapping[str, str]:
    """Make the view of statements, without their files, and `SUMS` and `GATHERED`.

    Args:
        connection: to the database that has the lines.
        terms: of the plan.
        constants: columns of the lines that hold one value in all of them, as expressions.

    Returns those columns of the statements that hold one value in all of them, as expressions.

    Raises:
        InternalError: a line is in another currency than its statement, or the totals are not the sum
            of the lines.
        Rejected: R1205, a total is too large.
    """
    with sums_that_fit():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {SUMS} AS {_SUMS}")
        gathered = _gathered(connection, terms, constants)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {GATHERED} AS {gathered}")
        settles = any(rule.name == STATEMENT for rule in terms.rules)
        if settles:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {_BALANCES} AS {_SETTLED}")
    nothing = dict.fromkeys(_OF_BALANCES, f"CAST(0 AS {_AMOUNT})")
    found = {each: f"CAST(coalesce({each}, 0) AS {_AMOUNT})" for each in _OF_BALANCES}
    balances = ", ".join(f"{value} AS {each}" for each, value in (found if settles else nothing).items())
    joined = f" LEFT JOIN {_BALANCES} USING ({_KEYS})" if settles else ""
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {STATEMENTS} AS {_QUERY.format(balances=balances, joined=joined)}"
    )
    wrong = connection.execute(
        f"SELECT payee, currency FROM {STATEMENTS} WHERE in_others > 0 ORDER BY ALL LIMIT 1"
    ).fetchall()
    if wrong:
        raise InternalError("a line of `{}` is not in {}".format(*wrong[0]))
    if added_up(connection) != _paid(connection):
        raise InternalError("the statements' totals are not the sum of the lines")
    return {} if settles else nothing


def _gathered(connection: duckdb.DuckDBPyConnection, terms: Terms, constants: Mapping[str, str]) -> str:
    """Return the query for `GATHERED`; what is the same in all lines is put beside the sums."""
    keys = {"payee_kind": "t.payee_kind", "payee": "t.payee", "number": "c.number", "currency": _SETTLES_IN}
    same = {each: value for each, value in constants.items() if each == "payee_kind"}
    if {"currency", "paid_currency"} <= constants.keys():
        one, other = constants["currency"], constants["paid_currency"]
        same["currency"] = f"CAST(CASE WHEN {other} = '' THEN {one} ELSE {other} END AS VARCHAR)"
    by = ", ".join(f"{value} AS {key}" for key, value in keys.items() if key not in same)
    beside = "".join(f"{value} AS {key}, " for key, value in same.items())
    query = f"SELECT count(*) > 0 FROM {CENSUS} WHERE part = '{Part.PRIZE}'"
    is_prize = f"t.part = '{Part.PRIZE}'" if single(connection, query) else "false"
    stated_in = text(terms.pays_in) if terms.pays_in else _SETTLES_IN
    days = f"SELECT day, CASE WHEN {_IS_IN_PERIOD} THEN number END AS number FROM {CALENDAR} c"
    return f"""
SELECT {beside}* FROM (
SELECT {by}, count(*) AS rows,
  count(*) FILTER (NOT t.memo AND NOT {is_prize}) AS lines,
  count(*) FILTER (NOT t.memo AND {is_prize}) AS prizes,
  sum({_SETTLES}) FILTER (NOT t.memo) AS total,
  count(*) FILTER (NOT t.memo AND {_SHOWN_IN} <> {stated_in}) AS in_others
FROM lines t LEFT JOIN ({days}) c ON t.payable_on = c.day
GROUP BY ALL)"""


def added_up(connection: duckdb.DuckDBPyConnection) -> dict[str, Decimal]:
    """Return what the statements that have lines come to, by currency."""
    query = (
        f"SELECT currency, sum(total) FROM {STATEMENTS} WHERE lines + prizes > 0 GROUP BY ALL ORDER BY ALL"
    )
    return dict(connection.execute(query).fetchall())


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


def read_statements(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> None:
    """Let the statements be those of a table that was written."""
    listed = ", ".join(map(text, files))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {STATEMENTS} AS FROM read_parquet([{listed}])")


def name_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Say for each payee who has a statement where its pages are in the run folder, and its place."""
    keys = "CAST(payee_kind AS VARCHAR), CAST(payee AS VARCHAR)"
    found = connection.execute(f"SELECT DISTINCT {keys} FROM {STATEMENTS} ORDER BY ALL").fetchall()
    kinds, payees = zip(*found, strict=True) if found else ((), ())
    texts = {"payee_kind": kinds, "payee": payees, "file": [statement_file(*payee) for payee in found]}
    columns = {each: pa.array(values, pa.string()) for each, values in texts.items()}
    places = pa.array(range(len(found)), pa.int64())
    create(connection, _FILES, pa.table({**columns, "place": places}))


WITH_FILES = (
    f"FROM {STATEMENTS} t JOIN {_FILES} f ON t.payee_kind = f.payee_kind AND t.payee = f.payee WHERE true"
)
STATEMENT_ORDER = "f.place, t.first_day, t.currency"


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
_OF_BALANCES = ("brought_forward", "carried_forward", "owed_before", "owed_after")
_IS_IN_PERIOD = f"c.due = '{Due.IN_PERIOD}'"
_MOVES = "t.measure_before IS NOT NULL AND t.measure_after IS NOT NULL"
_IN_TURN = f"ORDER BY t.payable_on, {LAST_PLACES}"
# What settles a statement is a handful of lines: they alone are put in order.
_SETTLED = f"""
SELECT t.payee_kind, t.payee, c.number, {_SETTLES_IN} AS currency,
  sum(t.amount) FILTER (t.part = '{Part.BROUGHT_FORWARD}') AS brought_forward,
  -sum(t.amount) FILTER (t.part = '{Part.CARRIED_FORWARD}') AS carried_forward,
  first(t.measure_before {_IN_TURN}) FILTER ({_MOVES}) AS owed_before,
  last(t.measure_after {_IN_TURN}) FILTER ({_MOVES}) AS owed_after
FROM lines t JOIN {CALENDAR} c ON t.payable_on = c.day JOIN {PARTS} q ON t.part = q.part
WHERE {_IS_IN_PERIOD} AND t.rule = {text(STATEMENT)} AND NOT t.memo
GROUP BY ALL"""
# By day first, so that dates are looked up once for each and not for each line.
_SUMS = f"""
SELECT rule, coalesce(due, '{Due.WAITING}') AS due, memo, shown_in, sum(lines) AS lines,
  CAST(sum(amount) AS {_AMOUNT}) AS amount, CAST(sum(settles) AS {_AMOUNT}) AS settles
FROM (
  SELECT rule, payable_on, memo, {_SHOWN_IN} AS shown_in,
    count(*) AS lines, sum(amount) AS amount, sum({_SETTLES}) AS settles
  FROM lines t GROUP BY ALL)
LEFT JOIN {CALENDAR} ON payable_on = day GROUP BY ALL"""
_PERIODS = f"SELECT DISTINCT number, period, first_day, last_day FROM {CALENDAR}"
_QUERY = f"""
SELECT CAST(payee_kind AS VARCHAR) AS payee_kind, payee, period, first_day, last_day,
  CAST(lines AS INTEGER) AS lines, CAST(prizes AS INTEGER) AS prizes,
  CAST(coalesce(total, 0) AS {_AMOUNT}) AS total, {{balances}}, currency, in_others
FROM {GATHERED} JOIN ({_PERIODS}) USING (number){{joined}}"""
