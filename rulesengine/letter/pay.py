"""What is paid: percentages, money for each row or unit, money once, prizes."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.letter.values import operand
from rulesengine.letter.words import human, listed, percent, quoted
from rulesengine.model.types import PercentType
from rulesengine.plan import nodes


def pay(node: nodes.Pay, row: str, of: str = "", within: str = "") -> str:
    """Return what is paid, part by part.

    Args:
        node: the pay.
        row: what a row is called.
        of: what a bare percentage or unit is of: `the part in this band`.
        within: what is said of an amount of which only a part counts in a band.
    """
    if not node.parts:
        return "nothing"
    return listed(_part(part, row, of, within) for part in node.parts)


def _part(node: nodes.PayPart, row: str, of: str, within: str) -> str:
    match node:
        case nodes.ShareOf(rate=rate, base=None, above=above):
            return share(rate, of + _above(above, row), row)
        case nodes.ShareOf(rate=rate, base=base, above=above, earnings=earnings) if base is not None:
            return share(rate, _portion(base, above, row) + built_on(earnings, row), row) + within
        case nodes.ShareOf():
            raise AssertionError("both forms of a share are told above")
        case nodes.PerRow(amount=amount):
            return f"{operand(amount, row)} for each {row}{within}"
        case nodes.PerUnit(amount=amount, quantity=None, above=above, package=package):
            return f"{operand(amount, row)} for each {_unit(package, row)} of {of}{_above(above, row)}"
        case nodes.PerUnit(amount=amount, quantity=quantity, above=above, package=package) if quantity:
            counted = _portion(quantity, above, row)
            return f"{operand(amount, row)} for each {_unit(package, row)} of {counted}{within}"
        case nodes.PerUnit():
            raise AssertionError("both forms of money per unit are told above")
        case nodes.PerQuota(amount=amount):
            return f"{operand(amount, row)} for 100% of the target, in proportion to what is reached of it"
        case nodes.Once(amount=amount, rate=None):
            return f"{operand(amount, row)} once"
        case nodes.Once(amount=amount, rate=rate) if rate is not None:
            return f"{share(rate, operand(amount, row), row)}, once"
        case nodes.Once():
            raise AssertionError("both forms of money once are told above")
        case nodes.Prize(name=name):
            return f"a prize, {quoted(name)}"
        case _:
            assert_never(node)


def _portion(of: nodes.Operand, above: nodes.Operand | None, row: str) -> str:
    """Return an amount or quantity of a row, and what of it counts."""
    return operand(of, row) if above is None else f"{operand(of, row)} above {operand(above, row)}"


def _above(bound: nodes.Operand | None, row: str) -> str:
    """Return what of a total counts: `, as far as it lies above 100% of the target`."""
    if bound is None:
        return ""
    target = " of the target" if isinstance(bound.type, PercentType) else ""
    return f", as far as it lies above {operand(bound, row)}{target}"


def _unit(package: nodes.Package | None, row: str) -> str:
    if package is None:
        return "unit"
    return f"{'full' if package.is_full else 'started'} package of {operand(package.size, row)}"


def built_on(earnings: tuple[nodes.OfEarnings, ...], row: str) -> str:
    """Return what is added to a base, or taken off it: ` less what "Fee" earns on the deal`."""
    return "".join(f" {'less' if each.is_less else 'plus'} {earned_by(each, row)}" for each in earnings)


def earned_by(node: nodes.OfEarnings, row: str) -> str:
    """Return `what "Fee" earns on the deal, your share of it`, or `what "Fee" earns you on the deal`."""
    name = node.title if node.title != node.rule else human(node.rule)
    called = quoted(name[:1].upper() + name[1:])
    if node.is_own:
        return f"what {called} earns you on the {row}"
    return f"your share of what {called} earns on the {row}"


def share(rate: nodes.Operand, base: str, row: str) -> str:
    """Return `14% of the amount`, or `the amount times your rate`."""
    match rate:
        case nodes.Constant(value=Decimal() as value):
            return f"{percent(value)} of {base}"
        case (
            nodes.Constant()
            | nodes.FieldRead()
            | nodes.OtherwiseRead()
            | nodes.TableRead()
            | nodes.ShareOfRead()
            | nodes.MeasureRead()
        ):
            return f"{base} times {operand(rate, row)}"
        case _:
            assert_never(rate)
