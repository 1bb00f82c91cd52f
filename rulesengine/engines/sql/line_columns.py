"""The columns of the table of lines: what each shows, and the names that lines have by some of them."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal
from enum import StrEnum

from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Literal,
    Sort,
    as_text,
    chosen,
    compared,
    first_given,
    integer,
    is_null,
    joined,
    null,
    run_together,
    text,
    word,
)
from rulesengine.engines.sql.fractions import in_lowest_terms
from rulesengine.engines.sql.relations import From, is_literal
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    expr_of,
    fitted,
    known,
    number,
    otherwise,
    rounded,
)
from rulesengine.model.rounding import RoundingMode

FRACTION = "fraction."
"""Before the name of a number that is shown already: how it goes on behind its 12 decimals, if it does."""
DECIMALS = 12
"""Of the number columns of the table of lines."""


class Kind(StrEnum):
    """What a column of a line holds, and what it is where a line has nothing there."""

    TEXT = "text"
    """A text, empty for none."""
    NUMBER = "number"
    """decimal(38, 12), null for none."""
    WHOLE = "whole"
    """A whole number, 0 for none."""
    DATE = "date"
    FLAG = "flag"
    ZERO = "zero"
    """decimal(38, 12), 0 for none."""


COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("payee_kind", Kind.TEXT),
    ("payee", Kind.TEXT),
    ("rule", Kind.TEXT),
    ("kind", Kind.TEXT),
    ("part", Kind.TEXT),
    ("part_number", Kind.WHOLE),
    ("part_count", Kind.WHOLE),
    ("fact", Kind.TEXT),
    ("fact_id", Kind.TEXT),
    ("earned_on", Kind.DATE),
    ("payable_on", Kind.DATE),
    ("window", Kind.TEXT),
    ("scope", Kind.TEXT),
    ("measure_before", Kind.NUMBER),
    ("measure_after", Kind.NUMBER),
    ("measure_unit", Kind.TEXT),
    ("target", Kind.NUMBER),
    ("band_from", Kind.NUMBER),
    ("band_above", Kind.FLAG),
    ("towards_next", Kind.NUMBER),
    ("base", Kind.NUMBER),
    ("base_of", Kind.TEXT),
    ("base_how", Kind.TEXT),
    ("original", Kind.NUMBER),
    ("original_currency", Kind.TEXT),
    ("converted", Kind.NUMBER),
    ("exchange_rate", Kind.NUMBER),
    ("exchange_how", Kind.TEXT),
    ("exchange_on", Kind.DATE),
    ("exchange_rates", Kind.TEXT),
    ("share", Kind.NUMBER),
    ("level", Kind.WHOLE),
    ("rate", Kind.NUMBER),
    ("rate_before", Kind.NUMBER),
    ("units", Kind.NUMBER),
    ("days", Kind.WHOLE),
    ("days_of", Kind.WHOLE),
    ("times", Kind.NUMBER),
    ("counted_before", Kind.NUMBER),
    ("counted_after", Kind.NUMBER),
    ("counted_above", Kind.NUMBER),
    ("counted_unit", Kind.TEXT),
    ("package", Kind.NUMBER),
    ("package_full", Kind.FLAG),
    ("rounded_from", Kind.NUMBER),
    ("whole", Kind.NUMBER),
    ("weight", Kind.NUMBER),
    ("weights", Kind.NUMBER),
    ("shared", Kind.NUMBER),
    ("left_over", Kind.ZERO),
    ("part_share", Kind.NUMBER),
    ("part_how", Kind.TEXT),
    ("exact", Kind.NUMBER),
    ("amount", Kind.ZERO),
    ("currency", Kind.TEXT),
    ("paid", Kind.NUMBER),
    ("paid_currency", Kind.TEXT),
    ("paid_rate", Kind.NUMBER),
    ("paid_how", Kind.TEXT),
    ("paid_on", Kind.DATE),
    ("paid_rates", Kind.TEXT),
    ("corrects", Kind.TEXT),
    ("from_line", Kind.TEXT),
    ("memo", Kind.FLAG),
    ("prize", Kind.TEXT),
    ("readings", Kind.TEXT),
    ("span", Kind.TEXT),
    ("step", Kind.WHOLE),
    ("sequence", Kind.WHOLE),
)
"""The columns of a line in the order of the table, but for `line_id`, which is first, and `fractions`."""

NAME_PARTS = ("rule", "payee_kind", "payee", "fact", "fact_id", "earned_on", "part", "part_number")
"""What a line is named by, before `sequence` (engines/results.py, `Line.line_id`)."""


def line_columns(source: From, given: dict[str, Value]) -> dict[str, Value]:
    """Return all columns of lines, and their names, from those that are given."""
    columns: dict[str, Value] = {"line_id": Plain(line_name(given))}
    fractions: list[Expr] = []
    for column, kind in COLUMNS:
        value = given.get(column)
        columns[column] = Plain(_as_kind(value, kind))
        if isinstance(value, Number) and kind is Kind.NUMBER and _may_go_on(value):
            fractions.append(_fraction(column, value))
        elif f"{FRACTION}{column}" in source.relation:
            fractions.append(first_given([source.expr(f"{FRACTION}{column}"), text("")]))
    columns["fractions"] = Plain(_listed(fractions))
    return columns


def line_name(given: dict[str, Value]) -> Expr:
    """Return the id of a line."""
    return Call("line id", (_name(given),), Sort.TEXT)


def show_numbers(source: From, without: Container[str]) -> None:
    """Turn the numbers of drafts into what lines show, once, before awards are cut into many parts."""
    for name, kind in COLUMNS:
        value = source.columns.get(name)
        if kind is not Kind.NUMBER or name in without or not isinstance(value, Number):
            continue
        if not is_literal(value):
            show_number(source.columns, name, value, name)


def show_number(columns: dict[str, Value], column: str, value: Number, name: str) -> None:
    """Set a column to a number as lines show it, and beside it what tells how it goes on.

    Args:
        column: of the lines, in which it will stand.
        name: of the column that is set.
    """
    columns[name] = Plain(as_number(value))
    columns.pop(f"{FRACTION}{name}", None)
    if _may_go_on(value):
        columns[f"{FRACTION}{name}"] = Plain(_fraction(column, value))


def take_number(source: From, name: str, column: str) -> None:
    """Take a number that was shown before under another name for a column of the lines."""
    source.columns[column] = source[name]
    source.columns.pop(f"{FRACTION}{column}", None)
    if f"{FRACTION}{name}" in source.relation:
        source.columns[f"{FRACTION}{column}"] = source[f"{FRACTION}{name}"]


def _name(given: dict[str, Value]) -> Expr:
    """Return the text that a line is named by."""
    pieces: list[Expr | str] = []
    for part in (*NAME_PARTS, "sequence"):
        value = given.get(part)
        if part == "part_number":
            value = otherwise(value, number(0)) if isinstance(value, Number) else number(0)
        assert value is not None, part
        expr = expr_of(value)
        pieces += ["\x1f", as_text(expr)]
    return run_together(pieces[1:])


def _as_kind(value: Value | None, kind: Kind) -> Expr:
    match value:
        case None:
            match kind:
                case Kind.TEXT:
                    return word("")
                case Kind.NUMBER:
                    return null(Sort.NUMBER)
                case Kind.WHOLE:
                    return integer(0)
                case Kind.DATE:
                    return null(Sort.DATE)
                case Kind.FLAG:
                    return FALSE
                case Kind.ZERO:
                    return as_number(number(0))
        case Plain(expr=expr):
            if kind is Kind.TEXT:
                if isinstance(expr, Literal):
                    return word(str(expr.value) if expr.value is not None else "")
                return first_given([expr, word("") if expr.sort is Sort.WORD else text("")])
            if kind is Kind.FLAG and not isinstance(expr, Literal):
                return first_given([expr, FALSE])
            return expr
        case Number():
            if kind is Kind.WHOLE:
                whole = fitted(value.top, value.most)
                return whole if isinstance(whole, Literal) else first_given([whole, integer(0)])
            return as_number(otherwise(value, number(0)) if kind is Kind.ZERO else value)


def as_number(value: Number) -> Expr:
    """Return a number as the tables of a run show it: with at most 12 decimals, rounded half_even."""
    if value.bottom is not None or value.scale > DECIMALS:
        value = rounded(value, Decimal(1).scaleb(-DECIMALS), RoundingMode.HALF_EVEN)
    if isinstance(value.top, Literal) and value.top.value is None:
        return null(Sort.NUMBER)
    return Call("number", (value.top, integer(value.scale)), Sort.NUMBER)


def _may_go_on(value: Number) -> bool:
    """Whether a number may have more than 12 decimals."""
    return value.bottom is not None or value.scale > DECIMALS


def _fraction(name: str, value: Number) -> Expr:
    """Return `name=1/3` for a number that does not end within 12 decimals, else the empty text."""
    found = known(value)
    if found is not None and (found * 10**DECIMALS).denominator == 1:
        return text("")
    small = in_lowest_terms(value)
    assert small.bottom is not None
    most = max(small.most, small.bottom_most, 10**DECIMALS)
    bottom = fitted(small.bottom, most)
    ends = compared(Call("mod", (fitted(integer(10**DECIMALS), most), bottom), bottom.sort), "=", integer(0))
    shown = joined([f"{name}=", as_text(small.top), "/", as_text(small.bottom)])
    return chosen([(is_null(value.top), text("")), (ends, text(""))], shown)


def _listed(fractions: list[Expr]) -> Expr:
    """Return the fractions that there are, with blanks between them."""
    if not fractions:
        return text("")
    if len(fractions) == 1:
        return fractions[0]
    pieces = [chosen([(compared(each, "=", text("")), text(""))], joined([" ", each])) for each in fractions]
    return Call("trimmed", (joined(pieces),), Sort.TEXT)
