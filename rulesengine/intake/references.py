"""References between records: each must point at a record that is accepted."""

from __future__ import annotations

from collections.abc import Mapping

from rulesengine.diagnostics import did_you_mean
from rulesengine.intake.keys import by_key, reject_rest
from rulesengine.intake.problems import Rejects
from rulesengine.intake.rows import Row, Section, Sort
from rulesengine.model.types import RecordType

MOST_KEYS = 2_000
MOST_MISSES = 50
"""Near keys are looked for only where that is quick: among so many keys, for so many missing ones."""


def check_unknown(sections: Mapping[str, Section], rejects: Rejects) -> None:
    """Reject every row that points at a key which no row has, rows rejected before included."""
    keys = {name: {row.key for row in section.rows} for name, section in sections.items()}
    misses: list[tuple[Section, Row, str, str, str]] = []
    for section in sections.values():
        for field, target in references_of(section):
            known = keys[target]
            for row in section.rows:
                value = row.values.get(field)
                if isinstance(value, str) and value not in known:
                    misses.append((section, row, field, target, value))
    hints = _hints({(target, value) for _, _, _, target, value in misses}, keys)
    for section, row, field, target, value in misses:
        hint = hints.get((target, value), "")
        reason = f"no `{target}` has the key `{value}`" + (f"; {hint}" if hint else "")
        rejects.add(section.name, row, "R1106", reason, field=field, value=value)


def cascade(sections: Mapping[str, Section], rejects: Rejects) -> None:
    """Reject rows that point at rejected records, until no more do."""
    groups = {s.name: by_key(s) for s in sections.values() if s.sort is Sort.PAYEE}
    pointed = {target for section in sections.values() for _, target in references_of(section)}
    gone: dict[str, set[str]] = {}
    while True:
        for name, rows_of in groups.items():
            for rows in rows_of.values():
                if len(rows) > 1:
                    reject_rest(sections[name], rows, rejects)
        fresh: dict[str, set[str]] = {}
        for target in pointed:
            living = {row.key for row in sections[target].rows if row.is_alive}
            lost = {row.key for row in sections[target].rows if not row.is_alive} - living
            if new := lost - gone.get(target, set()):
                fresh[target] = new
                gone.setdefault(target, set()).update(new)
        if not fresh:
            return
        for section in sections.values():
            for field, target in references_of(section):
                if target in fresh:
                    _reject_pointing(section, field, target, fresh[target], rejects)


def _reject_pointing(section: Section, field: str, target: str, lost: set[str], rejects: Rejects) -> None:
    for row in section.rows:
        if row.is_alive and row.values.get(field) in lost:
            value = row.values[field]
            reason = f"the `{target}` with the key `{value}` is rejected itself"
            rejects.add(section.name, row, "R1106", reason, field=field, value=value)


def references_of(section: Section) -> list[tuple[str, str]]:
    """Return the fields that point at records, with the kinds that they point at."""
    return [(field.name, field.type.kind) for field in section.fields if isinstance(field.type, RecordType)]


def _hints(misses: set[tuple[str, str]], keys: Mapping[str, set[str]]) -> dict[tuple[str, str], str]:
    if len(misses) > MOST_MISSES:
        return {}
    return {
        (target, value): did_you_mean(value, keys[target] - {""})
        for target, value in misses
        if len(keys[target]) <= MOST_KEYS
    }
