"""Reads and runs the examples of `rules/gallery/`.

An example is a folder:

    plan.rules      the plan; its first comment says what it shows, its concept, and who published it
    facts/          what happened, a CSV for each kind
    expected.csv    the published amounts, one a line

`expected.csv` is for people who work in spreadsheets. Each line is a figure of the statements:

    payee       whose
    period      a statement period, or a longer one: `2026-01`, `2026-Q1`, `2026..2027`
    rule        the rule it stands under; empty for all that is paid
    fact        the fact it was paid for; empty for all
    band        the lower end of the tier it was paid in; empty for all
    base        the field it is a share of; empty for all
    part        the part of the award (`base`, `band+deduct`, …), as a trace names it; empty for all
    figure      what is compared; empty for the sum that is paid. See `Figure`
    amount      the figure, exactly
    unit        its currency; `%` for a ratio; words for what is neither
    published   what the page calls it

Columns that an example does not need are left out. The run covers all periods that are named.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import rulesengine
from rulesengine.engines.results import Line, Part
from rulesengine.model.dates import DateRange, FiscalYear
from rulesengine.model.period import parse_period
from rulesengine.statements.run import Run

GALLERY = Path(__file__).parents[2] / "rules" / "gallery"
EXAMPLES = sorted(path.parent for path in GALLERY.glob("*/plan.rules"))

_COLUMNS = (
    "payee",
    "period",
    "rule",
    "fact",
    "band",
    "base",
    "part",
    "figure",
    "amount",
    "unit",
    "published",
)


class Figure(StrEnum):
    """What of the lines is compared; all of it stands on the statement or in its trace."""

    PAID = ""
    """The sum of the amounts; without a rule, the statements' totals."""
    BEFORE_ROUNDING = "before rounding"
    """The sum of the exact amounts."""
    BASE = "base"
    RATE = "rate"
    UNITS = "units"
    TARGET = "target"
    """The amount that a rate is taken of, the rate (none where nothing is paid), the number of units, or
    what the total is measured against."""
    TOTAL_AFTER = "total after"
    """The running total behind the lines: of a draw and its recovery, what is owed."""
    SHARE_OF_TOTAL = "share of the total"
    """What is paid, as a percentage of the running total."""


@dataclass(frozen=True)
class Expected:
    """One line of `expected.csv`."""

    payee: str
    period: str
    rule: str
    fact: str
    band: str
    base: str
    part: str
    figure: Figure
    amount: Decimal
    unit: str
    published: str


@dataclass(frozen=True)
class Example:
    """A folder of the gallery, read."""

    folder: Path
    shows: str
    concept: str
    source: str
    rules: str
    """The plan without its first comment."""
    expected: tuple[Expected, ...]


def read_example(folder: Path) -> Example:
    """Return the example in a folder."""
    text = (folder / "plan.rules").read_text(encoding="utf-8")
    head, _, rules = text.partition("\n\n")
    found = re.fullmatch(r"(.+)\nConcept: (.+)\nPublished: (.+)", re.sub(r"(?m)^# ", "", head), re.DOTALL)
    assert found is not None, f"{folder.name}: the first comment says what it shows, `Concept:`, `Published:`"
    shows, concept, source = (" ".join(part.split()) for part in found.groups())
    return Example(folder, shows, concept, source, rules.rstrip(), tuple(_expected(folder / "expected.csv")))


def _expected(path: Path) -> list[Expected]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        assert reader.fieldnames is not None
        assert [name for name in _COLUMNS if name in reader.fieldnames] == reader.fieldnames
        return [_line({name: row.get(name) or "" for name in _COLUMNS}) for row in reader]


def _line(row: dict[str, str]) -> Expected:
    texts = {name: row[name] for name in _COLUMNS if name not in ("figure", "amount")}
    return Expected(figure=Figure(row["figure"]), amount=Decimal(row["amount"]), **texts)


def run_example(example: Example) -> Run:
    """Return the run over all periods that the example expects something in."""
    plan = rulesengine.load_plan(example.folder / "plan.rules")
    labels = [label for each in example.expected for label in each.period.split("..")]
    first = min(labels, key=lambda label: parse_period(label, plan.plan.fiscal).start)
    last = max(labels, key=lambda label: parse_period(label, plan.plan.fiscal).end)
    period = first if first == last else f"{first}..{last}"
    return rulesengine.evaluate(plan, facts=example.folder / "facts", period=period)


def figure_of(run: Run, expected: Expected) -> Decimal:
    """Return what the run has where the example expects a figure."""
    days = _days(expected.period, run.plan.fiscal)
    lines = [entry.line for entry in run.entries if _matches(entry.line, expected, days)]
    match expected.figure:
        case Figure.PAID if not any(
            (expected.rule, expected.fact, expected.band, expected.base, expected.part)
        ):
            return _sum(
                statement.total
                for statement in run.statement_values
                if statement.payee == expected.payee and statement.days.start in days
            )
        case Figure.PAID:
            return _sum(line.amount for line in lines)
        case Figure.BEFORE_ROUNDING:
            return _as_decimal(sum((Fraction(line.exact) for line in lines), Fraction(0)))
        case Figure.BASE:
            return _as_decimal(_only({line.base for line in lines}))
        case Figure.RATE:
            rate = _only({line.rate for line in lines} or {Decimal(0)})
            return _as_decimal(rate * 100 if expected.unit == "%" else rate)
        case Figure.UNITS:
            return _as_decimal(_only({line.units for line in lines}))
        case Figure.TARGET:
            return _as_decimal(_only({line.target for line in lines}))
        case Figure.TOTAL_AFTER:
            return _as_decimal(_only({line.measure_after for line in lines}))
        case Figure.SHARE_OF_TOTAL:
            total = _only({line.measure_after for line in lines if line.part is Part.BAND})
            return _as_decimal(Fraction(_sum(line.amount for line in lines)) / total * 100)


def currencies(run: Run, expected: Expected) -> set[str]:
    """Return the currencies of the lines that a figure is made of."""
    days = _days(expected.period, run.plan.fiscal)
    return {entry.line.currency for entry in run.entries if _matches(entry.line, expected, days)}


def _days(period: str, fiscal: FiscalYear) -> DateRange:
    return parse_period(period, fiscal)


def _matches(line: Line, expected: Expected, days: DateRange) -> bool:
    return (
        line.payee == expected.payee
        and line.payable_on in days
        and (line.rule == expected.rule if expected.rule else not line.memo)
        and expected.fact in ("", line.fact_id)
        and (not expected.band or (line.band_from is not None and line.band_from == Decimal(expected.band)))
        and expected.base in ("", line.base_of)
        and (not expected.part or line.part.value in expected.part.split("+"))
    )


def _only(values: set[Decimal | Fraction | None]) -> Fraction:
    assert len(values) == 1, f"one value is expected, found {sorted(map(str, values))}"
    value = values.pop()
    assert value is not None
    return Fraction(value)


def _sum(amounts: object) -> Decimal:
    return sum(amounts, Decimal(0))  # type: ignore[call-overload, no-any-return]


def _as_decimal(value: Fraction) -> Decimal:
    result = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(result) == value, f"{value} has no end as a decimal"
    return result
