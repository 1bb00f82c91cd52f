"""Step 2, credit: one row becomes one or more (payee, share)."""

from __future__ import annotations

from rulesengine.engines.reference.conditions import is_member
from rulesengine.engines.reference.facts import Facts
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import PayeeId, Row
from rulesengine.engines.reference.shares import each_share, row_shares
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, Exact, add
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes

_ROW = nodes.Root.ROW


@dataclass(frozen=True, slots=True)
class Credited:
    """A payee of a row, with the share of it, and the place among its payees as they are named."""

    payee: PayeeId
    share: Exact
    place: int = 0
    level: int = 0


def in_turn(credited: list[Credited], row: Row) -> list[tuple[int, Credited]]:
    """Return the credited payees by key with their turns; in reverse for a row that undoes another.

    So a shared deal is undone payee by payee the way it was built up, last one first.
    """
    if len(credited) == 1:
        return [(0, credited[0])]
    ordered = sorted(credited, key=lambda each: each.payee, reverse=row.is_reversal)
    return list(enumerate(ordered))


def credit(row: Row, rule: nodes.Credit, facts: Facts) -> list[Credited]:
    """Return who is credited with the row and with which share of it, in the order they are named.

    References and shares are read on the row that judges, as of its date. A reference that is empty
    credits nobody; a payee named twice gets both shares in one, in the first one's place.
    """
    record = row.subject or row.root
    if isinstance(rule, nodes.CreditTo):
        return [Credited(payee, ONE) for payee in _one(row, rule, facts.reader)]
    if isinstance(rule, nodes.CreditLevels):
        return [
            Credited(payee, ONE, place=level, level=level)
            for level, payee in enumerate(_levels(row, rule, facts.reader), start=1)
        ]
    found: list[tuple[PayeeId, Exact]]
    match rule:
        case nodes.CreditNobody():
            found = [(("", ""), ONE)]
        case nodes.CreditShares():
            shares = row_shares(record, rule, facts.reader, row.judged_on) if record else []
            found = [(payee, share) for share, to in shares for payee in _one(row, to, facts.reader)]
        case nodes.CreditEach():
            found = each_share(record, rule, facts) if record else []
    together: dict[PayeeId, Exact] = {}
    for payee, share in found:
        together[payee] = add(together[payee], share) if payee in together else share
    return [Credited(payee, share, place) for place, (payee, share) in enumerate(together.items())]


def _levels(row: Row, rule: nodes.CreditLevels, reader: Reader) -> list[PayeeId]:
    """Return who stands at each level, the nearest first; nobody stands at two."""
    view = View(row.subject or row.root, row.judged_on, row.earning.payee if row.earning else None)
    below = reader.read(replace(rule.path, names=rule.path.names[:-1]), view)
    chain: list[PayeeId] = []
    met = {(rule.payee_kind, str(below))}
    key = reader.read(rule.path, view)
    segment = reader.plan.segments[rule.segment] if rule.segment is not None else None
    while key is not None and len(chain) < rule.most and (rule.payee_kind, str(key)) not in met:
        payee = (rule.payee_kind, str(key))
        met.add(payee)
        try:
            if segment is None or is_member(payee[1], segment, reader, row.judged_on):
                chain.append(payee)
            key = reader.field(reader.record(*payee), rule.link, row.judged_on)
        except NoValue:
            # Nothing is known yet of who would be next.
            break
    return chain


def _one(row: Row, to: nodes.CreditTo, reader: Reader) -> list[PayeeId]:
    earner = row.earning.payee if row.earning else None
    if to.path is None:
        return [earner] if earner else []
    record = row.subject or row.root
    if to.path.root is _ROW and to.path.names and record is not None:
        key = reader.follow(record, to.path.names, row.judged_on)
    else:
        key = reader.read(to.path, View(record, row.judged_on, earner))
    return [(to.payee_kind, str(key))] if key is not None else []
