"""Amounts of which each row has its own currency: which one it is, and whether they can be in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rulesengine.intake.problems import Rejects
from rulesengine.intake.read_rows import is_by_row
from rulesengine.intake.rows import Row, Section
from rulesengine.model.exact import EXACT, ZERO
from rulesengine.model.money import Money, minor_digits
from rulesengine.model.schema import Field
from rulesengine.model.types import MoneyType, RecordType

UNKNOWN = "?"


def check_currencies(sections: Mapping[str, Section], rejects: Rejects) -> None:
    """Put every such amount into its currency; reject rows of which it is not known, is another
    than the amount says, or has fewer decimals than the amount.

    The sums that were read are kept by currency: amounts of two make no total.
    """
    for section in sections.values():
        for field in section.fields:
            if is_by_row(field):
                _check_field(sections, section, field, rejects)


def _check_field(sections: Mapping[str, Section], section: Section, field: Field, rejects: Rejects) -> None:
    assert isinstance(field.type, MoneyType)
    currency_of = _Currencies(sections, section, field.type.by)
    for row in section.rows:
        value = row.values.get(field.name)
        if not isinstance(value, Money):
            continue
        code = currency_of.row(row)
        fault, reason = fault_of(field, value, code)
        amount = Money(value.amount, code)
        assert isinstance(row.values, dict)
        row.values[field.name] = amount
        if fault and row.is_alive:
            shown = f"{value}".rstrip()
            rejects.add(section.name, row, fault, reason, field=field.name, value=shown)
        name = f"{field.name} {code or UNKNOWN}"
        assert isinstance(value.amount, Decimal)
        section.money_read[name] = EXACT.add(section.money_read.get(name, ZERO), value.amount)


def fault_of(field: Field, value: Money, code: str) -> tuple[str, str]:
    """Return why an amount cannot be in the currency that its row says: a code and a reason, or empty."""
    assert isinstance(field.type, MoneyType)
    path, named = ".".join(field.type.by), value.currency
    if not code:
        return "R1118", f"the currency of the amount is not known: `{path}` is blank"
    if named and named != code:
        return "R1107", f"the amount is in {named}, and `{path}` says {code}"
    found, most = _decimals(value), minor_digits(code) or 0
    if found > most and not field.says_decimals:
        return "R1103", f"{found} decimal{'s' * (found > 1)} where {code} has {most or 'none'}"
    return "", ""


def _decimals(value: Money) -> int:
    exponent = value.amount.as_tuple().exponent if isinstance(value.amount, Decimal) else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


class _Currencies:
    """Reads the currency of a row, in the row itself or in the record that it points at."""

    def __init__(self, sections: Mapping[str, Section], section: Section, path: tuple[str, ...]) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        if len(path) == 2:
            kind = next(field.type for field in section.fields if field.name == path[0])
            assert isinstance(kind, RecordType)
            self._rows = {row.key: row for row in sections[kind.kind].rows if row.key}

    def row(self, row: Row) -> str:
        """Return the code, empty where it cannot be read."""
        value = row.values.get(self._path[0])
        if len(self._path) == 2:
            pointed = self._rows.get(value) if isinstance(value, str) else None
            value = pointed.values.get(self._path[1]) if pointed is not None else None
        return value if isinstance(value, str) else ""
