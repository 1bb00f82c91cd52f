"""Step 7, limit: caps and floors as differences of a clamped running total.

Works on rounded amounts, in the order written, so that a limit is met to the cent and can be
redone from the statement. A `times` written after a limit multiplies what the limit left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.diagnostics import Span
from rulesengine.engines.reference.round_off import group_key
from rulesengine.engines.reference.rows import Ceiling, Draft, Factor, Item, Scope
from rulesengine.engines.results import Part
from rulesengine.model.dates import Window, WindowKind
from rulesengine.model.exact import ONE, Exact, absolute, add, multiply, subtract

RoundOff = Callable[[Exact], Decimal]
WindowOn = Callable[[date, WindowKind], Window]
"""The window of a kind that a day lies in."""
ZERO_AMOUNT = Decimal(0)


def limit(drafts: list[Draft], round_off: RoundOff, window_on: WindowOn) -> list[Draft]:
    """Return the drafts, each award followed by the lines of its limits and later factors."""
    totals: dict[Scope, Decimal] = {}
    result: list[Draft] = []
    for _, group in groupby(drafts, key=group_key):
        award = list(group)
        result += award
        item = award[0].item
        if item is not None:
            result += _adjust(award, item, totals, round_off, window_on)
    return result


def floors_of_windows(
    drafts: list[Draft], through: date, round_off: RoundOff, window_on: WindowOn
) -> list[Draft]:
    """Return the lines that lift what was paid in a window to its floor, dated its last day.

    A window that is not over by `through` has none yet, and nor has one with nothing above zero.
    """
    totals: dict[Scope, Decimal] = {}
    last: dict[Scope, tuple[Item, Ceiling]] = {}
    for draft in drafts:
        for adjuster in draft.item.adjusters if draft.item else ():
            if isinstance(adjuster, Ceiling) and _is_settled_later(adjuster) and draft.item:
                scope = _scope(adjuster, draft.earned_on, window_on)
                totals[scope] = totals.get(scope, ZERO_AMOUNT) + draft.amount
                last[scope] = (draft.item, adjuster)
    lines = []
    for scope, paid in totals.items():
        item, floor = last[scope]
        window = scope.window
        if window is None or window.end > through or window.kind is WindowKind.LIFETIME:
            continue
        if 0 < paid < floor.amount:
            exact = subtract(floor.amount, paid)
            lines.append(
                Draft(
                    payee=item.payee,
                    part=Part.FLOOR,
                    row=None,
                    item=item,
                    earned_on=window.end,
                    exact=exact,
                    amount=round_off(exact),
                    window=window.label,
                    scope=floor.label,
                    before=paid,
                    after=paid,
                    target=floor.amount,
                    origin=floor.origin,
                )
            )
    return sorted(lines, key=lambda draft: (draft.earned_on, draft.payee))


def _adjust(
    award: list[Draft],
    item: Item,
    totals: dict[Scope, Decimal],
    round_off: RoundOff,
    window_on: WindowOn,
) -> list[Draft]:
    paid = sum((draft.amount for draft in award), ZERO_AMOUNT)
    first = award[0]
    lines: list[Draft] = []
    limited = False
    for adjuster in item.adjusters:
        match adjuster:
            case Factor(factor=factor) if limited:
                after = round_off(multiply(paid, factor))
                if after != paid:
                    lines.append(
                        _line(
                            first,
                            Part.TIMES,
                            adjuster.origin,
                            exact=multiply(paid, subtract(factor, ONE)),
                            amount=after - paid,
                            base=paid,
                            base_of="what the limit left",
                            times=factor,
                        )
                    )
                paid = after
            case Factor():
                continue  # multiplied the exact pay already (rate.leading_factor)
            case Ceiling():
                limited = True
                if _is_settled_later(adjuster):
                    continue
                scope = _scope(adjuster, first.earned_on, window_on)
                before = totals.get(scope, ZERO_AMOUNT)
                after = before + paid
                totals[scope] = after
                held = _clamp(before, adjuster), _clamp(after, adjuster)
                left = round_off(held[1]) - round_off(held[0])
                if left != paid:
                    lines.append(
                        _line(
                            first,
                            Part.FLOOR if adjuster.is_floor else Part.CAP,
                            adjuster.origin,
                            exact=subtract(subtract(held[1], held[0]), paid),
                            amount=left - paid,
                            window=scope.label,
                            scope=adjuster.label,
                            before=before,
                            after=after,
                            target=adjuster.amount,
                        )
                    )
                paid = left
    return lines


def _scope(ceiling: Ceiling, day: date, window_on: WindowOn) -> Scope:
    """Return the scope of a limit for a line of a day.

    A true-up is dated by the row that brought it, not by the payee's own last row, so it may fall
    in a later window than that row's.
    """
    window = ceiling.scope.window
    if window is None or day in window.days:
        return ceiling.scope
    return replace(ceiling.scope, window=window_on(day, window.kind))


def _clamp(paid: Exact, ceiling: Ceiling) -> Exact:
    """Return what may be paid of a running total; mirrored below zero, and nothing stays nothing."""
    magnitude = absolute(paid)
    if magnitude == 0:
        return paid
    bounded = max(magnitude, ceiling.amount) if ceiling.is_floor else min(magnitude, ceiling.amount)
    return -bounded if paid < 0 else bounded


def _is_settled_later(ceiling: Ceiling) -> bool:
    return ceiling.is_floor and ceiling.scope.window is not None


def _line(
    first: Draft,
    part: Part,
    origin: Span,
    *,
    exact: Exact,
    amount: Decimal,
    window: str = "",
    scope: str = "",
    before: Exact | None = None,
    after: Exact | None = None,
    target: Exact | None = None,
    base: Exact | None = None,
    base_of: str = "",
    times: Exact | None = None,
) -> Draft:
    return Draft(
        payee=first.payee,
        part=part,
        row=first.row,
        item=first.item,
        earned_on=first.earned_on,
        exact=add(exact, ZERO_AMOUNT),
        amount=amount,
        window=window,
        scope=scope,
        before=before,
        after=after,
        target=target,
        base=base,
        base_of=base_of,
        times=times,
        contributors=first.contributors,
        origin=origin,
    )
