"""Claims on a sum that several share: what undoing a row takes back of what it got, in proportion."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.expressions import Expr, all_of, compared, integer, over
from rulesengine.engines.sql.relations import From
from rulesengine.engines.sql.values import (
    Number,
    absolute,
    compare,
    divide,
    multiply,
    negate,
    number,
    otherwise,
    pick,
    rounded,
    subtract,
)
from rulesengine.plan import nodes


def due_back(
    asked: Number, got: Number, asked_back: Number, rule: nodes.Rule, *, all_is_paid: Expr
) -> Number:
    """Return how much of what a row got is to be taken back in all: everything once all is undone.

    As long as the sum holds nothing back, it is all that is asked back (engines/reference/held.py).

    Args:
        asked: what the row asked for, on all its lines.
        got: what it got.
        asked_back: what those that undo it asked, with the sign turned.
        all_is_paid: whether all that was asked of the sum was paid.
    """
    whole = absolute(asked)
    undone = pick([(compared(asked.top, "<", integer(0)), negate(asked_back))], asked_back)
    part = rounded(divide(multiply(got, undone), whole), rule.rounding.step, rule.rounding.mode)
    return pick(
        [
            (all_of([all_is_paid, compare(got, "=", asked)]), asked_back),
            (compare(undone, ">=", whole), got),
            (compared(undone.top, "<=", integer(0)), number(0)),
        ],
        otherwise(part, number(0)),
    )


def taken_back(source: From, due: str, backs: Sequence[Expr], order: Sequence[Expr]) -> Number:
    """Return what each line that undoes a row passes on, below zero mostly: what is due with it is more.

    Args:
        due: the column with what is due in all, up to each line.
        backs: what makes lines undo one row; no others stand among them.
        order: of the lines.
    """
    now = source.num(due)
    top = over("lag", [now.top], partition=backs, order=order, sort=now.top.sort)
    return subtract(otherwise(Number(top, now.scale, now.most), number(0)), now)
