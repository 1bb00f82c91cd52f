"""Under whole tiers, earning more does not pay less."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rulesengine.diagnostics import Diagnostic, Related, Severity
from rulesengine.model.exact import ONE, ZERO, Exact, add, as_text, divide, multiply, subtract
from rulesengine.model.money import minor_digits, minor_unit
from rulesengine.model.rounding import round_to
from rulesengine.model.types import MoneyType, PercentType
from rulesengine.plan import nodes

_EXAMPLE_QUOTA = Decimal(100_000)


def whole_tiers_never_lower_pay(plan: nodes.Plan) -> Iterator[Diagnostic]:
    """Yield the warning R0601 at each tier under `whole` where a larger total pays a smaller sum.

    `whole` pays the tier's rate on the whole total, so a lower rate further up, or an amount
    `once` that the tier before had and this one has not, makes somebody lose money by selling
    more. The message shows the two totals and what they pay; rates read from fields are unknown
    here and are left out.

    Source: language reference, "The five methods".
    """
    for rule in plan.rules:
        for version in rule.versions:
            rate = version.rate
            if isinstance(rate, nodes.Bands) and rate.method is nodes.Method.WHOLE and rule.measure:
                yield from _drops(rule, rule.measure, rate)


def _drops(rule: nodes.Rule, measure: nodes.Measure, rate: nodes.Bands) -> Iterator[Diagnostic]:
    target = _target(measure)
    step = _step(measure)
    for band, following in zip(rate.bands, rate.bands[1:], strict=False):
        bound = multiply(following.start, target) if target is not None else following.start
        below = subtract(bound, step) if following.is_included else bound
        above = bound if following.is_included else add(bound, step)
        paid_below = _pays(band.pay, below, measure, target)
        paid_above = _pays(following.pay, above, measure, target)
        if paid_below is None or paid_above is None or paid_above >= paid_below:
            continue
        lower = round_to(paid_above, rule.rounding.step, rule.rounding.mode)
        higher = round_to(paid_below, rule.rounding.step, rule.rounding.mode)
        if lower >= higher:
            continue
        quota = ""
        if measure.against is not None and not isinstance(
            measure.against, nodes.Constant | nodes.WeightedTarget
        ):
            quota = f" of a quota of {_total(_EXAMPLE_QUOTA, measure)}"
        yield Diagnostic(
            code="R0601",
            message=f"a total of {_total(above, measure)}{quota} pays {_money(lower, rule.currency)}, "
            f"{_total(below, measure)} pays {_money(higher, rule.currency)}",
            span=following.origin,
            severity=Severity.WARNING,
            related=(Related(band.origin, "the tier before pays more just below it"),),
            hint="raise this tier, or apply `marginal`, which pays each rate on its own part only",
        )


def _target(measure: nodes.Measure) -> Exact | None:
    """Return what bounds are multiples of: the target written, an example for a looked-up one."""
    match measure.against:
        case None:
            return None
        case nodes.Constant(value=Decimal() as value):
            return value
        case nodes.WeightedTarget():
            return ONE
        case _:
            return _EXAMPLE_QUOTA


def _step(measure: nodes.Measure) -> Decimal:
    kind = measure.aggregate.type
    if isinstance(kind, PercentType):
        return Decimal("0.0001")
    return minor_unit(kind.currency) if isinstance(kind, MoneyType) else Decimal(1)


def _pays(pay: nodes.Pay, total: Exact, measure: nodes.Measure, target: Exact | None) -> Exact | None:
    """Return what a band pays on a total, None where a part of it is not known from the plan."""
    paid: Exact = ZERO
    for part in pay.parts:
        amount = _part_pays(part, total, measure, target)
        if amount is None:
            return None
        paid = add(paid, amount)
    return paid


def _part_pays(
    part: nodes.PayPart, total: Exact, measure: nodes.Measure, target: Exact | None
) -> Exact | None:
    aggregate = measure.aggregate
    match part:
        case nodes.ShareOf(above=above, earnings=earnings) if above or earnings:
            return None
        case nodes.PerUnit(above=above, package=package) if above or package:
            return None
        case nodes.ShareOf(rate=nodes.Constant(value=Decimal() as rate), base=base):
            return multiply(rate, total) if base is None or _is_measured(base, aggregate) else None
        case nodes.PerUnit(amount=nodes.Constant(value=Decimal() as amount), quantity=quantity):
            is_measured = quantity is None or _is_measured(quantity, aggregate)
            return multiply(amount, total) if is_measured else None
        case nodes.PerRow(amount=nodes.Constant(value=Decimal() as amount)):
            is_count = aggregate.kind is nodes.AggregateKind.COUNT
            return multiply(amount, total) if is_count else None
        case nodes.Once(amount=nodes.Constant(value=Decimal() as amount), rate=None):
            return amount
        case nodes.PerQuota(amount=nodes.Constant(value=Decimal() as amount)) if target:
            return multiply(amount, divide(total, target))
        case nodes.Prize():
            return ZERO
        case _:
            return None


def _is_measured(base: nodes.Operand, aggregate: nodes.Aggregate) -> bool:
    """Return whether a base is what the measure adds up, so that its sum is the total."""
    return (
        aggregate.kind is nodes.AggregateKind.SUM
        and aggregate.read is not None
        and base.text == aggregate.read.text
    )


def _total(value: Exact, measure: nodes.Measure) -> str:
    if isinstance(measure.aggregate.type, MoneyType):
        return _money(Decimal(as_text(value)), measure.aggregate.type.currency)
    return f"{Decimal(as_text(value)):,f}"


def _money(value: Decimal, currency: str) -> str:
    return f"{value:,.{minor_digits(currency) or 0}f} {currency}"
