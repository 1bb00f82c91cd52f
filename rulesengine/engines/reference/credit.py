"""Step 2, credit: one row becomes one or more (payee, share)."""

from __future__ import annotations

from rulesengine.engines.reference.reader import Reader, View
from rulesengine.engines.reference.rows import PayeeId, Row
from rulesengine.model.exact import ONE, ZERO, Exact, add
from rulesengine.plan import nodes

Credited = tuple[PayeeId, Exact]


def in_turn(credited: list[Credited], row: Row) -> list[tuple[int, Credited]]:
    """Return the credited payees by key with their turns; in reverse for a row that undoes another.

    So a shared deal is undone payee by payee the way it was built up, last one first.
    """
    ordered = sorted(credited, key=lambda pair: pair[0], reverse=row.is_reversal)
    return list(enumerate(ordered))


def credit(row: Row, rule: nodes.Credit, reader: Reader) -> list[Credited]:
    """Return who is credited with the row and with which share of it, in written order.

    References are read on the row that judges, as of its date. A reference that is empty credits
    nobody; a payee named twice gets both shares in one.
    """
    match rule:
        case nodes.CreditTo():
            return _one(row, rule, ONE, reader)
        case nodes.CreditShares(shares=shares):
            credited: dict[PayeeId, Exact] = {}
            for share, to in shares:
                for payee, part in _one(row, to, share, reader):
                    credited[payee] = add(credited.get(payee, ZERO), part)
            return list(credited.items())


def _one(row: Row, to: nodes.CreditTo, share: Exact, reader: Reader) -> list[Credited]:
    earner = row.earning.payee if row.earning else None
    if to.path is None:
        return [(earner, share)] if earner else []
    key = reader.read(to.path, View(row.subject or row.root, row.judged_on, earner))
    return [((to.payee_kind, str(key)), share)] if key is not None else []
