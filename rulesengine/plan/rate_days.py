"""Whether a rule may have to wait for the exchange rates of its rows: its lines are payable no earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rulesengine.plan import nodes
from rulesengine.plan.nodes import Root


def later_rate(rule: nodes.Rule, named: Callable[[str], nodes.Rule | None]) -> nodes.Convert | None:
    """Return what converts amounts of a rule, or of a rule that it is on the earnings of, at the rate of a
    day that may come after the one that the row is dated by; None where nothing does.

    Args:
        named: gives the rule of a name, None where the plan has none.
    """
    chain = _chain(rule, named)
    converts = (convert for each in chain for convert in _converts(each))
    return next((each for each in converts if _is_later(each.anchor, chain[-1])), None)


def _chain(rule: nodes.Rule, named: Callable[[str], nodes.Rule | None]) -> list[nodes.Rule]:
    """Return a rule, the one that it is on the earnings of, and so on; also of a plan with mistakes, in which
    one may be missing or come again."""
    chain: list[nodes.Rule] = []
    below: nodes.Rule | None = rule
    while below is not None and not any(below is each for each in chain):
        chain.append(below)
        below = named(below.source.rule) if isinstance(below.source, nodes.EarningsSource) else None
    return chain


def _converts(rule: nodes.Rule) -> Iterator[nodes.Convert]:
    """Yield how amounts of the rows of a rule are converted: by itself, and by a measure that it reads."""
    of_measure = rule.measure.rows.convert if rule.measure is not None and rule.measure.rows else None
    yield from (each for each in (rule.convert, of_measure) if each is not None)


def _is_later(anchor: nodes.Anchor, base: nodes.Rule) -> bool:
    """Return whether a date may come after the one that the rows of a rule are dated by."""
    match anchor:
        case nodes.DateRead(operand=nodes.FieldRead(root=Root.LINE, names=("earned",))):
            return False
        case nodes.DateRead(operand=nodes.FieldRead(root=Root.ROW, names=(name,))):
            return not isinstance(base.source, nodes.FactSource) or name != base.source.event
        case _:
            return True
