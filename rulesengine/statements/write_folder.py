"""The run folder: written aside and put in place whole, or not at all.

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
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.model.quick_dataclass import dataclass
from rulesengine.statements.assemble import Statement
from rulesengine.statements.besides import Besides, PayeeId
from rulesengine.statements.names import statement_file
from rulesengine.statements.render_csv import render_csv
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_json import render_json
from rulesengine.statements.render_text import render_besides, render_text
from rulesengine.statements.run_folder import FORMAT, is_run, unusable

if TYPE_CHECKING:
    import pyarrow as pa

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
    if path.exists() and not (is_run(path) or _is_empty(path)):
        raise unusable(path, "there is something there already that is not a run folder")
    if path.parent.exists() and not path.parent.is_dir():
        raise unusable(path, f"`{path.parent.name}` is a file, not a folder")
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
        why = (error.strerror or str(error)).lower()
        raise unusable(path, f"it cannot be written: {why}") from error


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


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
