"""The operands of one part of the pay: rates as judged, amounts and quantities of the row itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from rulesengine.diagnostics import Span
from rulesengine.engines.results import Part
from rulesengine.engines.sql.amounts import OwnReads, own_quantity
from rulesengine.engines.sql.reads import Reads
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import Number, Value, multiply
from rulesengine.plan import nodes


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
    prize: str = ""
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
    match part:
        case nodes.ShareOf(rate=ratio, base=base, above=above, earnings=earnings):
            if above is not None or earnings:
                raise unsupported(f"`{part.text}`", part.origin, rule.name)
            columns[rate] = judge.number(ratio)
            if base is not None:
                _refuse_derived(base, own, rule)
                columns[quantity] = _credited(own_quantity(base, own), columns)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity if base is not None else "",
                of_measure=base is None,
                is_ratio=True,
                base_of=base.text if base is not None else "",
                origin=part.origin,
            )
        case nodes.PerRow(amount=amount):
            columns[rate] = judge.number(amount)
            columns[quantity] = _credited(own.source.num("counts"), columns)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity,
                is_ratio=False,
                base_of=part.text,
                origin=part.origin,
            )
        case nodes.PerUnit(amount=amount, quantity=of, above=above, package=package):
            if above is not None or package is not None:
                raise unsupported(f"`{part.text}`", part.origin, rule.name)
            columns[rate] = judge.number(amount)
            if of is not None:
                _refuse_derived(of, own, rule)
                columns[quantity] = _credited(own_quantity(of, own), columns)
            return PricedPart(
                part=Part.BASE,
                rate=rate,
                quantity=quantity if of is not None else "",
                of_measure=of is None,
                is_ratio=False,
                base_of=of.text if of is not None else "",
                origin=part.origin,
            )
        case nodes.PerQuota() | nodes.Once() | nodes.Prize():
            raise unsupported(f"`{part.text}`", part.origin, rule.name)
        case _:
            assert_never(part)


def _credited(value: Number, columns: dict[str, Value]) -> Number:
    share = columns.get("share")
    return multiply(value, share) if isinstance(share, Number) else value


def _refuse_derived(operand: nodes.Operand, own: OwnReads, rule: nodes.Rule) -> None:
    """Refuse a derived amount, whose working lines show."""
    if not isinstance(operand, nodes.FieldRead) or len(operand.names) != 1:
        return
    derived = own.compilation.plan.derived.get(own.kind, ())
    if any(each.name == operand.names[0] for each in derived):
        raise unsupported(f"pay of the derived `{operand.text}`", operand.origin, rule.name)
