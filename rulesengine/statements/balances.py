"""What runs on from one statement of a payee to the next: what is owed, and what is carried.

Both are read off the lines that settle the statement, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.model.exact import EXACT, ZERO, Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.statements.numbers import money

TITLE = "Balances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Draws that have not been paid back: before + advanced - paid_back = after."""

    before: Exact
    advanced: Decimal
    paid_back: Decimal
    after: Exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came from the statement before, and what goes to the next; below zero for a debt."""

    brought: Decimal
    from_period: str
    """Of the statement before, empty where nothing came from it."""
    forward: Decimal


@dataclass(frozen=True, slots=True)
class Balances:
    """Both, each None where there is nothing of it."""

    owed: Owed | None = None
    carried: Carried | None = None

    def sentences(self, currency: str) -> tuple[tuple[str, str], ...]:
        """Return name and numbers of each, so that a payee can add them up."""
        found = []
        if self.owed is not None:
            owed = self.owed
            before, advanced = money(owed.before, currency), money(owed.advanced, currency)
            paid_back, after = money(owed.paid_back, currency), money(owed.after, currency)
            sides = f"{before} before + {advanced} advanced − {paid_back} paid back"
            found.append(("Owed for draws", f"{sides} = {after}"))
        if self.carried is not None:
            carried = self.carried
            behind = f" from {carried.from_period}" if carried.from_period else ""
            brought = f"{money(carried.brought, currency)} brought forward{behind}"
            found.append(("Carried", f"{brought}, {money(carried.forward, currency)} carried forward"))
        return tuple(found)


def balances_of(lines: Iterable[Line]) -> Balances:
    """Return the balances of a statement with these lines."""
    settling = [line for line in lines if line.rule == STATEMENT]
    return Balances(_owed(settling), _carried(settling))


def _owed(lines: list[Line]) -> Owed | None:
    moved = [line for line in lines if line.measure_before is not None and line.measure_after is not None]
    if not moved:
        return None
    is_owed = [line for line in moved if line.measure_before != line.measure_after]
    return Owed(
        before=moved[0].measure_before or ZERO,
        advanced=_sum(line for line in is_owed if line.part is Part.DRAW),
        paid_back=EXACT.subtract(ZERO, _sum(line for line in is_owed if line.part is Part.RECOVERY)),
        after=moved[-1].measure_after or ZERO,
    )


def _carried(lines: list[Line]) -> Carried | None:
    brought = [line for line in lines if line.part is Part.BROUGHT_FORWARD]
    forward = [line for line in lines if line.part is Part.CARRIED_FORWARD]
    if not brought and not forward:
        return None
    return Carried(
        brought=_sum(brought),
        from_period=brought[0].scope if brought else "",
        forward=EXACT.subtract(ZERO, _sum(forward)),
    )


def _sum(lines: Iterable[Line]) -> Decimal:
    total = ZERO
    for line in lines:
        total = EXACT.add(total, line.amount)
    return total
