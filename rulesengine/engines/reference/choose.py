"""Step 10, choose: of rival rules, one pays per row and payee; the others give theirs back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rulesengine.engines.reference.drafts import Draft, in_order
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.results import Part
from rulesengine.model.exact import ZERO
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Take

Rivalry = tuple[str, str, PayeeId]
"""Fact kind, key of the row judged by, payee."""


def choose(choice: nodes.Choose, earned: Mapping[str, list[Draft]]) -> dict[str, list[Draft]]:
    """Return the drafts of the rivals, with lines that give back what a rival pays instead.

    Rivals ran as if alone. `highest` compares what they pay on the row, rounded; the first named
    wins a tie. `first` is the first named that pays anything. A row that undoes another follows
    the choice made on that row; where no rival earned anything there, the first named that takes
    anything back does so.

    Args:
        choice: names the rivals in order.
        earned: the drafts of every rival, with amounts.
    """
    paid: dict[Rivalry, dict[str, Decimal]] = {}
    taken: dict[Rivalry, str] = {}
    for rule in choice.among:
        for drafts in _by_row(earned[rule]).values():
            rivalry, row = _rivalry(drafts[0]), drafts[0].row
            amount = sum((draft.amount for draft in drafts), ZERO)
            if rivalry is None or row is None:
                continue
            if not row.follows:
                by_rule = paid.setdefault(rivalry, {})
                by_rule[rule] = by_rule.get(rule, ZERO) + amount
            elif amount:
                taken.setdefault(rivalry, rule)
    won = {rivalry: _winner(choice, by_rule) for rivalry, by_rule in paid.items() if any(by_rule.values())}
    winners = taken | won
    return {rule: _without_losers(rule, choice, earned[rule], winners) for rule in choice.among}


def _by_row(drafts: list[Draft]) -> dict[tuple[object, PayeeId], list[Draft]]:
    """Return the drafts of each row and payee."""
    found: dict[tuple[object, PayeeId], list[Draft]] = {}
    for draft in drafts:
        found.setdefault((id(draft.row), draft.payee), []).append(draft)
    return found


def _rivalry(draft: Draft) -> Rivalry | None:
    root = draft.row.root if draft.row else None
    return (root.kind, root.key, draft.payee) if root else None


def _winner(choice: nodes.Choose, by_rule: Mapping[str, Decimal]) -> str:
    """Return the rival that pays, of those of which one at least earned something."""
    paying = [rule for rule in choice.among if by_rule.get(rule, ZERO) != 0]
    if choice.take is Take.FIRST:
        return paying[0]
    return max(paying, key=lambda rule: by_rule[rule])


def _without_losers(
    rule: str, choice: nodes.Choose, drafts: list[Draft], winners: Mapping[Rivalry, str]
) -> list[Draft]:
    given_back = []
    for group in _by_row(drafts).values():
        rivalry = _rivalry(group[0])
        is_lost = rivalry is not None and winners.get(rivalry, rule) != rule
        if is_lost and sum((draft.amount for draft in group), ZERO):
            given_back.append(_give_back(choice, group, winners))
    return in_order([*drafts, *given_back])


def _give_back(choice: nodes.Choose, group: list[Draft], winners: Mapping[Rivalry, str]) -> Draft:
    first = group[0]
    amount = -sum((draft.amount for draft in group), ZERO)
    rivalry = _rivalry(first)
    return Draft(
        payee=first.payee,
        part=Part.CHOSEN_OTHER,
        row=first.row,
        item=first.item,
        earned_on=first.earned_on,
        exact=amount,
        amount=amount,
        scope=f"{choice.name}: {winners[rivalry]} pays" if rivalry else "",
        origin=choice.origin,
    )
