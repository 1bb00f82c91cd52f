"""Makes the pages of a run folder that was written without them: payee by payee, however many lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.engines.results import Reason
from rulesengine.model.signals import signals_held
from rulesengine.statements.assemble import assemble
from rulesengine.statements.besides import Besides, PayeeId, besides_of_sums
from rulesengine.statements.pages import write_pages
from rulesengine.statements.run_folder import RENDERED, RunFolder
from rulesengine.statements.write_folder import disk_errors, put_in_place, write_document

if TYPE_CHECKING:
    import duckdb

_BATCH = 10_000


def render_payee(run: RunFolder, payee: PayeeId) -> bool:
    """Write the pages of one payee into the run folder; returns whether the payee has a statement.

    Raises:
        Rejected: R1203, the folder cannot be read or written.
    """
    statements = assemble(run.lines_of(payee), run.terms, run.through)
    if statements:
        with disk_errors(run.path):
            write_pages(run.path, statements, run.besides_of(payee))
    return bool(statements)


def render_all(run: RunFolder) -> int:
    """Write the pages of every payee into the run folder; returns how many have a statement.

    The pages are put in place together, or none is.

    Raises:
        Rejected: R1203, the folder cannot be read or written.
    """
    pages = run.path / "statements"
    with ExitStack() as held, disk_errors(run.path), _aside(run) as aside:
        try:
            count = write_all_pages(run, aside)
            (aside / "statements").mkdir(exist_ok=True)
            document = {key: value for key, value in run.document.items() if key not in ("format", RENDERED)}
            write_document(aside, document, is_rendered=True)
        finally:
            # No page may be lost between the pages of before and those that replace them.
            held.enter_context(signals_held())
        put_in_place(aside / "statements", pages, aside / "old")
        if not count:
            pages.rmdir()
        (aside / "run.json").replace(run.path / "run.json")
    return count


@contextmanager
def _aside(run: RunFolder) -> Iterator[Path]:
    """Give a folder beside that of a run, on the same disk, which goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix=f".{run.path.name}-", dir=run.path.parent) as name:
        yield Path(name)


def write_all_pages(run: RunFolder, folder: Path) -> int:
    """Write the pages of every payee of a run into a folder; returns how many have a statement."""
    import duckdb

    count = 0
    with duckdb.connect() as connection:
        # Two cursors, each read on while the payees go by.
        rest = _Besides(run, connection.cursor(), connection.cursor())
        for payee, entries in run.entries_by_payee():
            write_pages(folder, assemble(entries, run.terms, run.through), rest.of(payee))
            count += 1
    return count


class _Besides:
    """What there is to say to each payee besides the statements; asked for in the order of payees."""

    def __init__(
        self, run: RunFolder, lines: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyConnection
    ) -> None:
        self._terms = run.terms
        self._other = _by_payee(
            lines,
            _files(run, "other_lines"),
            "select payee_kind, payee, rule, due, count(*), sum(amount) from read_parquet(?)"
            " group by all order by all",
        )
        self._not_earning = _by_payee(
            rows,
            _files(run, "not_earning"),
            "select payee_kind, payee, rule, reason, count(*) from read_parquet(?) where payee <> ''"
            " group by all order by all",
        )

    def of(self, payee: PayeeId) -> Besides:
        sums: dict[tuple[PayeeId, str, str], tuple[int, Decimal]] = {
            (payee, rule, due): (count, amount) for rule, due, count, amount in self._other.of(payee)
        }
        counts = {(payee, rule, Reason(reason)): count for rule, reason, count in self._not_earning.of(payee)}
        return besides_of_sums(self._terms, sums, counts).get(payee, Besides())


class _ByPayee:
    """Rows in the order of payees, given out payee by payee."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, lambda row: (row[0], row[1]))
        self._payee: PayeeId | None = ("", "")
        self._rows: list[tuple[Any, ...]] = []

    def of(self, payee: PayeeId) -> Sequence[tuple[Any, ...]]:
        while self._payee is not None and self._payee < payee:
            found = next(self._groups, None)
            self._payee = found[0] if found else None
            self._rows = [row[2:] for row in found[1]] if found else []
        return self._rows if self._payee == payee else []


def _by_payee(connection: duckdb.DuckDBPyConnection, files: Sequence[str], query: str) -> _ByPayee:
    def rows() -> Iterator[tuple[Any, ...]]:
        found = connection.execute(query, [files])
        while batch := found.fetchmany(_BATCH):
            yield from batch

    return _ByPayee(rows())


def _files(run: RunFolder, name: str) -> list[str]:
    return [str(file) for file in run.files(name)]
