"""One more row beside a book that has been read: judged as if it had stood in the files.

Source: language reference, "Facts"; decision 0037.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.intake.columns import Binding, bind
from rulesengine.intake.keys import by_key
from rulesengine.intake.problems import Rejects
from rulesengine.intake.read_book import check_rows
from rulesengine.intake.read_rows import read_rows
from rulesengine.intake.rows import Row, Section, Sort
from rulesengine.intake.sources import Input, Source, unknown_kind
from rulesengine.intake.tables import RecordTable
from rulesengine.model.book import Fact, Place, Reject
from rulesengine.model.schema import Schema
from rulesengine.model.types import RecordType

Given = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows by their kind."""


class RowReader:
    """Reads single rows of facts against the rows that a book was made of."""

    def __init__(self, schema: Schema, sections: Mapping[str, Section]) -> None:
        self._schema = schema
        self._sections = sections
        self._rows = {name: by_key(section) for name, section in sections.items()}
        self._undoing = {name: _undoing(section) for name, section in sections.items() if section.reverses}
        self._bindings: dict[tuple[str, tuple[str, ...]], Binding] = {}

    @property
    def keys(self) -> Mapping[str, Container[str]]:
        """The keys of all rows that were given, by kind; those of rejected rows are taken too."""
        return self._rows

    def read(self, given: Given) -> tuple[dict[str, list[Fact]], tuple[Reject, ...]]:
        """Return the rows as facts, and why some of them are rejected.

        A place names the kind and the row from 1.

        Raises:
            Rejected: a kind is unknown or no fact kind, or a required field is not named at all.
        """
        rejects = Rejects()
        fresh = {kind: self._read(kind, rows, rejects) for kind, rows in given.items()}
        sections = self._sections_around(fresh)
        check_rows(sections, rejects)
        facts = {
            kind: [
                Fact(kind, row.key, row.values, Place(row.file, row.number)) for row in rows if row.is_alive
            ]
            for kind, rows in fresh.items()
        }
        places = {row.place for rows in fresh.values() for row in rows}
        return facts, tuple(each for each in rejects.in_order() if (each.file, each.row) in places)

    def _read(self, kind: str, rows: Sequence[Mapping[str, object]], rejects: Rejects) -> list[Row]:
        section = self._sections.get(kind)
        if section is None or section.sort is not Sort.FACT:
            raise Rejected([unknown_kind(self._schema, kind)])
        names = tuple(dict.fromkeys(name for row in rows for name in row))
        table = RecordTable(names, [dict(row) for row in rows])
        read = _like(section)
        binding = self._binding(section, table)
        read_rows(read, binding, enumerate(table.rows(binding.wanted), 1), kind, rejects)
        return read.rows

    def _binding(self, section: Section, table: RecordTable) -> Binding:
        """Return how records with these names are read.

        Raises:
            Rejected: a required field is missing, or a name looks like a slip.
        """
        key = (section.name, table.columns)
        if key not in self._bindings:
            problems: list[Diagnostic] = []
            source = Source(name=section.name, inputs=())
            found = bind(self._schema, section, source, Input(name=section.name), table, problems)
            if problems:
                raise Rejected(problems)
            self._bindings[key] = found
        return self._bindings[key]

    def _sections_around(self, fresh: Mapping[str, list[Row]]) -> dict[str, Section]:
        """Return sections with the fresh rows, and of the others those that have a say about them.

        These are the rows with the same keys, those that the fresh rows point at, and, of a row that is
        undone, those that undo it.
        """
        sections = {name: _like(section) for name, section in self._sections.items()}
        taken: set[int] = set()

        def take(name: str, rows: Sequence[Row]) -> None:
            section = self._sections[name]
            for row in rows:
                if id(row) in taken:
                    continue
                taken.add(id(row))
                sections[name].rows.append(_without_references(row, section))
                undone = row.values.get(section.reverses) if section.reverses else None
                if isinstance(undone, str):
                    take(name, self._rows[name].get(undone, ()))

        for kind, rows in fresh.items():
            section = self._sections[kind]
            sections[kind].rows += rows
            own = {row.key for row in rows}
            for row in rows:
                take(kind, self._rows[kind].get(row.key, ()))
                for field, target in _references(section):
                    value = row.values.get(field)
                    if not isinstance(value, str):
                        continue
                    pointed = self._rows[target].get(value, ())
                    is_fresh = value in own if target == kind else target in fresh
                    # What is not there is looked for among all, for the hint at the key that was meant.
                    take(target, pointed or (() if is_fresh else self._sections[target].rows))
                    if field == section.reverses:
                        take(kind, self._undoing[kind].get(value, ()))
        return sections


def _like(section: Section) -> Section:
    """Return a section of the same kind without rows."""
    return Section(
        name=section.name,
        sort=section.sort,
        fields=section.fields,
        key=section.key,
        reverses=section.reverses,
        event=section.event,
        is_distinct=section.is_distinct,
    )


def _without_references(row: Row, section: Section) -> Row:
    """Return a copy of a row that was judged before; what it points at is not looked for again."""
    pointing = {field for field, _ in _references(section)} - {section.reverses}
    values = {name: value for name, value in row.values.items() if name not in pointing}
    return Row("", 0, row.key, values, row.is_alive)


def _references(section: Section) -> Iterator[tuple[str, str]]:
    for field in section.fields:
        if isinstance(field.type, RecordType):
            yield field.name, field.type.kind


def _undoing(section: Section) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in section.rows:
        key = row.values.get(section.reverses)
        if isinstance(key, str):
            found.setdefault(key, []).append(row)
    return found
