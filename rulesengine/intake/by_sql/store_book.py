"""The road of intake in SQL on one screen: sources, stages, checks across rows, stored book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
class _Given:
    """An input of a section: what was found when it was opened, or why it was not."""

    input: Input
    problems: list[Diagnostic]
    opened: Opened | None = None
    binding: Binding | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns that are read; none of an input that lacks one."""
        return () if self.binding is None or self.problems else self.binding.wanted


@dataclass(slots=True)
class _Storing:
    connection: Any
    schema: Schema
    scans: Scans
    problems: list[Diagnostic]
    """What is wrong with the manifest and the sources as such."""
    texts: dict[str, str]

    def store(self, sources: Mapping[str, Source]) -> StoredIntake:
        sections = sections_of(self.schema)
        ledger = rejected.Ledger(self.connection)
        ledger.create()
        given: dict[str, list[_Given]] = {}
        rates: dict[str, Rates] = {}
        of_rates = Rejects()
        for name, section in sections.items():
            if name in sources and section.sort is Sort.RATES:
                found: list[Diagnostic] = []
                tables = open_tables(sources[name], self.scans.files, found)
                rates[name] = read_rates(self.schema, section, sources[name], tables, of_rates, found)
                given[name] = [_Given(Input(name=name), found)]
            elif name in sources:
                section.is_distinct = sources[name].is_distinct
                given[name] = [self._opened(section, sources[name], input) for input in sources[name].inputs]
        everything = [each for inputs in given.values() for each in inputs]
        self._stop_at_problems(everything)
        ledger.add(of_rates)
        stages: dict[str, Stage] = {}
        for name, inputs in given.items():
            if name in rates:
                continue
            stages[name] = Stage.of(self.connection, sections[name], tuple(each.input for each in inputs))
            reader = Reader(self.connection, self.schema, sources[name], stages[name])
            bound = [(each.opened, each.binding) for each in inputs if each.opened and each.binding]
            try:
                Loader(reader, ledger, self.scans, bound).load()
            except UnopenedInput as error:
                at_fault = next(each for each in inputs if each.input == error.input)
                at_fault.problems = [error.reason.of(error.input.name)]
                self._stop_at_problems(everything)
        currencies = Currencies(self.connection, stages)
        AcrossRows(self.connection, stages, ledger, currencies).check()
        ledger.finish()
        finisher = Finisher(self.connection)
        totals = {name: finisher.total(stage, currencies) for name, stage in stages.items()}
        totals |= {name: of_rate.total for name, of_rate in rates.items()}
        book = _book(finisher, stages, rates)
        for stage in stages.values():
            stage.tidy(keeps_rows=stage.section.sort is Sort.FACT)
        return StoredIntake(
            book=book,
            rejects=rejected.TABLE,
            totals=tuple(totals[name] for name in sorted(totals)),
            files=self.scans.files_in_order(),
        )

    def _opened(self, section: Section, source: Source, input: Input) -> _Given:
        """Open an input and find its columns; no row is read."""
        found = _Given(input, [])
        if input.path is not None and not input.format:
            return found
        try:
            found.opened = self.scans.open(input)
            table = found.opened.table
            found.binding = bind(self.schema, section, source, input, table, found.problems)
        except Missing:
            found.problems.append(missing_file(input))
        except Unopened as error:
            found.problems.append(error.of(input.name))
        return found

    def _stop_at_problems(self, given: Iterable[_Given]) -> None:
        """Raise all that is wrong with any file as a whole, if anything is."""
        if not self.problems and not any(each.problems for each in given):
            return
        problems = list(self.problems)
        for each in given:
            # A file that cannot be read to its end is no file that lacks a column.
            fault = self.scans.fault_of(each.opened, each.wanted) if each.opened is not None else None
            problems += each.problems if fault is None else [fault.of(each.input.name)]
        raise Rejected(problems, self.texts)


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
