"""The run folder, read back: what is in it, see `write_run`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.results import Reason
from rulesengine.model.dates import DateRange
from rulesengine.statements.assemble import Entry
from rulesengine.statements.besides import Besides, PayeeId, besides
from rulesengine.statements.terms import Terms, days_from_json, terms_from_json

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "rulesengine run 2"
"""Marks a run.json as ours; another number means another layout."""
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

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The lines payable in the period."""
        return self._entries("lines")

    @cached_property
    def other_entries(self) -> tuple[tuple[Entry, str], ...]:
        """Lines payable earlier or later or waiting, each with which of these it is."""
        due = self.table("other_lines").column("due").to_pylist()
        return tuple(zip(self._entries("other_lines"), due, strict=True))

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """Every line of the folder by id, those payable at other times too."""
        entries = (*self.entries, *(entry for entry, _ in self.other_entries))
        return {entry.line_id: entry for entry in entries}

    @cached_property
    def not_earning(self) -> tuple[Mapping[str, Any], ...]:
        """Rows that earned nothing under a rule, as in the table."""
        return tuple(self.table("not_earning").to_pylist())

    @cached_property
    def besides(self) -> Mapping[PayeeId, Besides]:
        """What there is to say to each payee besides the statements."""
        return besides(
            self.terms,
            ((entry.line, due) for entry, due in self.other_entries),
            (
                ((row["payee_kind"], row["payee"]), row["rule"], Reason(row["reason"]))
                for row in self.not_earning
            ),
        )

    @cached_property
    def rejects(self) -> tuple[Mapping[str, Any], ...]:
        """Rows of facts that were not taken, as in the table."""
        return tuple(self.table("rejects").to_pylist())

    @cached_property
    def payees(self) -> tuple[tuple[str, str], ...]:
        """Kind and key of every payee."""
        table = self.table("payees")
        columns = (table.column("payee_kind").to_pylist(), table.column("payee").to_pylist())
        return tuple(zip(*columns, strict=True))

    def source(self, name: str) -> str:
        """Return the text of a file of the plan, empty if the folder has no such file."""
        file = self.path / "plan" / name
        return file.read_text(encoding="utf-8") if name in self.document["plan"]["files"] else ""

    def table(self, name: str) -> pa.Table:
        """Return a table of the folder by name.

        Raises:
            Rejected: R1203, it is not there, is no Parquet, or not what the run wrote there.
        """
        import pyarrow as pa
        import pyarrow.parquet as parquet

        from rulesengine.statements.tables import SCHEMAS

        file = f"{name}.parquet"
        try:
            # One file, its own schema: no folder of partitions is looked for.
            table = parquet.ParquetFile(self.path / file).read()
            table.validate(full=True)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise unusable(self.path, f"{file} cannot be read") from error
        if not table.schema.equals(SCHEMAS[name]):
            raise unusable(self.path, f"{file} has other columns; {_ANOTHER_VERSION}")
        if table.num_rows != self.document["counts"].get(name, table.num_rows):
            raise unusable(self.path, f"{file} is not the one that the run wrote; run it again")
        return table

    def _entries(self, name: str) -> tuple[Entry, ...]:
        from rulesengine.statements.tables import entries_of

        try:
            entries = tuple(entries_of(self.table(name)))
        except ValueError as error:
            raise unusable(self.path, f"{name}.parquet cannot be read") from error
        rules = {rule.name for rule in self.terms.rules}
        if any(entry.line.rule not in rules for entry in entries):
            raise unusable(self.path, f"{name}.parquet is not the one that the run wrote; run it again")
        return entries


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


def unusable(path: Path, why: str) -> Rejected:
    """Return the refusal of a path: R1203."""
    return Rejected([Diagnostic(code="R1203", message=f"run folder `{path.name}`: {why}", place=str(path))])
