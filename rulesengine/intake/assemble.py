"""From accepted rows to the book, and the control totals that prove no row was lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from rulesengine.intake.keys import start_of
from rulesengine.intake.rows import AMOUNT, PERIOD, START, Row, Section, Sort
from rulesengine.intake.values import key_text
from rulesengine.model.book import Book, ControlTotal, Fact, Payee, Place, QuotaKey, RateSeries, Version
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.money import Money


def book_of(sections: Mapping[str, Section], rates: Mapping[str, Mapping[str, RateSeries]]) -> Book:
    """Return the accepted rows as facts, payees and quotas, sorted by key."""
    by_sort = {sort: [s for s in sections.values() if s.sort is sort] for sort in Sort}
    return Book(
        facts={section.name: _facts(section) for section in by_sort[Sort.FACT]},
        payees={section.name: _payees(section) for section in by_sort[Sort.PAYEE]},
        quotas={section.name: _quotas(section) for section in by_sort[Sort.QUOTA]},
        rates=rates,
    )


def control_total(section: Section) -> ControlTotal:
    """Return rows and money of one section: read = accepted + rejected."""
    accepted = dict.fromkeys(section.money_read, ZERO)
    rows = _accepted(section)
    for row in rows:
        for name in accepted:
            field, _, currency = name.partition(" ")
            value = row.values.get(field)
            if not isinstance(value, Money) or currency not in ("", value.currency):
                continue
            assert isinstance(value.amount, Decimal)
            accepted[name] = EXACT.add(accepted[name], value.amount)
    rejected = {name: EXACT.subtract(read, accepted[name]) for name, read in section.money_read.items()}
    return ControlTotal(
        kind=section.name,
        rows_read=len(section.rows),
        rows_accepted=len(rows),
        rows_rejected=len(section.rows) - len(rows),
        money_read=dict(section.money_read),
        money_accepted=accepted,
        money_rejected=rejected,
        unreadable=dict(sorted(section.unreadable.items())),
    )


def _accepted(section: Section) -> list[Row]:
    return [row for row in section.rows if row.is_alive]


def _facts(section: Section) -> tuple[Fact, ...]:
    rows = sorted(_accepted(section), key=lambda row: row.key)
    return tuple(Fact(section.name, row.key, row.values, Place(row.file, row.number)) for row in rows)


def _payees(section: Section) -> dict[str, Payee]:
    groups: dict[str, list[Row]] = {}
    for row in sorted(_accepted(section), key=lambda row: (row.key, start_of(row), row.place)):
        groups.setdefault(row.key, []).append(row)
    return {key: _payee(section, key, rows) for key, rows in groups.items()}


def _payee(section: Section, key: str, rows: list[Row]) -> Payee:
    steady = [field.name for field in section.fields if not field.is_history]
    changing = [field.name for field in section.fields if field.is_history and field.name != START]
    versions: dict[date, Version] = {}
    for row in rows:
        start = row.values.get(START)
        version = Version(
            start if isinstance(start, date) else None, {name: row.values[name] for name in changing}
        )
        # Rows of a `distinct` source may repeat a version; keys.py has made sure that they agree.
        versions.setdefault(start_of(row), version)
    first = min(rows, key=lambda row: row.place)
    return Payee(
        section.name,
        key,
        {name: first.values[name] for name in steady},
        tuple(versions.values()),
        Place(first.file, first.number),
    )


def _quotas(section: Section) -> dict[QuotaKey, Decimal]:
    keys = [field.name for field in section.fields if field.name not in (PERIOD, AMOUNT)]
    found: dict[QuotaKey, Decimal] = {}
    for row in sorted(_accepted(section), key=lambda row: row.key):
        start, value = row.values[PERIOD], row.values[AMOUNT]
        amount = value.amount if isinstance(value, Money) else value
        assert isinstance(start, date) and isinstance(amount, Decimal)
        found[QuotaKey(tuple(key_text(row.values[name]) for name in keys), start)] = amount
    return found
