"""Shares that stand in the facts: read, made a whole, and rejected where they are none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from rulesengine.engines.reference.facts import Facts
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import PayeeId
from rulesengine.engines.reference.view import Record, View
from rulesengine.engines.values import number
from rulesengine.model.book import Fact
from rulesengine.model.exact import HUNDRED, ONE, ZERO, Exact, divide, grouped, multiply, subtract, total
from rulesengine.plan import nodes

T = TypeVar("T")


def row_shares(
    root: Record, rule: nodes.CreditShares, reader: Reader, day: date
) -> list[tuple[Exact, nodes.CreditTo]]:
    """Return the shares of `credit … to` lines as parts of one; empty shares are left out."""
    having = [(share, to) for _, share, to in _own_shares(root, rule, reader, day) if share]
    return _as_parts(having) if rule.are_weights else having


def _own_shares(
    root: Record, rule: nodes.CreditShares, reader: Reader, day: date
) -> list[tuple[str, Exact, nodes.CreditTo]]:
    """Return each share with what it is called, in the order written; the rest is not below zero."""
    named = [
        None if isinstance(line, nodes.RestOfRow) else _own(root, line, reader, day)
        for line, _ in rule.shares
    ]
    left = subtract(ONE, total([share for share in named if share is not None]))
    rest: Exact = left if left > 0 else ZERO
    return [
        (line.text, rest if share is None else share, to)
        for share, (line, to) in zip(named, rule.shares, strict=True)
    ]


def each_share(root: Record, rule: nodes.CreditEach, facts: Facts) -> list[tuple[PayeeId, Exact]]:
    """Return who is named by the rows that point at a row, with their shares as parts of one, in the
    order of those rows."""
    found = [
        (_each(fact, rule, facts.reader), (rule.payee_kind, str(fact.values[rule.credited])))
        for fact in facts.pointing_at(root.key, rule.kind, rule.link)
    ]
    having = [(share, payee) for share, payee in found if share]
    parts = _as_parts(having) if rule.are_weights else having
    return [(payee, share) for share, payee in parts]


def reject_broken_shares(facts: Facts) -> None:
    """Set aside the rows whose shares do not make a whole, for all rules, and say why.

    A row that no share at all belongs to is taken: it earns nobody anything.
    """
    for kind, rule in _shared_kinds(facts.reader.plan):
        for judged in list(facts.judged.get(kind, ())):
            if judged.fact is judged.root:
                wrong = _wrong_in_row(judged.fact, rule, facts) or ""
                if wrong:
                    facts.set_aside(judged.fact, "", wrong, "R1120")


def _shared_kinds(
    plan: nodes.Plan,
) -> Iterator[tuple[str, nodes.CreditShares | nodes.CreditEach]]:
    """Yield every fact kind whose rows are shared by what stands in facts, with how."""
    seen: list[tuple[str, nodes.Credit]] = [
        (rule.fact_kind, version.credit) for rule in plan.rules for version in rule.versions
    ]
    seen += [(m.rows.source.kind, m.rows.credit) for m in plan.measures.values() if m.rows]
    for kind, credit in seen:
        match credit:
            case nodes.CreditEach():
                yield kind, credit
            case nodes.CreditShares(shares=shares) if any(
                isinstance(share, nodes.FieldRead) for share, _ in shares
            ):
                yield kind, credit
            case _:
                continue


def _wrong_in_row(fact: Fact, rule: nodes.CreditShares | nodes.CreditEach, facts: Facts) -> str:
    """Return why the shares of a row make no whole, empty if they do."""
    reader = facts.reader
    shares: list[tuple[str, Exact, bool]] = []
    match rule:
        case nodes.CreditShares():
            for name, share, to in _own_shares(fact, rule, reader, facts.day(fact)):
                # Whose share it is may be told later, by a date; an own field is empty or not.
                has_payee = to.path is None or not to.path.is_own or _is_there(fact, to.path)
                shares.append((name, share, has_payee))
        case nodes.CreditEach(kind=kind, link=link):
            for each in facts.pointing_at(fact.key, kind, link):
                shares.append((f"{kind} {each.key}", _each(each, rule, reader), True))
    for name, share, has_payee in shares:
        if share < 0:
            return f"the share in {name} is below zero: {_shown(share, rule)}"
        if share and not has_payee:
            return f"the share of {_shown(share, rule)} in {name} is nobody's"
    made = total([share for _, share, _ in shares])
    if rule.are_weights:
        return "" if made or not shares or isinstance(rule, nodes.CreditShares) else "its shares are all zero"
    return "" if made == 1 or not made else f"its shares make {_shown(made, rule)}, not 100 %"


def _is_there(fact: Fact, path: nodes.FieldRead) -> bool:
    return fact.values.get(path.names[0]) is not None


def _own(root: Record, share: nodes.Constant | nodes.FieldRead, reader: Reader, day: date) -> Exact:
    value = reader.value(share, View(root, day))
    return Decimal(0) if value is None else number(value)


def _each(fact: Fact, rule: nodes.CreditEach, reader: Reader) -> Exact:
    if rule.share is None:
        return ONE
    value = reader.field(fact, rule.share, date.max)
    return Decimal(0) if value is None else number(value)


def _as_parts(weighted: list[tuple[Exact, T]]) -> list[tuple[Exact, T]]:
    whole = total([weight for weight, _ in weighted])
    return [(divide(weight, whole), of) for weight, of in weighted]


def _shown(share: Exact, rule: nodes.CreditShares | nodes.CreditEach) -> str:
    if rule.are_weights:
        return grouped(share) if isinstance(share, Decimal) else str(Fraction(share))
    return f"{grouped(multiply(share, HUNDRED))} %"
