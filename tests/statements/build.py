"""Hand-made terms and lines for the tests of this folder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rulesengine.engines.results import Line, Part
from rulesengine.model.dates import CALENDAR_YEAR, DateRange, WindowKind
from rulesengine.statements.assemble import Statement, assemble, entry_of
from rulesengine.statements.terms import BandTerms, RuleTerms, Terms

THROUGH = date(2026, 1, 31)
JANUARY = DateRange(date(2026, 1, 1), THROUGH)


def rule(name: str, kind: str = "flat", **given: Any) -> RuleTerms:
    values: dict[str, Any] = {
        "title": "",
        "is_memo": False,
        "fact": "deal",
        "earnings_of": "",
        "currency": "USD",
        "rounding": "half_up to 0.01 per line",
        "methods": (),
        "bands": (),
        "span": "plan.rules:1:1",
    }
    return RuleTerms(name=name, kind=kind, **(values | given))


TERMS = Terms(
    plan="partner_2026",
    title="Partner programme 2026",
    currency="USD",
    pays_in="USD",
    effective=DateRange(date(2026, 1, 1), date(2026, 12, 31)),
    fiscal=CALENDAR_YEAR,
    per=WindowKind.MONTH,
    rules=(
        rule("new_logo", title="New logos"),
        rule(
            "growth",
            "tiered",
            methods=("whole",),
            bands=(
                BandTerms(start=Decimal(0), is_included=True, text="tier from 0 USD pay 1%"),
                BandTerms(start=Decimal(500000), is_included=True, text="tier from 500,000 USD pay 1.5%"),
                BandTerms(start=Decimal(1000000), is_included=True, text="tier from 1,000,000 USD pay 2%"),
            ),
        ),
        rule("launch", "installments"),
        rule("push", "spiff"),
        rule("shadow", "revenue_share", is_memo=True),
    ),
)


def line(rule_name: str, part: Part, fact_id: str, amount: str, **given: Any) -> Line:
    values: dict[str, Any] = {
        "payee_kind": "partner",
        "payee": "ana",
        "kind": next(known.kind for known in TERMS.rules if known.name == rule_name),
        "fact": "deal",
        "earned_on": date(2026, 1, 20),
        "payable_on": date(2026, 1, 20),
        "exact": Decimal(amount),
        "currency": "USD",
        "memo": rule_name == "shadow",
        "span": "plan.rules:4:3",
    }
    return Line(rule=rule_name, part=part, fact_id=fact_id, amount=Decimal(amount), **(values | given))


def every_sort() -> list[Line]:
    """A line of nearly every part, with numbers that fit."""
    quarter = {"measure_unit": "USD", "window": "2026-Q1"}
    crossed = {**quarter, "measure_before": Decimal(480000), "measure_after": Decimal(531250)}
    return [
        line("new_logo", Part.BASE, "D-1", "500.00", units=Decimal(1), rate=Decimal(500)),
        line(
            "growth",
            Part.BAND,
            "D-2",
            "768.75",
            base=Decimal(51250),
            rate=Decimal("0.015"),
            band_from=Decimal(500000),
            **crossed,
        ),
        line(
            "growth",
            Part.TRUE_UP,
            "D-2",
            "2400.00",
            base=Decimal(480000),
            rate=Decimal("0.015"),
            rate_before=Decimal("0.01"),
            **crossed,
        ),
        line(
            "growth",
            Part.CAP,
            "D-2",
            "-2168.75",
            target=Decimal(25000),
            measure_before=Decimal(24000),
            measure_after=Decimal("27168.75"),
            window="2026-Q1",
        ),
        line(
            "launch",
            Part.INSTALMENT,
            "D-3",
            "83.34",
            whole=Decimal(1000),
            base=Decimal(100000),
            rate=Decimal("0.01"),
            part_number=1,
            part_count=12,
            exact=Fraction(250, 3),
        ),
        line(
            "push",
            Part.PRIZE,
            "D-2",
            "0.00",
            prize="Trip to Rome",
            target=Decimal(500),
            measure_before=Decimal(499),
            measure_after=Decimal(500),
            scope="team=north",
        ),
        line(
            "shadow",
            Part.BASE,
            "D-1",
            "33.33",
            base=Fraction(1000, 3),
            rate=Decimal("0.1"),
            exact=Fraction(100, 3),
        ),
    ]


def statements(lines: list[Line], terms: Terms = TERMS) -> tuple[Statement, ...]:
    return assemble([entry_of(each) for each in lines], terms, THROUGH)
