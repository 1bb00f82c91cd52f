"""Currencies: what a rule pays in, at which rates amounts are converted, what a statement is paid in."""

from __future__ import annotations

from rulesengine.letter.dates import anchor
from rulesengine.letter.rounding import how_rounded
from rulesengine.letter.sentences import Item, items
from rulesengine.letter.values import the_field
from rulesengine.letter.words import article, count_of, human, sentence
from rulesengine.model.schema import RatesShape
from rulesengine.plan import nodes

_ROW = "line"


def rates(shape: RatesShape) -> str:
    """Return the sentence on a table of exchange rates."""
    quoted = (
        f"units of the other currency for 1 {shape.base}"
        if shape.is_per_base
        else f"{shape.base} for one unit of the other currency"
    )
    days = (
        "on its own day only" if shape.within_days == 0 else f"for {count_of(str(shape.within_days), 'day')}"
    )
    return sentence(f"there are exchange rates, {human(shape.name)}: {quoted}; a rate is good {days}")


def converted(node: nodes.Convert, row: str) -> tuple[Item, ...]:
    """Return the sentences on the amounts that a rule converts before it does anything else."""
    rounded = (
        "and are not rounded"
        if node.mode is None or node.step is None
        else f"and are rounded {how_rounded(node.mode, node.step, node.to)}"
    )
    return items(
        sentence(
            f"amounts of the {row} in another currency are turned into {node.to} before anything else: "
            f"at the {human(node.rates)} rate of {anchor(node.anchor, row)}, or the last one before it, "
            f"{rounded}"
        ),
        sentence(f"{article(row)} {row} that there is no such rate for is refused"),
    )


def paid_in(plan: nodes.Plan) -> tuple[Item, ...]:
    """Return the sentences on the currency of statements; none where it is the plan's."""
    node = plan.convert
    if node is None:
        if plan.pays_in:
            return ()
        return items(sentence("what is earned in several currencies comes on a statement for each"))
    to = node.to if isinstance(node.to, str) else f"the currency that {the_field(node.to, _ROW)} says"
    return items(
        sentence(
            f"each line is paid in {to}, at the {human(node.rates)} rate of {anchor(node.anchor, _ROW)}, "
            "or the last one before it"
        ),
        sentence(f"then it is rounded {how_rounded(node.mode, None, '')}"),
    )
