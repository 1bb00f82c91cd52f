"""Columns of a stage: which type of the database holds a field, and Python values as its literals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.numbers import decimal_of
from rulesengine.intake.read_rows import is_by_row
from rulesengine.intake.rows import AMOUNT, PERIOD, Section, Sort
from rulesengine.intake.values import key_text
from rulesengine.model.book import Value
from rulesengine.model.exact import EXACT
from rulesengine.model.money import Money
from rulesengine.model.schema import Field
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    TextListType,
)

NAMED = "@named "
"""Begins the column with the currency that an amount names itself, where each row has its own."""


class Form(Enum):
    """How a field is stored."""

    TEXT = "VARCHAR"
    NUMBER = "BIGINT"
    DATE = "DATE"
    FLAG = "BOOLEAN"
    LIST = "VARCHAR[]"


@dataclass(slots=True, kw_only=True)
class Slot:
    """One stored field; the scale of a number grows when a value needs it."""

    field: Field
    form: Form
    scale: int = 0
    is_wide: bool = False

    @property
    def column(self) -> str:
        """Its column, quoted."""
        return quoting.name(self.field.name)

    @property
    def type(self) -> str:
        """Its type in the database."""
        return "HUGEINT" if self.form is Form.NUMBER and self.is_wide else self.form.value

    @property
    def has_named(self) -> bool:
        """Whether each amount may name a currency of its own."""
        return is_by_row(self.field)

    @property
    def named(self) -> str:
        """The column of the currency that an amount names, quoted."""
        return quoting.name(NAMED + self.field.name)

    def raw(self, value: Value) -> object:
        """Return a value as the database takes it."""
        if value is None:
            return None
        if self.form is Form.TEXT:
            return key_text(value)
        if self.form is Form.NUMBER:
            return scaled(amount_of(value), self.scale)
        return list(value) if isinstance(value, tuple) else value

    def literal(self, value: Value) -> str:
        """Return a value as SQL of its type."""
        raw = self.raw(value)
        if raw is None:
            return f"CAST(NULL AS {self.type})"
        if isinstance(raw, str):
            return quoting.text(raw)
        if isinstance(raw, list):
            return quoting.texts(raw)
        if isinstance(raw, bool):
            return "true" if raw else "false"
        if isinstance(raw, date):
            return f"DATE '{raw.isoformat()}'"
        return f"CAST({raw} AS {self.type})"

    def value(self, raw: object, currency: str = "") -> Value:
        """Return what the database holds as a value of the book."""
        if raw is None:
            return None
        if self.form is Form.LIST:
            assert isinstance(raw, list)
            return tuple(raw)
        if self.form is not Form.NUMBER:
            assert isinstance(raw, (str, date, bool))
            return raw
        assert isinstance(raw, int)
        number = unscaled(raw, self.scale)
        is_money = isinstance(self.field.type, MoneyType)
        return Money(number, currency) if is_money else number


def slots_of(section: Section) -> list[Slot]:
    """Return a slot for each field; the keys of a quota are stored as texts, whatever their type."""
    return [Slot(field=field, form=_form_of(section, field)) for field in section.fields]


def _form_of(section: Section, field: Field) -> Form:
    if section.sort is Sort.QUOTA and field.name not in (PERIOD, AMOUNT):
        return Form.TEXT
    match field.type:
        case MoneyType() | NumberType() | PercentType():
            return Form.NUMBER
        case DateType():
            return Form.DATE
        case FlagType():
            return Form.FLAG
        case TextListType():
            return Form.LIST
        case _:
            return Form.TEXT


def amount_of(value: Value) -> Decimal:
    """Return the number of a number or an amount of money."""
    number = value.amount if isinstance(value, Money) else value
    assert isinstance(number, Decimal)
    return number


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a number of the book has."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def scaled(number: Decimal, scale: int) -> int:
    """Return number × 10**scale, which must be whole."""
    shifted = EXACT.scaleb(number, scale)
    whole = int(shifted)
    assert whole == shifted, "a stored number has more decimals than its column"
    return whole


def unscaled(whole: int, scale: int) -> Decimal:
    """Return whole / 10**scale as intake reads it, without zeros at the end."""
    return decimal_of(format(EXACT.scaleb(Decimal(whole), -scale), "f"))
