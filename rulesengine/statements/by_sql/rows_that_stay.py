"""Rows of an earlier run that stand, read from its parts in their order, with new ones put in between.

Parts are in the order of payees. Of payees who have another row than they had, all rows are in the database,
which sorts these alone; of all others the rows go from file to file, and no database sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.statements.by_sql.part_files import Cut
from rulesengine.statements.by_sql.sql import text

if TYPE_CHECKING:
    import duckdb

_COUNTED = "run_staying"
_PIECE = 1 << 15
BOTH = f"SELECT payee_kind, payee, CASE WHEN is_new THEN now ELSE had END AS rows FROM {_COUNTED}"
"""How many rows each payee has: of those that stay, and of new ones."""
_SAME_PAYEE = "t.payee_kind = p.payee_kind AND t.payee = p.payee"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsThatStay:
    """Rows of payees who have the rows that they had."""

    files: Sequence[Path]
    """Of the earlier run, in order: the parts that are written anew."""
    places: Sequence[tuple[int, int, int]]
    """Where other payees come, in order: how many rows stay before, how many they had, how many they have."""

    @classmethod
    def beside(
        cls, connection: duckdb.DuckDBPyConnection, files: Sequence[Path], payees: str, counted: str
    ) -> RowsThatStay:
        """Return the rows that stay beside those in the database.

        Args:
            connection: to the database.
            files: of the earlier run, in order: the parts that are written anew.
            payees: a query for `payee_kind` and `payee` of those whose rows are in the database.
            counted: a query for `payee_kind`, `payee` and their `rows` there.
        """
        listed = ", ".join(text(str(file)) for file in files)
        had = (
            f"FROM read_parquet([{listed}])"
            if files
            else "FROM (SELECT '' AS payee_kind, '' AS payee) LIMIT 0"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_COUNTED} AS"
            " SELECT t.payee_kind, t.payee, p.payee IS NOT NULL AS is_new, CAST(sum(had) AS BIGINT) AS had,"
            " CAST(sum(now) AS BIGINT) AS now"
            f" FROM (SELECT payee_kind, payee, count(*) AS had, 0 AS now FROM ({had}) GROUP BY ALL"
            " UNION ALL SELECT CAST(payee_kind AS VARCHAR), CAST(payee AS VARCHAR), 0, rows"
            f" FROM ({counted})) t LEFT JOIN ({payees}) p ON {_SAME_PAYEE} GROUP BY ALL"
        )
        places = connection.execute(
            "SELECT CAST(before AS BIGINT), had, now FROM (SELECT *, coalesce(sum(had) FILTER (NOT is_new)"
            f" OVER (ORDER BY payee_kind, payee), 0) AS before FROM {_COUNTED})"
            " WHERE is_new ORDER BY payee_kind, payee"
        ).fetchall()
        return cls(files=files, places=places)

    @property
    def new(self) -> int:
        """How many rows there are of other payees, in the database."""
        return sum(now for _, _, now in self.places)

    def with_new(
        self, columns: Sequence[str], few: Sequence[str], new: Iterable[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """Return these rows and new ones, in order.

        Args:
            columns: that the new rows have.
            few: those of texts that are one of a few and are numbered.
            new: the rows of other payees, in order.
        """
        old, cut, stayed = Cut(self._pieces(columns, few)), Cut(iter(new)), 0
        for before, had, now in self.places:
            yield from old.next(before - stayed)
            stayed = before
            old.next(had)
            yield from cut.next(now)
        # A row that nobody was known to have is one too many where it is written.
        for left in (old, cut):
            while not left.is_empty():
                yield from left.next(_PIECE)

    def _pieces(self, columns: Sequence[str], few: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as parquet

        for path in self.files:
            with parquet.ParquetFile(path, read_dictionary=list(few)) as file:
                for group in range(file.num_row_groups):
                    yield from file.read_row_group(group, columns=columns, use_threads=False).to_batches()
