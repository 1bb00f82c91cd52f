"""What is taken back of an award whose parts have dates: parts that are still to come are cancelled
first, the rest is taken back of what was paid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.parts import row_read_for_dates, view_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, add, subtract
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Dated:
    """A line of a part, and when the part is due; None while it waits."""

    line: Draft
    on: date | None


Bucket = tuple[bool, date, int]
"""Sorts parts by when they are due, those that wait last."""


def apply_clawbacks(
    dated: list[Dated], moves: Iterable[Draft], rule: nodes.Rule, reader: Reader
) -> list[Dated]:
    """Return the lines of an award after what clawbacks take and give back.

    What was forfeited already, by a `stop`, is not taken back once more. What a later `stop` would
    forfeit is still to come: a clawback cancels it before.

    Args:
        dated: the lines of the award.
        moves: its clawbacks and what restores them, in order of their days.
    """
    dues = [each.on for each in dated if each.on is not None and each.line.part is not Part.FORFEITED]
    first_due = min(dues, default=None)
    lost_before = ZERO
    given: dict[object, Decimal] = {}
    for move in moves:
        payable = _payable_on(move, rule, reader)
        # What is taken back is converted as the award was; of what was still to come nobody knows the rate.
        due_on = None if first_due is None else min(first_due, move.earned_on)
        if move.part is Part.RESTORED:
            amount = given.pop(id(move.clause), ZERO)
            if amount:
                line = _line(move, amount, move.amount - amount, payable, due_on)
                dated = [*dated, Dated(line, move.event_on)]
            continue
        due = -move.amount
        stopped = (each for each in dated if _is_stopped(each) and not _is_open(each, move))
        lost = _nearer_to_zero(due, sum((_sum_of(each.line) for each in stopped), ZERO) - lost_before)
        lost_before += lost
        given[id(move.clause)] = due - lost
        dated, cancelled = _cancel(dated, move, due - lost, due_on)
        taken = due - lost - cancelled
        if taken:
            dated = [*dated, Dated(_line(move, -taken, cancelled + lost, payable, due_on), move.event_on)]
    return dated


def _is_stopped(each: Dated) -> bool:
    """Return whether a line is what a `stop` forfeits."""
    return each.line.part is Part.FORFEITED and each.line.event_on is None


def _is_open(each: Dated, move: Draft) -> bool:
    """Return whether a part is still to come on the day of a clawback; of one day, a `stop` comes first."""
    assert move.event_on is not None
    if each.line.part is Part.FORFEITED:
        return _is_stopped(each) and each.on is not None and each.on > move.event_on
    return each.on is None or each.on >= move.event_on


def _sum_of(line: Draft) -> Decimal:
    return line.exact if isinstance(line.exact, Decimal) else ZERO


def _nearer_to_zero(due: Decimal, most: Decimal) -> Decimal:
    """Return as much of an amount as another of the same sign covers."""
    if due >= 0:
        return max(min(due, most), ZERO)
    return min(max(due, most), ZERO)


def _line(
    move: Draft, amount: Decimal, not_paid: Decimal, payable_on: date | None, due_on: date | None
) -> Draft:
    """Return the line that takes back or gives back; `base` is what of it had not been paid."""
    sign = ONE if move.part is Part.CLAWBACK else -ONE
    return replace(
        move,
        amount=amount,
        base=not_paid if not_paid else None,
        base_of="not_paid" if not_paid else "",
        exact=add(move.exact, sign * not_paid),
        payable_on=payable_on,
        due_on=due_on,
    )


def _payable_on(move: Draft, rule: nodes.Rule, reader: Reader) -> date | None:
    clause = move.clause
    row = row_read_for_dates(move, rule, reader)
    if clause is None or clause.at is None or move.part is Part.RESTORED or row is None:
        return move.earned_on
    day = reader.day_of(clause.at, view_of(row, move, rule))
    return None if day is None else max(day, move.earned_on)


def _cancel(
    dated: list[Dated], move: Draft, due: Decimal, due_on: date | None
) -> tuple[list[Dated], Decimal]:
    """Cancel parts that are not yet payable on the day, the last ones first; return what that comes to.

    All of them where it is more than they come to; a part of one where that is enough. How much is
    cancelled from some part on depends on what these parts come to in all, and not on how they
    fall: so a payment that becomes known later changes nothing before it.
    """
    event_on = move.event_on
    assert event_on is not None
    buckets: dict[Bucket, list[Dated]] = {}
    for each in dated:
        if _is_open(each, move):
            is_last = each.on is None or _is_stopped(each)
            key = (is_last, date.max if is_last else each.on or date.max, each.line.part_number)
            buckets.setdefault(key, []).append(each)
    open_sum = cancelled = ZERO
    gone: set[int] = set()
    cut_short: list[Dated] = []
    for key in sorted(buckets, reverse=True):
        first = buckets[key][0]
        is_stopped = _is_stopped(first)
        size = sum((_sum_of(each.line) if is_stopped else each.line.amount for each in buckets[key]), ZERO)
        open_sum += size
        here = _nearer_to_zero(due, open_sum) - cancelled
        cancelled += here
        if here == size:
            gone.update(id(each) for each in buckets[key] if each.line.amount or is_stopped)
        elif here and is_stopped:
            gone.add(id(first))
            cut_short.append(Dated(replace(first.line, exact=_sum_of(first.line) - here), first.on))
        elif here:
            cut_short.append(_cut_short(first, move, here))
    kept = [each for each in dated if id(each) not in gone]
    if cancelled:
        kept.append(Dated(_cancelled(move, cancelled, due_on), event_on))
    return [*kept, *cut_short], cancelled


def _cut_short(part: Dated, move: Draft, amount: Decimal) -> Dated:
    """Return the line that leaves a part only what is still due of it."""
    line = replace(
        move,
        part_number=part.line.part_number,
        part_count=part.line.part_count,
        piece=part.line.piece,
        part_how=f"{move.part_how}; part",
        base=subtract(-amount, move.exact),
        base_of="elsewhere",
        exact=-amount,
        amount=-amount,
        payable_on=part.line.payable_on,
        due_on=part.on,
    )
    return Dated(line, part.on)


def _cancelled(move: Draft, cancelled: Decimal, due_on: date | None) -> Draft:
    return replace(
        move,
        part=Part.FORFEITED,
        part_share=None,
        part_how="",
        exact=cancelled,
        amount=ZERO,
        payable_on=move.earned_on,
        due_on=due_on,
    )
