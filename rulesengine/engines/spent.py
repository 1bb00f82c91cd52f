"""What a line tells of the total of a limit that several payees share."""

from __future__ import annotations

from rulesengine.model.exact import ZERO, Exact, add, subtract
from rulesengine.plan import nodes


def is_shared(keys: tuple[nodes.FieldRead, ...]) -> bool:
    """Return whether several payees draw on a limit with these keys: the payee is none of them."""
    return not any(key.root is nodes.Root.PAYEE and not key.names for key in keys)


def told(before: Exact, after: Exact, most: Exact) -> tuple[Exact, Exact]:
    """Return what a line tells of the total before it and after it.

    Once the limit is spent, what all payees asked of it beyond that is left out: it changes with whatever
    anybody asks, and no amount with it. A total that stays beyond the limit is told as one that comes
    up to it, or goes on from it, by what the award itself asks. So what is held of the total, before
    and after, and what is asked are the same as they were, and so is what can be redone from the line.

    Args:
        before: what was asked of the limit, in money.
        after: the same with the award.
        most: the limit, zero or more; below zero it holds as above.
    """
    above = max(subtract(min(before, after), most), ZERO)
    below = min(add(max(before, after), most), ZERO)
    beyond = add(above, below)
    return subtract(before, beyond), subtract(after, beyond)
