"""Bounds what a `derive` may come to: plans that a program wrote must not exhaust what works them out."""

from __future__ import annotations

from collections.abc import Iterable

from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.problems import mistake

# A derived value is worked out by recursion through the fields it is derived from: so deep, and no
# deeper, where a field counts for as many levels as it takes to read it.
_MOST_LEVELS = 500
_LEVELS_OF_A_FIELD = 6
# Values multiplied and divided by each other: their fraction would have too many digits to be written.
_MOST_FACTORS = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How deep an expression goes, and how many values the two parts of its fraction multiply."""

    levels: int = 0
    above: int = 1
    below: int = 0

    def or_larger(self, other: Size) -> Size:
        """Return the larger of two in each respect."""
        return Size(
            max(self.levels, other.levels), max(self.above, other.above), max(self.below, other.below)
        )


def check_size(clause: syntax.Derive, used: Iterable[nodes.Expression], sizes: dict[str, Size]) -> None:
    """Refuse a derived field that goes too deep or multiplies too much; take down its size.

    Args:
        clause: as written.
        used: its expression, and what it is at least and at most.
        sizes: of the derived fields before it, by name; of two records' fields the larger.

    Raises:
        Mistake: R0108.
    """
    name = clause.name.text
    size = Size()
    for part in used:
        size = size.or_larger(_size(part, sizes))
    size = Size(size.levels + _LEVELS_OF_A_FIELD, size.above, size.below)
    sizes[name] = size.or_larger(sizes.get(name, Size()))
    if size.levels > _MOST_LEVELS:
        raise mistake(
            "R0108",
            f"`{name}` is derived from derived fields, and these from others, too many times",
            clause.name.span,
            hint="add up in one `derive` line what is added up in many, or put the result into a field",
        )
    if max(size.above, size.below) > _MOST_FACTORS:
        raise mistake(
            "R0108",
            f"more than {_MOST_FACTORS} values are multiplied and divided by each other in `{name}`",
            clause.name.span,
            hint="put a part of the result into a field of the fact",
        )


def _size(expression: nodes.Expression, sizes: dict[str, Size]) -> Size:
    match expression:
        case nodes.FieldRead(names=names):
            return sizes.get(names[-1], Size())
        case nodes.Arithmetic(operation=operation, left=left, right=right):
            return _joined(operation, _size(left, sizes), _size(right, sizes))
        case nodes.OtherwiseRead(read=read, default=default):
            assert not isinstance(default, nodes.TableRead)
            return _size(read, sizes).or_larger(_size(default, sizes))
        case nodes.Constant() | nodes.SpanCount():
            return Size()


def _joined(operation: nodes.Operation, left: Size, right: Size) -> Size:
    levels = 1 + max(left.levels, right.levels)
    match operation:
        case nodes.Operation.MULTIPLY:
            return Size(levels, left.above + right.above, left.below + right.below)
        case nodes.Operation.DIVIDE:
            return Size(levels, left.above + right.below, left.below + right.above)
        case nodes.Operation.ADD | nodes.Operation.SUBTRACT:
            above = max(left.above + right.below, right.above + left.below)
            return Size(levels, above, left.below + right.below)
