"""The lines of a run folder, put in order and written by Spark: for more of them than one machine sorts.

The tables that rows are looked up in, and the ranges of payees, are those of the other road; Spark reads
them as files. Each range is one task and one part file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rulesengine.diagnostics import InternalError
from rulesengine.statements.by_sql.lookups import CALENDAR, PARTS, PAYEES, RULES, SPANS
from rulesengine.statements.by_sql.sorted_table import check_columns_of_file
from rulesengine.statements.by_sql.sql import single, text
from rulesengine.statements.control import Due
from rulesengine.statements.tables import LINES, OTHER_LINES

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

MOST_ROWS = 1_000_000
"""Of a range: what one task of Spark sorts."""
_GROUP_BYTES = 16 << 20
"""Of a group of rows, so that readers of one payee need not read the whole part."""
_TYPES = {
    pa.string(): "string",
    pa.bool_(): "boolean",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.decimal128(38, 12): "decimal(38, 12)",
}
_DUE = f"coalesce(c.due, '{Due.WAITING}')"
_VALUES = {"period": "coalesce(c.period, '')", "span": "s.short", "due": _DUE}
_SOURCE = """
from lines t
join payees p on t.payee_kind = p.payee_kind and t.payee = p.payee
join rules r on t.rule = r.rule
join parts q on t.part = q.part
join spans s on t.span = s.span
left join calendar c on t.payable_on = c.day
"""
_ORDER = (
    "p.place",
    "t.payable_on",
    "r.place",
    "t.earned_on",
    "t.fact",
    "t.fact_id",
    "t.step * 64 + q.place",
    "t.part_number",
    "t.sequence",
)
"""The one order of lines, as `lines.py` has it; missing dates come last."""


@dataclass(frozen=True, slots=True)
class SparkLines:
    """Writes both tables of lines from those that Spark answered with."""

    session: SparkSession
    answer: Path
    """The lines of the answer, a folder of Parquet files."""
    work: Path
    """An existing folder that all machines of Spark can read and write."""

    def write_lines(
        self, connection: duckdb.DuckDBPyConnection, folder: Path, wrote: Callable[[int], None]
    ) -> int:
        """Write `lines.parquet` in order; returns how many there are."""
        return self._write(
            connection, folder / "lines.parquet", LINES, "in_period", f"= '{Due.IN_PERIOD}'", wrote
        )

    def write_other_lines(
        self, connection: duckdb.DuckDBPyConnection, folder: Path, wrote: Callable[[int], None]
    ) -> int:
        """Write `other_lines.parquet` in order; returns how many there are."""
        file = folder / "other_lines.parquet"
        return self._write(connection, file, OTHER_LINES, "rows - in_period", f"<> '{Due.IN_PERIOD}'", wrote)

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: Path,
        schema: pa.Schema,
        counted: str,
        test: str,
        wrote: Callable[[int], None],
    ) -> int:
        work = self.work / file.stem
        work.mkdir()
        ranges = self._look_ups(connection, work, counted)
        columns = ", ".join(
            f"cast({_VALUES.get(each.name, f't.`{each.name}`')} as {_TYPES[each.type]}) as `{each.name}`"
            for each in schema
        )
        order = ", ".join(f"{each} as `order {at}`" for at, each in enumerate(_ORDER))
        query = f"select {columns}, p.range as `range`, {order} {_SOURCE} where {_DUE} {test}"
        rows = self.session.sql(query).repartitionById(ranges, "range")
        rows = rows.sortWithinPartitions(*(rows[f"order {at}"].asc_nulls_last() for at in range(len(_ORDER))))
        rows = rows.select(*(f"`{each}`" for each in schema.names))
        target = work / "sorted"
        rows.write.option("compression", "zstd").option("parquet.block.size", str(_GROUP_BYTES)).parquet(
            target.absolute().as_uri()
        )
        written = self._moved(sorted(target.glob("part-*.parquet")), file, ranges)
        check_columns_of_file(file, schema)
        count = int(single(connection, f"SELECT count(*) FROM read_parquet({text(written)})"))
        wrote(count)
        return count

    def _look_ups(self, connection: duckdb.DuckDBPyConnection, work: Path, counted: str) -> int:
        """Hand Spark what lines are looked up in; returns how many ranges of payees there are."""
        # Ranges that no payee begins are left out of the numbers.
        ranged = (
            "SELECT * EXCLUDE (number), CAST(dense_rank() OVER (ORDER BY number) - 1 AS INTEGER) AS range"
            f" FROM (SELECT *, (sum({counted}) OVER (ORDER BY place) - ({counted})) // {MOST_ROWS} AS number"
            f" FROM {PAYEES} WHERE {counted} > 0)"
        )
        tables = {
            "payees": ranged,
            "rules": f"SELECT * FROM {RULES}",
            "parts": f"SELECT * FROM {PARTS}",
            "spans": f"SELECT * FROM {SPANS}",
            "calendar": f"SELECT * FROM {CALENDAR}",
        }
        self.session.read.parquet(self.answer.absolute().as_uri()).createOrReplaceTempView("lines")
        for table, query in tables.items():
            path = work / f"{table}.parquet"
            connection.execute(f"COPY ({query}) TO {text(str(path))} (FORMAT parquet)")
            self.session.read.parquet(path.absolute().as_uri()).createOrReplaceTempView(table)
        return max(1, int(single(connection, f"SELECT count(DISTINCT range) FROM ({ranged})")))

    @staticmethod
    def _moved(parts: list[Path], file: Path, ranges: int) -> str:
        """Move what was written to its place in the run folder; returns the files as a pattern."""
        if len(parts) != ranges:
            raise InternalError(f"{ranges} ranges of lines were written as {len(parts)} files")
        if ranges == 1:
            parts[0].rename(file)
            return str(file)
        file.mkdir()
        for number, part in enumerate(parts, start=1):
            part.rename(file / f"part-{number:05}.parquet")
        return str(file / "part-*.parquet")
