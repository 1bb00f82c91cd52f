"""Step 12, schedule: when each award is payable, whole or in dated parts, held or stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.reader import Reader, View, number
from rulesengine.engines.reference.round_off import group_key
from rulesengine.engines.reference.rows import Draft, Row
from rulesengine.engines.results import Part
from rulesengine.model.exact import ONE, ZERO, divide
from rulesengine.model.parts import cut
from rulesengine.plan import nodes
from rulesengine.plan.nodes import StopThen


@dataclass(frozen=True, slots=True)
class Due:
    """When one part of an award is due, and when it can be paid.

    A row that undoes another shares the due dates of that row, so that what is cancelled of one
    is cancelled of the other; it cannot be paid before its own date.
    """

    on: date | None
    """None while a date it waits for is missing."""
    payable_on: date | None


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one award's parts, and when they are stopped."""

    parts: tuple[Due, ...]
    stopped_on: date | None
    then: StopThen | None


def schedule(drafts: list[Draft], rule: nodes.Rule, reader: Reader) -> list[Draft]:
    """Return the drafts with the dates they are payable on.

    An award is earned once; it is cut into equal parts, held and stopped as a whole: the parts
    of its lines add up, part by part, to the parts of the whole award.
    """
    result: list[Draft] = []
    for _, group in groupby(drafts, key=lambda draft: (group_key(draft), draft.earned_on)):
        award = list(group)
        version = award[0].item.version if award[0].item else rule.versions[0]
        is_plain = version.split is None and version.hold is None and version.stop is None
        if award[0].item is None or is_plain:
            result += [
                replace(draft, step=step, payable_on=draft.payable_on or draft.earned_on)
                for step, draft in enumerate(award)
            ]
            continue
        award = [replace(draft, step=step) for step, draft in enumerate(award)]
        dates = _dates(award[0], version, rule, reader)
        if version.split is None:
            for draft in award:
                result += _stopped(draft, [_payable(draft, dates.parts[0].payable_on)], dates)
        else:
            result += _split(award, version.split, dates, rule.rounding.step)
    return result


def _dates(draft: Draft, version: nodes.Version, rule: nodes.Rule, reader: Reader) -> Dates:
    row = _row_of_dates(draft, rule)
    earned_on = draft.payable_on or draft.earned_on
    if row is None:
        return Dates((Due(earned_on, earned_on),), None, None)
    earning = row.earning.amount if row.earning else None
    view = View(row.subject or row.root, row.judged_on, draft.payee, earning, row.dated)
    first_day = row.judged_on if row.is_reversal and row is draft.row else earned_on
    days: list[date | None] = [first_day]
    if version.split is not None:
        span, anchor = version.split.span, version.split.anchor
        count = reader.value(span.count, view)
        days = [
            reader.after(anchor, span, view, part)
            for part in range(int(number(count)) if count is not None else 1)
        ]
    held = reader.day_of(version.hold, view) if version.hold is not None else first_day
    # INVARIANT: nothing is payable before it is earned, or a run for that earlier period would
    # already have been paid without it (tests/properties/test_laws.py, months one by one).
    parts = tuple(
        Due(None, None)
        if day is None or held is None
        else Due(max(day, held, first_day), max(day, held, first_day, earned_on))
        for day in days
    )
    stop = version.stop
    stopped = reader.read(stop.read, view) if stop is not None else None
    return Dates(parts, stopped if isinstance(stopped, date) else None, stop.then if stop else None)


def _row_of_dates(draft: Draft, rule: nodes.Rule) -> Row | None:
    """Return the row whose dates decide; for a line on no row, the payee's last one."""
    row = draft.row
    if row is not None and row.fact is not None and row.fact.kind == rule.fact_kind:
        return row
    # A true-up may stand on a row that only moves the measure; its dates are then its own rows'.
    return draft.item.row if draft.item else row


def _split(award: list[Draft], split: nodes.Split, dates: Dates, step: Decimal) -> list[Draft]:
    count = len(dates.parts)
    lines: list[Draft] = []
    before = (ZERO,) * count
    so_far = left_before = ZERO
    for draft in award:
        so_far += draft.amount
        made = cut(so_far, (ONE,) * count, step, split.remainder)
        after, left_over = made.amounts, made.left_over
        # Differences of the parts of a running sum, so that part by part the lines add up to
        # the parts of the whole award.
        parts = [
            replace(
                _part(draft, k, count, after[k] - before[k], dates.parts[k].payable_on),
                left_over=left_over - left_before,
            )
            for k in range(count)
        ]
        lines += _stopped(draft, parts, dates)
        before, left_before = after, left_over
    return lines


def _part(draft: Draft, index: int, count: int, amount: Decimal, day: date | None) -> Draft:
    return replace(
        draft,
        part=Part.INSTALMENT if draft.part in (Part.BASE, Part.BAND) else draft.part,
        part_number=index + 1,
        part_count=count,
        whole=draft.amount,
        exact=divide(draft.amount, ONE * count),
        amount=amount,
        payable_on=day,
    )


def _stopped(draft: Draft, parts: list[Draft], dates: Dates) -> list[Draft]:
    """Forfeit or pay out the parts that are due from the stop date on, or have no date yet."""
    stopped_on = dates.stopped_on
    if stopped_on is None:
        return parts
    kept: list[Draft] = []
    rest: list[Draft] = []
    for part, due in zip(parts, dates.parts, strict=True):
        (kept if due.on is not None and due.on < stopped_on else rest).append(part)
    if not rest:
        return kept
    last_chance = max(stopped_on, draft.earned_on)
    if dates.then is StopThen.PAY_OUT:
        return kept + [replace(part, payable_on=last_chance) for part in rest]
    forfeited = replace(
        draft,
        part=Part.FORFEITED,
        part_number=rest[0].part_number,
        part_count=rest[0].part_count,
        whole=draft.amount,
        exact=sum((part.amount for part in rest), ZERO),
        amount=ZERO,
        payable_on=last_chance,
    )
    return [*kept, forfeited]


def _payable(draft: Draft, day: date | None) -> Draft:
    return replace(draft, payable_on=day)
