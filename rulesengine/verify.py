"""A run folder held against another engine, which works the run out again: rows, figures and pages."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.refused import is_refused
from rulesengine.model.exact import as_text
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.pipeline import evaluate
from rulesengine.statements.columns import clean
from rulesengine.statements.in_order import SORTED
from rulesengine.statements.run_folder import RENDERED, RunFolder, read_run
from rulesengine.statements.tables import SCHEMAS

if TYPE_CHECKING:
    import pyarrow as pa

    from rulesengine.statements.run import Run

_MOST_SHOWN = 20
_PAGES = "statements"
_Row = Mapping[str, Any]
_KEYS = {
    "lines": ("line_id",),
    "other_lines": ("line_id",),
    "statements": ("payee_kind", "payee", "period", "currency"),
    "payees": ("payee_kind", "payee"),
}
"""Columns that tell the rows of a table apart; rows of the others are told apart by all of them."""
_ITS_OWN = ("tool", "engine", RENDERED, SORTED)
"""What run.json says of who worked it out, and how."""
_WORDS = {"reference": "the reference engine", "duckdb": "DuckDB"}


@dataclass(frozen=True, slots=True)
class Verified:
    """A run of which the judge says the same."""

    run: RunFolder
    judge: str
    """As sentences name it."""
    rows: Mapping[str, int]
    """Rows that were compared, by table."""


def verify(out: str | Path, *, facts: str | Path, root: str | Path | None = None) -> Verified:
    """Work a run out again by another engine, from the plan in its folder, and compare everything.

    The judge is the reference engine. A run of its own is worked out by DuckDB, unless that refuses the plan.

    Args:
        out: the run folder.
        facts: the facts that it was made of, as for `evaluate`.
        root: as for `evaluate`.

    Raises:
        Rejected: R1208, the facts or the plan are not those of the run, or a row, a figure or a page is
            another; R1203, there is no run folder; as by `evaluate`.
    """
    run = read_run(out)
    again = _again(run, facts, root)
    judge = _WORDS[again.engine]
    with tempfile.TemporaryDirectory() as folder:
        again.write(Path(folder) / "run", "all" if _has_pages(run) else "none")
        expected = read_run(Path(folder) / "run")
        found = list(_other_files(run, expected)) or [
            *_differences(run, expected, judge),
            *_pages(run, expected),
        ]
    if found:
        raise Rejected(_told(run, found))
    return Verified(run, judge, {name: run.table(name).num_rows for name in SCHEMAS})


def _again(run: RunFolder, facts: str | Path, root: str | Path | None) -> Run:
    by = partial(
        evaluate,
        run.path / "plan",
        facts=facts,
        period=run.period,
        through=run.through,
        root=root,
        allow_rejects=True,
    )
    if run.document.get("engine") == "reference":
        try:
            return by(engine="duckdb")
        except Rejected as rejected:
            if not is_refused(rejected):
                raise
    return by(engine="reference")


def _told(run: RunFolder, found: list[str]) -> list[Diagnostic]:
    shown = found[:_MOST_SHOWN]
    if len(found) > _MOST_SHOWN:
        shown.append(f"{len(found) - _MOST_SHOWN:,} more differences")
    return [Diagnostic(code="R1208", message=clean(each), place=str(run.path)) for each in shown]


# --- what it was made of -------------------------------------------------------------------------


def _other_files(run: RunFolder, again: RunFolder) -> Iterator[str]:
    """Yield the files of the plan and of the facts that are not those of the run."""
    was, now = run.document["plan"]["files"], again.document["plan"]["files"]
    yield from _changed("plan/", was, now)
    was, now = ({file["name"]: file["sha256"] for file in each.document["inputs"]} for each in (run, again))
    yield from _changed("", was, now)


def _changed(folder: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield f"`{folder}{name}` is missing; the run has read it"
        elif name not in was:
            yield f"`{folder}{name}` was not there when the run was made"
        elif was[name] != now[name]:
            yield f"`{folder}{name}` has changed since the run was made"


# --- what it says --------------------------------------------------------------------------------


def _differences(run: RunFolder, expected: RunFolder, judge: str) -> list[str]:
    found: list[str] = []
    for name in SCHEMAS:
        left, right = run.table(name), expected.table(name)
        if not left.equals(right):
            found += _rows(name, left, right, judge)
    for name in sorted((run.document.keys() | expected.document.keys()) - set(_ITS_OWN)):
        found += _figures(name, run.document.get(name), expected.document.get(name), judge)
    return found


# --- what payees see -----------------------------------------------------------------------------


def _has_pages(run: RunFolder) -> bool:
    """Whether there are pages: those of one payee may have been written alone."""
    return run.is_rendered or (run.path / _PAGES).exists()


def _pages(run: RunFolder, expected: RunFolder) -> Iterator[str]:
    """Yield the pages that are not what is made of the judge's run."""
    was, now = (_files(each.path / _PAGES) for each in (run, expected))
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield f"`{_PAGES}/{name}` is no page of this run"
        elif name in was and was[name].read_bytes() != now[name].read_bytes():
            yield f"`{_PAGES}/{name}` is not the page that the run makes"
        elif name not in was and run.is_rendered:
            yield f"`{_PAGES}/{name}` is missing"


def _files(folder: Path) -> dict[str, Path]:
    return {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}


def _rows(name: str, left: pa.Table, right: pa.Table, judge: str) -> list[str]:
    """Return how two tables differ; the right one is the judge's."""
    had, wanted = left.to_pylist(), right.to_pylist()
    found = list((_by_key if name in _KEYS else _by_row)(name, had, wanted, judge))
    return found or [f"{name} is in another order"]


def _by_row(name: str, had: list[_Row], wanted: list[_Row], judge: str) -> Iterator[str]:
    left, right = (Counter(tuple(row.items()) for row in rows) for rows in (had, wanted))
    for row in right - left:
        yield f"{name} lacks {_words(dict(row))}"
    for row in left - right:
        yield f"{name} has {_words(dict(row))}, and {judge} has not"


def _by_key(name: str, had: list[_Row], wanted: list[_Row], judge: str) -> Iterator[str]:
    left, right = ({tuple(row[key] for key in _KEYS[name]): row for row in rows} for rows in (had, wanted))
    if len(left) != len(had):
        twice = len(had) - len(left)
        yield f"{name} has {twice:,} row{'' if twice == 1 else 's'} twice"
    for key, row in right.items():
        if key not in left:
            yield f"{name} lacks {_named(name, row)}"
            continue
        for column, value in row.items():
            found = left[key][column]
            if found != value:
                says = f"is {_shown(found)}, {judge} says {_shown(value)}"
                yield f"{name}: {_named(name, row)}: `{column}` {says}"
    for key, row in left.items():
        if key not in right:
            yield f"{name} has {_named(name, row)}, and {judge} has not"


def _named(name: str, row: _Row) -> str:
    if "line_id" not in row:
        return _words({key: row[key] for key in _KEYS[name]})
    words = (row["rule"], row["part"], row["fact_id"], "of", row["payee"], "over", _shown(row["amount"]))
    return f"line {row['line_id']} ({' '.join(word for word in words if word)})"


def _words(row: _Row) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in row.items() if value not in (None, ""))


def _figures(path: str, found: Any, expected: Any, judge: str) -> Iterator[str]:
    """Yield where two figures of run.json differ."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            yield from _figures(f"{path}.{name}", found.get(name), expected.get(name), judge)
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for place, (left, right) in enumerate(zip(found, expected, strict=True)):
            yield from _figures(f"{path}.{place}", left, right, judge)
    elif found != expected or type(found) is not type(expected):
        yield f"run.json: `{path}` is {_shown(found)}, {judge} says {_shown(expected)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return as_text(value) if isinstance(value, Decimal) else str(value)
