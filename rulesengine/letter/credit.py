"""Who is paid."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import the_field
from rulesengine.letter.words import article, listed, percent, plural, sentence
from rulesengine.plan import nodes


def credit(node: nodes.Credit, row: str) -> tuple[Item, ...]:
    """Return the sentences on whom a row is credited to."""
    match node:
        case nodes.CreditTo(path=None) | nodes.CreditTo(path=nodes.FieldRead(root=nodes.Root.ROW, names=())):
            return items(sentence(f"you are paid for {plural(row)} of your own"))
        case nodes.CreditTo():
            return items(sentence(f"you are paid for {article(row)} {row} if you are {_whom(node, row)}"))
        case nodes.CreditShares(shares=shares):
            parts = listed(f"{percent(share)} to {_whom(to, row)}" for share, to in shares)
            return items(
                sentence(f"each {row} is shared: {parts}"),
                sentence("you are paid on your share, and amounts below are your share of them"),
            )
        case _:
            assert_never(node)


def _whom(node: nodes.CreditTo, row: str) -> str:
    return the_field(node.path, row) if node.path is not None else f"whoever the {row} is paid to"
