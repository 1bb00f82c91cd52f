"""Exact numbers in the pipeline: integers whose scale and bound the compiler knows.

A number is top / (bottom x 10**scale). The bound is what proves that 64 bits hold it; a product that
they may not hold is computed in 128 bits, and what these do not hold is an error of the database and
never a wrong amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from rulesengine.engines.sql.expressions import (
    ONE,
    Call,
    Case,
    Cast,
    Expr,
    Literal,
    Sort,
    chosen,
    compared,
    first_given,
    integer,
    is_null,
    never_null,
    null,
)
from rulesengine.model.exact import Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingMode
from rulesengine.model.stored_book import MOST_IN_64_BITS

MOST_IN_128_BITS = 10**38 - 1
"""What every dialect holds in its wide integers."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A text, a date, a flag or a list."""

    expr: Expr

    @property
    def sort(self) -> Sort:
        return self.expr.sort


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number: top / (bottom x 10**scale); null where `top` is."""

    top: Expr
    scale: int
    most: int
    """No magnitude of `top` is larger."""
    bottom: Expr | None = None
    """An integer above zero; None for 1."""
    bottom_most: int = 1

    @property
    def is_decimal(self) -> bool:
        """Whether it ends: it has no denominator of its own."""
        return self.bottom is None


Value = Plain | Number


def expr_of(value: Value) -> Expr:
    """Return what tells a value apart from others of its column: of a number its integer."""
    return value.expr if isinstance(value, Plain) else value.top


def number(value: Exact | int) -> Number:
    """Return a number that is known."""
    if isinstance(value, Fraction):
        top, bottom = value.numerator, value.denominator
        return Number(integer(top), 0, abs(top), integer(bottom), bottom)
    decimal = Decimal(value)
    exponent = decimal.as_tuple().exponent
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    top = int(decimal.scaleb(scale))
    while scale and top % 10 == 0:
        top, scale = top // 10, scale - 1
    return Number(integer(top), scale, abs(top))


def no_number() -> Number:
    """Return a number that is missing."""
    return Number(null(Sort.INT), 0, 0)


def known(value: Number) -> Fraction | None:
    """Return the value of a number that is a literal, None for any other."""
    if not isinstance(value.top, Literal) or not isinstance(value.top.value, int):
        return None
    if value.bottom is not None and not isinstance(value.bottom, Literal):
        return None
    bottom = value.bottom.value if isinstance(value.bottom, Literal) else 1
    assert isinstance(bottom, int)
    return Fraction(value.top.value, bottom * 10**value.scale)


# --- integers ------------------------------------------------------------------------------------


def _sort(most: int) -> Sort:
    return Sort.INT if most <= MOST_IN_64_BITS else Sort.WIDE


def fitted(expr: Expr, most: int) -> Expr:
    """Return an integer in as many bits as its bound asks for."""
    sort = _sort(most)
    if expr.sort is sort:
        return expr
    if isinstance(expr, Literal):
        return Literal(expr.value, sort)
    return Cast(expr, sort)


def times(left: Expr, right: Expr, most: int) -> Expr:
    """Return a product of integers of which the bound is known."""
    if left == ONE:
        return fitted(right, most)
    if right == ONE:
        return fitted(left, most)
    if isinstance(left, Literal) and isinstance(right, Literal):
        if isinstance(left.value, int) and isinstance(right.value, int):
            return integer(left.value * right.value)
        return null(_sort(most))
    return Call("*", (fitted(left, most), fitted(right, most)), _sort(most))


def _plus(left: Expr, right: Expr, most: int, sign: str = "+") -> Expr:
    if isinstance(right, Literal) and right.value == 0:
        return fitted(left, most)
    if isinstance(left, Literal) and isinstance(right, Literal):
        if isinstance(left.value, int) and isinstance(right.value, int):
            return integer(left.value + right.value if sign == "+" else left.value - right.value)
        return null(_sort(most))
    return Call(sign, (fitted(left, most), fitted(right, most)), _sort(most))


def magnitude_of(expr: Expr) -> Expr:
    """Return the magnitude of an integer."""
    if isinstance(expr, Literal) and isinstance(expr.value, int):
        return integer(abs(expr.value))
    return Call("abs", (expr,), expr.sort)


# --- numbers -------------------------------------------------------------------------------------


def at_scale(value: Number, scale: int) -> Number:
    """Return the same number at a scale at least as large as its own."""
    if scale == value.scale:
        return value
    factor = 10 ** (scale - value.scale)
    most = value.most * factor
    return Number(times(value.top, integer(factor), most), scale, most, value.bottom, value.bottom_most)


def aligned(left: Number, right: Number) -> tuple[Number, Number]:
    """Return both over one denominator."""
    if left.bottom != right.bottom:
        left, right = _over(left, right), _over(right, left)
    scale = max(left.scale, right.scale)
    return at_scale(left, scale), at_scale(right, scale)


def _over(value: Number, other: Number) -> Number:
    bottom, bottom_most = value.bottom, value.bottom_most
    if other.bottom is None:
        return value
    most = value.most * other.bottom_most
    bottom_most *= other.bottom_most
    # The order of the factors is fixed, so that both sides get the same denominator.
    if bottom is None:
        together = other.bottom
    else:
        first, second = sorted((bottom, other.bottom), key=repr)
        together = times(first, second, bottom_most)
    return Number(times(value.top, other.bottom, most), value.scale, most, together, bottom_most)


def add(left: Number, right: Number) -> Number:
    """Return left + right."""
    return _sum(left, right, "+")


def subtract(left: Number, right: Number) -> Number:
    """Return left - right."""
    return _sum(left, right, "-")


def _sum(left: Number, right: Number, sign: str) -> Number:
    left, right = aligned(left, right)
    most = left.most + right.most
    return Number(_plus(left.top, right.top, most, sign), left.scale, most, left.bottom, left.bottom_most)


def multiply(left: Number, right: Number) -> Number:
    """Return left x right."""
    if known(left) == 1:
        return right
    if known(right) == 1:
        return left
    most = left.most * right.most
    top = times(left.top, right.top, most)
    if left.bottom is None or right.bottom is None:
        bottom = left.bottom if right.bottom is None else right.bottom
        return Number(top, left.scale + right.scale, most, bottom, left.bottom_most * right.bottom_most)
    bottom_most = left.bottom_most * right.bottom_most
    return Number(
        top, left.scale + right.scale, most, times(left.bottom, right.bottom, bottom_most), bottom_most
    )


def divide(left: Number, right: Number) -> Number:
    """Return left / right; null where `right` is zero."""
    divisor = known(right)
    if divisor is not None and divisor != 0:
        ends = _ends(1 / divisor)
        return multiply(left, number(1 / divisor if ends is None else ends))
    if left.bottom is not None and left.bottom == right.bottom:
        left = Number(left.top, left.scale, left.most)
        right = Number(right.top, right.scale, right.most)
    # left / right = (lt x rb x 10**rs) / (lb x rt x 10**ls); the sign goes to the top.
    factor = 10 ** max(right.scale - left.scale, 0)
    scale = max(left.scale - right.scale, 0)
    most = left.most * right.bottom_most * factor
    top = left.top
    if right.bottom is not None:
        top = times(top, right.bottom, left.most * right.bottom_most)
    top = times(top, integer(factor), most)
    is_below, is_nothing = compared(right.top, "<", integer(0)), compared(right.top, "=", integer(0))
    top = chosen([(is_below, negated_integer(top))], top)
    top = chosen([(is_nothing, null(top.sort))], top)
    bottom = chosen([(is_nothing, fitted(ONE, right.most))], magnitude_of(fitted(right.top, right.most)))
    bottom_most = right.most * left.bottom_most
    if left.bottom is not None:
        bottom = times(left.bottom, bottom, bottom_most)
    return Number(top, scale, most, bottom, max(bottom_most, 1))


def _ends(value: Fraction) -> Decimal | None:
    """Return a fraction as a decimal, None where it does not end."""
    rest, digits = value.denominator, 0
    while rest % 10 == 0:
        rest, digits = rest // 10, digits + 1
    for prime in (2, 5):
        while rest % prime == 0:
            rest, digits = rest // prime, digits + 1
    if rest != 1:
        return None
    return Decimal(value.numerator * 10**digits // value.denominator).scaleb(-digits)


def negated_integer(expr: Expr) -> Expr:
    """Return minus an integer."""
    if isinstance(expr, Literal) and isinstance(expr.value, int):
        return integer(-expr.value)
    return Call("negate", (expr,), expr.sort)


def divided_integer(expr: Expr, divisor: Expr) -> Expr:
    """Return an integer divided by one above zero that divides it."""
    quotient = Call("div", (magnitude_of(expr), divisor), expr.sort)
    return chosen([(compared(expr, "<", integer(0)), negated_integer(quotient))], quotient)


def negate(value: Number) -> Number:
    """Return -value."""
    return Number(negated_integer(value.top), value.scale, value.most, value.bottom, value.bottom_most)


def absolute(value: Number) -> Number:
    """Return the magnitude."""
    return Number(magnitude_of(value.top), value.scale, value.most, value.bottom, value.bottom_most)


def compare(left: Number, operator: str, right: Number) -> Expr:
    """Return a comparison of two numbers, by cross-multiplication; null where either is missing."""
    left, right = aligned(left, right)
    return compared(left.top, operator, right.top)


def is_zero(value: Number) -> Expr:
    """Return whether it is zero."""
    found = known(value)
    if found is not None:
        return Literal(found == 0, Sort.FLAG)
    return compared(value.top, "=", integer(0))


def smaller(left: Number, right: Number) -> Number:
    """Return the smaller one; null where either is missing, unlike the `least` of the databases."""
    return _picked(left, "<=", right)


def larger(left: Number, right: Number) -> Number:
    """Return the larger one; null where either is missing."""
    return _picked(left, ">=", right)


def _picked(left: Number, operator: str, right: Number) -> Number:
    left, right = aligned(left, right)
    most = max(left.most, right.most)
    first, second = fitted(left.top, most), fitted(right.top, most)
    if never_null(first) and never_null(second):
        # The functions of the databases pass over nulls, so they will do where there are none.
        name = "least" if operator == "<=" else "greatest"
        picked = Call(name, (first, second), _sort(most))
        return Number(picked, left.scale, most, left.bottom, left.bottom_most)
    whens = (
        (is_null(left.top), null(_sort(most))),
        (compared(left.top, operator, right.top), first),
        (is_null(right.top), null(_sort(most))),
    )
    return Number(chosen(whens, second), left.scale, most, left.bottom, left.bottom_most)


def pick(whens: Iterable[tuple[Expr, Number]], default: Number) -> Number:
    """Return the number of the first condition that holds."""
    pairs = list(whens)
    values = [value for _, value in pairs] + [default]
    values = together(values)
    whens_ = [(test, value.top) for (test, _), value in zip(pairs, values, strict=False)]
    last = values[-1]
    bottom: Expr | None = None
    if any(value.bottom is not None for value in values):
        bottoms = [value.bottom if value.bottom is not None else ONE for value in values]
        bottom_most = max(value.bottom_most for value in values)
        bottoms = [fitted(each, bottom_most) for each in bottoms]
        bottom = (
            bottoms[0]
            if len(set(bottoms)) == 1
            else chosen([(test, each) for (test, _), each in zip(pairs, bottoms, strict=False)], bottoms[-1])
        )
    return Number(
        chosen(whens_, last.top),
        last.scale,
        max(value.most for value in values),
        bottom,
        max(value.bottom_most for value in values),
    )


def together(values: list[Number]) -> list[Number]:
    """Return numbers at one scale and in as many bits, each over its own denominator."""
    scale = max(value.scale for value in values)
    raised = [at_scale(value, scale) for value in values]
    most = max(value.most for value in raised)
    return [Number(fitted(value.top, most), scale, most, value.bottom, value.bottom_most) for value in raised]


def otherwise(value: Number, default: Number) -> Number:
    """Return the number, or the default where it is missing."""
    if isinstance(value.top, Literal):
        return default if value.top.value is None else value
    if value.bottom is None and default.bottom is None:
        one, two = together([value, default])
        return Number(first_given([one.top, two.top]), one.scale, max(one.most, two.most))
    return pick([(is_null(value.top), default)], value)


def or_zero(value: Number) -> Number:
    """Return the number, or zero where it is missing, over the number's own denominator: sums need one."""
    top = first_given([value.top, fitted(integer(0), value.most)])
    return Number(top, value.scale, value.most, value.bottom, value.bottom_most)


# --- rounding ------------------------------------------------------------------------------------


def rounded(value: Number, step: Decimal, mode: RoundingMode) -> Number:
    """Return the number rounded to a whole number of steps, by its magnitude.

    The one place where digits are lost: |value| / step = over / under, whole steps by division,
    and one more where the mode says so.
    """
    unit = number(step)
    assert isinstance(unit.top, Literal) and isinstance(unit.top.value, int)
    size, digits = unit.top.value, unit.scale
    if value.bottom is None and value.scale <= digits and size == 1:
        return value
    lift = 10 ** max(digits - value.scale, 0)
    over_most = value.most * lift
    under_known = size * 10 ** max(value.scale - digits, 0)
    under_most = under_known * value.bottom_most
    under: Expr = integer(under_known)
    if value.bottom is not None:
        under = times(value.bottom, under, under_most)
    # Twice the remainder is compared with `under`, so both must have room for a factor of two.
    room = max(2 * over_most + under_most, 2 * under_most)
    over = fitted(times(magnitude_of(value.top), integer(lift), over_most), room)
    under = fitted(under, room)
    sort = _sort(room)

    def div(top: Expr, by: Expr) -> Expr:
        return Call("div", (top, by), sort)

    def plus(left: Expr, right: Expr) -> Expr:
        return Call("+", (left, right), sort)

    def twice(expr: Expr) -> Expr:
        if isinstance(expr, Literal) and isinstance(expr.value, int):
            return fitted(integer(2 * expr.value), room)
        return Call("*", (fitted(integer(2), room), expr), sort)

    one = fitted(ONE, room)
    match mode:
        case RoundingMode.DOWN:
            steps = div(over, under)
        case RoundingMode.UP:
            steps = div(plus(over, Call("-", (under, one), sort)), under)
        case RoundingMode.HALF_UP:
            if isinstance(under, Literal) and isinstance(under.value, int) and under.value % 2 == 0:
                steps = div(plus(over, fitted(integer(under.value // 2), room)), under)
            else:
                steps = div(plus(twice(over), under), twice(under))
        case RoundingMode.HALF_DOWN:
            steps = div(plus(twice(over), Call("-", (under, one), sort)), twice(under))
        case RoundingMode.HALF_EVEN:
            whole, rest = div(over, under), Call("mod", (over, under), sort)
            is_odd = compared(Call("mod", (whole, fitted(integer(2), room)), sort), "=", one)
            rises = Case(
                (
                    (compared(twice(rest), ">", under), one),
                    (compared(twice(rest), "<", under), fitted(integer(0), room)),
                    (is_odd, one),
                ),
                fitted(integer(0), room),
                sort,
            )
            steps = plus(whole, rises)
    steps_most = over_most // under_known + 1
    most = steps_most * size
    top = times(fitted(steps, max(most, 1)), integer(size), most)
    signed = chosen([(compared(value.top, "<", integer(0)), negated_integer(top))], top)
    return Number(signed, digits, most)
