"""Rows that undo others: intake refuses those that take back too much, so nearly all are made to fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Decimal

from tests.chance import Chance
from tests.parity.makers.values import size

Row = dict[str, str]

_MONEY = ("amount", "list", "aim", "ceiling")
_EVENTS = ("closed", "made")


def undoing(
    chance: Chance, most: int, made: Callable[[int, Row | None], Row], *, one_in: int = 4
) -> list[Row]:
    """Return rows of which one in so many undoes an earlier one.

    Args:
        made: makes a row from its number and the row that it undoes, if any, all but `undoes`.
    """
    rows: list[Row] = []
    for number in range(size(chance, most)):
        originals = [row for row in rows if not row["undoes"]]
        undone = chance.one_of(originals) if originals and chance.number(1, one_in) == 1 else None
        rows.append(made(number, undone) | {"undoes": undone["id"] if undone else ""})
    return rows


def key_of(chance: Chance, number: int, letter: str = "D") -> str:
    """Return a key that comes in the order of the rows, or before those that do."""
    return f"{letter}-{number}" if chance.flip() else f"A-{number}"


def like(chance: Chance, undone: Row | None, name: str, value: Callable[[], str]) -> str:
    """Return a new value, or the one of the row that is undone."""
    return value() if undone is None or chance.flip() else undone[name]


def mended(chance: Chance, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the rows with what undoes another behind it, in its currency, and worth no more than it.

    Now and then a row stays as it was made, for intake to refuse.
    """
    if not any(row.get("undoes") for row in rows):
        return list(rows)
    originals = {row["id"]: row for row in rows if not row.get("undoes")}
    left = {
        (key, name): Decimal(row[name]) for key, row in originals.items() for name in _MONEY if name in row
    }
    return [
        row if not row.get("undoes") or chance.number(0, 39) == 0 else _mended(chance, row, originals, left)
        for row in rows
    ]


def _mended(
    chance: Chance,
    row: dict[str, str],
    originals: dict[str, dict[str, str]],
    left: dict[tuple[str, str], Decimal],
) -> dict[str, str]:
    original = originals[row["undoes"]]
    if any(left.get((original["id"], name), 0) < 0 for name in _MONEY):
        return row | {"undoes": ""}
    share = chance.one_of((1, 1, 1, 3, 2))
    found = dict(row)
    for name in _MONEY:
        if name in row:
            whole = left[original["id"], name]
            part = (whole / share).quantize(whole, ROUND_DOWN)
            left[original["id"], name] -= part
            found[name] = str(-part)
    for name in _EVENTS:
        if name in row:
            found[name] = max(row[name], original[name])
    return found | ({"currency": original["currency"]} if "currency" in row else {})
