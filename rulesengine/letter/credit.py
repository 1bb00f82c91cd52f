"""Who is paid."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import operand, the_field
from rulesengine.letter.words import article, human, listed, plural, sentence
from rulesengine.plan import nodes


def credit(node: nodes.Credit, row: str) -> tuple[Item, ...]:
    """Return the sentences on whom a row is credited to."""
    match node:
        case nodes.CreditTo(path=None) | nodes.CreditTo(path=nodes.FieldRead(root=nodes.Root.ROW, names=())):
            return items(sentence(f"you are paid for {plural(row)} of your own"))
        case nodes.CreditTo():
            return items(sentence(f"you are paid for {article(row)} {row} if you are {_whom(node, row)}"))
        case nodes.CreditShares(shares=shares, are_weights=are_weights):
            parts = listed(f"{_share(share, row)} to {_whom(to, row)}" for share, to in shares)
            how = " in proportion" if are_weights else ""
            return items(sentence(f"each {row} is shared{how}: {parts}"), _YOUR_SHARE)
        case nodes.CreditLevels(path=path, link=link, segment=segment, payee_kind=kind, most=most):
            passed = (
                (sentence(f"who is not in the group {human(segment)} is passed over, and takes no level"),)
                if segment is not None
                else ()
            )
            return items(
                sentence(f"{the_field(path, row)} is credited at level 1, and so on up to level {most}"),
                *passed,
                sentence(
                    f"the next level is always the {human(link)} of the {human(kind)} before; it ends where "
                    f"there is none, or one who is credited already"
                ),
            )
        case nodes.CreditNobody():
            return items(sentence(f"{plural(row)} belong to nobody in particular"))
        case nodes.CreditEach():
            return items(sentence(f"each {row} is shared {_each(node)}"), _YOUR_SHARE)
        case _:
            assert_never(node)


def _share(node: nodes.Share, row: str) -> str:
    return "what is left of 100%" if isinstance(node, nodes.RestOfRow) else operand(node, row)


_YOUR_SHARE = "You are paid on your share, and amounts below are your share of them."


def _each(node: nodes.CreditEach) -> str:
    kind = human(node.kind)
    who = human(node.credited)
    rows = f"among everybody who is the {who} of {article(kind)} {kind} with it as {human(node.link)}"
    if node.share is None:
        return f"equally {rows}"
    how = "in proportion to" if node.are_weights else "by"
    return f"{rows}, {how} the {human(node.share)} there"


def _whom(node: nodes.CreditTo, row: str) -> str:
    return the_field(node.path, row) if node.path is not None else f"whoever the {row} is paid to"
