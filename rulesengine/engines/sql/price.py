"""The operands of one part of the pay: rates as judged, amounts and quantities of the row itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from rulesengine.diagnostics import Span
from rulesengine.engines.results import Part, Reason
from rulesengine.engines.sql.amounts import OwnReads, own_exchange, own_quantity
from rulesengine.engines.sql.exchange import exchange_column
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    any_of,
    compared,
    first_given,
    integer,
    is_null,
    joined,
    text,
)
from rulesengine.engines.sql.how import how as how_derived
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.values import Number, Plain, Value, multiply, number
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """The columns of items by which a quantity counts: what lies above a bound, in packages of a size."""

    place: str
    """Band and place of the part, which the names of its columns end with."""
    above: str = ""
    package: str = ""
    full: str = ""
    """A flag: packages that are only started are left out."""
    unit: str = ""
    """Currency of the quantity where it is money."""

    @property
    def quantity(self) -> str:
        return f"quantity_{self.place}"

    @property
    def brings(self) -> str:
        """The row's own quantity before any share."""
        return f"brings_{self.place}"

    @property
    def before(self) -> str:
        """The quantity over a row and those that undo it, before the row."""
        return f"counted_before_{self.place}"

    @property
    def after(self) -> str:
        return f"counted_after_{self.place}"

    @property
    def sum(self) -> str:
        return f"sum_{self.place}"

    @property
    def whole(self) -> str:
        return f"whole_{self.place}"

    @property
    def low(self) -> str:
        return f"low_{self.place}"

    @property
    def high(self) -> str:
        return f"high_{self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedPart:
    """A part of the pay: value = rate x (quantity or the measure); its operands are columns of the items."""

    part: Part
    rate: str
    """Column of the rate: a ratio of an amount, or money for each unit."""
    quantity: str = ""
    """Column of the base or units; empty where the part is paid of the measure or the target."""
    of_measure: bool = False
    of_target: bool = False
    is_ratio: bool
    base_of: str = ""
    how: str = ""
    """Column of how the base or units were worked out; empty where they are no derived field."""
    prize: str = ""
    counting: Counting | None = None
    earnings: tuple[nodes.OfEarnings, ...] = ()
    """What other rules earned on the row that still has to be added to the base or taken off."""
    origin: Span

    @property
    def is_once(self) -> bool:
        """Whether it is paid once, on entering a band."""
        return self.part in (Part.ONCE, Part.PRIZE)


def price(
    part: nodes.PayPart, place: tuple[int, int], judge: Reads, own: OwnReads, rule: nodes.Rule
) -> PricedPart:
    """Add the columns of a part's operands to the items.

    Args:
        place: the band and the place of the part in its pay.
    """
    columns = judge.source.columns
    rate, quantity = f"rate_{place[0]}_{place[1]}", f"quantity_{place[0]}_{place[1]}"
    how = f"how_{place[0]}_{place[1]}"
    match part:
        case nodes.ShareOf(rate=ratio, base=base, above=above, earnings=earnings):
            if base is not None:
                columns[quantity] = _credited(own_quantity(base, own), columns)
                for name, value in own_exchange(base, own).items():
                    columns[exchange_column(name, f"{place[0]}_{place[1]}")] = value
            columns[rate] = judge.number(ratio)
            counting = _counting(place, above, None, base, judge, own, rule)
            others = "".join(f" {each.text}" for each in earnings)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity if base is not None else "",
                of_measure=base is None,
                is_ratio=True,
                base_of=f"{base.text}{others}" if base is not None else "",
                how=_how(how, base, own, columns) or (how if earnings else ""),
                counting=counting,
                earnings=earnings,
                origin=part.origin,
            )
        case nodes.PerRow(amount=amount):
            columns[rate] = judge.number(amount)
            columns[quantity] = _credited(own.source.num("row.counts"), columns)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity,
                is_ratio=False,
                base_of=part.text,
                origin=part.origin,
            )
        case nodes.PerUnit(amount=amount, quantity=of, above=above, package=package):
            if of is not None:
                columns[quantity] = _credited(own_quantity(of, own), columns)
            columns[rate] = judge.number(amount)
            counting = _counting(place, above, package, of, judge, own, rule)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity if of is not None else "",
                of_measure=of is None,
                is_ratio=False,
                base_of=of.text if of is not None else "",
                how=_how(how, of, own, columns),
                counting=counting,
                origin=part.origin,
            )
        case nodes.PerQuota(amount=amount):
            columns[rate] = judge.number(amount)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                of_target=True,
                is_ratio=False,
                base_of="quota",
                origin=part.origin,
            )
        case nodes.Once(amount=amount, rate=ratio):
            money = judge.number(amount)
            columns[rate] = money if ratio is None else judge.number(ratio)
            columns[quantity] = number(1) if ratio is None else money
            return PricedPart(
                part=Part.ONCE,
                rate=rate,
                quantity=quantity,
                is_ratio=ratio is not None,
                base_of=amount.text,
                origin=part.origin,
            )
        case nodes.Prize(name=name):
            columns[rate], columns[quantity] = number(0), number(0)
            return PricedPart(
                part=Part.PRIZE, rate=rate, quantity=quantity, is_ratio=False, prize=name, origin=part.origin
            )
        case _:
            assert_never(part)


def _credited(value: Number, columns: dict[str, Value]) -> Number:
    share = columns.get("share")
    return multiply(value, share) if isinstance(share, Number) else value


def _counting(
    place: tuple[int, int],
    above: nodes.Operand | None,
    package: nodes.Package | None,
    of: nodes.Operand | None,
    judge: Reads,
    own: OwnReads,
    rule: nodes.Rule,
) -> Counting | None:
    """Add the columns of how a part's quantity counts; None where it counts as it is.

    Packages of no size earn nothing. Of the measure, the bound is in its unit.
    """
    if above is None and package is None:
        return None
    columns = judge.source.columns
    named = f"{place[0]}_{place[1]}"
    kind = of.type if of is not None else rule.measure.aggregate.type if rule.measure is not None else None
    counting = Counting(
        place=named,
        above=f"above_{named}" if above is not None else "",
        package=f"package_{named}" if package is not None else "",
        full=f"full_{named}" if package is not None else "",
        unit=kind.currency if isinstance(kind, MoneyType) else "",
    )
    if package is not None:
        size = judge.number(package.size)
        missing = any_of([is_null(size.top), compared(size.top, "<=", integer(0))])
        words = joined([f"{package.size.text} is ", first_given([grouped(size), text("missing")])])
        judge.problem(missing, Reason.NO_SIZE, words)
        columns[counting.package] = size
        columns[counting.full] = Plain(TRUE if package.is_full else FALSE)
    if above is not None:
        bound = judge.number(above)
        target = columns.get("target")
        if of is None and isinstance(target, Number):
            bound = multiply(bound, target)
        columns[counting.above] = bound
    if of is not None:
        columns[counting.brings] = own_quantity(of, own)
    return counting


def _how(column: str, operand: nodes.Operand | None, own: OwnReads, columns: dict[str, Value]) -> str:
    """Add the column of how a derived amount was worked out, and return its name; empty for any other."""
    words = how_derived(operand, own) if operand is not None else None
    if words is None:
        return ""
    columns[column] = Plain(words)
    return column
