"""The list of rows that are not said in the language, each with its reason."""

from __future__ import annotations

from pathlib import Path

from tests.vectors.rows import Row

FILE = Path(__file__).parent / "refused.txt"


class BadList(Exception):
    """The list is not written as it must be."""


def refused(rows: tuple[Row, ...]) -> dict[str, str]:
    """Return the reason of each refused row, by its id.

    Raises:
        BadList: a line names no row and no kind, a row twice, or gives no reason.
    """
    ids = {row.id: [row.id] for row in rows}
    kinds: dict[str, list[str]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row.id)
    found: dict[str, str] = {}
    for line, text in enumerate(FILE.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip() or text.startswith("#"):
            continue
        name, _, reason = text.partition(" ")
        reason = reason.strip()
        if not reason:
            raise BadList(f"line {line}: `{name}` has no reason")
        for row_id in ids.get(name) or kinds.get(name) or _nothing(line, name):
            if row_id in found:
                raise BadList(f"line {line}: `{row_id}` is refused twice")
            found[row_id] = reason
    return found


def _nothing(line: int, name: str) -> list[str]:
    raise BadList(f"line {line}: `{name}` is no row and no kind")
