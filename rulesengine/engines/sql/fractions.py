"""Numbers that do not end: in lowest terms, and over one denominator where they are added up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import ONE, Call, Expr, Sort, first_given, integer, over
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.values import (
    MOST_IN_128_BITS,
    Number,
    divided_integer,
    fitted,
    magnitude_of,
    multiply,
    times,
)
from rulesengine.plan import nodes

_MOST_LISTED = 60
"""Up to this denominator the common one of all below it is known to be small enough to be worth it."""


def in_lowest_terms(value: Number) -> Number:
    """Return a number as top / bottom in lowest terms, the decimals too; null where it is missing."""
    whole = multiply(
        Number(value.bottom or ONE, 0, value.bottom_most),
        Number(integer(10**value.scale), 0, 10**value.scale),
    )
    return _reduced(value.top, value.most, whole.top, whole.most, 0)


def _reduced(top: Expr, top_most: int, bottom: Expr, bottom_most: int, scale: int) -> Number:
    most = max(top_most, bottom_most)
    top, bottom = fitted(top, most), fitted(bottom, most)
    divisor = Call("gcd", (magnitude_of(top), bottom), top.sort)
    return Number(
        divided_integer(top, divisor), scale, top_most, Call("div", (bottom, divisor), top.sort), bottom_most
    )


def over_common_bottom(
    compilation: Compilation,
    relation: Relation,
    name: str,
    partition: Sequence[str],
    rule: nodes.Rule | None = None,
) -> Relation:
    """Return the relation with a number over one denominator within each partition, so that it can be
    added up there: the least common multiple of the denominators that occur.

    What the database cannot hold in 128 bits is an error, and never a wrong sum.

    Args:
        name: the column; one that ends stays as it is, and nothing is added.
        partition: the columns that make one sum.
    """
    source = From(relation)
    value = source.num(name)
    if value.bottom is None:
        return relation
    source.take_all()
    small = _reduced(value.top, value.most, value.bottom, value.bottom_most, value.scale)
    assert small.bottom is not None
    bottom = first_given([small.bottom, fitted(ONE, max(value.most, value.bottom_most))])
    listed = value.bottom_most <= _MOST_LISTED
    most = math.lcm(*range(1, value.bottom_most + 1)) if listed else MOST_IN_128_BITS
    keys = [source.key(each) for each in partition]
    common = fitted(over("lcm", [bottom], partition=keys, sort=Sort.WIDE), most)
    top_most = min(value.most * most, MOST_IN_128_BITS)
    by = Call("div", (fitted(common, MOST_IN_128_BITS), fitted(bottom, MOST_IN_128_BITS)), Sort.WIDE)
    top = Call("*", (fitted(small.top, MOST_IN_128_BITS), by), Sort.WIDE)
    source.columns[name] = Number(fitted(top, top_most), value.scale, top_most, common, most)
    whose = f"rule {rule.name}: " if rule is not None else ""
    comment = f"{whose}{name} over one denominator for each total"
    return compilation.add(f"{relation.name}_{name}", comment, source, rule=rule)


def over_one_bottom(values: Sequence[Number]) -> list[Number]:
    """Return the numbers of one row over one denominator, the least common multiple of theirs."""
    bottoms = list(dict.fromkeys(value.bottom for value in values if value.bottom is not None))
    if not bottoms:
        return list(values)
    known_most = {value.bottom: value.bottom_most for value in values if value.bottom is not None}
    most = min(math.prod(known_most.values()), MOST_IN_128_BITS)
    common = fitted(bottoms[0], most)
    for bottom in bottoms[1:]:
        common = Call("lcm", (common, fitted(bottom, most)), common.sort)
    found = []
    for value in values:
        lifted = min(value.most * most, MOST_IN_128_BITS)
        by = common
        if value.bottom is not None:
            by = Call("div", (common, fitted(value.bottom, most)), common.sort)
        top = times(fitted(value.top, lifted), fitted(by, lifted), lifted)
        found.append(Number(top, value.scale, lifted, common, most))
    return found
