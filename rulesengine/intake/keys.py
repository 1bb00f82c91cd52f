"""Keys that occur more than once: duplicates, drawn-out payees, and histories."""

from __future__ import annotations

from datetime import date

from rulesengine.intake.problems import Rejects
from rulesengine.intake.rows import START, Row, Section, Sort
from rulesengine.model.dates import BEGINNING


def by_key(section: Section) -> dict[str, list[Row]]:
    """Return the rows of each key that could be read, rejected ones among them, in file order."""
    groups: dict[str, list[Row]] = {}
    for row in section.rows:
        if row.key:
            if (group := groups.get(row.key)) is None:
                groups[row.key] = [row]
            else:
                group.append(row)
    return groups


def check_keys(section: Section, rejects: Rejects) -> None:
    """Reject every row of a key that is given more than once where once is allowed.

    Nothing is guessed: no row of such a key is taken, not even where all are the same. A rejected
    row counts, because it may be the one that was meant.
    """
    for rows in by_key(section).values():
        if len(rows) == 1:
            continue
        if section.sort is Sort.PAYEE and section.has_history and _says_from(rows):
            _check_history(section, rows, rejects)
        elif section.sort is Sort.PAYEE and section.is_distinct:
            _check_agreement(section, rows, rejects)
        else:
            _reject_all(
                section, rows, rejects, "R1105", f"{len(rows)} rows have the key `{rows[0].shown_key}`"
            )


def start_of(row: Row) -> date:
    """Return the date from which a row of a history holds, the first date there is if blank."""
    start = row.values.get(START)
    return start if isinstance(start, date) else BEGINNING


def reject_rest(section: Section, rows: list[Row], rejects: Rejects) -> None:
    """Reject what is left of a payee after one of its rows was: a gap would change what is paid."""
    dead = next((row for row in rows if not row.is_alive), None)
    if dead is not None:
        reason = f"another row of the same payee is rejected ({dead.file}:{dead.number})"
        for row in rows:
            if row.is_alive:
                rejects.add(section.name, row, "R1111", reason, field=section.key, value=row.key)


def _says_from(rows: list[Row]) -> bool:
    return any(START not in row.values or row.values[START] is not None for row in rows)


def _check_history(section: Section, rows: list[Row], rejects: Rejects) -> None:
    steady = [field.name for field in section.fields if not field.is_history]
    if differing := _differing(rows, steady):
        reason = f"`{differing}` changes in the rows of this payee, but is not declared `history`"
        _reject_all(section, rows, rejects, "R1111", reason, differing)
    starts: dict[date, list[Row]] = {}
    for row in rows:
        if row.is_alive or START in row.values:
            starts.setdefault(start_of(row), []).append(row)
    for same in starts.values():
        names = [field.name for field in section.fields]
        if len(same) > 1 and not (section.is_distinct and not _differing(same, names)):
            when = same[0].values.get(START)
            reason = f"{len(same)} rows " + (f"hold from {when}" if when else "have no date to hold from")
            _reject_all(section, same, rejects, "R1111", reason, START)
    reject_rest(section, rows, rejects)


def _check_agreement(section: Section, rows: list[Row], rejects: Rejects) -> None:
    if differing := _differing(rows, [field.name for field in section.fields]):
        reason = f"rows with the key `{rows[0].key}` differ in `{differing}`"
        _reject_all(section, rows, rejects, "R1105", reason, differing)
    reject_rest(section, rows, rejects)


def _differing(rows: list[Row], names: list[str]) -> str:
    """Return the first field in which readable values differ, empty if none does."""
    for name in names:
        found = [row.values[name] for row in rows if name in row.values]
        if any(value != found[0] for value in found[1:]):
            return name
    return ""


def _reject_all(
    section: Section, rows: list[Row], rejects: Rejects, code: str, reason: str, field: str = ""
) -> None:
    name = field or section.key
    for row in rows:
        value = row.values.get(name) if field else row.shown_key
        rejects.add(section.name, row, code, reason, field=name, value=value)
