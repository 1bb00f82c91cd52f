"""The run folder, read back: what is in it, see `write_run`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.results import Line, Reason
from rulesengine.model.dates import DateRange
from rulesengine.statements.assemble import Entry
from rulesengine.statements.besides import Besides, PayeeId, besides
from rulesengine.statements.in_order import SORTED, in_order
from rulesengine.statements.parts import Parts
from rulesengine.statements.terms import Terms, days_from_json, terms_from_json

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "rulesengine run 2"
"""Marks a run.json as ours; another number means another layout."""
RENDERED = "pages"
"""Says in run.json whether the pages of the payees were written."""
_ANY_FORMAT = re.compile(r'\{\s*"format": "(rulesengine run \d+)"')
_ANOTHER_VERSION = "it was made by another version of rulesengine; run it again"


@dataclass(frozen=True, eq=False)
class RunFolder:
    """A run folder, read back; its tables are read when they are asked for."""

    path: Path
    document: Mapping[str, Any]
    terms: Terms

    @property
    def period(self) -> str:
        """The period as it was asked for."""
        return str(self.document["period"]["text"])

    @property
    def days(self) -> DateRange:
        """The dates of the period."""
        return days_from_json(self.document["period"])

    @property
    def through(self) -> date:
        """Last day of facts that the run knew."""
        return date.fromisoformat(self.document["through"])

    @property
    def is_rendered(self) -> bool:
        """Whether the pages of the payees were written."""
        return bool(self.document.get(RENDERED, False))

    @property
    def is_sorted(self) -> bool:
        """Whether the tables are in their order; else what is read of them is put in order."""
        return bool(self.document.get(SORTED, True))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The lines payable in the period."""
        return self._entries("lines", self.table("lines"))

    @cached_property
    def other_entries(self) -> tuple[tuple[Entry, str], ...]:
        """Lines payable earlier or later or waiting, each with which of these it is."""
        return self._with_due(self.table("other_lines"))

    @property
    def not_earning(self) -> tuple[Mapping[str, Any], ...]:
        """Rows that earned nothing under a rule, as in the table."""
        return tuple(self.table("not_earning").to_pylist())

    @property
    def rejects(self) -> tuple[Mapping[str, Any], ...]:
        """Rows of facts that were not taken, as in the table."""
        return tuple(self.table("rejects").to_pylist())

    @cached_property
    def payees(self) -> tuple[tuple[str, str], ...]:
        """Kind and key of every payee."""
        table = self.table("payees")
        columns = (table.column("payee_kind").to_pylist(), table.column("payee").to_pylist())
        return tuple(zip(*columns, strict=True))

    # --- some of the rows, without reading the others ----------------------------------------

    def lines_where(self, *, starts: str = "", **values: str) -> tuple[Entry, ...]:
        """Return the lines with these values, those payable at other times last.

        Args:
            starts: a column whose value needs to begin with the text only.
            values: text by column.
        """
        found = self._entries("lines", self.rows_where("lines", starts=starts, **values))
        others = self._entries("other_lines", self.rows_where("other_lines", starts=starts, **values))
        return (*found, *others)

    def lines_of(self, payee: PayeeId) -> tuple[Entry, ...]:
        """Return the lines of a payee that are payable in the period."""
        kind, key = payee
        return self._entries("lines", self.rows_where("lines", payee_kind=kind, payee=key))

    def line(self, line_id: str, near: Line) -> Entry | None:
        """Return a line by its whole id, None if there is none; it likely is of the payee of a line near."""
        found = self.lines_where(line_id=line_id, payee_kind=near.payee_kind, payee=near.payee)
        return next(iter(found or self.lines_where(line_id=line_id)), None)

    def besides_of(self, payee: PayeeId) -> Besides:
        """Return what there is to say to a payee besides the statements."""
        kind, key = payee
        others = self._with_due(self.rows_where("other_lines", payee_kind=kind, payee=key))
        rows = self.rows_where("not_earning", payee_kind=kind, payee=key)
        reasons = zip(rows.column("rule").to_pylist(), rows.column("reason").to_pylist(), strict=True)
        found = besides(
            self.terms,
            ((entry.line, due) for entry, due in others),
            ((payee, rule, Reason(reason)) for rule, reason in reasons),
        )
        return found.get(payee, Besides())

    def rows_where(self, name: str, *, starts: str = "", **values: str) -> pa.Table:
        """Return the rows of a table with these values, see `lines_where`.

        Raises:
            Rejected: R1203, as `table`.
        """
        with self._reading(name) as parts:
            return self._in_order(name, parts.where(values, starts))

    def entries_by_payee(self) -> Iterator[tuple[PayeeId, tuple[Entry, ...]]]:
        """Return the lines payable in the period, one payee at a time, in order."""
        pieces = self._pieces("lines") if self.is_sorted else [self.table("lines")]
        entries = (entry for piece in pieces for entry in self._entries("lines", piece))
        for payee, group in groupby(entries, lambda entry: (entry.line.payee_kind, entry.line.payee)):
            yield payee, tuple(group)

    def source(self, name: str) -> str:
        """Return the text of a file of the plan, empty if the folder has no such file."""
        file = self.path / "plan" / name
        return file.read_text(encoding="utf-8") if name in self.document["plan"]["files"] else ""

    def table(self, name: str) -> pa.Table:
        """Return a table of the folder by name.

        Raises:
            Rejected: R1203, it is not there, is no Parquet, or not what the run wrote there.
        """
        with self._reading(name) as parts:
            return self._in_order(name, parts.all())

    def files(self, name: str) -> tuple[Path, ...]:
        """Return the Parquet files that a table is made of, in its order."""
        with self._reading(name) as parts:
            return parts.files

    @contextmanager
    def _reading(self, name: str) -> Iterator[Parts]:
        import pyarrow as pa

        from rulesengine.statements.tables import SCHEMAS

        file = f"{name}.parquet"
        parts = Parts(self.path / file, SCHEMAS[name])
        try:
            if name not in self._looked_at:
                rows = parts.rows_in_its_columns
                if rows is None:
                    raise unusable(self.path, f"{file} has other columns; {_ANOTHER_VERSION}")
                if not parts.files or rows != self.document["counts"].get(name, rows):
                    raise unusable(self.path, f"{file} is not the one that the run wrote; run it again")
                self._looked_at.add(name)
            yield parts
        except (OSError, ValueError, pa.ArrowException) as error:
            raise unusable(self.path, f"{file} cannot be read") from error

    @cached_property
    def _looked_at(self) -> set[str]:
        """Tables of which columns and number of rows were found to be right."""
        return set()

    def _pieces(self, name: str) -> Iterator[pa.Table]:
        with self._reading(name) as parts:
            yield from parts.batches()

    def _in_order(self, name: str, rows: pa.Table) -> pa.Table:
        return rows if self.is_sorted else in_order(name, rows, self.terms)

    def _with_due(self, table: pa.Table) -> tuple[tuple[Entry, str], ...]:
        due = table.column("due").to_pylist()
        return tuple(zip(self._entries("other_lines", table), due, strict=True))

    def _entries(self, name: str, table: pa.Table) -> tuple[Entry, ...]:
        from rulesengine.statements.tables import entries_of

        try:
            entries = tuple(entries_of(table))
        except ValueError as error:
            raise unusable(self.path, f"{name}.parquet cannot be read") from error
        if any(entry.line.rule not in self._rules for entry in entries):
            raise unusable(self.path, f"{name}.parquet is not the one that the run wrote; run it again")
        return entries

    @cached_property
    def _rules(self) -> frozenset[str]:
        return frozenset(rule.name for rule in self.terms.rules)


def read_run(path: str | Path) -> RunFolder:
    """Return the run folder at a path.

    Raises:
        Rejected: R1203, there is none, or it is of another version.
    """
    path = Path(path)
    format = _format_of(path)
    if not format:
        raise unusable(path, "it is not a run folder")
    if format != FORMAT:
        raise unusable(path, _ANOTHER_VERSION)
    try:
        document = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise unusable(path, "run.json cannot be read") from error
    try:
        run = RunFolder(path, document, terms_from_json(document["plan"]))
        _ = (run.period, run.days, run.through, document["plan"]["files"].keys(), document["counts"].keys())
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise unusable(path, f"run.json lacks something; {_ANOTHER_VERSION}") from error
    return run


def is_run(path: Path) -> bool:
    """Return whether a run folder of any version is there."""
    return bool(_format_of(path))


def _format_of(path: Path) -> str:
    """Return which layout the run folder at a path has, empty where it is not one of ours."""
    try:
        with (path / "run.json").open(encoding="utf-8") as file:
            found = _ANY_FORMAT.match(file.read(200))
    except (OSError, UnicodeDecodeError):
        return ""
    return found[1] if found else ""


def unusable(path: Path, why: str, *, hint: str = "") -> Rejected:
    """Return the refusal of a path: R1203."""
    message = f"run folder `{path.name}`: {why}"
    return Rejected([Diagnostic(code="R1203", message=message, place=str(path), hint=hint)])
