"""Keys that first rows are counted for: each rule counts them once for all its versions."""

from __future__ import annotations

from rulesengine.plan import nodes

Keys = tuple[nodes.FieldRead, ...]


def lists_of_keys(rule: nodes.Rule) -> tuple[Keys, ...]:
    """Return the keys that any version of a rule counts its first rows for, each list once.

    Rows take their places whichever version they fall in, so that an amendment does not begin anew.
    """
    found: dict[frozenset[object], Keys] = {}
    for version in rule.versions:
        if version.first is not None:
            found.setdefault(_set_of(version.first.keys), version.first.keys)
    return tuple(found.values())


def list_of(clause: nodes.FirstRows, rule: nodes.Rule) -> int:
    """Return which list of keys a clause counts for."""
    return [_set_of(keys) for keys in lists_of_keys(rule)].index(_set_of(clause.keys))


def _set_of(keys: Keys) -> frozenset[object]:
    return frozenset((key.root, key.names) for key in keys)
