"""The rows as they were collected, in a folder beside the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
_PLACES = (REPOSITORY.parent, REPOSITORY.parent.parent)
"""Where the shared folder may stand: beside a clone, or beside the folder of its worktrees."""


class Given(dict[str, Any]):
    """Terms or a fact of a row, which knows what of it was never looked at."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__({name: _given(value) for name, value in values.items()})
        self._unread = set(self)

    def __getitem__(self, name: str) -> Any:
        self._unread.discard(name)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        """Go over the names; said here so that `**` asks for each value."""
        return super().__iter__()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or what stands for one that is not given."""
        self._unread.discard(name)
        return super().get(name, default)

    def items(self) -> Any:
        """Return all names and values; whoever asks has read them."""
        self._unread.clear()
        return super().items()

    def unread(self) -> list[str]:
        """Return the names, here and in what stands below, of what nobody looked at."""
        below = [name for value in super().values() for name in _unread(value)]
        return [*sorted(self._unread), *below]


def _given(value: Any) -> Any:
    match value:
        case dict():
            return Given(value)
        case list():
            return [_given(one) for one in value]
        case _:
            return value


def _unread(value: Any) -> list[str]:
    match value:
        case Given():
            return value.unread()
        case list():
            return [name for one in value for name in _unread(one)]
        case _:
            return []


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

    def afresh(self) -> Row:
        """Return the row as if nobody had looked at it yet."""
        return replace(self, terms=Given(dict(self.terms)), facts=[Given(dict(one)) for one in self.facts])

    def unread(self) -> list[str]:
        """Return the names of terms and facts that nobody has looked at since it was made afresh."""
        return [*_unread(self.terms), *_unread(list(self.facts))]

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
