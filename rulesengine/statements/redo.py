"""A line worked out again from the numbers that its trace shows: with a pocket calculator, as it were."""

from __future__ import annotations

import math
from decimal import Decimal

from rulesengine.engines.results import Line, Part
from rulesengine.engines.settle import CAP
from rulesengine.model.exact import ONE, ZERO, Exact, absolute, add, divide, multiply, negate, subtract
from rulesengine.model.rounding import RoundingMode, round_to


def redo(line: Line) -> Exact | None:
    """Return `exact` worked out again from the numbers that the trace shows.

    None where the line states its amount outright (`500 USD once`, a prize, a rival's pay, what was
    brought forward) or is
    a cut that depends on its neighbours (a budget shared in proportion).
    """
    if line.part in (Part.CLAWBACK, Part.RESTORED):
        return _taken_back(line)
    if line.whole is not None and line.part_share is not None:
        return multiply(line.whole, line.part_share)
    if line.whole is not None and line.weight is not None and line.weights and not line.part_number:
        return divide(multiply(line.whole, line.weight), line.weights)
    if line.whole is not None and line.part is not Part.FORFEITED:
        count = cuts(line)
        return divide(line.whole, count) if count else None
    return redo_award(line)


def _taken_back(line: Line) -> Exact | None:
    if line.whole is None or line.part_share is None:
        return None
    share = multiply(line.whole, line.part_share)
    not_paid = line.base or ZERO
    if line.part is Part.CLAWBACK:
        return subtract(not_paid, share)
    return subtract(share, not_paid)


def redo_award(line: Line) -> Exact | None:
    """Return what the award of a line came to before it was cut into parts, as `redo` does."""
    match line.part:
        case Part.CAP | Part.FLOOR | Part.BUDGET:
            is_shared = line.part is Part.BUDGET and line.base is not None
            if line.target is None or line.measure_after is None or is_shared:
                return None
            before = ZERO if lifts_a_window(line) else line.measure_before or ZERO
            moved = subtract(line.measure_after, before)
            after = held(line.part, line.measure_after, line.target)
            return subtract(subtract(after, held(line.part, before, line.target)), moved)
        case Part.TIMES if line.rate is None and line.times is not None and line.base is not None:
            return multiply(line.base, subtract(line.times, ONE))
        case Part.GUARANTEE | Part.DRAW | Part.STATEMENT_CAP:
            return subtract(line.target or ZERO, line.base or ZERO)
        case Part.RECOVERY:
            asked = multiply(line.base or ZERO, line.rate or ZERO)
            return negate(min(asked, line.measure_before or ZERO))
        case Part.CARRIED_FORWARD if line.base_of == CAP:
            return subtract(line.target or ZERO, line.base or ZERO)
        case Part.CARRIED_FORWARD | Part.FORGIVEN:
            return negate(line.base or ZERO)
        case Part.ROUNDING:
            step, mode = line.target or ZERO, RoundingMode(line.base_of)
            assert isinstance(step, Decimal) and line.base is not None
            return subtract(round_to(line.base, step, mode), line.base)
        case Part.BROUGHT_FORWARD:
            return None
        case Part.DEDUCT:
            return None if line.base is None else negate(line.base)
        case Part.CHOSEN_OTHER | Part.PRIZE | Part.FORFEITED:
            return None
        case _:
            return _product(line)


def redo_exchange(line: Line) -> Exact | None:
    """Return what the original amount comes to at the rate, before it is rounded; None without one."""
    if line.original is None or line.exchange_rate is None:
        return None
    return multiply(line.original, line.exchange_rate)


def redo_paid(line: Line) -> Exact | None:
    """Return what the amount comes to in the statement's currency, before it is rounded."""
    return None if line.paid_rate is None else multiply(line.amount, line.paid_rate)


def _product(line: Line) -> Exact | None:
    quantity = line.base if line.base is not None else line.units
    if line.part is Part.ONCE and line.rate is None and line.base is not None:
        # Moves with the total between two bands: what it is worth now, less what it was.
        return subtract(line.base, line.rounded_from or ZERO)
    is_outright = line.part in (Part.ONCE, Part.TRUE_UP) and line.rate is None
    if quantity is None or is_outright:
        return None
    if line.counted_after is not None:
        after, before = _counted(line, line.counted_after), _counted(line, line.counted_before or ZERO)
        share = line.share if line.share is not None else ONE
        quantity = multiply(subtract(after, before), share)
    rate = line.rate if line.rate is not None else ONE
    if line.rate_before is not None:
        rate = subtract(rate, line.rate_before)
    value = multiply(quantity, rate)
    if line.days_of:
        value = divide(multiply(value, line.days + ZERO), line.days_of + ZERO)
    return value if line.times is None else multiply(value, line.times)


def _counted(line: Line, total: Exact) -> Exact:
    """Return what counts of a quantity: what lies above the bound, or its packages; of the magnitude."""
    size = absolute(total)
    if line.counted_above is not None:
        size = max(subtract(size, max(line.counted_above, ZERO)), ZERO)
    if line.package is not None:
        packages = divide(size, line.package)
        size = ZERO + (math.floor(packages) if line.package_full else math.ceil(packages))
    return negate(size) if total < 0 else size


def held(part: Part, value: Exact, bound: Exact) -> Exact:
    """Return a running total after the limit; a cap acts on the magnitude, a floor above zero only."""
    if part is Part.FLOOR:
        return max(value, bound) if value > 0 or bound == 0 else value
    size = min(absolute(value), bound)
    return negate(size) if value < 0 else size


def lifts_a_window(line: Line) -> bool:
    """Return whether the line lifts what a whole window came to: no row moved the total."""
    return line.part is Part.FLOOR and line.measure_before == line.measure_after


def cuts(line: Line) -> Exact:
    """Return how many equal parts the whole was cut into, 0 where the parts are not equal."""
    if line.part_count:
        return add(ZERO, line.part_count + ZERO)
    if line.whole is None or line.exact == 0:
        return ZERO
    count = divide(line.whole, line.exact)
    return count if count == int(count) else ZERO
