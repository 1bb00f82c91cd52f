"""Numbers and values as texts, as explanations show them and as the tables of a run hold them."""

from __future__ import annotations

from fractions import Fraction

from rulesengine.engines.sql.expressions import (
    Call,
    Cast,
    Expr,
    Literal,
    Sort,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    first_given,
    integer,
    is_null,
    joined,
    text,
)
from rulesengine.engines.sql.fractions import in_lowest_terms
from rulesengine.engines.sql.values import (
    MOST_IN_128_BITS,
    Number,
    Plain,
    Value,
    at_scale,
    fitted,
    known,
    magnitude_of,
    multiply,
    number,
)
from rulesengine.model.exact import EXACT, Exact, divide
from rulesengine.model.exact import as_text as exact_text
from rulesengine.model.exact import grouped as grouped_exact
from rulesengine.model.money import minor_digits
from rulesengine.model.types import MoneyType, PercentType, Type


def grouped(value: Number) -> Expr:
    """Return a number as people read it: `1,234.5` (model/exact.py, `grouped`)."""
    found = known(value)
    if found is not None:
        return text(grouped_exact(_exact(found)))
    if value.bottom is not None:
        ends, size, first, all_digits = _quotient(value)
        shown = joined([_sign(value), Call("grouped", (size,), Sort.TEXT)])
        return chosen([(ends, _with_digits(shown, all_digits))], joined([shown, ".", first, "…"]))
    whole, digits = _whole_and_digits(value)
    shown = joined([_sign(value), Call("grouped", (whole,), Sort.TEXT)])
    return shown if digits is None else _with_digits(shown, digits)


def plain_text(value: Number) -> Expr:
    """Return a number in its one canonical spelling: `1234.5` (model/exact.py, `as_text`)."""
    found = known(value)
    if found is not None:
        return text(exact_text(_exact(found)))
    if value.bottom is not None:
        ends, size, _, all_digits = _quotient(value)
        small = in_lowest_terms(value)
        assert small.bottom is not None
        shown = _with_digits(joined([_sign(value), as_text(size)]), all_digits)
        return chosen([(ends, shown)], joined([as_text(small.top), "/", as_text(small.bottom)]))
    whole, digits = _whole_and_digits(value)
    shown = joined([_sign(value), as_text(whole)])
    return shown if digits is None else _with_digits(shown, digits)


def shown(value: Value, kind: Type) -> Expr:
    """Return a value with its unit, as the reasons of rows that earn nothing show it."""
    match value:
        case Number():
            if isinstance(kind, MoneyType):
                made = joined([grouped(value), f" {kind.currency}" if kind.currency else ""])
            elif isinstance(kind, PercentType):
                made = joined([grouped(multiply(value, number(100))), "%"])
            else:
                made = grouped(value)
            return first_given([made, text("missing")])
        case Plain(expr=expr):
            match expr.sort:
                case Sort.FLAG:
                    return chosen([(is_null(expr), text("missing")), (expr, text("yes"))], text("no"))
                case Sort.TEXTS:
                    listed = Call("listed", (expr, text(", ")), Sort.TEXT)
                    empty = Call("is empty", (expr,), Sort.FLAG)
                    return chosen([(is_null(expr), text("missing")), (empty, text("empty"))], listed)
                case _:
                    return first_given([as_text(expr), text("missing")])


def said(value: Number, kind: Type) -> Expr:
    """Return a number as working shows it: money with its cents, percents as such."""
    match kind:
        case PercentType():
            return joined([grouped(multiply(value, number(100))), " %"])
        case MoneyType(currency=currency):
            cents = minor_digits(currency) or 0
            found = known(value)
            return _with_cents(value, cents) if found is None else text(_amount(_exact(found), cents))
        case _:
            return grouped(value)


def _amount(value: Exact, cents: int) -> str:
    if isinstance(value, Fraction):
        return grouped_exact(value)
    exponent = value.normalize(EXACT).as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{value:,.{max(cents, -exponent)}f}"


def _with_cents(value: Number, cents: int) -> Expr:
    """Return an amount with at least so many digits behind the point; what does not end is cut."""
    if value.bottom is not None:
        ends, size, first, all_digits = _quotient(value)
        shown = joined([_sign(value), Call("grouped", (size,), Sort.TEXT)])
        return chosen([(ends, _padded(shown, all_digits, cents))], joined([shown, ".", first, "…"]))
    raised = at_scale(value, max(value.scale, cents))
    whole, digits = _whole_and_digits(raised)
    shown = joined([_sign(value), Call("grouped", (whole,), Sort.TEXT)])
    return shown if digits is None else _padded(shown, digits, cents)


def _padded(whole: Expr, digits: Expr, cents: int) -> Expr:
    """Return the digits behind the point, without zeros at the end but for those of the cents."""
    if cents == 0:
        return _with_digits(whole, digits)
    kept = Call("rtrim", (digits, text("0")), Sort.TEXT)
    short = compared(Call("length", (kept,), Sort.INT), "<", integer(cents))
    cut = Call("left", (digits, integer(cents)), Sort.TEXT)
    return joined([whole, ".", chosen([(short, cut)], kept)])


def key_text(value: Value) -> Expr:
    """Return a value as a key of a running total has it; a missing one is a key of its own."""
    match value:
        case Number():
            return first_given([plain_text(value), text("")])
        case Plain(expr=expr):
            if expr.sort is Sort.FLAG:
                return chosen([(is_null(expr), text("")), (expr, text("yes"))], text("no"))
            if expr.sort is Sort.TEXTS:
                return first_given([Call("listed", (expr, text(";")), Sort.TEXT), text("")])
            return first_given([as_text(expr), text("")])


def _exact(found: Fraction) -> Exact:
    """Return a number that is known, as a decimal if it ends."""
    return divide(found, Fraction(1))


def _sign(value: Number) -> Expr:
    return chosen([(compared(value.top, "<", integer(0)), text("-"))], text(""))


def _whole_and_digits(value: Number) -> tuple[Expr, Expr | None]:
    """Return the whole part of the magnitude, and the digits behind the point, all of them."""
    size = magnitude_of(value.top)
    if value.scale == 0:
        return size, None
    unit = integer(10**value.scale)
    whole = Call("div", (size, unit), size.sort)
    rest = Call("mod", (size, unit), size.sort)
    digits = Call("lpad", (Cast(rest, Sort.TEXT), integer(value.scale), text("0")), Sort.TEXT)
    return whole, digits


_DIGITS, _STEPS = 10, 4
"""Digits behind the point come so many at a time, so many times; a fraction that does not end shows the
first of them."""


def _quotient(value: Number) -> tuple[Expr, Expr, Expr, Expr]:
    """Return of a number with a denominator: whether it ends, its whole part, the first ten digits behind
    the point, and all of them, which are right where it ends."""
    small = in_lowest_terms(value)
    assert small.bottom is not None
    size, bottom = (fitted(each, MOST_IN_128_BITS) for each in (magnitude_of(small.top), small.bottom))
    unit = fitted(integer(10**_DIGITS), MOST_IN_128_BITS)

    def wide(name: str, *args: Expr) -> Expr:
        return Call(name, args, Sort.WIDE)

    whole, rest = wide("div", size, bottom), wide("mod", size, bottom)
    steps = []
    for _ in range(_STEPS):
        lifted = wide("*", rest, unit)
        digits = Cast(wide("div", lifted, bottom), Sort.TEXT)
        steps.append(Call("lpad", (digits, integer(_DIGITS), text("0")), Sort.TEXT))
        rest = wide("mod", lifted, bottom)
    ends = compared(rest, "=", fitted(integer(0), MOST_IN_128_BITS))
    return ends, whole, steps[0], joined(steps)


def _with_digits(whole: Expr, digits: Expr) -> Expr:
    kept = Call("rtrim", (digits, text("0")), Sort.TEXT)
    return chosen([(compared(kept, "=", text("")), whole)], joined([whole, ".", kept]))


def distinct_joined(parts: list[tuple[Expr, Expr]]) -> Expr:
    """Return texts that apply, each once, with commas between: `a, b`; empty for none.

    Args:
        parts: whether a text applies, and the text; there are few of them.
    """
    pieces: list[Expr | str] = []
    before: list[tuple[Expr, Expr]] = []
    for when, part in parts:
        is_new = all_of(
            [
                when,
                *(
                    Call("not", (all_of([earlier, compared(shown_before, "=", part)]),), Sort.FLAG)
                    for earlier, shown_before in before
                    if not (isinstance(part, Literal) and isinstance(shown_before, Literal))
                    or part == shown_before
                ),
            ]
        )
        has_before = [earlier for earlier, _ in before]
        if not before:
            comma: Expr | str = ""
        else:
            comma = chosen([(any_of(has_before), text(", "))], text(""))
        pieces.append(chosen([(is_new, joined([comma, part]))], text("")))
        before.append((when, part))
    return joined(pieces)
