"""The currency of the statement: what each line is paid in, at which rate, rounded how.

The counterpart of `engines/reference/pay_in.py`: a line that waits, or is payable after the last day of
facts, is on no statement yet; one that takes back what a row earned is converted at the dates of that row.
"""

from __future__ import annotations

from rulesengine.engines.results import Reason
from rulesengine.engines.sql.cancelled_lines import AWARD_EARNED_ON
from rulesengine.engines.sql.compilation import Compilation, Refusal
from rulesengine.engines.sql.dates import day_of
from rulesengine.engines.sql.exchange import quoted
from rulesengine.engines.sql.exchange_rates import Pair
from rulesengine.engines.sql.expressions import (
    FALSE,
    TRUE,
    Expr,
    Literal,
    Sort,
    all_of,
    as_text,
    chosen,
    compared,
    day,
    equal,
    first_given,
    is_given,
    is_null,
    joined,
    null,
    over,
    surely,
    text,
)
from rulesengine.engines.sql.following import follows
from rulesengine.engines.sql.minor_units import minor_unit_of, to_minor_unit
from rulesengine.engines.sql.reads import Reads, reason_columns
from rulesengine.engines.sql.relations import From, Relation, is_literal
from rulesengine.engines.sql.values import Number, Plain, Value, multiply, no_number, pick
from rulesengine.plan import nodes

UNPAID = "R1119"
_ORDER = ("piece", "earned_on", "row.order_by", "fact_id", "turn", "position", "part_number")


def pay_in(compilation: Compilation, drafts: Relation, rule: nodes.Rule) -> Relation:
    """Return the drafts with what each comes to on its statement.

    Args:
        drafts: with amounts and the dates that they are payable on.
    """
    convert = compilation.plan.convert
    if convert is None:
        return drafts
    source = From(drafts)
    source.take_all()
    payable_on = source.expr("payable_on")
    due_on = first_given([source.expr("due_on"), payable_on]) if "due_on" in drafts else payable_on
    is_due = all_of([is_given(payable_on), surely(compared(payable_on, "<=", day(compilation.through)))])
    reads = _reads(compilation, source, due_on)
    with reads.within(is_due):
        currency = currency_of(convert, reads, source.expr("payee_kind"))
    is_other = FALSE if rule.is_memo else all_of([is_due, _is_other(currency, rule.currency)])
    columns = source.columns
    columns["paid_currency"] = Plain(chosen([(is_due, currency)], null(Sort.TEXT)))
    if is_other != FALSE:
        columns |= _paid(compilation, source, rule, convert, reads, currency, is_other)
    unpaid = reason_columns(reads.problems)[1]
    if unpaid != null(Sort.TEXT):
        columns["unpaid"] = Plain(unpaid)
    comment = f"rule {rule.name}: {convert.text}"
    made = compilation.add(f"{rule.name}_paid", comment, source, rule=rule)
    if "unpaid" in made:
        _refuse(compilation, made, rule, convert)
    return made


def currency_of(convert: nodes.StatementConvert, reads: Reads, payee_kind: Expr) -> Expr:
    """Return the currency that a payee is paid in."""
    if isinstance(convert.to, str):
        return text(convert.to)
    name = convert.to.names[0]
    compilation = reads.compilation
    kinds = [kind for kind in compilation.book.payees if compilation.kind(kind).field(name) is not None]
    found: list[tuple[Expr, Expr]] = []
    for kind in kinds:
        is_kind = equal(payee_kind, text(kind))
        if isinstance(payee_kind, Literal):
            is_kind = TRUE if payee_kind.value == kind else FALSE
        if is_kind != FALSE:
            reads.payee_kind = kind
            with reads.within(is_kind):
                found.append((is_kind, reads.expr(convert.to)))
    return chosen(found, null(Sort.TEXT))


def _reads(compilation: Compilation, source: From, due_on: Expr) -> Reads:
    earned_on = source.expr("earned_on")
    if AWARD_EARNED_ON in source.relation:
        earned_on = first_given([source.expr(AWARD_EARNED_ON), earned_on])
    is_later = follows(source)
    if is_later != FALSE:
        earned_on = chosen([(is_later, source.expr("judged_on"))], earned_on)
    reads = Reads(compilation, source, "", due_on, "", payee=source.expr("payee"))
    reads.earned, reads.payable = earned_on, due_on
    return reads


def _is_other(currency: Expr, of_rule: str) -> Expr:
    if isinstance(currency, Literal):
        return FALSE if currency.value == of_rule else TRUE
    return surely(compared(currency, "<>", text(of_rule)))


def _paid(
    compilation: Compilation,
    source: From,
    rule: nodes.Rule,
    convert: nodes.StatementConvert,
    reads: Reads,
    currency: Expr,
    is_other: Expr,
) -> dict[str, Value]:
    """Return the columns of what a line is paid in another currency than the rule's."""
    with reads.within(is_other):
        on = day_of(convert.anchor, reads)
        reads.problem(is_null(on), Reason.RATE_TO_COME, text(f"{convert.text}: there is no such day"))
        to_come = joined(["its rate is of ", as_text(on), f", run through {compilation.through}"])
        reads.problem(compared(on, ">", day(compilation.through)), Reason.RATE_TO_COME, to_come)
        pair = Pair(convert.rates, rule.currency, is_to=False)
        quote = quoted(compilation, source, pair, currency, on, is_other)
        for wrong in quote.wrong:
            reads.problem(wrong.when, Reason.NO_RATE, wrong.reason)
    exact = multiply(source.num("amount"), quote.rate)
    paid = to_minor_unit(exact, minor_unit_of(compilation, source, currency), convert.mode)

    def where(value: Expr) -> Value:
        return Plain(chosen([(is_other, value)], null(value.sort)))

    return {
        "paid": pick([(is_other, paid)], no_number()),
        "paid_rate": pick([(is_other, quote.rate)], no_number()),
        "paid_how": where(quote.how),
        "paid_on": where(quote.on),
        "paid_rates": where(text(convert.rates)),
    }


def _refuse(
    compilation: Compilation, paid: Relation, rule: nodes.Rule, convert: nodes.StatementConvert
) -> None:
    """Note down that nothing is paid if there is a line that there is no rate for."""
    source = From(paid)
    source.keep(is_given(source.expr("unpaid")))
    named = [source[name] for name in _ORDER if name in paid]
    order = [each.expr if isinstance(each, Plain) else each.top for each in named if not is_literal(each)]
    nth = over("row_number", [], partition=[], order=order, sort=Sort.INT)
    fact_id = source.expr("fact_id")
    whose = chosen([(compared(fact_id, "=", text("")), text(rule.name))], fact_id)
    words = ["`", source.expr("payee"), "` cannot be paid for `", whose, "`: ", source.expr("unpaid")]
    source.columns = {"message": Plain(joined(words)), "nth": Number(nth, 0, 10**9)}
    comment = f"rule {rule.name}: lines that there is no rate for"
    found = compilation.add_written(f"{rule.name}_unpaid", comment, source, rule=rule)
    hint = f"complete the rates of `{convert.rates}`, or run through a later day"
    compilation.refusals.append(Refusal(found.name, UNPAID, convert.origin, hint))
