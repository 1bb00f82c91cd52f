"""Step 9, award: who gets what a key earned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from rulesengine.engines.reference.accumulate import Moved
from rulesengine.engines.reference.reader import NoHistory, Reader, Scalar, View
from rulesengine.engines.reference.rows import Draft, PayeeId, Scope
from rulesengine.model.exact import ONE, divide, negate
from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes
from rulesengine.plan.nodes import AwardTo


def award(drafts: Iterable[Draft], rule: nodes.Rule, reader: Reader) -> list[Draft]:
    """Return the drafts made out to the payees of the rule's `award`, or as they are without one.

    Members are those of the day the line is dated, contributors those with a counted row by
    then; both by payee key. What takes back an award takes it from those who got it, and a row
    that undoes another goes to those whom that row went to.
    """
    if rule.award is None:
        return list(drafts)
    given: dict[object, list[Draft]] = {}
    of_row: dict[tuple[str, str, PayeeId], tuple[PayeeId, ...]] = {}
    step = rule.rounding.step
    result: list[Draft] = []
    for draft in drafts:
        if draft.undoes is not None and draft.undoes.tag in given:
            lines = [_taken(draft, got) for got in given[draft.undoes.tag]]
        else:
            lines = _shared(draft, _of_row(draft, rule.award, of_row, reader), rule.award, step)
        given[draft.tag] = lines
        result += lines
    return result


def with_contributors(drafts: list[Draft], moved: list[Moved]) -> list[Draft]:
    """Return the drafts of a measure's rows with those who had contributed to it by then."""
    so_far: dict[Scope, dict[PayeeId, None]] = {}
    by_row: dict[int, tuple[PayeeId, ...]] = {}
    for move in moved:
        contributors = so_far.setdefault(move.scope, {})
        if move.item is not None and move.row.counts > 0:
            contributors[move.payee] = None
        by_row[id(move.stands_on)] = tuple(contributors)
    return [replace(draft, contributors=by_row.get(id(draft.row), ())) for draft in drafts]


def _of_row(
    draft: Draft,
    to: nodes.Award,
    of_row: dict[tuple[str, str, PayeeId], tuple[PayeeId, ...]],
    reader: Reader,
) -> tuple[PayeeId, ...]:
    root = draft.row.root if draft.row else None
    if root is None:
        return _recipients(draft, to, reader)
    whose = (root.kind, root.key, draft.payee)
    if whose not in of_row:
        of_row[whose] = _recipients(draft, to, reader)
    return of_row[whose]


def _recipients(draft: Draft, to: nodes.Award, reader: Reader) -> tuple[PayeeId, ...]:
    match to.to:
        case AwardTo.EACH_CONTRIBUTOR | AwardTo.CONTRIBUTORS_EQUALLY:
            return tuple(sorted(draft.contributors)) or (draft.payee,)
        case AwardTo.EACH_MEMBER | AwardTo.MEMBERS_EQUALLY:
            return _members(draft, to, reader)


def _members(draft: Draft, to: nodes.Award, reader: Reader) -> tuple[PayeeId, ...]:
    item = draft.item
    if item is None or to.read is None:
        return (draft.payee,)
    kind = item.payee[0]
    judge = View(item.row.subject or item.row.root, item.row.judged_on, item.payee)
    wanted = reader.read(to.read, judge)
    return tuple(
        (kind, key)
        for key in sorted(reader.book.payees[kind])
        if _attribute(to.read, (kind, key), draft.earned_on, reader) == wanted
    )


def _attribute(read: nodes.FieldRead, payee: PayeeId, day: date, reader: Reader) -> Scalar | None:
    try:
        return reader.read(read, View(None, day, payee))
    except NoHistory:
        return None


def _shared(draft: Draft, recipients: tuple[PayeeId, ...], to: nodes.Award, step: Decimal) -> list[Draft]:
    equally = to.to in (AwardTo.MEMBERS_EQUALLY, AwardTo.CONTRIBUTORS_EQUALLY)
    if not equally or draft.prize or not recipients:
        return [replace(draft, payee=payee) for payee in recipients]
    weights = (ONE,) * len(recipients)
    parts = cut(draft.amount, weights, step, to.remainder or Remainder.FIRST).amounts
    even = divide(draft.amount, ONE * len(recipients))
    return [
        replace(draft, payee=payee, whole=draft.amount, exact=even, amount=part)
        for payee, part in zip(recipients, parts, strict=True)
    ]


def _taken(draft: Draft, got: Draft) -> Draft:
    return replace(
        draft,
        payee=got.payee,
        exact=negate(got.exact),
        amount=-got.amount,
        whole=None if got.whole is None else -got.whole,
        undoes=got,
    )
