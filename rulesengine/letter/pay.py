"""What is paid: percentages, money for each row or unit, money once, prizes."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.letter.values import operand
from rulesengine.letter.words import listed, percent, quoted
from rulesengine.plan import nodes


def pay(node: nodes.Pay, row: str, of: str = "", within: str = "") -> str:
    """Return what is paid, part by part.

    Args:
        node: the pay.
        row: what a row is called.
        of: what a bare percentage or unit is of: `the part of the quarter's total in this band`.
        within: what is said of an amount of which only a part counts in a band.
    """
    if not node.parts:
        return "nothing"
    return listed(_part(part, row, of, within) for part in node.parts)


def _part(node: nodes.PayPart, row: str, of: str, within: str) -> str:
    match node:
        case nodes.ShareOf(rate=rate, base=None):
            return share(rate, of, row)
        case nodes.ShareOf(rate=rate, base=base) if base is not None:
            return share(rate, operand(base, row), row) + within
        case nodes.ShareOf():
            raise AssertionError("both forms of a share are told above")
        case nodes.PerRow(amount=amount):
            return f"{operand(amount, row)} for each {row}{within}"
        case nodes.PerUnit(amount=amount, quantity=None):
            return f"{operand(amount, row)} for each unit of {of}"
        case nodes.PerUnit(amount=amount, quantity=quantity) if quantity is not None:
            return f"{operand(amount, row)} for each unit of {operand(quantity, row)}{within}"
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
        ):
            return f"{base} times {operand(rate, row)}"
        case _:
            assert_never(rate)
