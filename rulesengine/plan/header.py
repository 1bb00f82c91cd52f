"""The `plan` block: currency, dates, rounding and fiscal year, which all else stands on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from rulesengine.diagnostics import Related, Span
from rulesengine.language import syntax
from rulesengine.model.change import replace
from rulesengine.model.dates import BEGINNING, CALENDAR_YEAR, END, DateRange, FiscalYear
from rulesengine.model.exact import as_text
from rulesengine.model.money import minor_digits
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Rounding, RoundingMode, RoundingPlace
from rulesengine.plan.problems import Mistake, Problems, mistake

C = TypeVar("C", bound=syntax.Node)
_FINEST = Decimal("0.000000000001")
"""As many decimals as the tables of a run hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the plan block says. Where it is mistaken a stand-in lets the other passes go on."""

    name: str
    title: str
    currency: str
    """Empty where the plan names none: then no amount is compared with it."""
    currency_span: Span
    minor_digits: int
    effective: DateRange
    rounding: Rounding
    fiscal: FiscalYear
    rounds_statements: bool
    """The statement block rounds totals, so that lines may have fractions of the minor unit."""
    convert: syntax.Convert | None
    """Holds for every rule without its own; it must be to the plan's currency."""
    span: Span

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount that can be paid."""
        return Decimal(1).scaleb(-self.minor_digits)


def read_header(tree: syntax.Tree, problems: Problems) -> Header:
    """Return what the one plan block says; R0204 is kept where there is none or a second."""
    blocks = [block for block in tree.blocks if isinstance(block, syntax.PlanBlock)]
    if not blocks:
        path = tree.files[0].path if tree.files else ""
        nowhere = Span(path, 1, 1, 1, 1)
        problems.add(
            mistake(
                "R0204",
                "no `plan` block found",
                nowhere,
                hint="begin with `plan my_plan { currency USD … }`",
            )
        )
        name = syntax.Name(text="plan", span=nowhere)
        return _header(syntax.PlanBlock(name=name, clauses=(), span=nowhere), Problems())
    for block in blocks[1:]:
        problems.add(
            mistake(
                "R0204",
                "a plan has one `plan` block, this is another",
                block.name.span,
                related=(Related(blocks[0].name.span, "the first is here"),),
                hint="put this plan in a folder of its own, or drop one of the blocks",
            )
        )
    return _header(blocks[0], problems, rounds_statements=_rounds_statements(tree))


def _rounds_statements(tree: syntax.Tree) -> bool:
    return any(
        isinstance(clause, syntax.StatementRounding)
        for block in tree.blocks
        if isinstance(block, syntax.StatementBlock)
        for clause in block.clauses
    )


def _header(block: syntax.PlanBlock, problems: Problems, *, rounds_statements: bool = False) -> Header:
    clauses = block.clauses
    title = only(clauses, syntax.Title, "title", problems)
    currency = only(clauses, syntax.CurrencyClause, "currency", problems)
    effective = only(clauses, syntax.Effective, "effective", problems)
    rounding = only(clauses, syntax.RoundingClause, "rounding", problems)
    fiscal = only(clauses, syntax.FiscalYearClause, "fiscal year", problems)
    convert = only(clauses, syntax.Convert, "convert", problems)
    for missing, word, example in (
        (currency is None, "currency", "currency USD"),
        (effective is None, "effective", "effective from 2026-01-01 through 2026-12-31"),
        (rounding is None, "rounding", "rounding half_up to 0.01 per line"),
    ):
        if missing:
            problems.add(
                mistake("R0202", f"the plan needs `{word}`", block.name.span, hint=f"add `{example}`")
            )
    digits = problems.attempt(_digits, currency) if currency else None
    code = currency.code if currency is not None and digits is not None else ""
    unit_digits = 2 if digits is None else digits
    fallback = Rounding(
        mode=RoundingMode.HALF_UP, step=Decimal(1).scaleb(-unit_digits), place=RoundingPlace.LINE
    )
    header = Header(
        name=block.name.text,
        title=title.text if title else block.name.text,
        currency=code,
        currency_span=currency.span if currency else block.name.span,
        minor_digits=unit_digits,
        effective=lower_range(effective.start, effective.end) if effective else DateRange(BEGINNING, END),
        rounding=fallback,
        fiscal=(problems.attempt(_fiscal_year, fiscal) if fiscal else None) or CALENDAR_YEAR,
        rounds_statements=rounds_statements,
        convert=problems.attempt(_convert, convert, code) if convert else None,
        span=block.span,
    )
    asked = (
        problems.attempt(lower_rounding, rounding, header.minor_unit, code, finer=rounds_statements)
        if rounding
        else None
    )
    return replace(header, rounding=asked or fallback)


def _convert(clause: syntax.Convert, currency: str) -> syntax.Convert:
    if currency and clause.to.text != currency:
        raise mistake(
            "R0259",
            f"the plan pays in {currency} and converts to {clause.to.text}",
            clause.to.span,
            hint=f"write `convert to {currency}` here; a rule may have a `convert` of its own",
        )
    return clause


def lower_range(start: syntax.Date, end: syntax.Date | None, last: date = END) -> DateRange:
    """Return the dates from `start` through `end`, through `last` where no end is written.

    A range that ends before it begins is reported by `checks/ranges_run_forward.py`.
    """
    return DateRange(start.value, end.value if end else last)


def lower_rounding(clause: syntax.RoundingClause, unit: Decimal, currency: str, *, finer: bool) -> Rounding:
    """Return the rounding of lines; its step must be a whole number of the currency's minor units.

    Args:
        finer: the statement block rounds totals: then lines may have fractions of that unit.
    """
    step = clause.step.value
    if not (is_multiple(step, unit) or (finer and divides(step, unit))):
        hint = f"{_paid_in(unit, currency)}: write `rounding {clause.mode} to {unit} per {clause.place}`"
        if divides(step, unit):
            hint += f", or round the total: add `rounding {clause.mode} to {unit}` to the `statement` block"
        raise mistake(
            "R0405",
            f"rounding step must be a multiple of {unit}, found {as_text(step)}",
            clause.step.span,
            hint=hint,
        )
    return Rounding(mode=RoundingMode(clause.mode), step=step, place=RoundingPlace(clause.place))


def check_step(step: syntax.Number, unit: Decimal, currency: str, fix: str) -> None:
    """Raise R0405 for a step that amounts which are paid or converted cannot have."""
    if not is_multiple(step.value, unit):
        raise mistake(
            "R0405",
            f"rounding step must be a multiple of {unit}, found {as_text(step.value)}",
            step.span,
            hint=f"{_paid_in(unit, currency)}: write `{fix}`",
        )


def lower_step(clause: syntax.StatementRounding, unit: Decimal, currency: str) -> Decimal:
    """Return the step that totals of statements are rounded to: whole minor units, for they are paid."""
    step = clause.step.value
    if not is_multiple(step, unit):
        raise mistake(
            "R0405",
            f"a statement's rounding step must be a multiple of {unit}, found {as_text(step)}",
            clause.step.span,
            hint=f"{_paid_in(unit, currency)}: write `rounding {clause.mode} to {unit}`",
        )
    return step


def _paid_in(unit: Decimal, currency: str) -> str:
    return f"{currency} is paid in steps of {unit}" if currency else f"the least step is {unit}"


def is_multiple(step: Decimal, unit: Decimal) -> bool:
    """Tell whether a step is a whole number of units."""
    return step > 0 and step % unit == 0


def divides(step: Decimal, unit: Decimal) -> bool:
    """Tell whether a step is finer than the unit and goes into it."""
    return _FINEST <= step < unit and unit % step == 0


def only(clauses: Sequence[syntax.Node], sort: type[C], word: str, problems: Problems) -> C | None:
    """Return the one clause of a sort, None if there is none; R0203 is kept for a second one."""
    found = [clause for clause in clauses if isinstance(clause, sort)]
    for again in found[1:]:
        problems.add(stands_twice(word, again.span, found[0].span))
    return found[0] if found else None


def stands_twice(word: str, again: Span, first: Span) -> Mistake:
    """Return R0203 for a clause that may stand only once."""
    return mistake(
        "R0203",
        f"`{word}` may stand only once",
        again,
        related=(Related(first, "it stands here already"),),
        hint="drop one of the two",
    )


def _digits(clause: syntax.CurrencyClause) -> int:
    digits = minor_digits(clause.code)
    if digits is None:
        raise unknown_currency(clause.code, clause.span)
    return digits


def unknown_currency(code: str, span: Span) -> Mistake:
    """Return R0403 for a code that ISO 4217 does not have."""
    return mistake(
        "R0403", f"unknown currency `{code}`", span, hint="write the ISO 4217 code, such as USD, EUR or JPY"
    )


def _fiscal_year(clause: syntax.FiscalYearClause) -> FiscalYear:
    start = clause.start.value
    if start.day != 1:
        raise mistake(
            "R0505",
            f"a fiscal year must begin on the first day of a month, found {start}",
            clause.start.span,
            hint=f"write {start.replace(day=1)}",
        )
    if clause.number is None:
        return FiscalYear(start, start.year)
    return FiscalYear(start, whole_number(clause.number, least=1))


def whole_number(node: syntax.Number, *, least: int = 0) -> int:
    """Return the number; R0407 where it is not whole or below `least`."""
    value = node.value
    if value != value.to_integral_value() or value < least:
        raise mistake("R0407", f"expected a whole number from {least} on, found {value}", node.span)
    return int(value)
