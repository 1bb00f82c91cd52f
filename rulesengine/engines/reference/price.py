"""Prices: a part of the pay with its rate, its base and its way of counting read for a row."""

from __future__ import annotations

from typing import assert_never

from rulesengine.engines.counting import Counting
from rulesengine.engines.reference.amounts import own_converted, own_quantity
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import EarnsNothing, Priced, Row
from rulesengine.engines.reference.view import View
from rulesengine.engines.results import Part, Reason
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, grouped, multiply
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes


def paid_of_measure(
    priced: Priced, measure: nodes.Measure | None, target: Exact | None, paid_share: Exact
) -> Priced:
    """Return a part with what it needs to be paid of the measure: share, unit, bound in that unit."""
    if not priced.of_measure or measure is None:
        return priced
    how = priced.counting
    if how is not None:
        kind = measure.aggregate.type
        above = how.above if how.above is None or target is None else multiply(how.above, target)
        how = replace(how, above=above, unit=kind.currency if isinstance(kind, MoneyType) else "")
    return replace(priced, credited=paid_share, counting=how)


def price(part: nodes.PayPart, row: Row, share: Exact, judge: View, own: View, reader: Reader) -> Priced:
    """Read the operands of one part of the pay: rates as judged, amounts and quantities its own."""
    match part:
        case nodes.ShareOf(rate=rate, base=base):
            brings = ZERO if base is None else own_quantity(base, row, own, reader)
            others = "".join(f" {each.text}" for each in part.earnings)
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(rate, judge),
                base=None if base is None else multiply(brings, share),
                of_measure=base is None,
                is_ratio=True,
                base_of=f"{base.text}{others}" if base else "",
                base_how=reader.how(base, own) if base else "",
                counting=_counting(part.above, None, base, judge, reader),
                brings=brings,
                earnings=part.earnings,
                converted=own_converted(base, row, own, reader) if base is not None else None,
                origin=part.origin,
            )
        case nodes.PerRow(amount=amount):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                units=multiply(ONE * row.counts, share),
                is_ratio=False,
                base_of=part.text,
                origin=part.origin,
            )
        case nodes.PerUnit(amount=amount, quantity=quantity):
            brings = ZERO if quantity is None else own_quantity(quantity, row, own, reader)
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                units=None if quantity is None else multiply(brings, share),
                of_measure=quantity is None,
                is_ratio=False,
                base_of=quantity.text if quantity else "",
                base_how=reader.how(quantity, own) if quantity else "",
                counting=_counting(part.above, part.package, quantity, judge, reader),
                brings=brings,
                origin=part.origin,
            )
        case nodes.PerQuota(amount=amount):
            return Priced(
                part=Part.BASE,
                rate=reader.quantity(amount, judge),
                of_target=True,
                is_ratio=False,
                base_of="quota",
                origin=part.origin,
            )
        case nodes.Once(amount=amount, rate=rate):
            money = reader.quantity(amount, judge)
            return Priced(
                part=Part.ONCE,
                rate=money if rate is None else reader.quantity(rate, judge),
                units=ONE if rate is None else None,
                base=None if rate is None else money,
                is_ratio=rate is not None,
                base_of=amount.text,
                origin=part.origin,
            )
        case nodes.Prize(name=name):
            return Priced(
                part=Part.PRIZE, rate=ZERO, is_ratio=False, base_of="", prize=name, origin=part.origin
            )
        case _:
            assert_never(part)


def _counting(
    above: nodes.Operand | None,
    package: nodes.Package | None,
    of: nodes.Operand | None,
    judge: View,
    reader: Reader,
) -> Counting | None:
    """Return how the part's quantity counts, None where it counts as it is.

    Raises:
        EarnsNothing: packages of no size.
    """
    if above is None and package is None:
        return None
    size = None
    if package is not None:
        size = reader.quantity(package.size, judge)
        if size <= 0:
            raise EarnsNothing(Reason.NO_SIZE, f"{package.size.text} is {grouped(size)}")
    kind = of.type if of is not None else package.size.type if package is not None else None
    return Counting(
        above=None if above is None else reader.quantity(above, judge),
        package=size,
        is_full=package is not None and package.is_full,
        unit=kind.currency if isinstance(kind, MoneyType) else "",
    )
