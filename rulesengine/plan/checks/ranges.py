"""Between which amounts the pay of a single row lies, as far as the plan's literals show.

What cannot be told from the plan alone is unknown; then no check says anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rulesengine.model.exact import ONE, ZERO, Exact, add, multiply
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes
from rulesengine.plan.checks.possible import Path, path_of


@dataclass(frozen=True, slots=True)
class Range:
    """What a row that earns pays one payee: an amount, or a ratio of a field.

    Magnitudes, before rounding; a row that undoes another takes back the same.
    """

    low: Exact
    high: Exact | None
    """None where there is no end to it."""
    of: Path | None
    """The field that both are ratios of; None for amounts of money."""
    text: str
    """The pay as written."""

    def times(self, low: Exact, high: Exact | None) -> Range:
        """Return the range multiplied by a factor that lies between two."""
        end = None if high is None or self.high is None else multiply(self.high, high)
        return Range(multiply(self.low, low), end, self.of, self.text)

    def cut(self, limit: nodes.Limit, bound: Bound) -> Range:
        """Return the range as a limit for each row leaves it."""
        if self.of != bound.of:
            # Ratios of different fields do not compare; a cap in money still is an end.
            return Range(ZERO, None if limit.is_floor else bound.value, bound.of, self.text)
        if limit.is_floor:
            high = None if self.high is None else max(self.high, bound.value)
            return Range(max(self.low, bound.value), high, self.of, self.text)
        high = bound.value if self.high is None else min(self.high, bound.value)
        return Range(min(self.low, bound.value), high, self.of, self.text)


class Bound(NamedTuple):
    """The amount of a limit: money, or a ratio of a field."""

    value: Exact
    of: Path | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of `times`, `cap` and `floor` with what a row pays before it; None where unknown."""

    adjuster: nodes.Adjuster
    before: Range | None


def steps_of(version: nodes.Version, rule: nodes.Rule) -> Iterator[Step]:
    """Yield the steps of a version in order, each with what is known before it."""
    found = _paid(version, rule)
    for adjuster in version.adjusters:
        yield Step(adjuster, found)
        found = _after(adjuster, found)


def paid_in_the_end(version: nodes.Version, rule: nodes.Rule) -> Range | None:
    """Return what a row pays after all steps; None where unknown."""
    found = _paid(version, rule)
    for adjuster in version.adjusters:
        found = _after(adjuster, found)
    return found


def bound_of(limit: nodes.Limit) -> Bound | None:
    """Return the amount of a limit, None where it is known at run time only."""
    match limit.amount:
        case nodes.Constant(value=Decimal() as value):
            return Bound(value, None)
        case nodes.ShareOfRead(share=share, of=nodes.FieldRead() as read):
            return Bound(share, path_of(read))
        case _:
            return None


def is_each_payees_own(limit: nodes.Limit) -> bool:
    """Whether a limit is for one row and payee, so that what a row pays can be held against it."""
    own = len(limit.keys) == 1 and limit.keys[0].root is nodes.Root.PAYEE and not limit.keys[0].names
    return isinstance(limit.window, nodes.PerFact) and own


def _after(adjuster: nodes.Adjuster, before: Range | None) -> Range | None:
    match adjuster:
        case nodes.Times():
            return _multiplied(adjuster, before) if before else None
        case nodes.Limit() if is_each_payees_own(adjuster):
            bound = bound_of(adjuster)
            if bound is None or before is None:
                return Range(ZERO, None, None, "") if bound is None else _unknown(adjuster, bound)
            return before.cut(adjuster, bound)
        case nodes.Limit():
            # A shared or longer window may cut any row down to nothing; a floor is settled at its end.
            return Range(ZERO, before.high, before.of, before.text) if before else None
        case _:
            return None


def _unknown(limit: nodes.Limit, bound: Bound) -> Range:
    return Range(
        bound.value if limit.is_floor else ZERO, None if limit.is_floor else bound.value, bound.of, ""
    )


def _multiplied(times: nodes.Times, before: Range) -> Range | None:
    match times.factor:
        case nodes.Constant(value=Decimal() as factor):
            if times.when is None:
                return before.times(factor, factor)
            return before.times(min(factor, ONE), max(factor, ONE))
        case _:
            return None


def _paid(version: nodes.Version, rule: nodes.Rule) -> Range | None:
    if rule.goals or rule.rank or not isinstance(rule.source, nodes.FactSource):
        return None
    match version.rate:
        case nodes.Pay(parts=parts) if parts:
            ranges = [_of_part(part, None) for part in parts]
            text = " plus ".join(part.text for part in parts)
            return _shared(_sum(ranges, text), version.credit)
        case nodes.Bands():
            return _of_bands(version.rate, rule.measure)
        case _:
            return None


def _of_bands(rate: nodes.Bands, measure: nodes.Measure | None) -> Range | None:
    """Under methods that pay a row as it comes, its rate lies between those of the bands."""
    as_it_comes = (nodes.Method.MARGINAL, nodes.Method.FROM_CROSSING, nodes.Method.FROM_NEXT)
    if measure is None or rate.method not in as_it_comes:
        return None
    if measure.rows is not None or measure.aggregate.kind is not nodes.AggregateKind.SUM:
        return None
    ranges: list[Range] = []
    for band in rate.bands:
        if len(band.pay.parts) > 1:
            return None
        found = _of_part(band.pay.parts[0], measure) if band.pay.parts else None
        if band.pay.parts and found is None:
            return None
        ranges.append(found or Range(ZERO, ZERO, None, ""))
    paying = [each for each in ranges if each.high]
    if not paying or len({each.of for each in paying}) > 1 or paying[0].of is None:
        return None
    highs = [each.high for each in paying if each.high is not None]
    low = min(each.low for each in ranges)
    best = max(paying, key=lambda each: each.high or ZERO)
    return Range(low, max(highs), best.of, best.text)


def _of_part(part: nodes.PayPart, measure: nodes.Measure | None) -> Range | None:
    match part:
        case nodes.ShareOf(earnings=(_, *_)):
            return None
        case nodes.ShareOf(rate=nodes.Constant(value=Decimal() as rate), base=nodes.FieldRead() as base):
            if measure is not None and not _is_measured(base, measure):
                return None
            return Range(ZERO if part.above is not None else rate, rate, path_of(base), part.text)
        case nodes.ShareOf(rate=nodes.Constant(value=Decimal() as rate), base=None) if measure:
            read = measure.aggregate.read
            return Range(rate, rate, path_of(read), part.text) if isinstance(read, nodes.FieldRead) else None
        case nodes.PerRow(amount=nodes.Constant(value=Decimal() as amount)) if measure is None:
            return Range(amount, amount, None, part.text)
        case _:
            return None


def _is_measured(base: nodes.FieldRead, measure: nodes.Measure) -> bool:
    return isinstance(measure.aggregate.read, nodes.FieldRead) and path_of(base) == path_of(
        measure.aggregate.read
    )


def _sum(ranges: list[Range | None], text: str) -> Range | None:
    low: Exact = ZERO
    high: Exact = ZERO
    for each in ranges:
        if each is None or each.high is None or each.of != (ranges[0] and ranges[0].of):
            return None
        low, high = add(low, each.low), add(high, each.high)
    return Range(low, high, ranges[0].of if ranges[0] else None, text)


def _shared(found: Range | None, credit: nodes.Credit) -> Range | None:
    """A ratio of a field is one of the payee's own share of it; money per row is cut to the share."""
    if found is None or found.of is not None:
        return found
    match credit:
        case nodes.CreditTo():
            return found
        case nodes.CreditShares(shares=shares, are_weights=False):
            # A payee who is named twice has both shares together.
            return found.times(min(_least(share) for share, _ in shares), ONE)
        case _:
            return None


def _least(share: nodes.Share) -> Exact:
    match share:
        case nodes.Constant(value=Decimal() as value):
            return value
        case _:
            return ZERO
