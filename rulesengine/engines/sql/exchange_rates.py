"""The rates between a currency of the plan and all others, each with the days that it is the last one on.

A rate between two currencies that are both not the base goes through it, at the last day on which both have a
rate, so these days are worked out once for each pair of currencies (engines/exchange.py).
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.expressions import (
    Aggregate,
    Call,
    Column,
    Expr,
    Sort,
    any_of,
    chosen,
    day,
    equal,
    first_given,
    integer,
    is_null,
    joined,
    negated,
    null,
    over,
    text,
)
from rulesengine.engines.sql.relations import From, Relation
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.values import Number, Plain, Value
from rulesengine.model.dates import END
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RatesShape
from rulesengine.model.stored_book import CURRENCY, FIRST_DAY, LAST_DAY, RATE, rates_table


@dataclass(frozen=True, slots=True)
class Pair:
    """Two currencies, one of which the plan says; the other is one of each row."""

    rates: str
    known: str
    """The one that the plan says."""
    is_to: bool
    """Whether amounts are turned into it; else they are in it."""


def _stored(compilation: Compilation, shape: RatesShape) -> Relation:
    table = compilation.book.rates[shape.name]
    rate = table.columns[RATE]
    sort = Sort.WIDE if rate.is_wide else Sort.INT
    columns: dict[str, Value] = {
        CURRENCY: Plain(Column("", CURRENCY, Sort.TEXT, True)),
        FIRST_DAY: Plain(Column("", FIRST_DAY, Sort.DATE, True)),
        LAST_DAY: Plain(Column("", LAST_DAY, Sort.DATE, True)),
        RATE: Number(Column("", RATE, sort, not rate.has_nulls), rate.scale, rate.most),
    }
    return Relation(rates_table(shape.name), columns)


def starts(compilation: Compilation, shape: RatesShape) -> Relation:
    """Return the first day on which each currency has a rate."""
    made = ("first days of rates", shape.name)
    if made not in compilation.relations:
        source = From(_stored(compilation, shape))
        first = Aggregate("min", (source.expr(FIRST_DAY),), (), Sort.DATE)
        source.columns = {CURRENCY: source[CURRENCY], FIRST_DAY: Plain(first)}
        comment = f"rates {shape.name}: the first day of each currency"
        groups = [source.expr(CURRENCY)]
        name = f"exchange_{shape.name}_starts"
        compilation.relations[made] = compilation.add(name, comment, source, group_by=groups, is_kept=True)
    return compilation.relations[made]


def quotes(compilation: Compilation, shape: RatesShape, pair: Pair) -> Relation:
    """Return the rates between a currency and all others, each with the days that it is the last one on.

    Columns: `currency`, the other one; `@first_day`, the day that the rate is of, and `@last_day`; `rate`
    and `how`, null where a rate was rejected, and `rejected`, the currency that it was rejected for.
    """
    made = ("rates", shape.name, pair.is_to, pair.known)
    if made not in compilation.relations:
        towards = "to" if pair.is_to else "from"
        if pair.known == shape.base:
            parts = [_to_base(compilation, shape, pair)]
        else:
            parts = [_of_base(compilation, shape, pair), _through_base(compilation, shape, pair)]
        comment = f"rates {shape.name}: {towards} {pair.known}, and the days on which each is the last one"
        name = f"exchange_{shape.name}_{towards}_{pair.known}"
        compilation.relations[made] = compilation.add_union(name, comment, parts, is_kept=True)
    return compilation.relations[made]


def _to_base(compilation: Compilation, shape: RatesShape, pair: Pair) -> From:
    source = From(_stored(compilation, shape))
    source.keep(negated(equal(source.expr(CURRENCY), text(shape.base))))
    source.columns = {CURRENCY: source[CURRENCY], LAST_DAY: source[LAST_DAY]}
    return _one_leg(source, shape, source.expr(CURRENCY), is_source=pair.is_to)


def _of_base(compilation: Compilation, shape: RatesShape, pair: Pair) -> From:
    source = From(_stored(compilation, shape))
    source.keep(equal(source.expr(CURRENCY), text(pair.known)))
    source.columns = {CURRENCY: Plain(text(shape.base)), LAST_DAY: source[LAST_DAY]}
    return _one_leg(source, shape, text(pair.known), is_source=not pair.is_to)


def _one_leg(source: From, shape: RatesShape, code: Expr, *, is_source: bool) -> From:
    value = source.num(RATE)
    source.columns[FIRST_DAY] = source[FIRST_DAY]
    rate = _inverse(value) if is_source == shape.is_per_base else value
    _describe(source, rate, [_used(value, divides=is_source == shape.is_per_base)])
    source.columns["rejected"] = Plain(chosen([(is_null(value.top), code)], null(Sort.TEXT)))
    return source


def _through_base(compilation: Compilation, shape: RatesShape, pair: Pair) -> From:
    """Return the rates of the days on which both currencies have one."""
    source = From(_stored(compilation, shape))
    code = source.expr(CURRENCY)
    on = source.expr(FIRST_DAY)
    known = source.join(
        _stored(compilation, shape), {CURRENCY: text(pair.known), FIRST_DAY: on}, is_left=False
    )
    source.keep(negated(any_of([equal(code, text(each)) for each in (shape.base, pair.known)])))
    following = over("lead", [on], partition=[code], order=[on], sort=Sort.DATE)
    before = Call("days after", (following, integer(-1)), Sort.DATE)
    source.columns = {
        CURRENCY: source[CURRENCY],
        FIRST_DAY: source[FIRST_DAY],
        LAST_DAY: Plain(first_given([before, day(END)])),
    }
    own, other = source.num(RATE), known.num(RATE)
    legs = [(code, own), (text(pair.known), other)]
    if not pair.is_to:
        legs.reverse()
    (first, of), (second, into) = legs
    divisor, dividend = (of, into) if shape.is_per_base else (into, of)
    rate = Number(
        chosen([(is_null(divisor.top), null(dividend.top.sort))], dividend.top),
        0,
        dividend.most,
        divisor.top,
        max(divisor.most, 1),
    )
    words = [_used(of, divides=shape.is_per_base), " ", _used(into, divides=not shape.is_per_base)]
    _describe(source, rate, [*words, f", through {shape.base}"])
    whens = [(is_null(of.top), first), (is_null(into.top), second)]
    source.columns["rejected"] = Plain(chosen(whens, null(Sort.TEXT)))
    return source


def _inverse(value: Number) -> Number:
    unit = 10**value.scale
    top = chosen([(is_null(value.top), null(integer(unit).sort))], integer(unit))
    return Number(top, 0, unit, value.top, max(value.most, 1))


def _used(value: Number, *, divides: bool) -> Expr:
    return joined(["÷ " if divides else "× ", grouped(value)])


def _describe(source: From, rate: Number, words: list[Expr | str]) -> None:
    source.columns[RATE] = rate
    source.columns["how"] = Plain(joined(words))
