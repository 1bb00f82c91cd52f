"""The road of intake in SQL on one screen: sources, stages, checks across rows, stored book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.intake.by_sql import rejected
from rulesengine.intake.by_sql.across_rows import AcrossRows
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.bytes_on_disk import Hashing
from rulesengine.intake.by_sql.currencies import Currencies
from rulesengine.intake.by_sql.finish import Finisher
from rulesengine.intake.by_sql.load import Loader, UnopenedInput
from rulesengine.intake.by_sql.query import Reader
from rulesengine.intake.by_sql.scans import Opened, Scans
from rulesengine.intake.by_sql.stage import Stage
from rulesengine.intake.columns import Binding, bind
from rulesengine.intake.files import Files, Missing
from rulesengine.intake.problems import Rejects
from rulesengine.intake.rates import Rates, read_rates
from rulesengine.intake.read_book import find_sources, missing_file, open_tables
from rulesengine.intake.rows import Section, Sort
from rulesengine.intake.sections import sections_of
from rulesengine.intake.sources import Input, Source
from rulesengine.intake.tables import Unopened
from rulesengine.model.book import ControlTotal
from rulesengine.model.schema import Schema
from rulesengine.model.stored_book import StoredBook

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIntake:
    """A stored book, and an account of everything that was read for it."""

    book: StoredBook
    rejects: str
    """The table of rejected rows, with the columns of a run folder's, by kind, file, row and field."""
    totals: tuple[ControlTotal, ...]
    """One for each kind and quota, by name."""
    files: tuple[tuple[str, str, int], ...]
    """Name, SHA-256 of the bytes on disk, and size of every file read, by name."""


def store_book(
    connection: DuckDBPyConnection,
    schema: Schema,
    source: Path | str | Mapping[str, object],
    *,
    root: Path | str | None = None,
) -> StoredIntake:
    """Read all facts of a run into tables of a database, as `read_book` reads them into memory.

    Args:
        connection: a database without tables of these names, not in a transaction. How much memory it
            takes, how many threads and where it may spill, the caller has set.
        schema: the kinds and quotas of the plan.
        source: as for `read_book`.
        root: the folder that files are relative to, instead of what the manifest says.

    Raises:
        Rejected: as by `read_book`.
    """
    problems: list[Diagnostic] = []
    files = Files()
    sources, texts = find_sources(schema, source, None if root is None else Path(root), files, problems)
    scans = Scans(connection, Hashing(), files)
    try:
        with _in_order(connection):
            return _Storing(connection, schema, scans, problems, texts).store(sources)
    finally:
        scans.close()


@contextmanager
def _in_order(connection: Any) -> Iterator[None]:
    """Keep rows in the order of their files, whatever the caller set: their numbers depend on it."""
    (usual,) = one(connection, "SELECT current_setting('preserve_insertion_order')")
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"SET preserve_insertion_order = {str(usual).lower()}")


@dataclass(slots=True)
class _Storing:
    connection: Any
    schema: Schema
    scans: Scans
    problems: list[Diagnostic]
    texts: dict[str, str]

    def store(self, sources: Mapping[str, Source]) -> StoredIntake:
        sections = sections_of(self.schema)
        ledger = rejected.Ledger(self.connection)
        ledger.create()
        given: dict[str, list[tuple[Opened, Binding]]] = {}
        rates: dict[str, Rates] = {}
        of_rates = Rejects()
        for name, section in sections.items():
            if name in sources and section.sort is Sort.RATES:
                tables = open_tables(sources[name], self.scans.files, self.problems)
                rates[name] = read_rates(self.schema, section, sources[name], tables, of_rates, self.problems)
            elif name in sources:
                section.is_distinct = sources[name].is_distinct
                given[name] = list(self._bound(section, sources[name]))
        self._stop_at_problems()
        ledger.add(of_rates)
        stages: dict[str, Stage] = {}
        for name, bound in given.items():
            stages[name] = self._loaded(sections[name], sources[name], bound, ledger)
        self._stop_at_problems()
        currencies = Currencies(self.connection, stages)
        AcrossRows(self.connection, stages, ledger, currencies).check()
        ledger.finish()
        finisher = Finisher(self.connection)
        totals = {name: finisher.total(stage, currencies) for name, stage in stages.items()}
        totals |= {name: found.total for name, found in rates.items()}
        return StoredIntake(
            book=_book(finisher, stages, rates),
            rejects=rejected.TABLE,
            totals=tuple(totals[name] for name in sorted(totals)),
            files=self.scans.files_in_order(),
        )

    def _bound(self, section: Section, source: Source) -> Iterator[tuple[Opened, Binding]]:
        """Yield the inputs that can be read with their columns; notes what others lack as a whole."""
        for input in source.inputs:
            if input.path is not None and not input.format:
                continue
            try:
                opened = self.scans.open(input)
                before = len(self.problems)
                binding = bind(self.schema, section, source, input, opened.table, self.problems)
                if len(self.problems) == before:
                    yield opened, binding
            except Missing:
                self.problems.append(missing_file(input))
            except Unopened as error:
                self._note(input, error)

    def _loaded(
        self, section: Section, source: Source, given: list[tuple[Opened, Binding]], ledger: rejected.Ledger
    ) -> Stage:
        inputs = tuple(opened.input for opened, _ in given)
        stage = Stage.of(self.connection, section, inputs)
        reader = Reader(self.connection, self.schema, source, stage)
        try:
            Loader(reader, ledger, self.scans, given).load()
        except UnopenedInput as error:
            self._note(error.input, error.reason)
        return stage

    def _note(self, input: Input, error: Unopened) -> None:
        self.problems.append(
            Diagnostic(code="R1004", message=error.message, place=input.name, hint=error.hint)
        )

    def _stop_at_problems(self) -> None:
        if self.problems:
            raise Rejected(self.problems, self.texts)


def _book(finisher: Finisher, stages: Mapping[str, Stage], rates: Mapping[str, Rates]) -> StoredBook:
    def of(sort: Sort) -> dict[str, Stage]:
        return {name: stage for name, stage in stages.items() if stage.section.sort is sort}

    payees = of(Sort.PAYEE)
    return StoredBook(
        facts={name: finisher.facts(stage) for name, stage in of(Sort.FACT).items()},
        payees={name: finisher.payees(stage) for name, stage in payees.items()},
        histories={name: finisher.history(s) for name, s in payees.items() if s.section.has_history},
        quotas={name: finisher.quotas(stage) for name, stage in of(Sort.QUOTA).items()},
        rates={name: finisher.rates(name, found.series) for name, found in rates.items()},
    )
