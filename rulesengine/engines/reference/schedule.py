"""Step 12, schedule: when each award is payable, whole or in dated parts, held or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from rulesengine.engines.reference.cancel import Dated, apply_clawbacks
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.parts import (
    PartDates,
    Slice,
    first_day,
    parts_of,
    row_read_for_dates,
    view_of,
)
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.received import Received
from rulesengine.engines.reference.round_off import group_key, round_exact
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.reference.take_back import is_of_a_row
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, divide, multiply, subtract
from rulesengine.model.parts import cut
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Remainder, Rounding
from rulesengine.plan import nodes
from rulesengine.plan.nodes import StopThen


def schedule(drafts: list[Draft], rule: nodes.Rule, reader: Reader, received: Received) -> list[Draft]:
    """Return the drafts with the dates they are payable on.

    An award is earned once; it is cut into parts, held and stopped as a whole: the parts of its
    lines add up, part by part, to the parts of the whole award.

    What clawbacks make of awards stands behind all else, so that a clawback that becomes known later
    changes no name of a line that was paid before (tests/properties/test_laws.py, months one by one).
    """
    moves: dict[tuple[int, PayeeId], list[Draft]] = {}
    for draft in drafts:
        if draft.event_on is not None:
            moves.setdefault((id(draft.row), draft.payee), []).append(draft)
    dated: list[list[Dated]] = []
    own: dict[tuple[int, PayeeId], list[Dated]] = {key: [] for key in moves}
    awards: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.event_on is None:
            awards.setdefault((group_key(draft), draft.earned_on), []).append(draft)
    for group in awards.values():
        award = [replace(draft, step=step) for step, draft in enumerate(group)]
        for each in _dated(award, rule, reader, received):
            key = (id(each.line.row), each.line.payee)
            if key not in own or not is_of_a_row(each.line, rule):
                dated.append([each])
                continue
            if not own[key]:
                dated.append(own[key])
            own[key].append(each)
    for key, lines in own.items():
        lines[:] = apply_clawbacks(lines, moves[key], rule, reader)
    kept = [each.line for lines in dated for each in lines if each.line.event_on is None]
    made = [each.line for lines in own.values() for each in lines if each.line.event_on is not None]
    return kept + made


def _dated(award: list[Draft], rule: nodes.Rule, reader: Reader, received: Received) -> Iterator[Dated]:
    """Yield the lines of an award, each with the day that its part is due on."""
    item = award[0].item
    version = item.version if item is not None else rule.versions[0]
    is_plain = version.split is None and version.hold is None and not version.stops
    if item is None or (is_plain and version.release is None and not version.clawbacks):
        for draft in award:
            payable_on = draft.payable_on or draft.earned_on
            due_on = first_day(draft, rule)
            yield Dated(replace(draft, payable_on=payable_on, due_on=due_on), due_on)
        return
    stopped = _first_stop(award[0], item.version, rule, reader)
    parts = parts_of(award[0], item.version, rule, reader, received, stopped.on if stopped else None)
    for draft, dated in _cut(award, parts, item.version, rule.rounding):
        yield from _end(draft, dated, stopped)


@dataclass(frozen=True, slots=True)
class _Stopped:
    """The day from which what is still to come is forfeited or paid out."""

    on: date
    then: StopThen


def _first_stop(draft: Draft, version: nodes.Version, rule: nodes.Rule, reader: Reader) -> _Stopped | None:
    """Return the `stop` whose date comes first, of two on one date the first written."""
    row = row_read_for_dates(draft, rule, reader) if version.stops else None
    if row is None:
        return None
    view, first = view_of(row, draft, rule), None
    for stop in version.stops:
        found = reader.read(stop.read, view)
        if isinstance(found, date) and (first is None or found < first.on):
            first = _Stopped(found, stop.then)
    return first


# --- cutting -------------------------------------------------------------------------------------


def _cut(
    award: list[Draft],
    parts: tuple[PartDates, ...],
    version: nodes.Version,
    rounding: Rounding,
) -> Iterator[tuple[Draft, list[Dated]]]:
    """Yield each draft of an award with its lines, part by part."""
    to = _remainder(version)
    before = (ZERO,) * len(parts)
    so_far = left_before = left_over = ZERO
    for draft in award:
        so_far += draft.amount
        # Differences of the parts of a running sum, so that part by part the lines add up to
        # the parts of the whole award.
        after: tuple[Decimal, ...] = (so_far,)
        if to is not None:
            made = cut(so_far, tuple(part.share for part in parts), rounding.step, to)
            after, left_over = made.amounts, made.left_over
        dated: list[Dated] = []
        for index, part in enumerate(parts):
            for number, piece in enumerate(part.slices):
                amount = _of_slice(after[index], piece, rounding) - _of_slice(before[index], piece, rounding)
                line = replace(_part(draft, version, parts, index, piece, amount), piece=number)
                if to is not None:
                    line = replace(line, left_over=left_over - left_before)
                dated.append(Dated(line, piece.due.on))
        yield draft, dated
        before, left_before = after, left_over


def _remainder(version: nodes.Version) -> Remainder | None:
    if version.split is not None:
        return version.split.remainder
    return version.release.remainder if version.release else None


def _of_slice(amount: Decimal, piece: Slice, rounding: Rounding) -> Decimal:
    """Return what a slice has of a part: running totals are rounded, and all of it is all of it."""
    until, since = (
        amount if share == ONE else round_exact(multiply(amount, share), rounding)
        for share in (piece.end, piece.start)
    )
    return until - since


def _part(
    draft: Draft,
    version: nodes.Version,
    parts: tuple[PartDates, ...],
    index: int,
    piece: Slice,
    amount: Decimal,
) -> Draft:
    if version.split is None and version.release is None:
        return replace(draft, payable_on=piece.due.payable_on, due_on=piece.due.on)
    part = parts[index]
    cut_draft = replace(
        draft,
        part=Part.INSTALMENT if draft.part in (Part.BASE, Part.BAND) else draft.part,
        part_number=index + 1,
        part_count=len(parts),
        whole=draft.amount,
        amount=amount,
        payable_on=piece.due.payable_on,
        due_on=piece.due.on,
    )
    if version.release is None:
        return replace(cut_draft, exact=divide(draft.amount, ONE * len(parts)))
    share = multiply(part.share, subtract(piece.end, piece.start))
    how = f"{part.how}; {piece.how}" if piece.how else part.how
    return replace(cut_draft, part_share=share, part_how=how, exact=multiply(draft.amount, share))


# --- stopping ------------------------------------------------------------------------------------


def _end(draft: Draft, parts: list[Dated], stopped: _Stopped | None) -> list[Dated]:
    """Forfeit or pay out the parts that are due from the stop date on, or have no date yet."""
    if stopped is None:
        return parts
    kept = [part for part in parts if part.on is not None and part.on < stopped.on]
    rest = [part for part in parts if part.on is None or part.on >= stopped.on]
    if not rest:
        return kept
    last_chance = max(stopped.on, draft.earned_on)
    if stopped.then is StopThen.PAY_OUT:
        # The first part stays the first line, whose name others go by, however late it is paid.
        return [
            part
            if part.on is not None and part.on < stopped.on
            else Dated(replace(part.line, payable_on=last_chance, due_on=stopped.on), stopped.on)
            for part in parts
        ]
    return [*kept, Dated(forfeited(draft, [part.line for part in rest], last_chance), stopped.on)]


def forfeited(draft: Draft, lines: list[Draft], day: date) -> Draft:
    """Return the line that says which parts of a draft will not be paid."""
    return replace(
        draft,
        part=Part.FORFEITED,
        part_number=lines[0].part_number,
        part_count=lines[0].part_count,
        whole=draft.amount,
        exact=sum((line.amount for line in lines), ZERO),
        amount=ZERO,
        payable_on=day,
    )
