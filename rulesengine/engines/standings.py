"""Where the running totals of a plan stand once a book has been evaluated.

The judge works them out (engines/contract.py); an engine that adds rows to a book goes on from them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulesengine.model.book import Reject
from rulesengine.model.exact import ZERO, Exact
from rulesengine.plan import nodes

Moment = tuple[date, tuple[object, ...]]
"""A place in the order of all rows: a date, and the order within the day (kind, `order by`, key)."""
Place = tuple[tuple[str, ...], date | None, str]
"""Where a total runs: its keys, the first day of its window, and the row where it is for one row."""


@dataclass(slots=True)
class Course:
    """How one total went: where it stood after each row that is in it, in order."""

    moments: list[Moment] = field(default_factory=list)
    totals: list[Exact] = field(default_factory=list)

    def note(self, moment: Moment, total: Exact) -> None:
        """Take in the next row."""
        self.moments.append(moment)
        self.totals.append(total)

    def upto(self, moment: Moment) -> Exact | None:
        """Return where it stood before a moment, None if nothing was in it yet."""
        if self.moments and self.moments[-1] <= moment:
            return self.totals[-1]  # as for most rows that are new
        reached = bisect_right(self.moments, moment)
        return self.totals[reached - 1] if reached else None


@dataclass(slots=True)
class Clamped:
    """The running total of one cap: what was asked, what was let through, and when last."""

    total: Decimal
    paid: Decimal
    last: Moment


@dataclass(slots=True)
class Standings:
    """The totals of all rules, by rule and place."""

    measured: dict[str, dict[Place, Course]] = field(default_factory=dict)
    """Of the rule's measure."""
    clamped: dict[str, dict[Place, Clamped]] = field(default_factory=dict)
    """Of its caps per window; the first of the keys names the limit (`limit_names`)."""
    rejects: tuple[Reject, ...] = ()
    """Rows that the judge could not judge."""

    def clear(self) -> None:
        """Forget everything: the book is evaluated again without some of its rows."""
        self.measured.clear()
        self.clamped.clear()

    def measure(self, rule: str, place: Place, moment: Moment, total: Exact) -> None:
        """Note where the measure of a rule stands after a row."""
        self.measured.setdefault(rule, {}).setdefault(place, Course()).note(moment, total)

    def before(self, rule: str, place: Place, moment: Moment) -> Exact:
        """Return where the measure of a rule stood before a moment."""
        course = self.measured.get(rule, {}).get(place)
        return ZERO if course is None else course.upto(moment) or ZERO


def limits_in_order(rule: nodes.Rule) -> list[str]:
    """Return the names of all limits of a rule, in the order in which the plan has them."""
    return list(dict.fromkeys(name for version in rule.versions for name in limit_names(version) if name))


def limit_names(version: nodes.Version) -> list[str]:
    """Return what tells the totals of a version's limits apart; empty for factors.

    Two limits of different versions share a total if they are of one sort, window and key.
    """
    names: list[str] = []
    before: list[str] = []
    for adjuster in version.adjusters:
        if not isinstance(adjuster, nodes.Limit):
            names.append("")
            continue
        window = adjuster.window
        per = window.kind if isinstance(window, nodes.PerFact) else str(window)
        keys = ",".join(f"{key.root}.{'.'.join(key.names)}" for key in adjuster.keys)
        name = f"{'floor' if adjuster.is_floor else 'cap'} {per} {keys}"
        names.append(f"{name} {before.count(name)}")
        before.append(name)
    return names
