"""Sums over rows of numbers that have one denominator there (fractions.py)."""

from __future__ import annotations

from collections.abc import Sequence

from rulesengine.engines.sql.expressions import Expr, over
from rulesengine.engines.sql.values import MOST_IN_128_BITS, Number, fitted


def sum_over(
    value: Number,
    partition: Sequence[Expr],
    rows: int,
    order: Sequence[Expr] = (),
) -> Number:
    """Return the sum of a value over a partition; in an order, up to each row, itself included.

    Args:
        value: has the same denominator in all rows of a partition.
        rows: how many rows a partition has at most, which bounds the sum.
    """
    most = value.most * max(rows, 1)
    if value.bottom is not None:
        most = min(most, MOST_IN_128_BITS)
    sort = fitted(value.top, most).sort
    total = over("sum", [value.top], partition=partition, order=order, is_running=bool(order), sort=sort)
    return Number(total, value.scale, most, value.bottom, value.bottom_most)
