"""Quantities that count in a way of their own: what lies above a bound, in packages of a size."""

from __future__ import annotations

import math
from fractions import Fraction

from rulesengine.model.exact import ZERO, Exact, absolute, divide, negate, subtract
from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How a quantity counts: what lies above a bound, in packages of a size."""

    above: Exact | None = None
    package: Exact | None = None
    is_full: bool = False
    unit: str = ""
    """Currency of the quantity where it is money."""


def counted_of(total: Exact, how: Counting) -> Exact:
    """Return what counts of a sum: the packages, or what lies above the bound; mirrored below zero."""
    size = absolute(total)
    if how.above is not None:
        size = max(subtract(size, max(how.above, ZERO)), ZERO)
    if how.package is not None:
        packages = Fraction(divide(size, how.package))
        size = ZERO + (math.floor(packages) if how.is_full else math.ceil(packages))
    return negate(size) if total < 0 else size
