"""The parts of one award and when each is due: whole, split, or released in shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from rulesengine.engines.exchange import NoRate, RateToCome
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.received import Received
from rulesengine.engines.reference.rows import Row
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.values import number, shown_amount
from rulesengine.model.exact import HUNDRED, ONE, ZERO, Exact, add, divide, grouped, multiply
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Due:
    """When one part of an award is due, and when it can be paid.

    A row that undoes another shares the due dates of that row, so that what is cancelled of one
    is cancelled of the other; it cannot be paid before its own date.
    """

    on: date | None
    """None while a date it waits for is missing."""
    payable_on: date | None


WAITS = Due(None, None)


@dataclass(frozen=True, slots=True)
class Slice:
    """What is due of a part on one day: from one share of it up to another."""

    start: Exact
    end: Exact
    due: Due
    how: str = ""


@dataclass(frozen=True, slots=True)
class PartDates:
    """One part of an award: its share, and when it is due."""

    share: Exact
    how: str
    """The share as the trace names it; empty for equal instalments."""
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class _Days:
    """The days that bound all parts of an award."""

    first: date
    earned_on: date
    hold: nodes.Anchor | None
    view: View
    reader: Reader
    stopped_on: date | None = None
    """From this day on nothing is waited for any more."""

    def due(self, day: date | None) -> Due:
        """Return when something is due that is dated `day`."""
        held = self.reader.day_of(self.hold, self.view) if self.hold is not None else self.first
        if day is None or held is None:
            return WAITS
        # INVARIANT: nothing is payable before it is earned, or a run for that earlier period would
        # already have been paid without it (tests/properties/test_laws.py, months one by one).
        on = max(day, held, self.first)
        return Due(on, max(on, self.earned_on))


def parts_of(
    draft: Draft,
    version: nodes.Version,
    rule: nodes.Rule,
    reader: Reader,
    received: Received,
    stopped_on: date | None,
) -> tuple[PartDates, ...]:
    """Return the parts of the award that a draft belongs to, in the order of the plan.

    Args:
        stopped_on: the day of its `stop`; what is received from then on moves nothing.
    """
    row = row_read_for_dates(draft, rule, reader)
    earned_on = draft.payable_on or draft.earned_on
    if row is None:
        return (PartDates(ONE, "", (Slice(ZERO, ONE, Due(earned_on, earned_on)),)),)
    view = view_of(row, draft, rule)
    first = first_day(draft, rule) if row is draft.row else earned_on
    days = _Days(first, earned_on, version.hold, view, reader, stopped_on)
    if version.release is not None:
        return tuple(part for each in version.release.parts for part in _released(each, row, days, received))
    if version.split is not None:
        dates = _spread(version.split.span, version.split.anchor, days)
        return tuple(PartDates(_over(ONE, len(dates)), "", (Slice(ZERO, ONE, due),)) for due in dates)
    return (PartDates(ONE, "", (Slice(ZERO, ONE, days.due(first)),)),)


def first_day(draft: Draft, rule: nodes.Rule) -> date:
    """Return the day before which nothing of an award is due; of what follows a row, that of the row."""
    row = draft.row
    if row is None or not row.follows:
        return draft.payable_on or draft.earned_on
    settled_on = rule.budget.ends_on if rule.budget is not None else None
    return max(row.judged_on, settled_on) if settled_on is not None else row.judged_on


def view_of(row: Row, draft: Draft, rule: nodes.Rule) -> View:
    """Return from where the dates of an award are read: from the row that it is judged by."""
    earning = row.earning.amount if row.earning else None
    day, record = row.judged_on, row.subject or row.root
    return View(record, day, draft.payee, earning, day, convert=rule.convert)


def row_of_dates(draft: Draft, rule: nodes.Rule) -> Row | None:
    """Return the row whose dates decide; for a line on no row, the payee's last one."""
    row = draft.row
    if row is not None and row.fact is not None and row.fact.kind == rule.fact_kind:
        return row
    # A true-up may stand on a row that only moves the measure; its dates are then its own rows'.
    return draft.item.row if draft.item else row


def row_read_for_dates(draft: Draft, rule: nodes.Rule, reader: Reader) -> Row | None:
    """Return the row whose dates decide; the rule's own one where they cannot be read on a row that only
    moves the measure: nobody has asked yet whether they can."""
    row, item = row_of_dates(draft, rule), draft.item
    if row is None or item is None or row is item.row:
        return row
    try:
        for read in reader.known.schedule_of(item.version):
            reader.read(read, view_of(row, draft, rule))
    except (NoValue, NoRate, RateToCome):
        return item.row
    return row


def _released(part: nodes.ReleasePart, row: Row, days: _Days, received: Received) -> Iterator[PartDates]:
    percent = f"{grouped(multiply(part.share, HUNDRED))} %"
    match part.when:
        case nodes.Spread(span=span, anchor=anchor):
            dates = _spread(span, anchor, days)
            for index, due in enumerate(dates):
                how = f"{index + 1} of {len(dates)} of {percent}"
                yield PartDates(_over(part.share, len(dates)), how, (Slice(ZERO, ONE, due),))
        case nodes.Reaches() as reaches:
            yield PartDates(part.share, percent, tuple(_as_reached(reaches, row, days, received)))
        case anchor:
            due = days.due(days.reader.day_of(anchor, days.view))
            yield PartDates(part.share, percent, (Slice(ZERO, ONE, due),))


def _spread(span: nodes.Length, anchor: nodes.Anchor, days: _Days) -> list[Due]:
    count = days.reader.value(span.count, days.view)
    parts = int(number(count)) if count is not None else 1
    return [days.due(days.reader.after(anchor, span, days.view, part)) for part in range(parts)]


def _over(share: Exact, count: int) -> Exact:
    return divide(share, ONE * count)


def _as_reached(reaches: nodes.Reaches, row: Row, days: _Days, received: Received) -> Iterator[Slice]:
    """Yield a slice for each row that moved the share reached, and one for what is still to come."""
    target = days.reader.quantity(reaches.target, days.view)
    if target <= 0 or row.root is None:
        # Nothing is to come, so nothing is waited for.
        yield Slice(ZERO, ONE, days.due(days.first))
        return
    said = partial(shown_amount, kind=reaches.target.type)
    total: Exact = ZERO
    reached: Exact = ZERO
    for payment in received.of(reaches, row.root.key):
        if days.stopped_on is not None and payment.day >= days.stopped_on:
            break  # what is left is forfeited or paid out on that day, whatever comes in after it
        before, total = total, add(total, payment.amount)
        share = min(max(divide(total, target), ZERO), ONE)
        if share != reached:
            moved = f"from {said(before)} to {said(total)} of {said(target)}"
            how = f"{reaches.kind} {payment.key} brings it {moved}"
            yield Slice(reached, share, days.due(payment.day), how)
        reached = share
    if reached != ONE:
        yield Slice(reached, ONE, WAITS, f"so far {said(total)} of {said(target)}")
