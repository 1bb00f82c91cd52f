"""Numbers and values as texts, as explanations show them and as the tables of a run hold them."""

from __future__ import annotations

from decimal import Decimal

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
from rulesengine.engines.sql.unsupported import unsupported
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    at_scale,
    known,
    magnitude_of,
    multiply,
    number,
)
from rulesengine.model.exact import as_text as exact_text
from rulesengine.model.exact import grouped as grouped_exact
from rulesengine.model.money import minor_digits
from rulesengine.model.types import MoneyType, PercentType, Type

MOST_DIGITS = 12
"""Decimals of the number columns of a run's tables."""


def grouped(value: Number) -> Expr:
    """Return a number as people read it: `1,234.5` (model/exact.py, `grouped`)."""
    found = known(value)
    if found is not None:
        return text(grouped_exact(_decimal(value)))
    whole, digits = _whole_and_digits(value)
    shown = joined([_sign(value), Call("grouped", (whole,), Sort.TEXT)])
    return shown if digits is None else _with_digits(shown, digits)


def plain_text(value: Number) -> Expr:
    """Return a number in its one canonical spelling: `1234.5` (model/exact.py, `as_text`)."""
    found = known(value)
    if found is not None:
        return text(exact_text(_decimal(value)))
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
    """Return a number as working shows it: money with all its cents, percentages as such."""
    if isinstance(kind, PercentType):
        return joined([grouped(multiply(value, number(100))), " %"])
    digits = (minor_digits(kind.currency) or 0) if isinstance(kind, MoneyType) else 0
    if digits == 0 or value.bottom is not None:
        return grouped(value)
    whole, after = _whole_and_digits(at_scale(value, max(value.scale, digits)))
    assert after is not None
    if value.scale > digits:
        cents = Call("left", (after, integer(digits)), Sort.TEXT)
        rest = Call("rtrim", (after, text("0")), Sort.TEXT)
        is_longer = compared(Call("length", (rest,), Sort.INT), ">", integer(digits))
        after = chosen([(is_longer, rest)], cents)
    return joined([_sign(value), Call("grouped", (whole,), Sort.TEXT), ".", after])


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


def _decimal(value: Number) -> Decimal:
    found = known(value)
    assert found is not None
    if value.bottom is not None:
        raise unsupported("a number that does not end, in words")
    assert isinstance(value.top, Literal) and isinstance(value.top.value, int)
    return Decimal(value.top.value).scaleb(-value.scale)


def _sign(value: Number) -> Expr:
    return chosen([(compared(value.top, "<", integer(0)), text("-"))], text(""))


def _whole_and_digits(value: Number) -> tuple[Expr, Expr | None]:
    """Return the whole part of the magnitude, and the digits behind the point, all of them."""
    if value.bottom is not None:
        raise unsupported("a number that does not end, in words")
    size = magnitude_of(value.top)
    if value.scale == 0:
        return size, None
    unit = integer(10**value.scale)
    whole = Call("div", (size, unit), size.sort)
    rest = Call("mod", (size, unit), size.sort)
    digits = Call("lpad", (Cast(rest, Sort.TEXT), integer(value.scale), text("0")), Sort.TEXT)
    return whole, digits


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
