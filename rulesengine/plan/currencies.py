"""Currencies: what a rule pays in, the rates it converts at, and amounts that are in another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal

from rulesengine.diagnostics import Related, Span, as_warning
from rulesengine.language import syntax
from rulesengine.model.money import minor_digits
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingMode
from rulesengine.model.schema import RatesShape
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes
from rulesengine.plan.context import Context
from rulesengine.plan.header import check_step, unknown_currency
from rulesengine.plan.names import Sort
from rulesengine.plan.problems import Mistake, mistake
from rulesengine.plan.types import Typed, origins

_MOST_DAYS = 36_600
"""A hundred years: no rate is meant to be good for longer."""


@dataclass(frozen=True, slots=True)
class Paying:
    """The currency that a rule or measure counts in, and whether it converts what it reads."""

    code: str
    declared: Span
    """Where the code is said."""
    convert: syntax.Convert | None
    is_own: bool
    """The `convert` is the rule's, not the plan's."""
    converted: list[Span] = field(default_factory=list)
    """Amounts that it converts; filled while its clauses are lowered."""

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount that can be paid."""
        digits = minor_digits(self.code)
        return Decimal(1).scaleb(-(2 if digits is None else digits))


def of_plan(context: Context) -> Paying:
    """Return the plan's currency, and its `convert`."""
    header = context.header
    return Paying(header.currency, header.currency_span, header.convert, is_own=False)


def read_paying(context: Context, clauses: Iterable[syntax.Node]) -> Paying:
    """Return what a rule or a measure counts in: its own `convert` or `currency`, else the plan's."""
    own = [clause for clause in clauses if isinstance(clause, syntax.Convert | syntax.CurrencyClause)]
    convert = next((clause for clause in own if isinstance(clause, syntax.Convert)), None)
    currency = next((clause for clause in own if isinstance(clause, syntax.CurrencyClause)), None)
    if convert is not None and currency is not None:
        context.problems.add(
            mistake(
                "R0259",
                f"`convert to {convert.to.text}` says what the rule pays in already",
                currency.span,
                related=(Related(convert.span, "it stands here"),),
                hint="drop `currency`",
            )
        )
    if convert is not None:
        code = context.problems.attempt(_code, convert)
        return Paying(code, convert.to.span, convert, is_own=True) if code else of_plan(context)
    if currency is None:
        return of_plan(context)
    if minor_digits(currency.code) is None:
        context.problems.add(unknown_currency(currency.code, currency.span))
        return of_plan(context)
    return Paying(currency.code, currency.span, None, is_own=False)


def _code(convert: syntax.Convert) -> str:
    if isinstance(convert.to, syntax.Path):
        raise mistake(
            "R0259",
            f"a rule is in one currency, found `{convert.to.text}`",
            convert.to.span,
            hint="write its code, such as `convert to EUR`; a `statement` may name a field of the payee",
        )
    return known_code(convert.to)


def known_code(name: syntax.Name) -> str:
    """Return the code of a currency; R0403 where ISO 4217 does not have it."""
    if minor_digits(name.text) is None:
        raise unknown_currency(name.text, name.span)
    return name.text


def read_rates(context: Context, blocks: tuple[syntax.Block, ...]) -> dict[str, RatesShape | None]:
    """Return the tables of rates by name; None for one with a mistake."""
    rates: dict[str, RatesShape | None] = {}
    for block in blocks:
        if isinstance(block, syntax.RatesBlock):
            rates.setdefault(block.name.text, context.problems.attempt(_read_rates, block))
    return rates


def _read_rates(block: syntax.RatesBlock) -> RatesShape:
    base = known_code(block.base)
    count = block.within.count
    days = count.value if isinstance(count, syntax.Number) and block.within.unit == "day" else None
    if days is None or days != days.to_integral_value() or not 0 <= days <= _MOST_DAYS:
        raise mistake(
            "R0263",
            "rates are good within a whole number of days",
            block.within.span,
            hint="write `within 7 days`; one rate a year is good `within 366 days`",
        )
    return RatesShape(name=block.name.text, base=base, is_per_base=block.is_per_base, within_days=int(days))


def find_rates(context: Context, name: syntax.Name) -> RatesShape:
    """Return the table of rates of that name."""
    context.catalog.find(name, Sort.RATES)
    found = context.rates.get(name.text)
    if found is None:
        raise Mistake
    return found


def converted_step(convert: syntax.Convert, code: str) -> tuple[RoundingMode | None, Decimal | None]:
    """Return how a converted amount is rounded: to whole minor units where no step is said."""
    if not convert.mode:
        return None, None
    unit = Decimal(1).scaleb(-(minor_digits(code) or 0))
    if convert.step is not None:
        check_step(convert.step, unit, code, f"rounded {convert.mode} to {unit}")
    return RoundingMode(convert.mode), convert.step.value if convert.step else unit


def check_paid(context: Context, paying: Paying, typed: Typed) -> None:
    """Raise R0402 or R0257 for an amount that is not in the currency that the rule pays in."""
    if not isinstance(typed.type, MoneyType) or typed.type == MoneyType(paying.code):
        return
    if typed.type.by:
        raise own_currencies(typed, paying)
    if not typed.type.currency or not paying.code:
        return
    raise mistake(
        "R0402",
        f"two currencies in one sum: `{typed.text}` is in {typed.type.currency}, "
        f"what is paid here is in {paying.code}",
        typed.node.origin,
        related=(*origins(typed), Related(paying.declared, f"it pays in {paying.code}")),
        hint=_mend(context, typed, paying),
    )


def own_currencies(typed: Typed, paying: Paying | None) -> Mistake:
    """Return R0257 for amounts of which each row has its own currency, where one is needed."""
    assert isinstance(typed.type, MoneyType)
    by = ".".join(typed.type.by)
    is_of_payee = isinstance(typed.node, nodes.FieldRead) and typed.node.root is nodes.Root.PAYEE
    hint = f'keep rows of one currency with `where {by} is "EUR"`'
    if paying is not None and paying.convert is None and not is_of_payee:
        hint = f"add `convert to {paying.code or 'USD'} at … on …`, or {hint}"
    return mistake(
        "R0257",
        f"each row has its own currency: {typed.described}",
        typed.node.origin,
        related=origins(typed),
        hint=hint,
    )


def _mend(context: Context, typed: Typed, paying: Paying) -> str:
    assert isinstance(typed.type, MoneyType)
    own = f"pay in {typed.type.currency} with `currency {typed.type.currency}`"
    if isinstance(typed.node, nodes.Constant):
        return f"write the amount in {paying.code}, or {own}"
    if paying.convert is not None:
        return "`convert` turns the amounts of the row, and no others"
    rates = next((name for name, shape in context.rates.items() if shape), "ecb")
    return f"add `convert to {paying.code} at {rates} on …`, or {own}"


def nothing_to_convert(paying: Paying) -> Mistake:
    """Return R0262, a warning, for a rule's own `convert` under which every amount stays as it is."""
    assert paying.convert is not None
    problem = mistake(
        "R0262",
        f"nothing to convert: every amount that the rule reads is in {paying.code}",
        paying.convert.span,
        hint=f"drop `convert`; `currency {paying.code}` alone says what a rule pays in",
    )
    assert problem.diagnostic is not None
    return Mistake(as_warning(problem.diagnostic))
