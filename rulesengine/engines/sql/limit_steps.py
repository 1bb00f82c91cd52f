"""What happens to an award under the limits of a rule: which steps, in which order, on which totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from rulesengine.engines.sql.expressions import TRUE, Expr, equal, integer
from rulesengine.engines.sql.look_up_limits import Slot
from rulesengine.engines.sql.relations import From
from rulesengine.engines.standings import limit_names
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class LimitStep:
    """A limit or a deduction of a version, or a factor behind one."""

    place: int
    """Among the adjusters of the version."""
    adjuster: nodes.Adjuster
    slot: Slot | None
    """Of a limit; of what stands behind one, that of the last before it that runs along. None before any."""


def steps_of(version: nodes.Version, slots: Sequence[Slot]) -> list[LimitStep]:
    """Return what happens to an award once it meets the first limit or deduction; floors of windows wait."""
    by_name = {slot.name: slot for slot in slots if not slot.is_settled_later}
    found: list[LimitStep] = []
    slot: Slot | None = None
    is_limited = False
    for place, (adjuster, name) in enumerate(zip(version.adjusters, limit_names(version), strict=True)):
        match adjuster:
            case nodes.Limit():
                is_limited = True
                if name in by_name:
                    slot = by_name[name]
                    found.append(LimitStep(place, adjuster, slot))
            case nodes.Deduct():
                is_limited = True
                found.append(LimitStep(place, adjuster, slot))
            case nodes.Times():
                if is_limited:
                    found.append(LimitStep(place, adjuster, slot))
            case _:
                assert_never(adjuster)
    return found


def in_order_of_need(slots: Sequence[Slot], rule: nodes.Rule) -> list[Slot] | None:
    """Return the totals that run along, each after all that decide what it is asked for; None where one
    version needs them the other way round than another."""
    before: dict[int, set[int]] = {slot.index: set() for slot in slots if not slot.is_settled_later}
    for version in rule.versions:
        chain = chain_of(version, slots)
        for number_of, index in enumerate(chain):
            before[index] |= set(chain[:number_of])
        for index in before.keys() - set(chain):
            # What another version leaves counts towards a limit that it lacks.
            before[index] |= set(chain)
    ordered: list[Slot] = []
    waiting = [slot for slot in slots if slot.index in before]
    while waiting:
        done = {slot.index for slot in ordered}
        ready = next((slot for slot in waiting if before[slot.index] <= done), None)
        if ready is None:
            return None
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def chain_of(version: nodes.Version, slots: Sequence[Slot]) -> list[int]:
    """Return the totals that hold the awards of a version as they come."""
    steps = steps_of(version, slots)
    return [step.slot.index for step in steps if step.slot and isinstance(step.adjuster, nodes.Limit)]


def factor_name(version: int, step: LimitStep) -> str:
    """Return what the columns of a factor begin with: what it was asked for, and what it left."""
    return f"times_{version}_{step.place}"


def is_version(source: From, rule: nodes.Rule, index: int) -> Expr:
    """Return whether awards are of a version of their rule."""
    return equal(source.num("version").top, integer(index)) if len(rule.versions) > 1 else TRUE
