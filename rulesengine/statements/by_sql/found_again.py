"""What was found of rows that changes touch, held against what is found of them now: who has other rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rulesengine.statements.by_sql.kept_parts import KeptParts
from rulesengine.statements.by_sql.sql import described, name
from rulesengine.statements.control import Due, due_on
from rulesengine.statements.heading import Heading
from rulesengine.statements.run_folder import RunFolder

if TYPE_CHECKING:
    import duckdb

LINES, OUTCOMES = "lines", "outcomes"
TABLES = {LINES: ("lines", "other_lines"), OUTCOMES: ("not_earning",)}
"""The tables of a run folder that the rows of an answer go to."""
_PAYEES = "since_payees"


@dataclass(slots=True)
class Found:
    """The rows of an answer that touched facts have, `now`, and those that they had."""

    connection: duckdb.DuckDBPyConnection
    heading: Heading
    answer: str
    now: str
    """A table of what differs from row to row."""
    was: str
    """The same of the run before; also columns that differ there alone."""
    constants: Mapping[str, str]
    """Columns that hold one value in all rows of now, as expressions."""
    more: Mapping[str, int] = field(init=False)
    """How many more rows each table has than it had."""
    _shared: Mapping[str, str] = field(init=False)
    """Those of the constants that were the same then."""
    _in_period: str = field(init=False)
    """Whether a row is payable in the period, as an expression."""

    def __post_init__(self) -> None:
        connection, heading = self.connection, self.heading
        columns = list(described(connection, self.was))
        self._shared = {each: value for each, value in self.constants.items() if each not in columns}
        now = f"(SELECT *{_beside(self.constants, self._shared)} FROM {self.now})"
        both = (
            f'(SELECT *, 1 AS "@times" FROM {now} UNION ALL BY NAME SELECT *, -1 AS "@times" FROM {self.was})'
        )
        self._in_period = "true"
        if self.answer == LINES:
            day = self._value("payable_on")
            days = connection.execute(f"SELECT DISTINCT {day} FROM {both}").fetchall()
            due = [str(day) for (day,) in days if due_on(day, heading.days, heading.through) is Due.IN_PERIOD]
            listed = ", ".join(f"DATE '{day}'" for day in due) or "NULL"
            self._in_period = f"coalesce({day} IN ({listed}), false)"
        rows, before = self._rows(now), self._rows(self.was)
        self.more = {table: rows[table] - before[table] for table in TABLES[self.answer]}
        keys = ", ".join(name(each) for each in columns if each not in ("payee_kind", "payee"))
        payees = f"{self._text('payee_kind')} AS payee_kind, {self._text('payee')} AS payee"
        # Rows that are the same now and then cancel each other.
        differ = f'SELECT {payees}, {keys} FROM {both} GROUP BY ALL HAVING sum("@times") <> 0'
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_PAYEES}_{self.answer} AS"
            f" SELECT DISTINCT payee_kind, payee FROM ({differ})"
        )

    @property
    def payees(self) -> str:
        """A query for `payee_kind` and `payee` of those who have another row than they had."""
        return f"FROM {_PAYEES}_{self.answer}"

    def kept(self, run: RunFolder, table: str) -> KeptParts:
        """Return which parts of a table of the earlier run stand."""
        return KeptParts.of_table(self.connection, run, table, self.payees, self.more[table])

    def whole(self, rows: str) -> str:
        """Return a query for the rows of `now` or `was` in all columns."""
        same = self.constants if rows == self.now else self._shared
        return f"SELECT *{_beside(same)} FROM {rows}"

    def leave_out_others(self) -> None:
        """Leave out of the rows that are there now those of payees who have none but those that they had."""
        kind, payee = (
            f"CAST({self.constants.get(each, f't.{each}')} AS VARCHAR)" for each in ("payee_kind", "payee")
        )
        self.connection.execute(
            f"DELETE FROM {self.now} WHERE rowid IN (SELECT t.rowid FROM {self.now} t"
            f" ANTI JOIN ({self.payees}) p ON {kind} = p.payee_kind AND {payee} = p.payee)"
        )

    def _goes_to(self, table: str) -> str:
        return f"NOT {self._in_period}" if table == "other_lines" else self._in_period

    def _rows(self, rows: str) -> Counter[str]:
        counted = ", ".join(f"count(*) FILTER ({self._goes_to(each)})" for each in TABLES[self.answer])
        (found,) = self.connection.execute(f"SELECT {counted} FROM {rows}").fetchall()
        return Counter(dict(zip(TABLES[self.answer], found, strict=True)))

    def _value(self, column: str) -> str:
        return self._shared.get(column, column)

    def _text(self, column: str) -> str:
        return f"CAST({self._value(column)} AS VARCHAR)"


def _beside(constants: Mapping[str, str], without: Collection[str] = ()) -> str:
    """Return columns that hold one value, as they are asked for beside others."""
    return "".join(f", {value} AS {name(each)}" for each, value in constants.items() if each not in without)
