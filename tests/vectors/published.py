"""The published examples: those of them that are in the gallery, and what comes out there."""

from __future__ import annotations

import json

from tests.gallery.examples import GALLERY, figure_of, read_example, run_example
from tests.vectors.rows import REPOSITORY, shared_file

LIMITS = REPOSITORY / "docs" / "limits.md"


def published() -> list[tuple[str, str]]:
    """Return the name and concept of every published example; none where there is no file."""
    path = shared_file("published_examples.json")
    if path is None:
        return []
    return [(row["id"], row["concept"]) for row in json.loads(path.read_text(encoding="utf-8"))]


def refused_as_a_whole(name: str) -> bool:
    """Return whether an example is not in the gallery, and the limits say why."""
    return not (GALLERY / name).is_dir() and f"`{name}`" in LIMITS.read_text(encoding="utf-8")


def wrong_figures(name: str) -> list[str]:
    """Return a sentence for each figure of an example that does not come out."""
    if not (GALLERY / name).is_dir():
        return ["not in the gallery"]
    example = read_example(GALLERY / name)
    run = run_example(example)
    wrong = [f"{len(run.reject_values)} rows of facts are rejected"] if run.reject_values else []
    for expected in example.expected:
        found = figure_of(run, expected)
        if found != expected.amount:
            wrong.append(f"{expected.published or expected.payee}: expected {expected.amount}, found {found}")
    return wrong
