"""`convert` lowered: in a rule, in a measure, and in the statement."""

from __future__ import annotations

from rulesengine.diagnostics import Related
from rulesengine.language import syntax
from rulesengine.model.rounding import RoundingMode
from rulesengine.model.types import RecordType, TextType
from rulesengine.plan import nodes
from rulesengine.plan.context import Context, KindInfo
from rulesengine.plan.currencies import (
    converted_step,
    find_rates,
    known_code,
    nothing_to_convert,
)
from rulesengine.plan.dates import lower_anchor
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.scope import Reading, Scope
from rulesengine.plan.types import describe


def lower_convert(scope: Scope) -> nodes.Convert | None:
    """Return how the amounts that a rule reads become its currency; None where none is in another.

    To be called when all clauses have been lowered: only then is it known what they read. The
    plan's `convert` is looked at only in rules that need it, as not every fact has its date.
    """
    paying, context = scope.paying, scope.context
    if paying is None or paying.convert is None:
        return None
    if not paying.converted:
        if paying.is_own:
            context.problems.add(nothing_to_convert(paying))
            context.problems.attempt(_lower, scope, paying.convert, paying.code)
        return None
    return _lower(scope, paying.convert, paying.code)


def _lower(scope: Scope, clause: syntax.Convert, code: str) -> nodes.Convert:
    attempt = scope.context.problems.attempt
    rates = attempt(find_rates, scope.context, clause.rates)
    anchor = attempt(lower_anchor, scope, clause.anchor, waits=True)
    rounded = attempt(converted_step, clause, code)
    if rates is None or anchor is None or rounded is None:
        raise Mistake
    mode, step = rounded
    return nodes.Convert(
        origin=clause.span,
        to=code,
        rates=rates.name,
        anchor=anchor,
        mode=mode,
        step=step,
        text=scope.context.texts.of(clause.span),
    )


def lower_statement_convert(
    context: Context, clause: syntax.Convert, payees: tuple[KindInfo, ...]
) -> nodes.StatementConvert:
    """Return what a line is paid in, at which rate.

    Args:
        payees: every kind that a rule pays: each must have the field that says the currency.
    """
    attempt = context.problems.attempt
    scope = Scope(
        context=context,
        row=None,
        no_row="a statement has the dates `payable` and `earned` of each line",
        payees=payees,
        is_statement=True,
    )
    to = attempt(_paid_in, scope, clause.to)
    rates = attempt(find_rates, context, clause.rates)
    anchor = attempt(lower_anchor, scope, clause.anchor, waits=False)
    if not clause.mode or clause.step is not None:
        context.problems.add(
            mistake(
                "R0261",
                "each line is paid in whole minor units of its currency, and how is not said"
                if not clause.mode
                else "each line is rounded to the minor unit of its currency, which may differ by payee",
                clause.span,
                hint="end the line with `rounded half_up`",
            )
        )
        raise Mistake
    if to is None or rates is None or anchor is None:
        raise Mistake
    return nodes.StatementConvert(
        origin=clause.span,
        to=to,
        rates=rates.name,
        anchor=anchor,
        mode=RoundingMode(clause.mode),
        text=context.texts.of(clause.span),
    )


def _paid_in(scope: Scope, to: syntax.Name | syntax.Path) -> str | nodes.FieldRead:
    if isinstance(to, syntax.Name):
        return known_code(to)
    reading: Reading = scope.get(to)
    if reading.read.root is not nodes.Root.PAYEE or not isinstance(reading.read.type, TextType):
        raise mistake(
            "R0261",
            f"a statement is in a currency that a text of the payee says, `{to.text}` is "
            f"{describe(reading.read.type)}",
            to.span,
            related=(Related(reading.declared, "it is declared here"),),
            hint="write `convert to payee.currency`, with a field of the payee",
        )
    for owner in reading.owners:
        if owner.is_derived or isinstance(owner.type, RecordType):
            raise Mistake
        scope.context.codes.add((owner.kind, owner.name))
    return reading.read
