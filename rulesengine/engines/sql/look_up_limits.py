"""Step 3, look up, for limits: their amounts, and the totals that they run on.

A `slot` is one running total of the rule: limits of several versions share it if they are of one sort,
window and key. Columns of items behind `limit.`: of slot 2 `limit.2.amount`, null where the version
lacks it; `limit.2.key_1`…, and `limit.2.start` where it has a window, make up its scope, or `limit.2.row`
where it holds one row, and what that was paid may be taken back on another; `limit.2.window` and
`limit.2.scope` are how lines show these, `limit.2.end` is the last day of a floor's window. A `times` after a
limit, adjuster 3 of its version, is `limit.factor_3`, null where it does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from rulesengine.engines.spent import is_shared
from rulesengine.engines.sql.conditions import holds
from rulesengine.engines.sql.dates import window_end, window_label, window_start
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    all_of,
    any_of,
    chosen,
    compared,
    joined,
    text,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.relations import From, Joined
from rulesengine.engines.sql.scopes import anchor_of, is_payee, key_of, window_from
from rulesengine.engines.sql.values import Number, Plain, Value, larger, multiply, no_number, number, pick
from rulesengine.engines.standings import limit_names
from rulesengine.model.dates import WindowKind
from rulesengine.plan import nodes

LIMIT = "limit."
"""Columns of items and drafts that limits need begin with it."""
DEDUCTS = f"{LIMIT}deducts"
"""Whether anything that another rule earned is taken off what a row earns (deductions.py)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One running total that caps or floors of a rule hold."""

    index: int
    name: str
    limit: nodes.Limit
    """The first limit with it; all others are of the same sort, window and keys."""
    is_of_item: bool
    """Whether a row may take back what was paid on another, which is under the limit of that."""

    @property
    def is_shared(self) -> bool:
        """Whether several payees draw on it: its keys do not hold the payee."""
        return is_shared(self.limit.keys)

    @property
    def is_per_row(self) -> bool:
        """Whether it holds one row and those that undo it."""
        return isinstance(self.limit.window, nodes.PerFact)

    @property
    def is_settled_later(self) -> bool:
        """Whether it is a floor that waits for the last day of its window."""
        return self.limit.is_floor and not self.is_per_row

    def column(self, name: str) -> str:
        """Return the name of a column of it."""
        return f"{LIMIT}{self.index}.{name}"

    @property
    def scope(self) -> list[str]:
        """Columns that make up its scope."""
        keys = [self.column(f"key_{number}") for number in range(1, len(self.limit.keys) + 1)]
        if isinstance(self.limit.window, nodes.Anniversary):
            # Windows that begin on one day may be counted from several.
            keys.append(self.column("window"))
        return [*keys, self.row if self.is_per_row else self.column("start")]

    @property
    def row(self) -> str:
        """Return the column with the row that it holds, if it holds one row."""
        return self.column("row") if self.is_of_item else "row.root"


def slots_of(rule: nodes.Rule) -> list[Slot]:
    """Return the running totals of a rule's limits."""
    found: dict[str, Slot] = {}
    for version in rule.versions:
        for adjuster, name in zip(version.adjusters, limit_names(version), strict=True):
            if isinstance(adjuster, nodes.Limit) and name not in found:
                found[name] = Slot(len(found), name, adjuster, _takes_back(rule))
    return list(found.values())


def _takes_back(rule: nodes.Rule) -> bool:
    """Whether what is paid on a row may be taken back on one that does not undo it."""
    rates = [version.rate for version in rule.versions]
    bands = [band for rate in rates if isinstance(rate, nodes.Bands) for band in rate.bands]
    parts = [part for band in bands for part in band.pay.parts]
    return bool(rule.goals) or any(isinstance(part, nodes.Once | nodes.Prize) for part in parts)


def add_adjusters(rule: nodes.Rule, version: nodes.Version, judge: Reads, is_later: Expr) -> None:
    """Add the columns of factors, limits and their scopes, in written order.

    The `times` before any limit are one product, `times`, with `is_multiplied` where any applies.
    """
    slots = {slot.name: slot for slot in slots_of(rule)}
    seen: set[str] = set()
    leading: list[tuple[Expr, Number]] = []
    is_limited = False
    for place, (adjuster, name) in enumerate(zip(version.adjusters, limit_names(version), strict=True)):
        match adjuster:
            case nodes.Times():
                when, factor = _factor(adjuster, judge)
                if is_limited:
                    applied = pick([(when, factor)], no_number()) if when != TRUE else factor
                    judge.source.columns[f"{LIMIT}factor_{place}"] = applied
                else:
                    leading.append((when, factor))
            case nodes.Limit():
                is_limited = True
                seen.add(name)
                judge.source.columns[slots[name].column("amount")] = _amount(adjuster, judge)
                _add_scope(slots[name], adjuster, judge, rule, is_later)
            case nodes.Deduct():
                # What it takes off is known when the other rule is settled (deductions.py).
                is_limited = True
    if not leading and any(map(_has_leading, rule.versions)):
        leading.append((FALSE, number(1)))
    _add_product(leading, judge)
    for slot in slots.values():
        # Totals run on across amendments: a cap that begins in mid-month finds what was paid before it.
        if slot.name not in seen:
            judge.source.columns[slot.column("amount")] = no_number()
            _add_scope(slot, slot.limit, judge, rule, is_later)


def _has_leading(version: nodes.Version) -> bool:
    """Whether a version multiplies the pay before any limit."""
    return bool(version.adjusters) and isinstance(version.adjusters[0], nodes.Times)


def _factor(times: nodes.Times, judge: Reads) -> tuple[Expr, Number]:
    when = TRUE if times.when is None else holds(times.when, judge)
    with judge.within(when):
        return when, judge.number(times.factor)


def _add_product(leading: list[tuple[Expr, Number]], judge: Reads) -> None:
    if not leading:
        return
    product = number(1)
    for when, factor in leading:
        product = multiply(product, factor if when == TRUE else pick([(when, factor)], number(1)))
    judge.source.columns["times"] = product
    judge.source.columns["is_multiplied"] = Plain(any_of(when for when, _ in leading))


def _amount(limit: nodes.Limit, judge: Reads) -> Number:
    """Return the amount of a limit: a percentage of a field is of the payee's share; not below zero."""
    amount = judge.number(limit.amount)
    share = judge.source.columns.get("share")
    if isinstance(limit.amount, nodes.ShareOfRead) and isinstance(share, Number):
        amount = multiply(amount, share)
    return larger(amount, number(0))


def _add_scope(slot: Slot, limit: nodes.Limit, judge: Reads, rule: nodes.Rule, is_later: Expr) -> None:
    columns = judge.source.columns
    shown: list[Expr | str] = []
    for place, key in enumerate(limit.keys, start=1):
        value = key_of(key, judge, rule)
        columns[slot.column(f"key_{place}")] = Plain(value)
        if not is_payee(key):
            shown += [", " if shown else "", f"{key.text}=", value]
    columns[slot.column("scope")] = Plain(joined(shown) if shown else text(""))
    columns[slot.column("window")] = Plain(text(""))
    if slot.is_per_row:
        if slot.is_of_item:
            columns[slot.row] = columns["row.root"]
        return
    dated = columns["dated"]
    assert isinstance(dated, Plain)
    # A cap holds what is paid for the rows of a window, so a row that follows another counts in the
    # window of that row. A floor is settled when its window ends, so it takes rows as they come.
    on = dated.expr if limit.is_floor else chosen([(is_later, judge.day)], dated.expr)
    if isinstance(limit.window, nodes.Anniversary):
        columns[slot.column("anchor")] = Plain(anchor_of(limit.window, on, judge))
    columns |= _window_on(slot, limit, judge.compilation.plan, on, columns)


def windows_on(
    rule: nodes.Rule, plan: nodes.Plan, dated: Expr, row: From, item: Mapping[str, Value] | From | Joined
) -> dict[str, Value]:
    """Return the columns of the windows of a rule's limits that a row of a day counts in.

    What is paid on another row than the one whose limits it is under counts in the window of that row;
    under a cap, where that undoes another, in the window of the other row.

    Args:
        row: has `row.undoes` and `judged_on`.
        item: has the date that windows from an anniversary are counted from.
    """
    found: dict[str, Value] = {}
    for slot in slots_of(rule):
        if slot.is_per_row:
            continue
        on = dated
        if not slot.limit.is_floor:
            tests, judged_on = [follows(row)], row.expr("judged_on")
            if isinstance(slot.limit.window, nodes.Anniversary):
                # Before a payee's first window there is none.
                tests.append(compared(_anchor(slot, item), "<=", judged_on))
            on = chosen([(all_of(tests), judged_on)], dated)
        found |= _window_on(slot, slot.limit, plan, on, item)
    return found


def _anchor(slot: Slot, item: Mapping[str, Value] | From | Joined) -> Expr:
    anchor = item[slot.column("anchor")]
    assert isinstance(anchor, Plain)
    return anchor.expr


def _window_on(
    slot: Slot, limit: nodes.Limit, plan: nodes.Plan, on: Expr, item: Mapping[str, Value] | From | Joined
) -> dict[str, Value]:
    """Return the columns of the window of a limit that a day lies in.

    Args:
        item: has the date that windows from an anniversary are counted from.
    """
    match limit.window:
        case nodes.Anniversary() as window:
            start, end, label = window_from(window, _anchor(slot, item), on)
        case WindowKind() as window:
            start = window_start(on, window, plan.fiscal, plan.effective)
            end = window_end(on, window, plan.fiscal, plan.effective)
            label = window_label(on, window, plan.fiscal)
        case nodes.PerFact():
            return {}
        case _:
            assert_never(limit.window)
    found: dict[str, Value] = {slot.column("start"): Plain(start), slot.column("window"): Plain(label)}
    if limit.is_floor:
        found[slot.column("end")] = Plain(end)
    return found
