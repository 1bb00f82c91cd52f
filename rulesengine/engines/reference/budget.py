"""Step 11, budget: the most that a rule pays in all, first come or in proportion."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby

from rulesengine.diagnostics import Span
from rulesengine.engines.reference.drafts import LAST_IN_THE_DAY, Draft, in_order, not_before
from rulesengine.engines.reference.held import RoundOff
from rulesengine.engines.reference.pots import BudgetClaim, ClaimsOfRow, Pot
from rulesengine.engines.reference.round_off import group_key, round_exact
from rulesengine.engines.reference.rows import Key
from rulesengine.engines.results import Part
from rulesengine.engines.spent import is_shared, told
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact
from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes


def budget(drafts: list[Draft], rule: nodes.Rule, step: Decimal, through: date) -> list[Draft]:
    """Return the drafts with the lines that keep them inside the rule's budget.

    Args:
        drafts: with amounts, in order.
        rule: may have no budget; then nothing changes.
        step: of the rounding that a proportional cut is made to.
        through: a proportional cut waits for its last day.
    """
    limit = rule.budget
    if limit is None or not drafts:
        return drafts
    round_off = partial(round_exact, rounding=rule.rounding)
    awards = [list(group) for _, group in groupby(drafts, key=group_key)]
    if limit.first_come is not None:
        lines = _first_come(awards, limit, round_off)
    else:
        lines = _in_proportion(awards, limit, step, through, round_off)
        if limit.ends_on is not None:
            ends_on = limit.ends_on
            drafts = [replace(draft, payable_on=max(draft.earned_on, ends_on)) for draft in drafts]
    return in_order([*drafts, *lines])


def after_budget(drafts: list[Draft], rule: nodes.Rule) -> list[Draft]:
    """Return the dated lines of a rule, payable no earlier than the budget they share is divided.

    A `stop` that pays out and a clawback have days of their own, and what they come to is not known before.
    """
    if rule.budget is None or rule.budget.ends_on is None:
        return drafts
    return [not_before(draft, rule.budget.ends_on) for draft in drafts]


def _first_come(awards: list[list[Draft]], limit: nodes.Budget, round_off: RoundOff) -> list[Draft]:
    pots: dict[Key, Pot] = {}
    lines: list[Draft] = []
    for award in _after_what_they_undo(awards):
        pot = pots.setdefault(_keys(award[0]), Pot())
        asked = sum((draft.amount for draft in award), ZERO)
        root = _undone(award[0], pot)
        if root is not None:
            lines += _undo(award, asked, root, limit, round_off, pot.asked)
            continue
        of_row = pot.of_row(award[0])
        claim = BudgetClaim(order=_order(award[0]), drafts=award, asked=asked, of_row=of_row)
        of_row.claims.append(claim)
        for draft in award:
            pot.by_draft[draft.tag, draft.payee] = of_row
        lines += _take_place(claim, pot, limit)
    return lines


def _after_what_they_undo(awards: list[list[Draft]]) -> Iterator[list[Draft]]:
    """Yield the awards in order, but none that undoes a row before the awards of that row.

    On one day rows stand in the order of their keys, so the row that undoes may come first.
    """
    to_come = Counter(_on_its_day(award[0]) for award in awards if not _undoes(award[0]))
    waiting: dict[tuple[object, ...], list[list[Draft]]] = {}
    for award in awards:
        whose = _on_its_day(award[0])
        if _undoes(award[0]) and to_come[whose]:
            waiting.setdefault(whose, []).append(award)
            continue
        yield award
        if not _undoes(award[0]):
            to_come[whose] -= 1
            if not to_come[whose]:
                yield from waiting.pop(whose, ())


def _on_its_day(draft: Draft) -> tuple[object, ...]:
    return (*_whose(draft), draft.earned_on)


def _undoes(draft: Draft) -> bool:
    return draft.row is not None and draft.row.follows


def _take_place(claim: BudgetClaim, pot: Pot, limit: nodes.Budget) -> list[Draft]:
    """Put a claim in its place; it and every later claim get what is left when it is their turn."""
    place = bisect_right([other.order for other in pot.claims], claim.order)
    pot.claims.insert(place, claim)
    pot.asked += claim.asked
    most = limit.amount.value
    if not isinstance(most, Decimal):
        return []
    asked = sum((other.asked for other in pot.claims[:place]), ZERO)
    lines = []
    for other in pot.claims[place:]:
        fits = _clamp(asked + other.asked, most) - _clamp(asked, most)
        before = asked
        asked += other.asked
        is_new = other is claim
        if is_new:
            other.paid = other.asked
        if fits == other.paid or (other.of_row.is_undone and not is_new):
            continue
        shown = told(before, asked, most) if is_shared(limit.keys) else (before, asked)
        lines.append(
            _line(
                other.drafts[0],
                claim.drafts[0],
                amount=fits - other.paid,
                before=shown[0],
                after=shown[1],
                most=most,
                origin=limit.origin,
                undoes=None if is_new else other.drafts[0],
            )
        )
        other.paid = fits
    return lines


def _undo(
    award: list[Draft],
    asked: Decimal,
    root: ClaimsOfRow,
    limit: nodes.Budget,
    round_off: RoundOff,
    asked_of_pot: Decimal,
) -> list[Draft]:
    """Take back what the row undone was paid, in proportion to how much of it is undone."""
    most = limit.amount.value
    all_is_paid = isinstance(most, Decimal) and abs(asked_of_pot) <= most
    amount = root.take_back(asked, round_off, all_is_paid=all_is_paid)
    if amount == asked:
        return []
    return [
        _line(
            award[0],
            award[0],
            amount=amount - asked,
            before=root.together.asked,
            after=root.together.paid,
            most=None,
            origin=limit.origin,
            undoes=root.claims[0].drafts[0],
        )
    ]


def _in_proportion(
    awards: list[list[Draft]],
    limit: nodes.Budget,
    step: Decimal,
    through: date,
    round_off: RoundOff,
) -> list[Draft]:
    most = limit.amount.value
    if limit.ends_on is None or limit.ends_on > through or not isinstance(most, Decimal):
        return []
    pots: dict[Key, dict[tuple[object, ...], list[Draft]]] = {}
    late: list[list[Draft]] = []
    places: dict[tuple[object, ...], int] = {}
    for place, award in enumerate(awards):
        if award[0].earned_on > limit.ends_on:
            late.append(award)
            continue
        pot = pots.setdefault(_keys(award[0]), {})
        pot.setdefault(_whose(award[0]), []).extend(award)
        places.setdefault(_whose(award[0]), place)
    cut_to: list[tuple[int, Draft]] = []
    claims: dict[tuple[object, ...], tuple[ClaimsOfRow, Decimal]] = {}
    for pot in pots.values():
        asked = [max(sum((draft.amount for draft in award), ZERO), ZERO) for award in pot.values()]
        total = sum(asked, ZERO)
        fits = tuple(asked)
        if total > most:
            fits = cut(most, fits, step, limit.remainder or Remainder.FIRST).amounts
        for whose, want, get in zip(pot, asked, fits, strict=True):
            award = pot[whose]
            of_row = ClaimsOfRow()
            claims[whose] = of_row, total
            of_row.claims.append(BudgetClaim(drafts=award, asked=want, paid=get, of_row=of_row))
            if want == get:
                continue
            line = _line(
                award[0],
                award[0],
                amount=get - want,
                before=None,
                after=total,
                most=most,
                origin=limit.origin,
                undoes=None,
            )
            ends_on = limit.ends_on
            line = replace(line, base=want, earned_on=ends_on, payable_on=ends_on)
            cut_to.append((places[whose], line))
    # In the order of the awards, whichever pot they draw on.
    lines = [line for _, line in sorted(cut_to, key=lambda each: each[0])]
    for award in late:
        # Undone after the last day: takes back what the cut left of the award, not more.
        claim = claims.get(_whose(award[0]))
        if claim is not None:
            of_row, total = claim
            asked_back = sum((draft.amount for draft in award), ZERO)
            lines += _undo(award, asked_back, of_row, limit, round_off, total)
    return lines


def _whose(draft: Draft) -> tuple[object, ...]:
    root = draft.row.root if draft.row else None
    return (root.kind, root.key, draft.payee) if root else group_key(draft)


def _keys(draft: Draft) -> Key:
    return draft.item.budget_keys if draft.item else ()


def _order(draft: Draft) -> tuple[object, ...]:
    row = draft.row
    if row is None or draft.item is None or draft.item.budget_on is None:
        return (draft.earned_on, (*LAST_IN_THE_DAY, draft.part_number), draft.payee)
    return (draft.item.budget_on, row.order, draft.payee)


def _undone(draft: Draft, pot: Pot) -> ClaimsOfRow | None:
    """Return the claims that a draft takes back: of what it says it undoes, or of the row undone."""
    if draft.undoes is not None:
        return pot.by_draft.get((draft.undoes.tag, draft.payee))
    row = draft.row
    if row is None or row.root is None or not row.follows:
        return None
    return pot.by_row.get((row.root.kind, row.root.key, draft.payee))


def _clamp(asked: Decimal, most: Decimal) -> Decimal:
    return max(min(asked, most), -most)


def _line(
    whose: Draft,
    when: Draft,
    *,
    amount: Decimal,
    before: Exact | None,
    after: Exact,
    most: Decimal | None,
    origin: Span,
    undoes: Draft | None,
) -> Draft:
    return Draft(
        payee=whose.payee,
        part=Part.BUDGET,
        row=whose.row,
        item=whose.item,
        earned_on=when.earned_on,
        exact=amount,
        amount=amount,
        before=before,
        after=after,
        target=most,
        undoes=undoes,
        origin=origin,
    )
