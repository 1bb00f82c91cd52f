"""What happens between the lines of a statement and its total, in the order in which it does."""

from __future__ import annotations

from typing import assert_never

from rulesengine.letter.dates import anchor, length, window_name
from rulesengine.letter.rounding import how_rounded
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import operand
from rulesengine.letter.words import human, percent, sentence
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Negative

_ROW = "statement"
_FIRST = "Of these, the first that is for you counts."


def settled(plan: nodes.Plan) -> tuple[Item, ...]:
    """Return the sentences on the settlement of a plan; none where its lines are paid as they are."""
    node = plan.settlement
    if node is None:
        return ()
    rounding = node.rounding
    return items(
        sentence("what you are paid is settled in this order"),
        "Whatever was carried forward from the statement before is added to the lines."
        if _carries(node)
        else "",
        *(sentence(_guarantee(grant, plan)) for grant in node.guarantees),
        _FIRST if len(node.guarantees) > 1 else "",
        *(sentence(_draw(grant, plan)) for grant in node.draws),
        _FIRST if len(node.draws) > 1 else "",
        _recovery(node.recovery),
        _cap(node.cap),
        _negative(node),
        _minimum(node.minimum),
        ""
        if rounding is None
        else sentence(f"the total is rounded {how_rounded(rounding.mode, rounding.step, plan.pays_in)}"),
    )


def _carries(node: nodes.Settlement) -> bool:
    is_cap_carried = node.cap is not None and node.cap.is_carried
    return node.negative is Negative.CARRY or node.minimum is not None or is_cap_carried


def _guarantee(node: nodes.Grant, plan: nodes.Plan) -> str:
    window = window_name(plan.period)
    return (
        f"{_who(node, plan)}earn less than {operand(node.amount, _ROW)} in a {window}, "
        "you are paid as if you had earned that; you never owe it back"
    )


def _draw(node: nodes.Grant, plan: nodes.Plan) -> str:
    owed = "owe back what was advanced" if node.is_recoverable else "keep it, and owe nothing back"
    window = window_name(plan.period)
    amount = operand(node.amount, _ROW)
    return (
        f"{_who(node, plan)}have less than {amount} coming for a {window}, you are paid {amount}; you {owed}"
    )


def _who(node: nodes.Grant, plan: nodes.Plan) -> str:
    """Return the beginning of a condition: whom an amount is for, and when."""
    whom = ""
    if node.segment:
        whom = f"you are in the group {human(node.segment)} on the last day and "
    elif node.kind:
        whom = f"you are a {human(node.kind)} and "
    if node.time is None:
        return f"if {whom}" if whom else "if you "
    start, span = anchor(node.time.anchor, _ROW), length(node.time.span, _ROW)
    last = f"the last day of the {window_name(plan.period)}"
    return f"if {whom}{last} is on {start} or later, and before {span} after it, and you "


def _recovery(node: nodes.Recovery | None) -> str:
    if node is None:
        return ""
    above = f" above {operand(node.above, _ROW)}" if node.above is not None else ""
    return sentence(
        f"while you owe something, {percent(node.rate)} of what you have coming{above} pays it back, "
        "whenever no draw is paid"
    )


def _cap(node: nodes.StatementCap | None) -> str:
    if node is None:
        return ""
    rest = "is carried forward to the next statement" if node.is_carried else "is lost"
    return sentence(f"one statement pays no more than {operand(node.amount, _ROW)}; the rest {rest}")


def _negative(node: nodes.Settlement) -> str:
    match node.negative:
        case Negative.CARRY:
            return sentence("a statement below zero is carried forward and taken from the next one")
        case Negative.FORGIVE:
            return sentence("a statement below zero is forgiven")
        case Negative.STANDS:
            # Said only where the plan says it: otherwise nothing is settled differently.
            return sentence("a statement below zero stands as it is") if node.says_negative else ""
        case _:
            assert_never(node.negative)


def _minimum(node: nodes.Minimum | None) -> str:
    if node is None:
        return ""
    least = operand(node.amount, _ROW)
    return sentence(
        f"less than {least} is not paid but carried forward to the next statement, until the plan's last one"
    )
