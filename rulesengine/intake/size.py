"""How much there is to read, before any of it is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.intake.files import Files
from rulesengine.intake.read_book import find_sources
from rulesengine.model.schema import Schema

_COMPRESSED = (".gz", ".parquet")


def bytes_of_text(schema: Schema, source: Path | str | Mapping[str, object], root: Path | None) -> int | None:
    """Return how many bytes of plain text the facts of a plan are; None where they are anything else.

    What is compressed, or a table in memory, may have any number of rows. A mistake in the sources is
    told by whoever reads them.
    """
    try:
        found, _ = find_sources(schema, source, root, Files(), list[Diagnostic]())
    except (Rejected, OSError):
        return None
    paths = {input.path for each in found.values() for input in each.inputs}
    total = 0
    for path in paths:
        if path is None or path.suffix.lower() in _COMPRESSED or not path.is_file():
            return None
        total += path.stat().st_size
    return total
