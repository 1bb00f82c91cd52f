"""How much there is to read, before any of it is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.intake.files import Files
from rulesengine.intake.read_book import find_sources
from rulesengine.intake.sources import Input
from rulesengine.model.schema import Schema


def bytes_of_text(schema: Schema, source: Path | str | Mapping[str, object], root: Path | None) -> int | None:
    """Return how many bytes of plain text the facts of a plan are; None where they are anything else.

    What is compressed, or a table in memory, may have any number of rows. A mistake in the sources is
    told by whoever reads them.
    """
    try:
        found, _ = find_sources(schema, source, root, Files(), list[Diagnostic]())
        sizes = {input.path: _size(input) for each in found.values() for input in each.inputs}
    except (Rejected, OSError):
        return None
    known = [size for size in sizes.values() if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _size(input: Input) -> int | None:
    path = input.path
    if path is None or input.format == "parquet" or path.suffix.lower() == ".gz" or not path.is_file():
        return None
    return path.stat().st_size
