"""What pay is of: a field, what of it lies above a bound, packages of it, and other rules' earnings."""

from __future__ import annotations

from rulesengine.language import syntax
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import MoneyType, NumberType, PercentType
from rulesengine.plan import nodes
from rulesengine.plan.names import Sort
from rulesengine.plan.operands import check_not_of_measure, lower_operand, lower_scalar
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Scope
from rulesengine.plan.types import Typed, check_alike, check_is


@dataclass(frozen=True, slots=True)
class Portion:
    """An amount or quantity of a row or of the measure, and the bound that it counts above, if any."""

    of: Typed
    above: nodes.Operand | None
    is_measure: bool = False

    @property
    def node(self) -> nodes.Operand | None:
        """What is read of the row; None for the measure."""
        return None if self.is_measure else self.of.node


def lower_portion(scope: Scope, node: syntax.Portion | None, measure: nodes.Measure | None) -> Portion:
    """Return the amount or quantity, of the measure where no field is named.

    The bound must be in its unit; of a measure against a target it is a percentage of that.
    """
    if node is None or (isinstance(node, syntax.Excess) and node.of is None):
        if measure is None:
            raise Mistake
        return Portion(of_measure(measure), _above_total(scope, node, measure), is_measure=True)
    if not isinstance(node, syntax.Excess):
        whole = lower_operand(scope, node)
        check_not_of_measure(scope, whole)
        return Portion(whole, None)
    if scope.is_line:
        raise _no_row(scope, node, "what lies above a bound is found deal by deal")
    assert node.of is not None
    of = lower_operand(scope, node.of)
    check_not_of_measure(scope, of)
    bound = lower_scalar(scope, node.bound)
    check_alike(of, bound)
    return Portion(of, bound.node)


def _above_total(scope: Scope, node: syntax.Excess | None, measure: nodes.Measure) -> nodes.Operand | None:
    if node is None:
        return None
    bound = lower_scalar(scope, node.bound)
    if measure.against is None:
        check_alike(of_measure(measure), bound)
    else:
        check_is(bound, "a bound against a target is a percentage of it", PercentType)
    return bound.node


def lower_package(scope: Scope, node: syntax.PerPackage, counted: Typed) -> nodes.Package:
    """Return the size of packages, in the unit of what is counted, above zero."""
    if scope.is_line:
        raise _no_row(scope, node, "packages are counted deal by deal")
    size = lower_scalar(scope, node.size)
    check_alike(counted, size)
    if isinstance(node.size, syntax.Number | syntax.Amount) and node.size.value <= 0:
        raise mistake("R0407", f"expected packages of a size above zero, found {size.text}", size.node.origin)
    return nodes.Package(origin=node.span, size=size.node, is_full=node.word == "full")


def of_measure(measure: nodes.Measure) -> Typed:
    """Return what a measure adds up, as something that sizes of packages are compared with."""
    aggregate = measure.aggregate
    what = nodes.Constant(origin=aggregate.origin, value="", type=aggregate.type, text=aggregate.text)
    return Typed(what, aggregate.origin)


def lower_earnings(scope: Scope, node: syntax.EarningsOf) -> nodes.OfEarnings:
    """Return what another rule earned on the row; `checks/earnings_are_known.py` looks at that rule."""
    return _of_earnings(scope, node, node.rule, is_less=node.word == "less", is_own=node.own)


def lower_deduct(scope: Scope, node: syntax.Deduct) -> nodes.Deduct:
    """Return what is taken off the pay of a row."""
    earnings = _of_earnings(scope, node, node.rule, is_less=True, is_own=node.own)
    return nodes.Deduct(origin=node.span, earnings=earnings, text=earnings.text)


def _of_earnings(
    scope: Scope, node: syntax.Node, rule: syntax.Name, *, is_less: bool, is_own: bool
) -> nodes.OfEarnings:
    block = scope.context.catalog.find(rule, Sort.RULE).block
    if scope.is_line:
        raise _no_row(scope, node, "what was earned on a deal cannot be told line by line")
    text = scope.context.texts.of(node.span)
    clauses = block.clauses if isinstance(block, syntax.RuleBlock) else ()
    title = next((each.text for each in clauses if isinstance(each, syntax.Title)), rule.text)
    return nodes.OfEarnings(
        origin=node.span, rule=rule.text, title=title, is_less=is_less, is_own=is_own, text=text
    )


def _no_row(scope: Scope, node: syntax.Node, why: str) -> Mistake:
    row = scope.row.name if scope.row else "deal"
    return mistake(
        "R0225",
        f"rows `on earnings of` a rule are lines, of which one {row} may have several: {why}",
        node.span,
        hint=f"let the rule stand `on {row}`",
    )


MEASURABLE = (MoneyType, NumberType)
"""What packages can be counted of."""
