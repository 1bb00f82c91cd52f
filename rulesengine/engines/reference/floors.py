"""Step 7, limit, for floors over windows: what was paid in a window is lifted when it is over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.held import RoundOff, clamp
from rulesengine.engines.reference.limit import ZERO_AMOUNT, WindowOn, add_earned, is_settled_later, scope_of
from rulesengine.engines.reference.parts import row_of_dates
from rulesengine.engines.reference.round_off import group_key
from rulesengine.engines.reference.rows import Ceiling, Item, Scope
from rulesengine.engines.results import Part
from rulesengine.engines.standings import limits_in_order
from rulesengine.model.change import replace
from rulesengine.model.dates import WindowKind
from rulesengine.model.exact import Exact, subtract
from rulesengine.plan import nodes


def floors_of_windows(
    drafts: list[Draft], rule: nodes.Rule, through: date, round_off: RoundOff, window_on: WindowOn
) -> list[Draft]:
    """Return the lines that lift what was paid in a window to its floor, dated its last day.

    Those of one payee and day are in the order of the plan, and of their keys.
    A window that is not over by `through` has none yet, and nor has one with nothing above zero, or
    with no more than the cents that rounding left of rows that were undone. A floor of zero lifts what is
    below zero.
    The version of the window's last row decides whether there is a floor, and its amount.
    """
    totals: dict[Scope, Decimal] = {}
    earned: dict[Scope, dict[object, Exact]] = {}
    last: dict[Scope, tuple[Item, Ceiling] | None] = {}
    for _, group in groupby(drafts, key=group_key):
        award = list(group)
        # As under other limits, all lines of an award count where its row does, also a true-up for
        # earlier rows that lie elsewhere.
        first = award[0]
        item = first.item
        if item is None:
            continue
        # What an award is held until is read on its row, also where a true-up is all of it.
        row = row_of_dates(first, rule) or item.row
        for ceiling in (*item.adjusters, *item.other_limits):
            if isinstance(ceiling, Ceiling) and is_settled_later(ceiling):
                scope = scope_of(ceiling, first, window_on)
                for draft in award:
                    totals[scope] = totals.get(scope, ZERO_AMOUNT) + draft.amount
                    add_earned(earned.setdefault(scope, {}), draft)
                last[scope] = (replace(item, row=row), ceiling) if ceiling in item.adjusters else None
    lines: list[Draft] = []
    if not totals:
        return lines
    names = limits_in_order(rule)
    for scope, paid in sorted(totals.items(), key=lambda each: _in_plan(each[0], names)):
        found, window = last[scope], scope.window
        if found is None or window is None or window.end > through or window.kind is WindowKind.LIFETIME:
            continue
        item, floor = found
        is_earned = any(earned[scope].values()) or not floor.amount
        if is_earned and clamp(paid, floor) != paid:
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


def _in_plan(scope: Scope, names: list[str]) -> tuple[object, ...]:
    """Return where a limit of a window stands: in the order of the plan, then of keys and windows."""
    name, *keys = scope.keys
    assert scope.window is not None
    return (names.index(name), keys, scope.window.start, scope.window.label)
