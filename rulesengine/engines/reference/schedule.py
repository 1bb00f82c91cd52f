"""Step 12, schedule: when each award is payable, whole or in dated parts, held or stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from rulesengine.engines.reference.reader import Reader, View, number
from rulesengine.engines.reference.round_off import group_key
from rulesengine.engines.reference.rows import Draft
from rulesengine.engines.results import Part
from rulesengine.model.exact import ONE, ZERO, divide
from rulesengine.model.rounding import cut
from rulesengine.plan import nodes
from rulesengine.plan.nodes import StopThen


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one award's parts; None for a part that waits for a missing date."""

    parts: tuple[date | None, ...]
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
        if award[0].row is None or is_plain:
            result += [
                replace(draft, step=step, payable_on=draft.payable_on or draft.earned_on)
                for step, draft in enumerate(award)
            ]
            continue
        award = [replace(draft, step=step) for step, draft in enumerate(award)]
        dates = _dates(award[0], version, rule, reader)
        if version.split is None:
            for draft in award:
                result += _stopped(draft, [_payable(draft, dates.parts[0])], dates)
        else:
            result += _split(award, version.split, dates, reader.plan.minor_unit)
    return result


def _dates(draft: Draft, version: nodes.Version, rule: nodes.Rule, reader: Reader) -> Dates:
    view, fallback = _views(draft, rule)

    def read(anchor: nodes.Anchor) -> date | None:
        # A row that undoes another and leaves a date empty is due when the other one is.
        return reader.day_of(anchor, view) or reader.day_of(anchor, fallback)

    parts: list[date | None] = [draft.payable_on or draft.earned_on]
    if version.split is not None:
        span, anchor = version.split.span, version.split.anchor
        count = reader.value(span.count, view)
        count = reader.value(span.count, fallback) if count is None else count
        parts = [
            reader.after(anchor, span, view, part) or reader.after(anchor, span, fallback, part)
            for part in range(int(number(count)) if count is not None else 1)
        ]
    if version.hold is not None:
        held = read(version.hold)
        parts = [None if day is None or held is None else max(day, held) for day in parts]
    # INVARIANT: nothing is payable before it is earned, or a run for that earlier period would
    # already have been paid without it (tests/properties/test_laws.py, months one by one).
    earned_on = draft.payable_on or draft.earned_on
    parts = [None if day is None else max(day, earned_on) for day in parts]
    stop = version.stop
    if stop is None:
        return Dates(tuple(parts), None, None)
    stopped = reader.read(stop.read, view)
    return Dates(tuple(parts), stopped if isinstance(stopped, date) else None, stop.then)


def _views(draft: Draft, rule: nodes.Rule) -> tuple[View, View]:
    row = draft.row
    item_row = draft.item.row if draft.item else row
    if row is None or item_row is None:
        return View(None, draft.earned_on), View(None, draft.earned_on)
    # A true-up may stand on a row that only moves the measure; its dates are then its own rows'.
    own = row if row.fact is not None and row.fact.kind == rule.fact_kind else item_row
    earning = own.earning.amount if own.earning else None
    return (
        View(own.fact, own.judged_on, draft.payee, earning, own.dated),
        View(own.root, own.judged_on, draft.payee, earning, own.dated),
    )


def _split(award: list[Draft], split: nodes.Split, dates: Dates, step: Decimal) -> list[Draft]:
    count = len(dates.parts)
    lines: list[Draft] = []
    before = (ZERO,) * count
    so_far = ZERO
    for draft in award:
        so_far += draft.amount
        after = cut(so_far, (ONE,) * count, step, split.remainder)
        # Differences of the parts of a running sum, so that part by part the lines add up to
        # the parts of the whole award.
        parts = [_part(draft, k, count, after[k] - before[k], dates.parts[k]) for k in range(count)]
        lines += _stopped(draft, parts, dates)
        before = after
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
    stopped_on = dates.stopped_on
    if stopped_on is None:
        return parts
    kept = [part for part in parts if part.payable_on is not None and part.payable_on < stopped_on]
    rest = parts[len(kept) :]
    if dates.then is StopThen.PAY_OUT:
        return kept + [replace(part, payable_on=stopped_on) for part in rest]
    lost = sum((part.amount for part in rest), ZERO)
    if not rest:
        return kept
    forfeited = replace(
        draft,
        part=Part.FORFEITED,
        part_number=rest[0].part_number,
        part_count=rest[0].part_count,
        whole=draft.amount,
        exact=lost,
        amount=ZERO,
        payable_on=max(stopped_on, draft.earned_on),
    )
    return [*kept, forfeited]


def _payable(draft: Draft, day: date | None) -> Draft:
    return replace(draft, payable_on=day)
