"""The rows as they were collected, in a folder beside the repository."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
_PLACES = (REPOSITORY.parent, REPOSITORY.parent.parent)
"""Where the shared folder may stand: beside a clone, or beside the folder of its worktrees."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a plan as data, facts, and what must come out."""

    id: str
    concept: str
    kind: str
    words: str
    """The plan in words, of those who collected the rows."""
    terms: Mapping[str, Any]
    facts: Sequence[Mapping[str, Any]]
    expected: Mapping[str, Any]

    @property
    def fact(self) -> Mapping[str, Any]:
        """The one fact of a row that has one."""
        (only,) = self.facts
        return only


def shared_file(name: str) -> Path | None:
    """Return a file of the vectors, None where it was not handed over with the repository."""
    for place in _PLACES:
        path = place / "shared" / "vectors" / name
        if path.is_file():
            return path
    return None


def rows_file() -> Path | None:
    """Return the file of the peers' rows, None where there is none."""
    return shared_file("oss_vectors.json")


@cache
def rows() -> tuple[Row, ...]:
    """Return every row, in the order of the file; none where there is no file."""
    path = rows_file()
    if path is None:
        return ()
    return tuple(
        Row(
            id=row["id"],
            concept=row["concept"],
            kind=row["kind"],
            words=row["plan"],
            terms=row["terms"],
            facts=row["facts"],
            expected=row["expected"],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    )
