"""Step 11b, take back: what a clawback takes of an award when something happens to its row later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial

from rulesengine.engines.reference.drafts import Draft, in_order
from rulesengine.engines.reference.held import RoundOff
from rulesengine.engines.reference.parts import row_read_for_dates, view_of
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.round_off import round_exact
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Part
from rulesengine.engines.values import number
from rulesengine.model.dates import SpanUnit, add_span, full_units, started_units
from rulesengine.model.exact import HUNDRED, ONE, ZERO, Exact, absolute, divide, grouped, multiply, subtract
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.nodes import SpanMethod

Whose = tuple[str, str, PayeeId]
"""The row that lines stand on or undo, and the payee."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A share of an award that is taken back on a day, and given back on another if that comes."""

    on: date
    share: Exact
    how: str
    clause: nodes.Clawback
    restored_on: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """From a day on, another share of the award is taken back in all: more, or less again."""

    on: date
    before: Exact
    after: Exact
    taken: Taken


def take_back(drafts: list[Draft], rule: nodes.Rule, reader: Reader, through: date) -> list[Draft]:
    """Return the drafts with the lines that take back what was earned, and give it back again.

    What is taken back of a row and of the rows that undo it is one running total, so that undoing
    a row in full leaves nothing, whenever it was taken back, and nothing is taken twice. What else
    such a row takes back, a goal that is lost or the tier of other rows, is not given back with it:
    the total ends where nothing is left of what the row itself had earned.

    Args:
        drafts: with amounts, in order, after rivals and budgets; the dates of their parts come later.
        through: what happens after it has not happened yet.
    """
    if not any(version.clawbacks for version in rule.versions):
        return drafts
    awards: dict[tuple[int, PayeeId], list[Draft]] = {}
    for draft in drafts:
        if is_of_a_row(draft, rule):
            awards.setdefault((id(draft.row), draft.payee), []).append(draft)
    earned = _earned(awards.values())
    round_off = partial(round_exact, rounding=rule.rounding)
    so_far: dict[Whose, Decimal] = {}
    lines: list[Draft] = []
    for award in awards.values():
        first = award[0]
        whose = _whose(first)
        before = so_far.get(whose, ZERO)
        after = so_far[whose] = before + _sum_of(award)
        before, after = (_left_of(earned.get(whose, ZERO), total) for total in (before, after))
        lines += _lines(award, before, after, rule, reader, through, round_off)
    return in_order([*drafts, *lines])


def is_of_a_row(draft: Draft, rule: nodes.Rule) -> bool:
    """Return whether a line stands on a row of its rule, not on one that only moves a total: in a rule on
    earnings every line of the other rule that stands on a row is one, of whatever kind that is."""
    row = draft.row
    if draft.item is None or row is None or row.fact is None:
        return False
    return row.earning is not None or row.fact.kind == rule.fact_kind


def _earned(awards: Iterable[list[Draft]]) -> dict[Whose, Decimal]:
    """Return what each payee has of each row itself, without the rows that undo it."""
    earned: dict[Whose, Decimal] = {}
    for award in awards:
        row = award[0].row
        if row is not None and not row.is_reversal:
            whose = _whose(award[0])
            earned[whose] = earned.get(whose, ZERO) + _sum_of(award)
    return earned


def _left_of(earned: Decimal, total: Decimal) -> Decimal:
    """Return what is left of what a row has earned where it and what undoes it come to a total."""
    return max(total, ZERO) if earned > 0 else min(total, ZERO) if earned < 0 else ZERO


def _whose(draft: Draft) -> Whose:
    assert draft.row is not None and draft.row.root is not None
    return (draft.row.root.kind, draft.row.root.key, draft.payee)


def _sum_of(award: list[Draft]) -> Decimal:
    return sum((draft.amount for draft in award), ZERO)


def _lines(
    award: list[Draft],
    before: Decimal,
    after: Decimal,
    rule: nodes.Rule,
    reader: Reader,
    through: date,
    round_off: RoundOff,
) -> Iterator[Draft]:
    first, row = award[0], award[0].row
    judging = row_read_for_dates(first, rule, reader)
    assert first.item is not None and row is not None and judging is not None
    for move in _moves(_taken(first.item.version, view_of(judging, first, rule), reader, through)):

        def moved(total: Decimal, move: Move = move) -> Decimal:
            return _share(total, move.after, round_off) - _share(total, move.before, round_off)

        back = moved(after) - moved(before)
        share = subtract(move.after, move.before)
        is_back = move.after > move.before
        if back == 0:
            continue
        yield Draft(
            payee=first.payee,
            part=Part.CLAWBACK if is_back else Part.RESTORED,
            row=row,
            item=first.item,
            earned_on=max(move.on, first.earned_on),
            exact=multiply(before - after, share),
            amount=-back,
            whole=after - before,
            part_share=absolute(share),
            part_how=move.taken.how,
            undoes=first,
            event_on=move.on,
            clause=move.taken.clause,
            origin=move.taken.clause.origin,
        )


def _share(total: Decimal, share: Exact, round_off: RoundOff) -> Decimal:
    return total if share == ONE else round_off(multiply(total, share))


# --- what happens to a row -----------------------------------------------------------------------


def _moves(taken: list[Taken]) -> Iterator[Move]:
    """Yield how the share taken back moves over time; all of an award is the most."""
    steps = [(each.on, 0, index, each) for index, each in enumerate(taken)]
    steps += [
        (each.restored_on, 1, index, each) for index, each in enumerate(taken) if each.restored_on is not None
    ]
    total: Exact = ZERO
    held: dict[int, Exact] = {}
    for day, is_restored, index, each in sorted(steps, key=lambda step: step[:3]):
        if is_restored:
            after = subtract(total, held.pop(index))
        else:
            after = min(ONE, _plus(total, each.share))
            held[index] = subtract(after, total)
        if after != total:
            yield Move(day, total, after, each)
        total = after


def _plus(left: Exact, right: Exact) -> Exact:
    return subtract(left, multiply(right, Decimal(-1)))


def _taken(version: nodes.Version, view: View, reader: Reader, through: date) -> list[Taken]:
    """Return what is taken back by the clauses, of several on one date by the first that applies."""
    found: list[Taken] = []
    done: set[tuple[str, ...]] = set()
    for clause in version.clawbacks:
        on = _happened(clause, view, reader)
        names = (str(clause.on.root), *clause.on.names)
        if on is None or on > through or (names in done and not clause.is_unless):
            continue
        if not clause.is_unless:
            done.add(names)
        share, how = _how_much(clause, on, view, reader)
        restored = reader.read(clause.restore, view) if clause.restore is not None else None
        is_restored = isinstance(restored, date) and on <= restored <= through
        restored_on = restored if is_restored and isinstance(restored, date) else None
        found.append(Taken(on, share, how, clause, restored_on))
    return found


def _happened(clause: nodes.Clawback, view: View, reader: Reader) -> date | None:
    """Return the day from which something is taken back, None if nothing is."""
    found = reader.read(clause.on, view)
    on = found if isinstance(found, date) else None
    if clause.within is None:
        return on
    limit = reader.after(clause.within.anchor, clause.within.span, view)
    if not clause.is_unless:
        return on if on is not None and (limit is None or on <= limit) else None
    if limit is None or (on is not None and on <= limit):
        return None
    try:
        return add_span(limit, 1, SpanUnit.DAY)
    except OverflowError:
        return None


def _how_much(clause: nodes.Clawback, on: date, view: View, reader: Reader) -> tuple[Exact, str]:
    unearned = clause.unearned
    if unearned is None:
        return clause.share, f"{grouped(multiply(clause.share, HUNDRED))} %"
    count = reader.value(unearned.span.count, view)
    start = reader.day_of(unearned.start, view)
    if count is None or start is None:
        return ZERO, ""
    unit = unearned.span.unit
    if unearned.method is SpanMethod.STARTED:
        # The unit that the day lies in has begun.
        earned = started_units(start, add_span(on, 1, SpanUnit.DAY), unit)
    else:
        earned = full_units(start, on, unit)
    months = number(count)
    left = max(subtract(months, Decimal(earned)), ZERO)
    return divide(left, months), f"{grouped(left)} of {grouped(months)} {unit.value}s"
