"""Step 9, award: who gets what a row or a key earned, in full or in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import assert_never

from rulesengine.engines.reference.accumulate import Contributions, Moved
from rulesengine.engines.reference.conditions import all_hold
from rulesengine.engines.reference.drafts import Draft, in_order
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import Parts, PayeeId, Scope
from rulesengine.engines.reference.share_out import Turns
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.values import Scalar
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, divide, multiply, negate, total
from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AwardHow

TotalOn = Callable[[nodes.Measure, PayeeId, date], Exact]
"""What a payee has of a measure at the end of a day."""


def award(
    drafts: Iterable[Draft], rule: nodes.Rule, reader: Reader, total_on: TotalOn
) -> tuple[list[Draft], list[Draft]]:
    """Return the drafts made out to the payees of the rule's `award`, and those that nobody gets.

    Members are those of the day the line is dated, contributors those with a counted row by
    then; both by payee key. What takes back an award takes it from those who got it, and a row
    that undoes another goes to those whom that row went to, in the same parts.

    Args:
        total_on: what a payee has, at the end of a day, of the measure that a pro rata award names.
    """
    if rule.award is None:
        return list(drafts), []
    drafts = list(drafts)
    awarding = _Awarding(rule.award, rule.rounding.step, reader, total_on, _heads(drafts))
    given = {index: awarding.give(drafts[index]) for index in _undone_first(drafts)}
    result = [line for index in range(len(drafts)) for line in given[index]]
    nobody = [draft for index, draft in enumerate(drafts) if not given[index]]
    # Somebody who is awarded for several payees of a row has one award on it, line beside line.
    return in_order(result), nobody


def _heads(drafts: list[Draft]) -> dict[object, Draft]:
    """Return the draft of each row and payee that says who gets an award: the first of the row itself."""
    heads: dict[object, Draft] = {}
    for draft in sorted(drafts, key=lambda draft: draft.row is not None and draft.row.follows):
        if draft.row is not None and draft.undoes is None:
            heads.setdefault(_of(draft), draft)
    return heads


def _of(draft: Draft) -> object:
    """Return the row that a draft is judged by, with its payee; a draft without a row is on its own."""
    root = draft.row.root if draft.row else None
    return (root.kind, root.key, draft.payee) if root else draft.tag


def _undone_first(drafts: list[Draft]) -> list[int]:
    """Return the places of drafts in which they are given: a row before what undoes it, on one day too.

    What a draft takes back is given before it in any case.
    """
    first: dict[object, int] = {}
    for index, draft in enumerate(drafts):
        if draft.row is not None and not draft.row.follows and draft.undoes is None:
            first.setdefault(_turn_of(draft), index)

    def place(index: int) -> tuple[int, bool]:
        row = drafts[index].row
        if row is None or not row.follows:
            return index, False
        return max(index, first.get(_turn_of(drafts[index]), index)), True

    places = {draft.tag: index for index, draft in enumerate(drafts)}
    found: dict[int, None] = {}
    for index in sorted(range(len(drafts)), key=place):
        chain: list[int] = []
        following: int | None = index
        while following is not None and following not in found:
            chain.append(following)
            undone = drafts[following].undoes
            following = places.get(undone.tag) if undone is not None else None
        found |= dict.fromkeys(reversed(chain))
    return list(found)


def _turn_of(draft: Draft) -> object:
    """Return what a draft has in common with those that go by the same turn: the row and part of the pay."""
    root = draft.row.root if draft.row else None
    return (root.kind, root.key, draft.payee, draft.origin, draft.part) if root else draft.tag


class _Awarding:
    """What an award has given so far."""

    def __init__(
        self,
        to: nodes.Award,
        step: Decimal,
        reader: Reader,
        total_on: TotalOn,
        heads: dict[object, Draft],
    ) -> None:
        self.to, self.step, self.reader, self.total_on, self.heads = to, step, reader, total_on, heads
        self.given: dict[object, list[Draft]] = {}
        self.of_row: dict[object, Parts] = {}
        self.turns = Turns()

    def give(self, draft: Draft) -> list[Draft]:
        """Return the lines of those who get an award, none if nobody does."""
        if draft.undoes is not None and draft.undoes.tag in self.given:
            lines = [_taken(draft, got) for got in self.given[draft.undoes.tag]]
        else:
            lines = self._share(draft, self._of_row(draft))
        self.given[draft.tag] = lines
        return lines

    def _of_row(self, draft: Draft) -> Parts:
        whose = _of(draft)
        if whose not in self.of_row:
            self.of_row[whose] = self._parts(self.heads.get(whose, draft))
        return self.of_row[whose]

    def _parts(self, draft: Draft) -> Parts:
        """Return who gets an award, each with a weight above zero."""
        payees = _payees(draft, self.to.whom, self.reader)
        if self.to.how is not AwardHow.PRO_RATA:
            return tuple((payee, ONE) for payee in payees)
        having = dict(draft.contributors)
        by = self.to.by
        parts = (
            (payee, self.total_on(by, payee, draft.earned_on) if by else having.get(payee, ZERO))
            for payee in payees
        )
        return tuple((payee, part) for payee, part in parts if part > 0)

    def _share(self, draft: Draft, parts: Parts) -> list[Draft]:
        if self.to.how is AwardHow.EACH or draft.prize or not parts:
            return [replace(draft, payee=payee) for payee, _ in parts]
        payees = [payee for payee, _ in parts]
        weights = tuple(weight for _, weight in parts)
        turn = tuple(payees.index(payee) for payee in self.turns.order(payees, _turn_of(draft)))
        made = cut(draft.amount, weights, self.step, self.to.remainder or Remainder.FIRST, turn)
        if draft.row is None or not draft.row.follows:
            self.turns.give([payees[index] for index in made.favoured])
        whole = total(weights)
        is_pro_rata = self.to.how is AwardHow.PRO_RATA
        return [
            replace(
                draft,
                payee=payee,
                whole=draft.amount,
                exact=divide(multiply(draft.amount, weight), whole),
                amount=amount,
                left_over=made.left_over,
                weight=weight if is_pro_rata else None,
                weights=whole if is_pro_rata else None,
            )
            for (payee, weight), amount in zip(parts, made.amounts, strict=True)
        ]


def with_contributors(drafts: list[Draft], moved: list[Moved]) -> list[Draft]:
    """Return the drafts of a measure's rows with those who had contributed to it by then."""
    so_far: dict[Scope, Contributions] = {}
    by_row: dict[int, Parts] = {}
    for move in moved:
        contributions = so_far.setdefault(move.scope, Contributions())
        contributions.add(move)
        by_row[id(move.stands_on)] = contributions.parts()
    return [replace(draft, contributors=by_row.get(id(draft.row), ())) for draft in drafts]


def _payees(draft: Draft, whom: nodes.AwardWhom, reader: Reader) -> tuple[PayeeId, ...]:
    match whom:
        case nodes.Contributors():
            return tuple(sorted(payee for payee, _ in draft.contributors)) or (draft.payee,)
        case nodes.MembersAlike(read=read):
            return _alike(draft, read, reader)
        case nodes.MembersOfPayee(kind=kind, field=field):
            return tuple(
                (kind, key)
                for key in sorted(reader.book.payees[kind])
                if _field(reader, (kind, key), field, draft.earned_on) == draft.payee[1]
            )
        case nodes.MembersOfSegment(segment=segment, kind=kind):
            return tuple(
                (kind, key)
                for key in sorted(reader.book.payees[kind])
                if _is_in(reader.plan.segments[segment], (kind, key), draft.earned_on, reader)
            )
        case _:
            assert_never(whom)


def _alike(draft: Draft, read: nodes.FieldRead, reader: Reader) -> tuple[PayeeId, ...]:
    item = draft.item
    if item is None:
        return (draft.payee,)
    kind = item.payee[0]
    judge = View(item.row.subject or item.row.root, item.row.judged_on, item.payee)
    wanted = reader.read(read, judge)
    return tuple(
        (kind, key)
        for key in sorted(reader.book.payees[kind])
        if _attribute(read, (kind, key), draft.earned_on, reader) == wanted
    )


def _attribute(read: nodes.FieldRead, payee: PayeeId, day: date, reader: Reader) -> Scalar | None:
    try:
        return reader.read(read, View(None, day, payee))
    except NoValue:
        return None


def _field(reader: Reader, payee: PayeeId, name: str, day: date) -> Scalar | None:
    try:
        return reader.field(reader.record(*payee), name, day)
    except NoValue:
        return None


def _is_in(segment: nodes.Segment, payee: PayeeId, day: date, reader: Reader) -> bool:
    try:
        return all_hold(segment.conditions, reader, View(reader.record(*payee), day))
    except NoValue:
        return False


def _taken(draft: Draft, got: Draft) -> Draft:
    return replace(
        draft,
        payee=got.payee,
        exact=negate(got.exact),
        amount=-got.amount,
        whole=None if got.whole is None else -got.whole,
        left_over=-got.left_over,
        weight=got.weight,
        weights=got.weights,
        undoes=got,
    )
