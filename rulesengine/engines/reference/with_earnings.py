"""Step 3a: what other rules earned on the same row, added to a base, taken off it or off the pay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.rows import Deduction, Item, PayeeId, Priced, Row
from rulesengine.engines.values import shown_amount
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact, absolute, add, divide, multiply, negate
from rulesengine.model.types import MoneyType
from rulesengine.plan.nodes import OfEarnings

Settled = Callable[[str], Iterable[Draft]]
"""The lines of a rule after `choose` and `budget`, before clawbacks and parts."""


class EarningsOnRows:
    """What rules earned row by row: all their lines that stand on a row, whatever part they are."""

    def __init__(self, settled: Settled, currency: str) -> None:
        self._settled = settled
        self.money = MoneyType(currency)
        self._by_rule: dict[str, dict[tuple[str, str], dict[PayeeId, Decimal]]] = {}

    def on(self, row: Row, earnings: OfEarnings, payee: PayeeId, share: Exact) -> Exact:
        """Return the payee's part: the share of what all payees earned, or what is its own."""
        fact = row.fact
        by_row = self._of(earnings.rule)
        by_payee = by_row.get((fact.kind, fact.key), {}) if fact else {}
        if earnings.is_own:
            return by_payee.get(payee, ZERO)
        return multiply(sum(by_payee.values(), ZERO), share)

    def _of(self, rule: str) -> dict[tuple[str, str], dict[PayeeId, Decimal]]:
        if rule not in self._by_rule:
            by_row: dict[tuple[str, str], dict[PayeeId, Decimal]] = {}
            for draft in self._settled(rule):
                fact = draft.row.fact if draft.row else None
                if fact is not None:
                    by_payee = by_row.setdefault((fact.kind, fact.key), {})
                    by_payee[draft.payee] = by_payee.get(draft.payee, ZERO) + draft.amount
            self._by_rule[rule] = by_row
        return self._by_rule[rule]


def with_earnings(items: Iterable[Item], earned: EarningsOnRows) -> list[Item]:
    """Return the items with their bases and deductions worked out."""
    return [_item(item, earned) for item in items]


def deducts(item: Item) -> bool:
    """Return whether something is taken off what the row earns, even where that is nothing."""
    return any(isinstance(each, Deduction) and each.amount != 0 for each in item.adjusters)


def _item(item: Item, earned: EarningsOnRows) -> Item:
    uses = any(priced.earnings for band in item.bands for priced in band)
    if not uses and not any(isinstance(each, Deduction) for each in item.adjusters):
        return item
    return replace(
        item,
        bands=tuple(tuple(_priced(priced, item, earned) for priced in band) for band in item.bands),
        adjusters=tuple(
            replace(each, amount=earned.on(item.row, each.earnings, item.payee, item.share))
            if isinstance(each, Deduction)
            else each
            for each in item.adjusters
        ),
    )


def _priced(priced: Priced, item: Item, earned: EarningsOnRows) -> Priced:
    if not priced.earnings or priced.base is None:
        return priced
    base, share = priced.base, item.share
    how = f"({priced.base_how})" if priced.base_how else shown_amount(_whole(base, share), earned.money)
    for earnings in priced.earnings:
        part = earned.on(item.row, earnings, item.payee, share)
        change = negate(part) if earnings.is_less else part
        base = add(base, change)
        sign = "+" if change > 0 or (change == 0 and not earnings.is_less) else "−"
        how += (
            f" {sign} {shown_amount(absolute(_whole(change, share)), earned.money)} earned by {earnings.rule}"
        )
    return replace(priced, base=base, base_how=how)


def _whole(part: Exact, share: Exact) -> Exact:
    """Return what a payee's share is of, as bases are shown before it."""
    return divide(part, share) if share != 0 else part
