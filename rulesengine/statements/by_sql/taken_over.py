"""Lines and outcomes of an earlier run that no change touched, added to those that were worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.engines.sql.answer import varying
from rulesengine.engines.sql.touched import Part
from rulesengine.statements.by_sql.found_again import TABLES, Found
from rulesengine.statements.by_sql.kept_parts import Kept, KeptParts
from rulesengine.statements.by_sql.sql import columns, described, text
from rulesengine.statements.heading import Heading
from rulesengine.statements.run_folder import RunFolder

if TYPE_CHECKING:
    import duckdb

Constants = Mapping[str, Mapping[str, str]]
"""Columns of the tables of an answer that never differ, with their value, by table."""
_TOUCHED, _PARTS, _SPANS = "since_touched", "since_parts", "since_spans"
_WAS = "since_was"


def stored(table: str, constants: Constants) -> str:
    """Return the table that has the rows of an answer, or what differs of them."""
    return varying(table) if table in constants else table


def stored_before(table: str) -> str:
    """Return the table that has what was found of touched rows of a table of an answer."""
    return f"{_WAS}_{table}"


class TakenOver:
    """Lines and outcomes of the earlier run that no change touched, added to those that were worked out."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, run: RunFolder, heading: Heading, constants: Constants
    ) -> None:
        self.connection, self.run = connection, run
        self.found = [
            Found(
                connection=connection,
                heading=heading,
                answer=answer,
                now=stored(answer, constants),
                was=stored_before(answer),
                constants=constants.get(answer, {}),
            )
            for answer in TABLES
        ]

    def over(self, *, stands: bool) -> Kept:
        """Add them, but for parts that stand as they are; returns which these are."""
        kept: dict[str, KeptParts] = {}
        for found in self.found:
            parts = {
                table: found.kept(self.run, table) if stands else KeptParts.anew(self.run, table)
                for table in TABLES[found.answer]
            }
            files = [file for each in parts.values() for file in each.written.values()]
            if stands:
                found.leave_out_others()
            _stay(self.connection, found.now, files, found.payees if stands else "")
            kept |= parts
        return kept


def remember(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], heading: Heading, words: Sequence[str]
) -> None:
    """Make the tables by which rows of before are told apart: touched rows, their rules, and spans."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_PARTS} (rule VARCHAR, part INTEGER)")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TOUCHED} (part INTEGER, fact VARCHAR, fact_id VARCHAR)"
    )
    for number, part in enumerate(parts):
        if part.is_everything:
            continue
        listed = ", ".join(f"({text(rule)}, {number})" for rule in part.rules)
        connection.execute(f"INSERT INTO {_PARTS} VALUES {listed}")
        connection.execute(f"INSERT INTO {_TOUCHED} SELECT {number}, kind, fact FROM {part.table}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_SPANS} (short VARCHAR, span VARCHAR)")
    spans = [(heading.short(word), word) for word in words if word.count(":") >= 2]
    if spans:
        listed = ", ".join(f"({text(short)}, {text(span)})" for short, span in spans)
        connection.execute(f"INSERT INTO {_SPANS} VALUES {listed}")


def _stay(connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path], payees: str) -> None:
    """Add rows that were written of a table of an answer, but for those that were touched.

    Args:
        connection: to the database.
        table: to add them to.
        files: in which they are.
        payees: a query for `payee_kind` and `payee` of those whose rows are added; empty for all.
    """
    names = list(described(connection, table))
    asked, joins = columns((each for each in names if each != "span"), "o"), ""
    if "span" in names:
        # Files name the plan's own files shorter than the engine does.
        asked += ", coalesce(s.span, o.span) AS span"
        joins = f"LEFT JOIN {_SPANS} s ON o.span = s.short"
    if payees:
        joins += f" SEMI JOIN ({payees}) e ON o.payee_kind = e.payee_kind AND o.payee = e.payee"
    if files:
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT {asked}"
            f" FROM {_files(files)} o JOIN {_PARTS} p ON o.rule = p.rule {joins}"
            f" ANTI JOIN {_TOUCHED} t ON p.part = t.part AND o.fact = t.fact AND o.fact_id = t.fact_id"
        )


def _files(files: Sequence[Path]) -> str:
    listed = ", ".join(text(str(file)) for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"
