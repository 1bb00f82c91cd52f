"""The run folder: written aside and put in place whole, or not at all.

    run.json               plan, hashes of plan and inputs, engine, dates, counts, control totals
    plan/                  the plan's files as they were
    lines.parquet          the lines payable in the period
    other_lines.parquet    lines earned but payable earlier or later, or waiting for a date
    statements.parquet     a row a statement
    not_earning.parquet    rows that earned nothing under a rule, and why
    rejects.parquet        rows of facts that were not taken, and why
    payees.parquet         every payee there was
    kept/                  the facts, if they are to be kept for a run that continues this one
    statements/KIND/PAYEE  a page, text, JSON and CSV for each payee who has a statement

A table of many rows is a folder of that name with files part-00001.parquet and so on, each after the
other in the order of the table. Where there are very many lines, the pages are made only when they are
asked for. Same input, same bytes: no clock, no machine, no path from outside the plan and the facts.
"""

from __future__ import annotations

import errno
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Rejected
from rulesengine.model.arguments import a
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.signals import signals_held
from rulesengine.statements.assemble import Statement
from rulesengine.statements.besides import Besides, PayeeId
from rulesengine.statements.pages import write_pages
from rulesengine.statements.run_folder import FORMAT, RENDERED, is_run, unusable

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("lines", "other_lines", "statements", "not_earning", "rejects", "payees")
_OWN = frozenset({*TABLES, "run.json", "plan", "kept", "statements"})
"""All that a run folder holds, tables by their names alone."""
MOST_LINES_RENDERED = 100_000
"""With more lines than that, pages are made only when they are asked for."""
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Pages(StrEnum):
    """Whether a run writes the pages of its payees."""

    ALL = "all"
    NONE = "none"
    AUTO = "auto"
    """All, unless there are very many lines."""

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"pages are `all`, `none` or `auto`, found {a(value)}")

    def of(self, lines: int) -> bool:
        """Return whether a run with so many lines writes them."""
        return self is Pages.ALL or (self is Pages.AUTO and lines <= MOST_LINES_RENDERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContents:
    """What a run folder is made of."""

    document: Mapping[str, Any]
    """run.json, without its `format`."""
    sources: Mapping[str, str]
    """The plan's files: text by name, relative to the plan."""
    tables: Mapping[str, pa.Table]
    """Those of `TABLES`, by name."""
    statements: tuple[Statement, ...]
    """By payee kind, payee, period."""
    besides: Mapping[PayeeId, Besides]
    """What else there is to say to a payee; those who have no statement get no files."""
    pages: Pages = Pages.ALL


def write_run(path: Path, contents: RunContents) -> bool:
    """Write a run folder; an earlier run folder of that name is replaced, nothing else is.

    Returns whether the pages of the payees were written.

    Raises:
        Rejected: R1203, something else stands there or the folder cannot be written.
    """
    is_rendered = contents.pages.of(contents.document["counts"]["lines"])
    with folder_aside(path) as folder, disk_errors(path):
        _write_files(folder, contents, is_rendered=is_rendered)
    return is_rendered


@contextmanager
def folder_aside(path: Path) -> Iterator[Path]:
    """Give a new folder to write a run into, and put it in place when the block ends without an error.

    Whatever the block opens is closed by then: Ctrl-C or SIGTERM find the run undone, or done and in place.

    Raises:
        Rejected: R1203, something else stands there or the folder cannot be written. What the block
            itself cannot write is its own affair: `disk_errors`.
    """
    # A link stays one: what it leads to is replaced.
    path = path.resolve()
    check_place(path)
    with ExitStack() as held, ExitStack() as beside:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Beside the target, so that the renames below stay on one disk.
            made = tempfile.TemporaryDirectory(
                prefix=f".{path.name}-", dir=path.parent, ignore_cleanup_errors=True
            )
            aside = Path(beside.enter_context(made))
            (aside / "new").mkdir()
        try:
            yield aside / "new"
        finally:
            # What is left takes a moment, and must not be left half done: a folder that is neither the
            # earlier one nor the new one, or a hidden one beside it.
            held.enter_context(signals_held())
        with disk_errors(path):
            put_in_place(aside / "new", path, aside / "old")


def put_in_place(new: Path, path: Path, old: Path) -> None:
    """Put a folder where there may be one, which goes to `old`; where that fails, it is back at its place.

    All three lie on one disk.
    """
    try:
        if path.exists():
            path.rename(old)
        new.rename(path)
    except BaseException:
        if old.exists() and not path.exists():
            old.rename(path)
        raise


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a refusal of the run folder.

    Raises:
        Rejected: R1203.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise disk_full(path) from error
        why = (error.strerror or str(error)).lower()
        raise unusable(path, f"it cannot be written: {why}") from error


def check_place(path: Path) -> None:
    """Refuse a place where a run folder would replace something else.

    Raises:
        Rejected: R1203.
    """
    if path.exists() and not (is_run(path) or _is_empty(path)):
        raise unusable(path, "there is something there already that is not a run folder")
    if path.is_dir() and (other := sorted(name for name in _names(path) if name not in _OWN)):
        hint = "move it elsewhere, or name another run folder: the folder is replaced as a whole"
        raise unusable(path, f"there is `{other[0]}` in it, which is not of a run", hint=hint)
    if path.parent.exists() and not path.parent.is_dir():
        raise unusable(path, f"`{path.parent.name}` is a file, not a folder")


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of what a user sees in a folder, of tables without `.parquet`."""
    for each in folder.iterdir():
        if not each.name.startswith("."):
            yield each.name.removesuffix(".parquet")


def disk_full(path: Path) -> Rejected:
    """Return the refusal of a folder whose disk has no space left: R1203."""
    why = "its disk is full; nothing was written there"
    return unusable(path, why, hint="free some space or name a folder on another disk, and run it again")


def write_plan(folder: Path, sources: Mapping[str, str]) -> None:
    """Write the plan's files into a run folder."""
    for name, text in sources.items():
        target = folder / "plan" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")


def write_document(folder: Path, document: Mapping[str, Any], *, is_rendered: bool) -> None:
    """Write run.json: the last file of a run folder."""
    whole = {"format": FORMAT, **document, RENDERED: is_rendered}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    (folder / "run.json").write_text(text, encoding="utf-8", newline="")


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table as Parquet, with fixed settings, so that a new default of the library changes no byte."""
    import pyarrow.parquet as parquet

    parquet.write_table(
        table,
        file,
        compression="zstd",
        version="2.6",
        data_page_version="1.0",
        row_group_size=1 << 20,
        store_schema=True,
    )


def _write_files(folder: Path, contents: RunContents, *, is_rendered: bool) -> None:
    for name in TABLES:
        write_table(contents.tables[name], folder / f"{name}.parquet")
    write_plan(folder, contents.sources)
    if is_rendered:
        for payee, group in groupby(contents.statements, lambda s: (s.payee_kind, s.payee)):
            write_pages(folder, tuple(group), contents.besides.get(payee, Besides()))
    write_document(folder, contents.document, is_rendered=is_rendered)


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
