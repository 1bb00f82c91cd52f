"""Which fields the clauses of a plan read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from rulesengine.plan import nodes


def reads_of(node: object) -> Iterator[nodes.FieldRead]:
    """Yield every path that a clause reads."""
    if isinstance(node, nodes.FieldRead):
        yield node
    elif isinstance(node, tuple):
        for one in node:
            yield from reads_of(one)
    elif isinstance(node, nodes.Reaches):
        yield from reads_of(node.target)  # what adds up to it is read on rows of another kind
    elif isinstance(node, nodes.Node):
        for each in fields(node):
            yield from reads_of(getattr(node, each.name))


def reads_of_schedule(version: nodes.Version) -> tuple[nodes.FieldRead, ...]:
    """Return what decides when an award is payable, in what parts, and what is taken back of it.

    A row for which one of these cannot be read earns nothing, as with all that a rule reads: whether a date
    comes later must not decide whether the row has earned.
    """
    clauses = (version.hold, version.split, version.release, version.stops, version.clawbacks)
    return tuple(reads_of(clauses))
