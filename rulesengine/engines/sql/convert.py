"""Conversion: an amount in another currency becomes the rule's, at the rate of its day.

The counterpart of `engines/reference/convert.py`. A row whose amount has no rate is rejected for all rules;
one whose rate is not known yet earns nothing so far.
"""

from __future__ import annotations

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Reason
from rulesengine.engines.sql.dates import day_of
from rulesengine.engines.sql.exchange import Exchanged, quoted
from rulesengine.engines.sql.exchange_rates import Pair
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Literal,
    all_of,
    as_text,
    compared,
    day,
    is_given,
    is_null,
    joined,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.reads import Reads, Rejection
from rulesengine.engines.sql.shown import grouped
from rulesengine.engines.sql.values import Number, Plain, multiply, pick, rounded
from rulesengine.model.change import replace
from rulesengine.plan import nodes


def in_one_currency(read: nodes.FieldRead, reads: Reads) -> Number:
    """Return an amount in the currency of the rule, null where it is missing or has no rate."""
    found = exchanged(read, reads)
    return pick([(found.when, found.amount)], found.original)


def exchanges(operand: nodes.Operand, reads: Reads) -> list[tuple[Expr, Exchanged]]:
    """Return how an amount becomes the rule's currency, for each amount that an operand may be, with the
    test that it is that one; none where it is in the rule's currency whatever comes."""
    match operand:
        case nodes.OtherwiseRead(read=read, default=default):
            is_missing = is_null(reads.number(replace(read, currency=None)).top)
            found = [(all_of([negated(is_missing), test]), each) for test, each in exchanges(read, reads)]
            with reads.within(is_missing):
                others = exchanges(default, reads)
            return found + [(all_of([is_missing, test]), each) for test, each in others]
        case nodes.ShareOfRead(of=of):
            return exchanges(of, reads)
        case nodes.FieldRead(currency=str() | nodes.FieldRead()):
            return [(TRUE, exchanged(operand, reads))]
        case _:
            return []


def exchanged(read: nodes.FieldRead, reads: Reads) -> Exchanged:
    """Return an amount as it stands, and what it comes to; rows that have no rate earn nothing."""
    convert = reads.convert
    if convert is None:
        raise InternalError(f"{read.text}: it is in another currency and not converted")
    original = reads.number(replace(read, currency=None))
    code = _currency(read, reads)
    is_foreign = all_of([is_given(original.top), _is_other(code, convert.to)])
    at = reads.converts_at or reads
    with reads.within(is_foreign):
        on = day_of(convert.anchor, at)
        through = reads.compilation.through
        missing = text(f"{convert.text}: the date is missing")
        reads.problem(is_null(on), Reason.RATE_TO_COME, missing)
        to_come = joined(["its rate is of ", as_text(on), f", run through {through}"])
        reads.problem(compared(on, ">", day(through)), Reason.RATE_TO_COME, to_come)
        asks = all_of([is_foreign, surely(compared(on, "<=", day(through)))])
        reads.rate_days.append((all_of([*reads.guards, surely(asks)]), on))
        pair = Pair(convert.rates, convert.to, is_to=True)
        quote = quoted(reads.compilation, reads.source, pair, code, on, asks)
        value = joined([grouped(original), " ", code])
        for wrong in quote.wrong:
            rejection = Rejection(wrong.code, read.text, value)
            reads.problem(wrong.when, Reason.NO_RATE, wrong.reason, rejection)
    amount = multiply(original, quote.rate)
    if convert.mode is not None and convert.step is not None:
        amount = rounded(amount, convert.step, convert.mode)
    return Exchanged(is_foreign, original, code, amount, convert.rates, quote)


def _is_other(code: Expr, to: str) -> Expr:
    if isinstance(code, Literal):
        return FALSE if code.value == to else TRUE
    return surely(compared(code, "<>", text(to)))


def _currency(read: nodes.FieldRead, reads: Reads) -> Expr:
    if isinstance(read.currency, str):
        return text(read.currency)
    assert read.currency is not None
    value = reads.read(read.currency)
    assert isinstance(value, Plain)
    return value.expr
