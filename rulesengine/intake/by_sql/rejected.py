"""The ledger of rejected rows: a table with every reason, in the order and the words of the reference."""

from __future__ import annotations

from typing import Any

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.stage import NUMBER, Stage
from rulesengine.intake.problems import VALUE_LENGTH, Rejects, shorten
from rulesengine.intake.rows import Row
from rulesengine.model.quick_dataclass import dataclass

TABLE = "rejects"
COLUMNS = ("kind", "file", "row", "key", "field", "value", "code", "reason")
_NOTED = '"@rejects"'
_PLAIN = quoting.text(f"[ -~]{{0,{VALUE_LENGTH}}}")
_LISTED = ", ".join(map(quoting.name, COLUMNS))
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """Notes why rows were rejected."""

    connection: Any

    def create(self) -> None:
        """Make the table for what is noted, empty."""
        self.connection.execute(
            f'CREATE OR REPLACE TABLE {_NOTED} (kind VARCHAR, file VARCHAR, "row" BIGINT, '
            '"key" VARCHAR, field VARCHAR, "value" VARCHAR, code VARCHAR, reason VARCHAR, is_rough BOOLEAN)'
        )

    def add(self, rejects: Rejects) -> None:
        """Note what a check in Python found."""
        if rejects.reasons:
            lines = [tuple(getattr(reject, name) for name in COLUMNS) for reject in rejects.reasons]
            self._insert(lines)

    def _insert(self, lines: list[tuple[Any, ...]]) -> None:
        import pyarrow as pa

        columns = list(zip(*lines, strict=True))
        found = {
            name: pa.array(column, pa.int64() if name == "row" else pa.string())
            for name, column in zip(COLUMNS, columns, strict=True)
        }
        self.connection.register("@rows", pa.table(found))
        self.connection.execute(f'INSERT INTO {_NOTED} SELECT *, false FROM "@rows"')
        self.connection.unregister("@rows")

    def note(self, stage: Stage, hits: str, *, field: str, value: str, code: str, reason: str) -> None:
        """Note what a query found, and mark the rows as rejected.

        Args:
            hits: SQL of a table with the `rowid` of rows of the stage as `n`, and what the expressions
                need.
            value: SQL of what stood in the row, on the stage as `s` and the hits as `h`.
            reason: SQL of the reason, on the same.
        """
        key = f"coalesce({stage.shown_key_of('s')}, '')"
        shown = (
            f"SELECT {quoting.text(stage.section.name)} AS k, {stage.file} AS f, s.{NUMBER} AS r, "
            f"{key} AS y, {quoting.text(field)} AS d, {value} AS v, "
            f"{quoting.text(code)} AS c, {reason} AS w FROM {stage.table} s JOIN ({hits}) h ON s.rowid = h.n"
        )
        self.connection.execute(
            f"INSERT INTO {_NOTED} SELECT *, NOT (regexp_full_match(v, {_PLAIN}) AND "
            f"regexp_full_match(y, {_PLAIN})) FROM ({shown})"
        )
        stage.kill(f"SELECT n FROM ({hits})")

    def judge(self, stage: Stage, rows: list[tuple[int, Row]], rejects: Rejects, before: set[int]) -> None:
        """Note what a check in Python found in rows of a stage.

        Args:
            before: the rows that were accepted before the check.
        """
        self.add(rejects)
        stage.kill_each([n for n, row in rows if n in before and not row.is_alive])

    def finish(self) -> None:
        """Put all reasons into their table: each once, by kind, file, row and field."""
        (count,) = one(self.connection, f"SELECT count(*) FROM {_NOTED} WHERE is_rough")
        if count:
            self._smooth()
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {TABLE} AS SELECT DISTINCT {_LISTED} FROM {_NOTED} "
            'WHERE NOT is_rough ORDER BY kind, file, "row", field, code, reason, "key", "value"'
        )
        self.connection.execute(f"DROP TABLE {_NOTED}")

    def _smooth(self) -> None:
        """Shorten what is too long for a line, and take line ends out of it."""
        last = -1
        while True:
            found = self.connection.execute(
                f"SELECT rowid, {_LISTED} FROM {_NOTED} WHERE is_rough AND rowid > {last} "
                f"ORDER BY rowid LIMIT {_CHUNK}"
            ).fetchall()
            if not found:
                return
            last = found[-1][0]
            self._insert(
                [
                    (kind, file, row, shorten(key), field, shorten(value), code, reason)
                    for _, kind, file, row, key, field, value, code, reason in found
                ]
            )
