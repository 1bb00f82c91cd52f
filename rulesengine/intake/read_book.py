"""The road of intake on one screen: sources, tables, rows, checks across rows, book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Rejected, nearest
from rulesengine.intake.assemble import book_of, control_total
from rulesengine.intake.columns import bind
from rulesengine.intake.currencies import check_currencies
from rulesengine.intake.files import Files, Missing
from rulesengine.intake.keys import check_keys
from rulesengine.intake.problems import Rejects
from rulesengine.intake.quotas import check_amounts
from rulesengine.intake.rates import Rates, read_rates
from rulesengine.intake.read_rows import read_rows
from rulesengine.intake.references import cascade, check_unknown
from rulesengine.intake.reversals import check_reversals
from rulesengine.intake.rows import Section, Sort
from rulesengine.intake.sections import sections_of
from rulesengine.intake.sources import MANIFEST, Input, Source, from_folder, from_mapping, stem_of
from rulesengine.intake.tables import Table, Unopened
from rulesengine.model.book import Book, ControlTotal, Reject
from rulesengine.model.collector import collector_held
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Schema


@dataclass(frozen=True, slots=True)
class Intake:
    """A book, and an account of everything that was read for it."""

    book: Book
    rejects: tuple[Reject, ...]
    """By kind, file, row and field; a row may have several."""
    totals: tuple[ControlTotal, ...]
    """One for each kind and quota, by name."""
    files: tuple[tuple[str, str, int], ...]
    """Name, SHA-256 of the bytes on disk, and size of every file read, by name."""


def read_book(
    schema: Schema, source: Path | str | Mapping[str, object], *, root: Path | str | None = None
) -> Intake:
    """Read all facts of a run.

    Args:
        schema: the kinds and quotas of the plan.
        source: a folder, with or without a facts.yaml, or a facts.yaml; or for every kind and
            quota by name a path, an Arrow table, a pandas or Polars frame, a DuckDB relation, or
            an iterable of dicts.
        root: the folder that files are relative to, instead of what the manifest says.

    Raises:
        Rejected: a file is missing, cannot be read, or lacks a column; the manifest is wrong; or
            there are facts for nothing in the plan. All such mistakes at once.
    """
    return read_book_and_rows(schema, source, root=root)[0]


def read_book_and_rows(
    schema: Schema, source: Path | str | Mapping[str, object], *, root: Path | str | None = None
) -> tuple[Intake, dict[str, Section]]:
    """Read all facts of a run; return with the book the rows that it is made of, rejected ones too."""
    with collector_held():
        return _read_all(schema, source, None if root is None else Path(root))


def _read_all(
    schema: Schema, source: Path | str | Mapping[str, object], root: Path | None
) -> tuple[Intake, dict[str, Section]]:
    problems: list[Diagnostic] = []
    files = Files()
    sources, texts = find_sources(schema, source, root, files, problems)
    sections = sections_of(schema)
    rejects = Rejects()
    rates: dict[str, Rates] = {}
    for name, section in sections.items():
        if name in sources and section.sort is Sort.RATES:
            tables = open_tables(sources[name], files, problems)
            rates[name] = read_rates(schema, section, sources[name], tables, rejects, problems)
        elif name in sources:
            section.is_distinct = sources[name].is_distinct
            for table_of in sources[name].inputs:
                _read(schema, section, sources[name], table_of, (files, rejects, problems))
    if problems:
        raise Rejected(problems, texts)
    sections = {name: section for name, section in sections.items() if section.sort is not Sort.RATES}
    check_rows(sections, rejects)
    totals = {name: control_total(section) for name, section in sections.items()}
    totals |= {name: found.total for name, found in rates.items()}
    intake = Intake(
        book=book_of(sections, {name: found.series for name, found in rates.items()}),
        rejects=rejects.in_order(),
        totals=tuple(totals[name] for name in sorted(totals)),
        files=files.in_order(),
    )
    return intake, sections


def check_rows(sections: Mapping[str, Section], rejects: Rejects) -> None:
    """Judge rows by each other, once all of them have been judged on their own."""
    for section in sections.values():
        check_amounts(section, rejects)
        check_keys(section, rejects)
    check_unknown(sections, rejects)
    # Rejected rows take back nothing, so they must be known before sums are compared; what is
    # rejected by the sums may in turn be pointed at.
    cascade(sections, rejects)
    check_currencies(sections, rejects)
    for section in sections.values():
        check_reversals(section, rejects)
    cascade(sections, rejects)


def find_sources(
    schema: Schema,
    source: Path | str | Mapping[str, object],
    root: Path | None,
    files: Files,
    problems: list[Diagnostic],
) -> tuple[dict[str, Source], dict[str, str]]:
    """Return what is to be read for each kind, and the text of the manifest by its name, if there is one."""
    if isinstance(source, Mapping):
        return from_mapping(schema, source, root, problems), {}
    path = Path(source)
    manifest = path if path.is_file() else path / MANIFEST
    if not manifest.is_file():
        return from_folder(schema, root or path, problems), {}
    # Pydantic takes longer to import than a plan takes to parse, so only a manifest loads it.
    from rulesengine.intake.manifest import from_manifest

    data = manifest.read_bytes()
    files.note(MANIFEST, data)
    texts = {MANIFEST: data.decode("utf-8", errors="replace")}
    return from_manifest(schema, manifest, data, root, problems), texts


def open_tables(source: Source, files: Files, problems: list[Diagnostic]) -> Iterator[tuple[Input, Table]]:
    """Yield the tables of a source that can be opened."""
    for input in source.inputs:
        if input.path is not None and not input.format:
            continue
        try:
            yield input, files.open(input)
        except Missing:
            problems.append(missing_file(input))
        except Unopened as error:
            problems.append(error.of(input.name))


def _read(
    schema: Schema,
    section: Section,
    source: Source,
    input: Input,
    out: tuple[Files, Rejects, list[Diagnostic]],
) -> None:
    files, rejects, problems = out
    if input.path is not None and not input.format:
        return
    try:
        table = files.open(input)
        before = len(problems)
        binding = bind(schema, section, source, input, table, problems)
        if len(problems) == before:
            read_rows(section, binding, enumerate(table.rows(binding.wanted), 1), input.name, rejects)
    except Missing:
        problems.append(missing_file(input))
    except Unopened as error:
        problems.append(error.of(input.name))


def missing_file(input: Input) -> Diagnostic:
    """Say that a file is not there, and which one may be meant."""
    assert input.path is not None
    folder = input.path.parent
    if folder.is_dir():
        # Endings are alike anyway, so that only what stands before them tells a slip.
        stems = {stem_of(path): path.name for path in sorted(folder.iterdir())}
        match = nearest(stem_of(input.path), stems)
        near = f"did you mean `{stems[match]}`?" if match else ""
    else:
        near = "its folder is not there either; `--root` says where data lies"
    return Diagnostic(
        code="R1002",
        message=f"the file `{input.name}` is missing",
        span=input.span,
        place=input.name,
        hint=near,
    )
