"""What changes an amount: factors, caps and floors in the order written, budgets."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.conditions import condition
from rulesengine.letter.dates import in_each
from rulesengine.letter.measures import kept_for
from rulesengine.letter.pay import earned_by
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import operand, the_field
from rulesengine.letter.words import plural, sentence, steps_in_order
from rulesengine.model.dates import WindowKind
from rulesengine.model.rounding import Remainder
from rulesengine.plan import nodes


def adjusters(in_order: tuple[nodes.Adjuster, ...], row: str) -> tuple[Item, ...]:
    """Return a sentence for each step, in the order in which they are taken."""
    steps = zip(steps_in_order(len(in_order)), in_order, strict=True)
    return items(*(sentence(f"{word}, {_step(node, row)}") for word, node in steps))


def _step(node: nodes.Adjuster, row: str) -> str:
    match node:
        case nodes.Times(factor=factor, when=when):
            only = f" if {condition(when, row)}" if when is not None else ""
            return f"the amount is multiplied by {operand(factor, row)}{only}"
        case nodes.Limit(is_floor=True):
            least = operand(node.amount, row)
            if isinstance(node.amount, nodes.Constant) and not node.amount.value:
                return f"what comes to less than nothing is raised to nothing {_scope(node, row)}"
            return f"what is earned, if anything, is raised to at least {least} {_scope(node, row)}"
        case nodes.Limit(is_floor=False):
            return f"no more than {operand(node.amount, row)} is paid {_scope(node, row)}"
        case nodes.Limit():
            raise AssertionError("a limit is a floor or none")
        case nodes.Deduct(earnings=earnings):
            return f"{earned_by(earnings, row)} is taken off"
        case _:
            assert_never(node)


def _scope(node: nodes.Limit, row: str) -> str:
    return f"{in_each(node.window)}, {kept_for(node.keys, row)}{_settled(node)}"


def _settled(node: nodes.Limit) -> str:
    if node.is_floor and isinstance(node.window, WindowKind):
        return ", settled on the last day"
    return ""


def budget(node: nodes.Budget, row: str) -> tuple[Item, ...]:
    """Return the sentences on the most that a rule pays."""
    most = f"in all, no more than {operand(node.amount, row)} is paid {kept_for(node.keys, row)}"
    if node.first_come is not None:
        return items(
            sentence(most),
            sentence(
                f"it is paid out in the order of {the_field(node.first_come, row)}; "
                f"what does not fit whole is cut to fit, and later {plural(row)} get nothing"
            ),
        )
    return items(
        sentence(most),
        sentence(
            f"on {node.ends_on} all amounts are cut in the same proportion if they come to more; "
            f"nothing is paid before that day"
        ),
        left_over(node.remainder, "amounts"),
    )


def left_over(node: Remainder | None, parts: str) -> str:
    """Return the sentence on cents that do not divide; empty where nothing is divided."""
    match node:
        case None:
            return ""
        case Remainder.FIRST:
            return sentence(f"cents that do not divide go one each to the first {parts}")
        case Remainder.LAST:
            return sentence(f"cents that do not divide go one each to the last {parts}")
        case Remainder.IN_TURN:
            return sentence(
                f"cents that do not divide go one each in turn, "
                f"first to those {parts} that have waited longest"
            )
        case Remainder.LARGEST_SHARE:
            return sentence(f"cents that do not divide go one each to the largest {parts}")
        case Remainder.LARGEST_FRACTION:
            return sentence(
                f"cents that do not divide go one each to those {parts} that lose most by the cut"
            )
        case Remainder.NOBODY:
            return sentence(f"cents that do not divide among the {parts} are paid to nobody")
        case _:
            assert_never(node)
