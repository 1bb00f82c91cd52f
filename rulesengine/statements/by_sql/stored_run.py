"""A run whose rows are in DuckDB, written as a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rulesengine.model.book import ControlTotal, Reject
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql import control, lines, others, statements
from rulesengine.statements.by_sql.lookups import make_lookups
from rulesengine.statements.by_sql.sql import check_columns, single, type_of
from rulesengine.statements.control import kind_totals, same
from rulesengine.statements.heading import Heading
from rulesengine.statements.render_folder import write_all_pages
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.tables import LINES, NOT_EARNING, REJECTS
from rulesengine.statements.write_folder import Pages, folder_aside, write_document, write_plan

if TYPE_CHECKING:
    import duckdb

ANSWER = {
    "lines": pa.schema([each for each in LINES if each.name != "period"]),
    "outcomes": NOT_EARNING,
    "engine_rejects": REJECTS,
    "rejects": REJECTS,
}
"""The tables that a connection must have, by name: what the engine answered, and what intake rejected."""

Progress = Callable[[str, int], None]
"""Is told the stage that goes on, and how many rows it has written."""


def _silent(stage: str, rows: int) -> None:
    """Say nothing."""


def make_missing(connection: duckdb.DuckDBPyConnection) -> None:
    """Create those tables of an answer that are not there, empty: no stage had such rows."""
    for table, schema in ANSWER.items():
        asked = ", ".join(f'"{each.name}" {type_of(each.type)}' for each in schema)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({asked})")


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """One pay run over one period; the same tables make the same bytes."""

    heading: Heading
    connection: duckdb.DuckDBPyConnection
    """Has the tables of `ANSWER`, and those of the book."""
    book: StoredBook
    totals: tuple[ControlTotal, ...]
    """From intake, one for each kind and quota."""
    files: tuple[tuple[str, str, int], ...]
    """Name, SHA-256 and size of every file of facts."""
    progress: Progress = _silent

    @property
    def ok(self) -> bool:
        """Whether every row of facts was taken, or rejects were allowed."""
        return self.heading.allow_rejects or not self.reject_count

    @cached_property
    def reject_count(self) -> int:
        """How many reasons there were to take no row of facts."""
        return control.count(self.connection, f"({others.ALL_REJECTS})")

    @cached_property
    def rejected_rows(self) -> int:
        """How many rows of facts were not taken."""
        query = f"SELECT count(*) FROM (SELECT DISTINCT file, row FROM ({others.ALL_REJECTS}))"
        return int(single(self.connection, query))

    def first_rejects(self, most: int) -> tuple[Reject, ...]:
        """Return the first rows that were not taken, those of intake first."""
        return others.first_rejects(self.connection, most)

    @cached_property
    def payee_count(self) -> int:
        """How many payees have a statement."""
        _ = self.document
        return statements.count_payees(self.connection)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The contents of run.json: everything about the run but the rows.

        Raises:
            InternalError: a control total does not add up.
        """
        connection, heading = self.connection, self.heading
        for table, schema in ANSWER.items():
            check_columns(connection, table, schema)
        self.progress("adding up", 0)
        make_lookups(connection, heading)
        statements.make_statements(connection, heading.terms)
        by_rule = control.rule_lines(connection, heading.plan)
        every = control.count(connection, "lines")
        in_period = sum(each["in_period"]["lines"] for each in by_rule.values())
        return heading.document(
            is_clean=not self.reject_count,
            counts={
                "lines": in_period,
                "other_lines": every - in_period,
                "statements": control.count(connection, statements.STATEMENTS),
                "not_earning": control.count(connection, "outcomes"),
                "rejects": self.reject_count,
            },
            totals=statements.totals(connection, heading.terms),
            inputs=self.files,
            control={
                "facts": kind_totals(self.totals),
                "rules": control.rule_rows(connection, heading.plan, self.book),
                "lines": by_rule,
            },
        )

    def write(self, path: str | Path, pages: str = "auto") -> bool:
        """Write the run folder, as `Run.write` does.

        Returns whether the pages of the payees were written.

        Raises:
            Rejected: R1203, something else stands there or the folder cannot be written; R1205, a total
                is too large.
        """
        document = self.document
        is_rendered = Pages(pages).of(document["counts"]["lines"])
        with folder_aside(Path(path)) as folder:
            self._write_tables(folder, document["counts"])
            write_plan(folder, self.heading.sources)
            write_document(folder, document, is_rendered=is_rendered)
            if is_rendered:
                self.progress("writing the pages", 0)
                write_all_pages(read_run(folder), folder)
        return is_rendered

    def _write_tables(self, folder: Path, counts: Mapping[str, int]) -> None:
        connection = self.connection
        statements.name_files(connection)
        for name, write in (
            ("lines", lines.write_lines),
            ("other_lines", lines.write_other_lines),
            ("statements", others.write_statements),
            ("not_earning", others.write_not_earning),
            ("rejects", others.write_rejects),
        ):
            rows = write(connection, folder, partial(self.progress, f"writing {name}"))
            same(f"rows of {name}", counts[name], rows)
        keys = {kind: self.heading.plan.schema.kinds[kind].key.name for kind in self.book.payees}
        others.write_payees(connection, folder, self.book, keys)
