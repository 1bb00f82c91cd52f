"""A run whose rows are in DuckDB, written as a run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rulesengine.model.book import ControlTotal, Reject
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql import control, lines, others, statements
from rulesengine.statements.by_sql.cuts import make_every_payee
from rulesengine.statements.by_sql.earlier import Earlier
from rulesengine.statements.by_sql.kept_facts import keep_facts
from rulesengine.statements.by_sql.kept_parts import Kept
from rulesengine.statements.by_sql.lookups import (
    LINES_OF_PAYEES,
    count_outcomes,
    counted_lines,
    counted_outcomes,
    make_lookups,
    make_payees,
)
from rulesengine.statements.by_sql.sql import check_columns, name, single, text, type_of
from rulesengine.statements.by_sql.statements_anew import kept_statements, more_statements
from rulesengine.statements.control import kind_totals, same
from rulesengine.statements.heading import Heading
from rulesengine.statements.in_order import SORTED
from rulesengine.statements.parts import Parts
from rulesengine.statements.render_folder import write_all_pages
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.tables import LINES, NOT_EARNING, REJECTS, SCHEMAS
from rulesengine.statements.write_folder import Pages, write_document, write_plan

if TYPE_CHECKING:
    import duckdb

    from rulesengine.statements.by_sql.spark_lines import SparkLines

ANSWER = {
    "lines": pa.schema([each for each in LINES if each.name != "period"]),
    "outcomes": NOT_EARNING,
    "engine_rejects": REJECTS,
    "rejects": REJECTS,
}
"""The tables that a connection must have, by name: what the engine answered, and what intake rejected."""

Progress = Callable[[str, int], None]
"""Is told the stage that goes on, and how many rows it has written."""


def read_back(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    had: Iterable[str],
    constants: Mapping[str, str],
    files: Iterable[Path],
) -> None:
    """Make a table of an answer a view of what was written of it.

    Texts that are one of a few stay texts: as a file has them, with a list for each of its parts, they are
    gathered sooner than each is looked up in a type.

    Args:
        connection: to the database.
        table: of `ANSWER`.
        had: its columns.
        constants: columns that hold one value in all rows, as expressions: they are not read.
        files: in which its rows are, or folders of such.
    """
    columns = ", ".join(f"{constants.get(each, name(each))} AS {name(each)}" for each in had)
    found = " UNION ALL ".join(
        f"SELECT {columns} FROM read_parquet({text(_pattern(file))})" for file in files
    )
    # Where no stage had such rows, it stands before the empty table: what is temporary is found first.
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {found}")


def _pattern(file: Path) -> str:
    return str(file / "*.parquet") if file.is_dir() else str(file)


def _silent(stage: str, rows: int) -> None:
    """Say nothing."""


def make_missing(connection: duckdb.DuckDBPyConnection) -> None:
    """Create those tables of an answer that are not there, empty: no stage had such rows."""
    query = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
    known = {name for (name,) in connection.execute(query).fetchall()}
    for table, schema in ANSWER.items():
        if table not in known:
            asked = ", ".join(f'"{each.name}" {type_of(each.type)}' for each in schema)
            connection.execute(f"CREATE TABLE {table} ({asked})")


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
    constants: Mapping[str, Mapping[str, str]] = with_default(default_factory=dict)
    """Of `lines` and `outcomes`: columns that hold one value in all rows, as expressions."""
    spark_lines: SparkLines | None = None
    """What writes the lines in order, if not this database."""
    is_sorted: bool = True
    """Whether lines and rows that earned nothing are written in order."""
    is_stored: bool = True
    """Whether these are tables. Else they are views of what is worked out while it is written, and whatever
    is added up over them is read back from the run folder."""
    kept: Kept = with_default(default_factory=dict)
    """Parts of the tables of an earlier run, where rows of those that stand are not in the database."""
    earlier: Earlier | None = None
    """The figures of the run, where not all of its rows are in the database."""
    others: Mapping[str, str] | None = None
    """What the run read besides facts, from `hashes_of_others`, if its folder is to keep the facts."""

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
        _ = self._types
        self.progress("adding up", 0)
        count_outcomes(connection)
        _ = self._same_in_statements
        known = self.earlier
        by_rule = control.rule_lines(connection, heading.plan, known.lines if known else None)
        in_period = sum(each["in_period"]["lines"] for each in by_rule.values())
        every = sum(each["all"]["lines"] for each in by_rule.values())
        if known is None:
            same("rows of lines", counted_lines(connection), every)
        order = {} if self.is_sorted else {SORTED: False}
        return order | heading.document(
            is_clean=not self.reject_count,
            counts={
                "lines": in_period,
                "other_lines": every - in_period,
                "statements": self._statements,
                "not_earning": known.counts["not_earning"] if known else counted_outcomes(connection),
                "rejects": self.reject_count,
            },
            totals=known.paid if known else statements.totals(connection, heading.terms),
            inputs=self.files,
            control={
                "facts": kind_totals(self.totals),
                "rules": control.rule_rows(
                    connection, heading.plan, self.book, known.fates if known else None
                ),
                "lines": by_rule,
            },
        )

    @cached_property
    def _statements(self) -> int:
        """How many there are."""
        if self.earlier is None:
            return control.count(self.connection, statements.STATEMENTS)
        return self.earlier.statements + self._more_statements

    @cached_property
    def _more_statements(self) -> int:
        assert self.earlier is not None
        return more_statements(self.connection, self.earlier.run, self.kept["lines"])

    def write(self, folder: Path, pages: str = "auto") -> bool:
        """Write the run into a new folder, see `folder_aside`; what it says of itself is known then.

        Returns whether the pages of the payees were written.

        Raises:
            Rejected: R1203, the folder cannot be written; R1205, a total is too large.
        """
        if not self._is_counted_first:
            self._write_as_worked_out(folder)
        document = self.document
        is_rendered = Pages(pages).of(document["counts"]["lines"])
        self._write_tables(folder, document["counts"])
        if self.others is not None:
            self.progress("keeping the facts", 0)
            schema = self.heading.plan.schema
            keep_facts(self.connection, folder, self.book, schema, self.others, document)
        write_plan(folder, self.heading.sources)
        write_document(folder, document, is_rendered=is_rendered)
        if is_rendered:
            self.progress("writing the pages", 0)
            write_all_pages(read_run(folder), folder)
        return is_rendered

    @cached_property
    def _same_in_statements(self) -> Mapping[str, str]:
        """The columns that hold one value in all statements, as expressions; the statements are made."""
        constants = self.constants.get("lines", {})
        return statements.make_statements(self.connection, self.heading.terms, constants)

    @cached_property
    def _types(self) -> Mapping[str, Mapping[str, str]]:
        """The types of the columns of `ANSWER`; the tables that are looked up while rows go by are made."""
        found = {table: check_columns(self.connection, table, schema) for table, schema in ANSWER.items()}
        self.progress("counting lines", 0)
        make_lookups(self.connection, self.heading)
        make_every_payee(self.connection, self.book, self.heading.plan.schema)
        return found

    @property
    def _is_counted_first(self) -> bool:
        return self.is_sorted and self.is_stored

    def _write_as_worked_out(self, folder: Path) -> None:
        """Write lines and rows that earned nothing as they are worked out, and read them from there later."""
        types, connection = self._types, self.connection
        constants, progress = self.constants.get("lines", {}), partial(self.progress, "writing lines")
        if self.is_sorted:
            make_payees(connection, LINES_OF_PAYEES)
            rows = lines.write_in_order(connection, folder, constants, progress, self.kept)
        else:
            rows = lines.write_in_any_order(connection, folder, constants, progress)
        same("rows of lines", counted_lines(connection), rows)
        self._read_back("lines", types, [folder / "lines.parquet", folder / "other_lines.parquet"])
        constants, progress = (
            self.constants.get("outcomes", {}),
            partial(self.progress, "writing not_earning"),
        )
        kept = self.kept.get("not_earning")
        others.write_not_earning(connection, folder, constants, progress, is_sorted=self.is_sorted, kept=kept)
        self._read_back("outcomes", types, [folder / "not_earning.parquet"])
        if self.kept and self.earlier is None:
            # What is read now has the rows of all parts.
            make_lookups(connection, self.heading)

    def _read_back(self, table: str, types: Mapping[str, Mapping[str, str]], files: Sequence[Path]) -> None:
        """Let what was written of a table be read from there, if all of it is needed."""
        if self.earlier is None:
            # Spans are shorter in the files.
            constants = {**self.constants.get(table, {})}
            constants.pop("span", None)
            read_back(self.connection, table, types[table], constants, files)

    def _write_tables(self, folder: Path, counts: Mapping[str, int]) -> None:
        connection = self.connection
        lines.check_ids(connection)
        statements.name_files(connection)
        if self._is_counted_first:
            make_payees(connection, statements.GATHERED)
            self._write_in_order(folder, counts)
        constants, progress = self._same_in_statements, partial(self.progress, "writing statements")
        if self.earlier is None:
            rows = others.write_statements(connection, folder, constants, progress)
            same("rows of statements", counts["statements"], rows)
        else:
            kept = kept_statements(connection, self.earlier.run, self.kept["lines"], self._more_statements)
            others.write_statements(connection, folder, constants, progress, kept)
            self._check_rows(folder, counts)
        same("rows of rejects", counts["rejects"], others.write_rejects(connection, folder))
        others.write_payees(connection, folder, self.book, self.heading.plan.schema)

    def _check_rows(self, folder: Path, counts: Mapping[str, int]) -> None:
        """INVARIANT: files that stand and that were written have the rows and money that the figures tell."""
        assert self.earlier is not None
        for table in (*self.kept, "statements"):
            rows = Parts(folder / f"{table}.parquet", SCHEMAS[table]).rows
            same(f"rows of {table}", counts[table], rows)
        files = [str(file) for file in Parts(folder / "statements.parquet", SCHEMAS["statements"]).files]
        statements.read_statements(self.connection, files)
        paid, found = self.earlier.paid, statements.added_up(self.connection)
        for currency in sorted(paid.keys() | found.keys()):
            same(f"{currency} of statements", paid.get(currency, 0), found.get(currency, 0))
        _ = self.payee_count

    def _write_in_order(self, folder: Path, counts: Mapping[str, int]) -> None:
        write_not_earning = partial(others.write_not_earning, is_sorted=True)
        spark = self.spark_lines
        for table, answer, write, on_spark_instead in (
            ("lines", "lines", lines.write_lines, spark.write_lines if spark else None),
            ("other_lines", "lines", lines.write_other_lines, spark.write_other_lines if spark else None),
            ("not_earning", "outcomes", write_not_earning, None),
        ):
            constants, progress = self.constants.get(answer, {}), partial(self.progress, f"writing {table}")
            if on_spark_instead is not None and counts[table]:
                rows = on_spark_instead(self.connection, folder, progress)
            else:
                rows = write(self.connection, folder, constants, progress)
            same(f"rows of {table}", counts[table], rows)
