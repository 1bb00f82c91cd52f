"""Rows that undo others: what they take back must have been there, and not more than once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rulesengine.intake.problems import Rejects
from rulesengine.intake.rows import Row, Section
from rulesengine.model.exact import ZERO, Exact, add
from rulesengine.model.money import Money
from rulesengine.model.types import MoneyType


def check_reversals(section: Section, rejects: Rejects) -> None:
    """Reject rows that undo a row that undoes another, that come before it, or that exceed it.

    Rows which together take back more than there was are all rejected; nobody can say which of
    them is wrong. Language reference, "Reversals".
    """
    if section.reverses:
        check_undoing(section, {row.key: row for row in section.rows if row.key}, rejects)


def check_undoing(section: Section, roots: Mapping[str, Row], rejects: Rejects) -> None:
    """Check the rows that undo some rows, which are given by key; of others nothing is said."""
    undoing: dict[str, list[Row]] = {}
    for row in section.rows:
        key = row.values.get(section.reverses)
        root = roots.get(key) if isinstance(key, str) else None
        if root is None or not isinstance(key, str):
            continue
        if reason := _misplaced(section, row, root):
            rejects.add(section.name, row, "R1109", reason, field=section.reverses, value=key)
        if row.is_alive:
            undoing.setdefault(key, []).append(row)
    for key, rows in undoing.items():
        _check_sums(section, roots[key], rows, rejects)


def _misplaced(section: Section, row: Row, root: Row) -> str:
    if root.values.get(section.reverses) is not None:
        return f"`{root.key}` undoes another row itself, and cannot be undone"
    day, before = row.values.get(section.event), root.values.get(section.event)
    if isinstance(day, date) and isinstance(before, date) and day < before:
        return f"it is dated {day}, before `{root.key}` of {before}"
    return ""


def _check_sums(section: Section, root: Row, rows: list[Row], rejects: Rejects) -> None:
    for field in section.fields:
        if not isinstance(field.type, MoneyType):
            continue
        there = root.values.get(field.name)
        back: Exact = ZERO
        for row in rows:
            value = row.values.get(field.name)
            if isinstance(value, Money):
                back = add(back, value.amount)
                if isinstance(there, Money) and value.currency != there.currency:
                    reason = f"it is in {value.currency}, `{root.key}` in {there.currency}"
                    rejects.add(section.name, row, "R1107", reason, field=field.name, value=value)
        whole = there.amount if isinstance(there, Money) else ZERO
        if back < 0 and -back > whole:
            count = f"{len(rows)} rows together take" if len(rows) > 1 else "it takes"
            reason = f"{count} {-back} back from `{root.key}`, which has {whole}"
            for row in rows:
                value = row.values.get(field.name)
                rejects.add(section.name, row, "R1109", reason, field=field.name, value=value)
