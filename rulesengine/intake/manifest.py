"""facts.yaml: which file and which column hold what, checked against the plan's kinds.

Scalars of the manifest are text, so a constant `1.10` or `no` means what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Rejected, Span, did_you_mean
from rulesengine.intake.manifest_models import ColumnEntry, Entry, Manifest, Mistake, read_manifest
from rulesengine.intake.rows import PERIOD, START, Section, Sort
from rulesengine.intake.sections import sections_of
from rulesengine.intake.sources import (
    MANIFEST,
    Column,
    Input,
    Source,
    beside,
    format_of,
    missing,
    unknown_format,
    unknown_kind,
)
from rulesengine.intake.tables import Unopened
from rulesengine.intake.texts import decode
from rulesengine.intake.yaml_text import YamlProblem, YamlText, load_text
from rulesengine.model.change import replace
from rulesengine.model.schema import Field, Schema
from rulesengine.model.types import (
    DateType,
    MoneyType,
    PercentType,
    RecordType,
    TextListType,
)

_Path = tuple[str | int, ...]
_BLOCKS = {Sort.FACT: "facts", Sort.PAYEE: "payees", Sort.QUOTA: "quotas", Sort.RATES: "rates"}


def from_manifest(
    schema: Schema, path: Path, data: bytes, root: Path | None, problems: list[Diagnostic]
) -> dict[str, Source]:
    """Return the source of every kind and quota: as the manifest says, else by the file's name.

    Args:
        schema: what the plan needs; anything else in the manifest is a mistake.
        path: the manifest; files are relative to its folder, or to its `root`.
        data: its bytes.
        root: a folder that takes the place of both.

    Raises:
        Rejected: the manifest is not YAML or not of the shape of one.
    """
    reading = _Reading(schema, data)
    manifest = reading.manifest
    if root is None:
        root = path.parent / manifest.root if manifest.root else path.parent
    found: dict[str, Source] = {}
    for at, section, entry in reading.entries(problems):
        found[section.name] = Source(
            name=section.name,
            inputs=tuple(reading.inputs(at, entry, root, problems)),
            columns=reading.columns(at, section, entry, problems),
            is_distinct=entry.distinct,
            is_wide=entry.is_wide,
            missing=entry.missing,
            span=reading.span(at),
        )
    given = {**manifest.facts, **manifest.payees, **manifest.quotas, **manifest.rates}
    several: list[Diagnostic] = []
    left_out = beside(schema, root, given, several)
    problems += several
    known = {*given, *left_out, *(problem.place for problem in several)}
    missing(schema, known, problems, Span(MANIFEST, 1, 1, 1, 1))
    return found | left_out


class _Reading:
    """A manifest with the plan's schema beside it and the places in its text."""

    def __init__(self, schema: Schema, data: bytes) -> None:
        self.sections = sections_of(schema)
        self.schema = schema
        self.manifest, self.text = _parse(data)

    def span(self, path: _Path) -> Span:
        """Return where a part of the manifest stands."""
        return _span(*self.text.place(path))

    def mistake(self, path: _Path, message: str, hint: str = "") -> Diagnostic:
        """Return a mistake in the manifest."""
        return Diagnostic(code="R1001", message=message, span=self.span(path), hint=hint)

    def entries(self, problems: list[Diagnostic]) -> Iterator[tuple[_Path, Section, Entry]]:
        """Yield the entries whose names the plan has, where it has them."""
        for block in _BLOCKS.values():
            for name, entry in getattr(self.manifest, block).items():
                at: _Path = (block, name)
                section = self.sections.get(name)
                if section is None:
                    problems.append(unknown_kind(self.schema, name, self.span(at)))
                elif _BLOCKS[section.sort] != block:
                    right = _BLOCKS[section.sort]
                    message = f"`{name}` is a {section.sort} in the plan and stands under `{block}`"
                    problems.append(self.mistake(at, message, f"move it below `{right}`"))
                else:
                    yield at, section, entry

    def inputs(self, at: _Path, entry: Entry, root: Path, problems: list[Diagnostic]) -> Iterator[Input]:
        """Yield the files of an entry, patterns spelt out in order of name."""
        span = self.span((*at, "file"))
        for name in entry.file:
            matches = sorted(_matches(root, name)) if set(name) & set("*?[") else [name]
            if not matches:
                message = f"no file matches `{name}`"
                problems.append(Diagnostic(code="R1002", message=message, span=span, place=name))
            for match in matches:
                path = root / match
                format = entry.format or format_of(path)
                if not format:
                    problems.append(unknown_format(match, span))
                yield Input(name=match, path=path, format=format, delimiter=entry.delimiter, span=span)

    def columns(
        self, at: _Path, section: Section, entry: Entry, problems: list[Diagnostic]
    ) -> dict[str, Column]:
        """Return the columns of an entry; they must be for fields that the plan has."""
        found: dict[str, Column] = {}
        fields = {field.name: field for field in section.fields}
        for name, column in entry.columns.items():
            place = (*at, "columns", name)
            field = fields.get(name)
            if field is None:
                message = f"`{section.name}` has no field `{name}`"
                problems.append(self.mistake(place, message, did_you_mean(name, fields)))
                continue
            if message := _unfit(field, column, section):
                problems.append(self.mistake(place, message))
            found[name] = _column(column, self.span(place))
        if entry.start is not None:
            if START in fields:
                found[START] = _column(entry.start, self.span((*at, "from")))
            else:
                message = f"`{section.name}` has no `history` field, so `from` says nothing"
                problems.append(self.mistake((*at, "from"), message))
        if entry.period_format is not None:
            found[PERIOD] = replace(found.get(PERIOD, Column()), format=entry.period_format)
        return found


def _parse(data: bytes) -> tuple[Manifest, YamlText]:
    try:
        source = decode(data)
    except Unopened as error:
        problem = Diagnostic(code="R1001", message=error.message, place=MANIFEST, hint=error.hint)
        raise Rejected([problem]) from None
    try:
        text = load_text(source, with_places=True)
    except YamlProblem as error:
        span = _span(error.line, error.column)
        message = f"not YAML: {error.message}"
        raise Rejected([Diagnostic(code="R1001", message=message, span=span)], {MANIFEST: source}) from None
    found = read_manifest(text.content)
    if isinstance(found, Manifest):
        return found, text
    raise Rejected([_diagnostic(mistake, text) for mistake in found], {MANIFEST: source})


def _diagnostic(mistake: Mistake, text: YamlText) -> Diagnostic:
    span = _span(*text.place(mistake.path))
    return Diagnostic(code="R1001", message=mistake.message, span=span, hint=mistake.hint)


def _span(line: int, column: int) -> Span:
    return Span(MANIFEST, line, column, line, column + 1)


def _column(entry: ColumnEntry, span: Span) -> Column:
    return Column(
        column=entry.column,
        constant=entry.constant,
        format=entry.format,
        map=entry.map,
        spelt=entry.spelt,
        currency=entry.currency,
        separator=entry.separator,
        drops_time=entry.time == "drop",
        span=span,
    )


def _unfit(field: Field, column: ColumnEntry, section: Section) -> str:
    """Say which option of a column means nothing for its field."""
    period = section.sort is Sort.QUOTA and field.name == PERIOD
    fits = {
        "as": (column.spelt, isinstance(field.type, PercentType)),
        "currency": (column.currency, isinstance(field.type, MoneyType)),
        "separator": (column.separator, isinstance(field.type, TextListType)),
        "format": (column.format, isinstance(field.type, (DateType, RecordType))),
        "time": (column.time, isinstance(field.type, (DateType, RecordType)) and not period),
    }
    for option, (value, is_fit) in fits.items():
        if value and not is_fit:
            return f"`{option}` says nothing for field `{field.name}`, which is {field.type}"
    if column.constant is not None and (column.column or column.currency):
        return f"field `{field.name}` has a constant and a column; one of them is meant"
    return ""


def _matches(root: Path, pattern: str) -> set[str]:
    try:
        return {path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file()}
    except (ValueError, NotImplementedError):
        # `a**` is no pattern for pathlib, nor is one from the root of the disk; `../*` leads elsewhere.
        return set()
