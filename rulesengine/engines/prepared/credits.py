"""Code for step 2: the payees that a row is credited to, in turn, each with its share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

from rulesengine.engines.prepared.code import Code, NoCode, Seen, Where
from rulesengine.engines.prepared.reads import Reads
from rulesengine.engines.prepared.records import as_of
from rulesengine.engines.prepared.runtime import LeftToJudge
from rulesengine.model.exact import ONE, ZERO, Exact, add, divide, subtract, total
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes

PayeeId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is credited: one payee whose record is read as the row's is, or a loop over several."""

    loop: str
    """Head of the loop over the payees; empty for one payee."""
    payee: Seen
    share: Code
    level: str = ""
    nobody: str = ""
    """Code that tells that nobody is credited; empty if that cannot be."""
    depends: tuple[str, ...] = ()
    """Variables that are not there until somebody is known to be credited."""


def credits_code(credit: nodes.Credit, reads: Reads, where: Where) -> Credit:
    """Write what finds the payees, and return how they are gone through."""
    match credit:
        case nodes.CreditTo(path=path, payee_kind=kind) if path is not None:
            key, one = reads.read(path, where), reads.constant(ONE)
            payee = Seen(kind, key.text, is_looked_up=False)
            if not key.may_be_missing:
                return Credit("", payee, one)
            return Credit("", payee, one, nobody=f"{key.text} is None", depends=(key.text,))
        case nodes.CreditTo() if where.payee is not None and where.earning:
            return Credit("", where.payee, reads.constant(ONE))
        case nodes.CreditShares(shares=shares, are_weights=are_weights):
            return _shares(shares, are_weights, reads, where)
        case nodes.CreditEach():
            # No row of a book names a row that is not in it, and rows beside it go the general road.
            raise NoCode("shares stand in rows of another kind")
        case nodes.CreditLevels():
            return _levels(credit, reads, where)
        case nodes.CreditTo() | nodes.CreditNobody():
            raise NoCode("nobody in particular is credited")
        case _:
            assert_never(credit)


def _shares(
    lines: tuple[tuple[nodes.Share, nodes.CreditTo], ...], are_weights: bool, reads: Reads, where: Where
) -> Credit:
    kinds = {to.payee_kind for _, to in lines}
    if len(kinds) > 1:
        raise NoCode("payees of several kinds share it")
    names = []
    for _, to in lines:
        if to.path is None:
            raise NoCode("the payee of a line shares it")
        names.append(reads.read(to.path, where).text)
    shares = _constant_shares(lines, are_weights)
    if shares is not None and not all(isinstance(share, Decimal) for share in shares):
        raise NoCode("shares are fractions")
    if shares is not None:
        parts = [reads.constant(share).text for share in shares]
        given = ", ".join(f"({name}, {part})" for name, part in zip(names, parts, strict=True))
        text = f"in_turn(({given}))"
    else:
        read = []
        for share, _ in lines:
            match share:
                case nodes.RestOfRow():
                    read.append("None")
                case _:
                    found = reads.value(share, where)
                    read.append(f"({found.text} or ZERO)" if found.may_be_missing else found.text)
        given = ", ".join(f"({name}, {part})" for name, part in zip(names, read, strict=True))
        text = f"in_turn(parts_of_row(({given}), are_weights={are_weights}))"
    credited = reads.names.fresh("credited")
    reads.source.write(f"{credited} = {text}")
    payee, share_name = reads.names.fresh("payee"), reads.names.fresh("share")
    is_fraction = shares is None and are_weights
    return Credit(
        f"for {payee}, {share_name} in {credited}:",
        Seen(next(iter(kinds)), payee, is_looked_up=False),
        Code(share_name, may_be_fraction=is_fraction),
        nobody=f"not {credited}",
        depends=(payee, share_name),
    )


def _levels(credit: nodes.CreditLevels, reads: Reads, where: Where) -> Credit:
    kind = reads.kind(credit.payee_kind)
    link = kind.field(credit.link)
    if credit.segment is not None or link is None:
        raise NoCode("levels are those of a segment, or their link is derived")
    first = reads.read(credit.path, where).text
    below = reads.read(replace(credit.path, names=credit.path.names[:-1]), where).text
    shown = f"the records of {kind.name} by key"
    records = reads.source.value(f"{kind.name}s", reads.records[kind.name], shown)
    day = where.day if kind.has_history else "None"
    credited, payee = reads.names.fresh("credited"), reads.names.fresh("payee")
    level = reads.names.fresh("level")
    reads.source.write(
        f"{credited} = levels_of({first}, str({below}), {credit.most}, {records}, {credit.link!r}, {day},"
        f" changes={link.is_history})"
    )
    return Credit(
        f"for {payee}, {level} in {credited}:",
        Seen(kind.name, payee, is_looked_up=False),
        reads.constant(ONE),
        level=level,
        nobody=f"not {credited}",
        depends=(payee, level),
    )


def _constant_shares(
    lines: tuple[tuple[nodes.Share, nodes.CreditTo], ...], are_weights: bool
) -> list[Exact] | None:
    """Return the shares where all of them stand in the plan."""
    found: list[Exact | None] = []
    for share, _ in lines:
        if isinstance(share, nodes.FieldRead):
            return None
        value = share.value if isinstance(share, nodes.Constant) else None
        found.append(value if isinstance(value, Decimal) else None)
    known = [share for share in found if share is not None]
    rest = max(subtract(ONE, total(known)), ZERO)
    shares = [rest if share is None else share for share in found]
    whole = total(shares) if are_weights else ONE
    return [divide(share, whole) if are_weights else share for share in shares]


# --- what the code calls ------------------------------------------------------------------------


def in_turn(shares: tuple[tuple[str | None, Exact], ...]) -> list[tuple[str, Exact]]:
    """Return the payees by key, each once with all of its share; those without a share are none."""
    together: dict[str, Exact] = {}
    for payee, share in shares:
        if payee is not None and share:
            together[payee] = add(together[payee], share) if payee in together else share
    return sorted(together.items())


def levels_of(
    first: str | None,
    below: str,
    most: int,
    records: Mapping[str, Any],
    link: str,
    day: date | None,
    *,
    changes: bool,
) -> list[tuple[str, int]]:
    """Return the payees along a reference that is followed again and again, by key, with their levels.

    Args:
        first: the payee of the first level.
        below: who comes before it, and has no level.
        most: the last level that there is.
        records: of the payees, by key.
        link: the field that leads to the next level.
        day: as of which it is read; None where the payees have no history.
        changes: whether the link itself changes over time: then nobody follows before its first value.
    """
    chain: list[str] = []
    key = first
    while key is not None and len(chain) < most and key != below and key not in chain:
        chain.append(key)
        try:
            values = records[key] if day is None else as_of(records[key], day)
        except LeftToJudge:
            if not changes:
                raise
            break
        following = values[link]
        key = None if following is None else str(following)
    return sorted((key, level) for level, key in enumerate(chain, start=1))


def parts_of_row(
    shares: tuple[tuple[str | None, Exact | None], ...], *, are_weights: bool
) -> tuple[tuple[str | None, Exact], ...]:
    """Return shares that stand in fields as parts of one; None is the rest.

    Raises:
        LeftToJudge: they make no whole, so the row is rejected.
    """
    known = [share for _, share in shares if share is not None]
    left = subtract(ONE, total(known))
    rest = left if left > 0 else ZERO
    found = [(payee, rest if share is None else share) for payee, share in shares]
    made = total([share for _, share in found])
    if any(share < 0 or (share and payee is None) for payee, share in found):
        raise LeftToJudge("a share is below zero or nobody's")
    if not are_weights and made != 1 and made:
        raise LeftToJudge("the shares make no whole")
    if are_weights and made:
        return tuple((payee, divide(share, made)) for payee, share in found)
    return tuple(found)
