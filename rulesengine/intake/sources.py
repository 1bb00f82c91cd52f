"""What is to be read for each kind: which tables, and which column for which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Span, did_you_mean
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Schema

MANIFEST = "facts.yaml"
FORMATS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".yaml": "yaml", ".yml": "yaml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a field's values come from, and how they are written."""

    column: str = ""
    """Empty: named like the field."""
    constant: str | None = None
    format: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    spelt: str | None = None
    """For percents: `ratio` or `percent`."""
    currency: str = ""
    """The column with the currency of each row."""
    separator: str | None = None
    drops_time: bool = False
    span: Span | None = None
    """Where the manifest says so; None where nobody wrote anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file, or a table in memory."""

    name: str
    """As rejects and run.json name it."""
    path: Path | None = None
    format: str = ""
    delimiter: str = ","
    data: object = None
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Everything to be read for one kind or quota."""

    name: str
    inputs: tuple[Input, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    """By field; fields that are not named come from a column named like them."""
    is_distinct: bool = False
    is_wide: bool = False
    """Of rates: a column for each currency, named by its code."""
    missing: tuple[str, ...] = ()
    """Of wide rates: what stands where there is no rate, besides nothing."""
    span: Span | None = None


def from_folder(schema: Schema, folder: Path, problems: list[Diagnostic]) -> dict[str, Source]:
    """Find `<kind>.csv`, `.csv.gz`, `.parquet`, `.jsonl` or `.yaml` for every kind and quota."""
    if not folder.is_dir():
        message = "the folder of facts is not there"
        problems.append(Diagnostic(code="R1002", message=message, place=str(folder)))
        return {}
    files = _files_of(folder)
    by_stem = _by_stem(files)
    found: dict[str, Source] = {}
    for name in names(schema):
        paths = by_stem.get(name, [])
        if paths:
            found |= _by_name(name, paths, problems)
        else:
            others = [stem for stem in by_stem if stem not in names(schema)]
            sheet = next((path for path in files if is_sheet(path.name) and path.stem == name), None)
            hint = (
                f"save `{sheet.name}` as CSV: `{name}.csv`"
                if sheet
                else did_you_mean(name, others) or f"add `{name}.csv`, or a facts.yaml that says where it is"
            )
            problems.append(Diagnostic(code="R1002", message=f"no file for `{name}`", place=name, hint=hint))
    return found


def beside(
    schema: Schema, folder: Path, given: Iterable[str], problems: list[Diagnostic]
) -> dict[str, Source]:
    """Find the files by name, as `from_folder` does, of the kinds and quotas that are not given."""
    by_stem = _by_stem(_files_of(folder)) if folder.is_dir() else {}
    found: dict[str, Source] = {}
    for name in names(schema):
        if name in by_stem and name not in given:
            found |= _by_name(name, by_stem[name], problems)
    return found


def _files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)


def _by_stem(files: Iterable[Path]) -> dict[str, list[Path]]:
    by_stem: dict[str, list[Path]] = {}
    for path in files:
        if format_of(path):
            by_stem.setdefault(stem_of(path), []).append(path)
    return by_stem


def _by_name(name: str, paths: list[Path], problems: list[Diagnostic]) -> dict[str, Source]:
    """Return the source in the one file of that name, nothing where there are several."""
    if len(paths) > 1:
        both = ", ".join(f"`{path.name}`" for path in paths)
        message = f"more than one file holds `{name}`: {both}"
        hint = "keep one, or list them in facts.yaml"
        problems.append(Diagnostic(code="R1004", message=message, place=name, hint=hint))
        return {}
    path = paths[0]
    return {name: Source(name=name, inputs=(Input(name=path.name, path=path, format=format_of(path)),))}


def from_mapping(
    schema: Schema, given: Mapping[str, object], root: Path | None, problems: list[Diagnostic]
) -> dict[str, Source]:
    """Take files and tables by the name of their kind or quota, as the Python API passes them."""
    found: dict[str, Source] = {}
    paths = {Path(data) for data in given.values() if isinstance(data, (str, Path))}
    for name, data in given.items():
        if name not in names(schema):
            problems.append(unknown_kind(schema, name))
            continue
        if not isinstance(data, (str, Path)):
            found[name] = Source(name=name, inputs=(Input(name=name, data=data),))
            continue
        path = Path(data) if root is None else root / data
        format = format_of(path)
        if not format:
            problems.append(unknown_format(path.name))
        # The folder is left out, so that a run folder does not tell machines apart, unless it must.
        is_clear = sum(other.name == path.name for other in paths) == 1
        shown = path.name if is_clear else path.as_posix()
        found[name] = Source(name=name, inputs=(Input(name=shown, path=path, format=format),))
    missing(schema, given, problems)
    return found


def missing(
    schema: Schema, given: Iterable[str], problems: list[Diagnostic], span: Span | None = None
) -> None:
    """Report every kind and quota that nothing was given for."""
    there = set(given)
    extra = there - set(names(schema))
    for name in names(schema):
        if name not in there:
            problems.append(
                Diagnostic(
                    code="R1002",
                    message=f"no facts for `{name}`",
                    place=name,
                    span=span,
                    hint=did_you_mean(name, extra),
                )
            )


def unknown_kind(schema: Schema, name: str, span: Span | None = None) -> Diagnostic:
    """Say that the plan knows no kind or quota of that name."""
    return Diagnostic(
        code="R1005",
        message=f"the plan has no kind, quota or rates `{name}`",
        place=name,
        span=span,
        hint=did_you_mean(name, names(schema)),
    )


def unknown_format(name: str, span: Span | None = None) -> Diagnostic:
    """Say that a file's name does not tell its format."""
    if is_sheet(name):
        message, hint = f"`{name}` is a spreadsheet, which is not read", f"save `{name}` as CSV"
        return Diagnostic(code="R1004", message=message, place=name, span=span, hint=hint)
    return Diagnostic(
        code="R1004",
        message=f"the ending of `{name}` does not tell its format",
        place=name,
        span=span,
        hint="known are .csv, .csv.gz, .parquet, .jsonl, .jsonl.gz and .yaml; facts.yaml may say `format:`",
    )


def is_sheet(name: str) -> bool:
    """Tell whether a file is a spreadsheet by its name."""
    return name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods", ".numbers"))


def names(schema: Schema) -> tuple[str, ...]:
    """Return the names of all kinds, quotas and tables of rates."""
    return (*schema.kinds, *schema.quotas, *schema.rates)


def format_of(path: Path) -> str:
    """Return the format that a file's ending tells, empty if it tells none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        format = FORMATS.get(suffixes[-2], "") if len(suffixes) > 1 else ""
        return "" if format == "parquet" else format
    return FORMATS.get(suffixes[-1], "") if suffixes else ""


def stem_of(path: Path) -> str:
    """Return a file's name without the endings that tell its format."""
    name = path.name
    for _ in range(2):
        stem, dot, ending = name.rpartition(".")
        if dot and (f".{ending.lower()}" in FORMATS or ending.lower() == "gz"):
            name = stem
    return name
