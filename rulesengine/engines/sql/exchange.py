"""Exchange rates: what one currency comes to in another on a day, and why there is no rate.

The counterpart of `engines/exchange.py`. A rate between two currencies that are both not the base goes
through it, at the last day on which both have a rate, so the days that a rate is the last one on are worked
out once for each pair of currencies and joined by the currency and the day.
"""

from __future__ import annotations

from rulesengine.engines.sql.compilation import Compilation
from rulesengine.engines.sql.exchange_rates import Pair, quotes, starts
from rulesengine.engines.sql.expressions import (
    FALSE,
    Call,
    Expr,
    Sort,
    all_of,
    any_of,
    as_text,
    chosen,
    compared,
    equal,
    integer,
    is_given,
    is_null,
    joined,
    negated,
    null,
    surely,
    text,
)
from rulesengine.engines.sql.relations import From, Joined, Relation
from rulesengine.engines.sql.values import Number, Plain, Value, negate, no_number, pick
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RatesShape
from rulesengine.model.stored_book import CURRENCY, FIRST_DAY, LAST_DAY, RATE

NO_RATE, TOO_OLD = "R1115", "R1116"


@dataclass(frozen=True, slots=True)
class NoQuote:
    """Why there is no rate that could be used."""

    when: Expr
    code: str
    reason: Expr


@dataclass(frozen=True, slots=True)
class Quoted:
    """The rate between two currencies on a day; null where it is not asked for, or there is none."""

    rate: Number
    how: Expr
    """How it is used: `÷ 1.1172 × 0.8338, through EUR`."""
    on: Expr
    """The day that the rate is of."""
    wrong: tuple[NoQuote, ...]


def quoted(compilation: Compilation, source: From, pair: Pair, other: Expr, on: Expr, asks: Expr) -> Quoted:
    """Return the last rate on or before a day, joined.

    Args:
        source: the select that asks.
        other: the currency that the plan does not say.
        on: the day.
        asks: whether a row asks at all: its two currencies differ and the day is known.
    """
    shape = compilation.plan.schema.rates[pair.rates]
    code = chosen([(asks, other)], null(Sort.TEXT))
    found = _as_of(source, quotes(compilation, shape, pair), code, on)
    start = source.join(starts(compilation, shape), {CURRENCY: code})
    legs = [(other, start.expr(FIRST_DAY))]
    if pair.known != shape.base:
        known = source.join(starts(compilation, shape), {CURRENCY: text(pair.known)})
        legs.append((text(pair.known), known.expr(FIRST_DAY)))
    if not pair.is_to:
        legs.reverse()
    return Quoted(
        found.num(RATE), found.expr("how"), found.expr(FIRST_DAY), _wrong(shape, found, legs, on, asks)
    )


def _as_of(source: From, quotes: Relation, code: Expr, on: Expr) -> Joined:
    key = (quotes.name, "as of", code, on)
    if key not in source.ranged:
        found = source.join_on(quotes)
        tests = [
            equal(found.expr(CURRENCY), code),
            compared(found.expr(FIRST_DAY), "<=", on),
            compared(on, "<=", found.expr(LAST_DAY)),
        ]
        source.close(found, all_of(tests))
        source.ranged[key] = found
    return source.ranged[key]


# --- why there is none ---------------------------------------------------------------------------


def _wrong(
    shape: RatesShape, found: Joined, legs: list[tuple[Expr, Expr]], on: Expr, asks: Expr
) -> tuple[NoQuote, ...]:
    """Return why a row that asks has no rate, in the order in which it is looked for."""
    name = f"`{shape.name}`"
    is_missing = all_of([asks, is_null(found.expr(FIRST_DAY))])
    codes = [(_is_leg(code, shape), code, start) for code, start in legs]
    late = [(all_of([is_leg, _is_late(start, on)]), code, start) for is_leg, code, start in codes]
    if len(legs) == 2:
        # Both have rates by then, but never of one day: it is the one that begins later that lacks one.
        (first_leg, first, first_start), (second_leg, second, second_start) = codes
        is_later = surely(compared(first_start, ">", second_start))
        late += [(all_of([first_leg, second_leg, is_later]), first, first_start)]
        late += [(second_leg, second, second_start)]
    missing = chosen([(test, _no_rate(name, code, start, on)) for test, code, start in late], text(""))
    last = found.expr(FIRST_DAY)
    oldest = Call("days after", (last, integer(shape.within_days)), Sort.DATE)
    both = _both(codes)
    too_old = joined(
        [
            f"the last rate of {name} for ",
            both,
            " on or before ",
            as_text(on),
            " is of ",
            as_text(last),
            f", and is good for {shape.within_days} days",
        ]
    )
    rejected = found.expr("rejected")
    itself = joined([f"the rate of {name} for ", rejected, " on ", as_text(last), " is rejected itself"])
    is_found = all_of([asks, is_given(found.expr(FIRST_DAY))])
    return (
        NoQuote(is_missing, NO_RATE, missing),
        NoQuote(all_of([is_found, surely(compared(oldest, "<", on))]), TOO_OLD, too_old),
        NoQuote(all_of([is_found, is_given(rejected)]), NO_RATE, itself),
    )


def _is_late(start: Expr, on: Expr) -> Expr:
    """Return whether a currency has no rate on or before a day."""
    return any_of([is_null(start), surely(compared(start, ">", on))])


def _no_rate(name: str, code: Expr, start: Expr, on: Expr) -> Expr:
    none = joined([f"{name} has no rates for ", code])
    late = joined([f"{name} has no rate for ", code, " on or before ", as_text(on)])
    return chosen([(is_null(start), none)], late)


def _is_leg(code: Expr, shape: RatesShape) -> Expr:
    """Return whether a currency is not the base."""
    return negated(equal(code, text(shape.base)))


def _both(codes: list[tuple[Expr, Expr, Expr]]) -> Expr:
    (first_leg, first, _), *others = codes
    if not others:
        return first
    second_leg, second, _ = others[0]
    whens = [(all_of([first_leg, second_leg]), joined([first, " and ", second])), (first_leg, first)]
    return chosen(whens, second)


# --- what lines show -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An amount in its own currency, and what it comes to in the one that is asked for."""

    when: Expr
    """Whether it was in another one."""
    original: Number
    currency: Expr
    amount: Number
    rates: str
    quote: Quoted


SHOWN = (
    "original",
    "original_currency",
    "converted",
    "exchange_rate",
    "exchange_how",
    "exchange_on",
    "exchange_rates",
)
"""The columns of lines that say how an amount became the rule's currency."""

MEASURE = "measure"
"""Stands for the part of the pay where what a measure moves by is converted."""


def exchange_column(name: str, place: str) -> str:
    """Return the column of items for one of `SHOWN`, of a part of the pay (`0_0`) or of the measure."""
    return f"{name}_{place}"


def exchange_of(source: From, place: str) -> dict[str, Value]:
    """Return the columns of lines for what was converted there, if anything was."""
    if exchange_column(SHOWN[0], place) not in source.relation:
        return {}
    return {name: source[exchange_column(name, place)] for name in SHOWN}


def shown_exchange(found: list[tuple[Expr, Exchanged]], negates: Expr = FALSE) -> dict[str, Value]:
    """Return these columns, null where nothing was converted.

    Args:
        found: what was converted, and where it is that which is read.
        negates: where amounts are taken away.
    """
    whens = [(all_of([test, each.when]), each) for test, each in found]

    def signed(value: Number) -> Number:
        return value if negates == FALSE else pick([(negates, negate(value))], value)

    def words(of: list[tuple[Expr, Expr]], sort: Sort) -> Value:
        return Plain(chosen(of, null(sort)))

    return {
        "original": signed(pick([(test, each.original) for test, each in whens], no_number())),
        "original_currency": words([(test, each.currency) for test, each in whens], Sort.TEXT),
        "converted": signed(pick([(test, each.amount) for test, each in whens], no_number())),
        "exchange_rate": pick([(test, each.quote.rate) for test, each in whens], no_number()),
        "exchange_how": words([(test, each.quote.how) for test, each in whens], Sort.TEXT),
        "exchange_on": words([(test, each.quote.on) for test, each in whens], Sort.DATE),
        "exchange_rates": words([(test, text(each.rates)) for test, each in whens], Sort.TEXT),
    }
