"""The run folder: written aside and put in place whole, or not at all; and read back.

    run.json               plan, hashes of plan and inputs, engine, dates, counts, control totals
    plan/                  the plan's files as they were
    lines.parquet          the lines payable in the period
    other_lines.parquet    lines earned but payable earlier or later, or waiting for a date
    statements.parquet     a row a statement
    not_earning.parquet    rows that earned nothing under a rule, and why
    rejects.parquet        rows of facts that were not taken, and why
    payees.parquet         every payee there was
    statements/KIND/PAYEE  a page, text, JSON and CSV for each payee who has a statement

Same input, same bytes: no clock, no machine, no path from outside the plan and the facts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.results import Reason
from rulesengine.model.dates import DateRange
from rulesengine.statements.assemble import Entry, Statement
from rulesengine.statements.besides import Besides, PayeeId, besides
from rulesengine.statements.names import statement_file
from rulesengine.statements.render_csv import render_csv
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_json import render_json
from rulesengine.statements.render_text import render_besides, render_text
from rulesengine.statements.terms import Terms, days_from_json, terms_from_json

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "rulesengine run 1"
"""Marks a run.json as ours; another number means another layout."""
_TABLES = ("lines", "other_lines", "statements", "not_earning", "rejects", "payees")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContents:
    """What a run folder is made of."""

    document: Mapping[str, Any]
    """run.json, without its `format`."""
    sources: Mapping[str, str]
    """The plan's files: text by name, relative to the plan."""
    tables: Mapping[str, pa.Table]
    """Those of `_TABLES`, by name."""
    statements: tuple[Statement, ...]
    """By payee kind, payee, period."""
    besides: Mapping[PayeeId, Besides]
    """What else there is to say to a payee; those who have no statement get no files."""


def write_run(path: Path, contents: RunContents) -> None:
    """Write a run folder; an earlier run folder of that name is replaced, nothing else is.

    Raises:
        Rejected: R1203, something else stands there or the disk refused.
    """
    path = path.absolute()
    if path.exists() and not (_is_run(path) or _is_empty(path)):
        raise _unusable(path, "there is something there already that is not a run folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the rename below stays on one disk.
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as aside:
            new, old = Path(aside) / "new", Path(aside) / "old"
            _write_files(new, contents)
            if path.exists():
                path.rename(old)
            try:
                new.rename(path)
            except OSError:
                if old.exists():
                    old.rename(path)
                raise
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _write_files(folder: Path, contents: RunContents) -> None:
    import pyarrow.parquet as parquet

    folder.mkdir()
    for name in _TABLES:
        # Fixed settings, so that a new default of the library changes no byte.
        parquet.write_table(
            contents.tables[name],
            folder / f"{name}.parquet",
            compression="zstd",
            version="2.6",
            data_page_version="1.0",
            row_group_size=1 << 20,
            store_schema=True,
        )
    for name, text in contents.sources.items():
        target = folder / "plan" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    for (kind, payee), group in groupby(contents.statements, lambda s: (s.payee_kind, s.payee)):
        statements = tuple(group)
        base = folder / statement_file(kind, payee)
        base.parent.mkdir(parents=True, exist_ok=True)
        rest = contents.besides.get((kind, payee), Besides())
        texts = [render_text(statement) for statement in statements]
        texts += [render_besides(rest, statements[0].currency)] if rest.is_something else []
        for ending, text in (
            ("txt", "\n\n".join(texts)),
            ("json", render_json(statements)),
            ("csv", render_csv(statements)),
            ("html", render_html(statements, rest)),
        ):
            with base.parent.joinpath(f"{base.name}.{ending}").open(
                "w", encoding="utf-8", newline=""
            ) as file:
                file.write(text)
    document = {"format": FORMAT, **contents.document}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / "run.json").write_text(text, encoding="utf-8", newline="")


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
            Rejected: R1203, it is not there or is no Parquet.
        """
        import pyarrow as pa
        import pyarrow.parquet as parquet

        try:
            # One file, its own schema: no folder of partitions is looked for.
            return parquet.ParquetFile(self.path / f"{name}.parquet").read()
        except (OSError, pa.ArrowException) as error:
            raise _unusable(self.path, f"{name}.parquet cannot be read") from error

    def _entries(self, name: str) -> tuple[Entry, ...]:
        from rulesengine.statements.tables import entries_of

        return tuple(entries_of(self.table(name)))


def read_run(path: str | Path) -> RunFolder:
    """Return the run folder at a path.

    Raises:
        Rejected: R1203, there is none, or it is of another version.
    """
    path = Path(path)
    if not _is_run(path):
        raise _unusable(path, "it is not a run folder")
    try:
        document = json.loads((path / "run.json").read_text(encoding="utf-8"))
        terms = terms_from_json(document["plan"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(path, "run.json cannot be read") from error
    return RunFolder(path, document, terms)


def _is_run(path: Path) -> bool:
    try:
        with (path / "run.json").open(encoding="utf-8") as file:
            return f'"{FORMAT}"' in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _unusable(path: Path, why: str) -> Rejected:
    return Rejected([Diagnostic(code="R1203", message=f"run folder `{path.name}`: {why}", place=str(path))])
