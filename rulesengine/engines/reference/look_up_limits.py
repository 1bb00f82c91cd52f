"""Step 3, look up, for what changes the pay: factors, and limits with the totals they run on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.engines.reference.conditions import holds
from rulesengine.engines.reference.keys import scope_label, scope_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import Ceiling, Days, Deduction, Factor, Row, Scope
from rulesengine.engines.reference.view import View
from rulesengine.engines.spent import is_shared
from rulesengine.engines.standings import limit_names
from rulesengine.model.dates import END, DateRange
from rulesengine.model.exact import ZERO, Exact, divide, multiply
from rulesengine.plan import nodes


def prorated(prorate: nodes.Prorate, row: Row, judge: View, reader: Reader) -> list[Factor]:
    """Return the share of the window's days that count, as a factor; none where all of them do."""
    start, end = reader.read(prorate.start, judge), reader.read(prorate.end, judge)
    if row.window is None or not isinstance(start, date):
        return []
    last = end if isinstance(end, date) else END
    days = row.window.days
    inside = DateRange(start, last).overlap(days) if start <= last else None
    counted = (inside.end - inside.start).days + 1 if inside is not None else 0
    of = (days.end - days.start).days + 1
    if counted == of:
        return []
    share = divide(Decimal(counted), Decimal(of))
    return [Factor(factor=share, days=Days(counted, of), origin=prorate.origin)]


def adjusters_of(
    version: nodes.Version, row: Row, share: Exact, judge: View, reader: Reader
) -> tuple[Factor | Ceiling | Deduction, ...]:
    """Return the factors, limits and deductions that a row is under, in written order."""
    found: list[Factor | Ceiling | Deduction] = []
    if version.prorate is not None:
        found += prorated(version.prorate, row, judge, reader)
    names = limit_names(version)
    for adjuster, name in zip(version.adjusters, names, strict=True):
        match adjuster:
            case nodes.Times(factor=factor, when=when):
                if when is None or holds(when, reader, judge):
                    found.append(Factor(factor=reader.quantity(factor, judge), origin=adjuster.origin))
            case nodes.Limit():
                amount = limit_amount(adjuster, share, judge, reader)
                found.append(_ceiling(adjuster, name, amount, row, judge, reader))
            case nodes.Deduct(earnings=earnings):
                found.append(Deduction(earnings=earnings, origin=adjuster.origin))
            case _:
                assert_never(adjuster)
    return tuple(found)


def other_limits(
    rule: nodes.Rule, version: nodes.Version, row: Row, judge: View, reader: Reader
) -> tuple[Ceiling, ...]:
    """Return the limits of other versions that this row is not under, but counts towards.

    Totals run on across amendments: a cap that begins in mid-month finds what was paid before it.
    """
    if len(rule.versions) == 1:
        return ()
    seen = set(limit_names(version))
    found = []
    for other in rule.versions:
        for adjuster, name in zip(other.adjusters, limit_names(other), strict=True):
            if isinstance(adjuster, nodes.Limit) and name not in seen:
                seen.add(name)
                found.append(_ceiling(adjuster, name, ZERO, row, judge, reader))
    return tuple(found)


def limit_amount(limit: nodes.Limit, share: Exact, judge: View, reader: Reader) -> Exact:
    """Return the amount of a limit: a percentage of a field is of the payee's share; not below zero."""
    amount = reader.quantity(limit.amount, judge)
    if isinstance(limit.amount, nodes.ShareOfRead):
        amount = multiply(amount, share)
    return max(amount, ZERO)


def _ceiling(limit: nodes.Limit, name: str, amount: Exact, row: Row, judge: View, reader: Reader) -> Ceiling:
    # A cap holds what is paid for the rows of a window, so a row that follows another counts in the
    # window of that row: whoever was paid 40 for a capped deal gives back 40. A floor is settled
    # when its window ends, so it takes rows as they come.
    dated = row.judged_on if row.follows and not limit.is_floor else row.dated
    scope = scope_of(limit.keys, limit.window, row, judge, reader, dated)
    return Ceiling(
        is_floor=limit.is_floor,
        is_shared=is_shared(limit.keys),
        amount=amount,
        scope=Scope((name, *scope.keys), scope.window, scope.row),
        label=scope_label(limit.keys, scope),
        origin=limit.origin,
    )
