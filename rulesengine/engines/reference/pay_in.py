"""The currency of the statement: what each line is paid in, at which rate, rounded how.

A statement is in one currency. So this comes before balances are settled, line by line.
Source: language reference, "Currencies".
"""

from __future__ import annotations

from datetime import date

from rulesengine.diagnostics import Diagnostic, InternalError
from rulesengine.engines.exchange import NoRate, RateToCome
from rulesengine.engines.reference.drafts import Draft
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.view import NoValue, View
from rulesengine.engines.results import Line
from rulesengine.model.change import replace
from rulesengine.model.exact import multiply
from rulesengine.model.money import minor_unit
from rulesengine.model.rounding import round_to
from rulesengine.plan import nodes


def paid_in(line: Line, draft: Draft, reader: Reader, unpaid: list[Diagnostic]) -> Line:
    """Return the line with what it comes to on its statement.

    A line that waits, or is payable after the last day of facts, is on no statement yet and is left
    as it is. A line that takes back what a row earned is converted at the dates of that row, so
    that a refund in full nets to zero in the currency that was paid.

    Args:
        unpaid: gets R1119 for a line that there is no rate for: nothing can be paid without it.
    """
    plan, convert = reader.plan, reader.plan.convert
    if convert is None:
        # Memo rules may count in any currency; they are shown on the statement and not paid.
        return replace(line, paid_currency=plan.pays_in) if plan.pays_in != line.currency else line
    due_on = draft.due_on or line.payable_on
    if line.payable_on is None or line.payable_on > reader.through or due_on is None:
        return line
    try:
        currency = _currency(convert, draft, due_on, reader)
        if line.memo or currency == line.currency:
            return replace(line, paid_currency=currency)
        day = _day(convert, draft, due_on, reader)
        quote = reader.quote(convert.rates, line.currency, currency, day)
    except (NoRate, RateToCome, NoValue) as problem:
        unpaid.append(_unpaid(line, convert, problem))
        return line
    exact = multiply(line.amount, quote.rate)
    return replace(
        line,
        paid=round_to(exact, minor_unit(currency), convert.mode),
        paid_currency=currency,
        paid_rate=quote.rate,
        paid_how=quote.how,
        paid_on=quote.on,
        paid_rates=quote.rates,
    )


def _currency(convert: nodes.StatementConvert, draft: Draft, day: date, reader: Reader) -> str:
    if isinstance(convert.to, str):
        return convert.to
    found = reader.read(convert.to, View(None, day, draft.payee))
    if not isinstance(found, str):
        raise InternalError(f"{convert.to.text} is missing")
    return found


def _day(convert: nodes.StatementConvert, draft: Draft, due_on: date, reader: Reader) -> date:
    row, award = draft.row, draft
    if draft.event_on is not None and draft.undoes is not None:
        award = draft.undoes  # a clawback is of the award that it takes back
    earned_on = row.judged_on if row is not None and row.follows else award.earned_on
    day = reader.day_of(convert.anchor, View(None, due_on, draft.payee, earned=earned_on, payable=due_on))
    if day is None:
        raise RateToCome(f"{convert.text}: there is no such day")
    return day


def _unpaid(
    line: Line, convert: nodes.StatementConvert, problem: NoRate | RateToCome | NoValue
) -> Diagnostic:
    why = problem.reason if isinstance(problem, NoRate) else problem.detail
    return Diagnostic(
        code="R1119",
        message=f"`{line.payee}` cannot be paid for `{line.fact_id or line.rule}`: {why}",
        span=convert.origin,
        hint=f"complete the rates of `{convert.rates}`, or run through a later day",
    )
