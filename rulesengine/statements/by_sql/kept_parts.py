"""Parts of the tables of an earlier run that stand: they are taken over as files, unread.

A table is cut between payees, at places that facts do not move (`cuts.py`), and the bytes of a part depend on
its rows alone (`part_files.py`). So a part in which no payee has another row is the file of the earlier run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.model.change import replace
from rulesengine.statements.by_sql.cuts import EVERY_PAYEE, number_of_parts, part_of, rows_of_parts
from rulesengine.statements.by_sql.part_files import part_file
from rulesengine.statements.by_sql.rows_that_stay import BOTH, RowsThatStay
from rulesengine.statements.by_sql.sorted_table import Sorting, write_in_parts
from rulesengine.statements.run_folder import RunFolder

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptParts:
    """The parts of one table."""

    written: Mapping[int, Path]
    """The files of those parts that are written anew, where they had any rows."""
    standing: Mapping[int, Path]
    """The files of all others."""
    parts: int = 1
    """How many there are with those that have no rows."""
    payees: str = ""
    """A query for `payee_kind` and `payee` of those who have other rows, and all of them in the database; of
    others none is there. Empty where all rows are."""

    @classmethod
    def anew(cls, run: RunFolder, table: str) -> KeptParts:
        """Return the parts of a table of which none stands."""
        return cls(written=dict(enumerate(run.files(table))), standing={})

    @classmethod
    def of_table(
        cls, connection: duckdb.DuckDBPyConnection, run: RunFolder, table: str, payees: str, more: int
    ) -> KeptParts:
        """Return which parts stand.

        Args:
            connection: to the database; has all payees.
            run: the earlier one, in order.
            table: by name.
            payees: a query for `payee_kind` and `payee` of those who have another row than they had.
            more: how many more rows there are than there were.
        """
        rows = int(run.document["counts"][table])
        parts, wanted = (number_of_parts(connection, count) for count in (rows, rows + more))
        if wanted != parts:
            return replace(cls.anew(run, table), parts=wanted, payees=payees)
        found = connection.execute(
            f"SELECT DISTINCT {part_of(parts)} FROM ({payees}) p LEFT JOIN {EVERY_PAYEE} e"
            " ON p.payee_kind = e.payee_kind AND p.payee = e.payee"
        ).fetchall()
        touched = frozenset(part for (part,) in found)
        files = {0 if parts == 1 else _number(file): file for file in run.files(table)}
        return cls(
            written={part: file for part, file in files.items() if part in touched},
            standing={part: file for part, file in files.items() if part not in touched},
            parts=parts,
            payees=payees,
        )

    def take_over(self, target: Path) -> None:
        """Put the parts that stand where the table is in a new run folder."""
        for part, file in self.standing.items():
            _link(file, target if self.parts == 1 else part_file(target, part))


Kept = Mapping[str, KeptParts]
"""By table."""


def write_cut(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    sorting: Sorting,
    counted: str,
    wrote: Callable[[int], None],
    kept: KeptParts | None,
) -> int:
    """Write a table of a run folder in order, cut between payees; returns how many rows of the database.

    Args:
        connection: to the database that has the rows.
        file: to write; a folder where there are several parts.
        sorting: which rows, in which order.
        counted: a query for `payee_kind`, `payee` and their `rows`.
        wrote: is told how many rows there are by now.
        kept: the parts of an earlier run, where not all rows are in the database.
    """
    if kept is None or not kept.payees:
        return write_in_parts(connection, file, sorting, rows_of_parts(connection, counted), wrote)
    rows = 0
    if kept.parts > 1 or not kept.standing:
        files = [kept.written[part] for part in sorted(kept.written)]
        stay = RowsThatStay.beside(connection, files, kept.payees, counted)
        parts = rows_of_parts(connection, BOTH, kept.parts)
        write_in_parts(connection, file, sorting, parts, wrote, stay)
        rows = stay.new
    kept.take_over(file)
    return rows


def _number(file: Path) -> int:
    return int(file.stem.removeprefix("part-")) - 1


def _link(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        # Another disk, or one without such links.
        shutil.copyfile(file, target)
