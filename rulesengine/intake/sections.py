"""Which fields each kind and quota reads, with the columns that intake itself knows."""

from __future__ import annotations

from rulesengine.intake.rows import AMOUNT, CURRENCY, DATE, PERIOD, RATE, START, Section, Sort
from rulesengine.model.schema import Field, QuotaShape, RecordKind, Role, Schema
from rulesengine.model.types import DateType, NumberType, PercentType, RecordType, TextType

RATE_DECIMALS = 18
"""Most decimals of an exchange rate."""


def sections_of(schema: Schema) -> dict[str, Section]:
    """Return an empty section for every kind and quota, by name."""
    found = {kind.name: _of_kind(kind) for kind in schema.kinds.values()}
    found |= {shape.name: _of_quota(shape) for shape in schema.quotas.values()}
    return found | {name: _of_rates(name) for name in schema.rates}


def _of_kind(kind: RecordKind) -> Section:
    fields = kind.fields
    if kind.role is Role.PAYEE and kind.has_history:
        fields += (Field(name=START, type=DateType(), decimals=0, is_optional=True, is_history=True),)
    undoes = kind.reverses
    # The plan stage lets a row undo rows of its own kind only; another kind is a plain reference.
    is_own = undoes is not None and undoes.type == RecordType(kind.name)
    return Section(
        name=kind.name,
        sort=Sort.PAYEE if kind.role is Role.PAYEE else Sort.FACT,
        fields=fields,
        key=kind.key.name,
        reverses=undoes.name if undoes is not None and is_own else "",
        event=kind.event.name if kind.event is not None else "",
    )


def _of_rates(name: str) -> Section:
    fields = (
        Field(name=DATE, type=DateType(), decimals=0),
        Field(name=CURRENCY, type=TextType(), decimals=0, is_currency=True),
        Field(name=RATE, type=NumberType(), decimals=RATE_DECIMALS),
    )
    return Section(name=name, sort=Sort.RATES, fields=fields, key="")


def _of_quota(shape: QuotaShape) -> Section:
    keys = tuple(
        Field(name=name, type=type, decimals=9 if isinstance(type, (NumberType, PercentType)) else 0)
        for name, type in shape.keys
    )
    period = Field(name=PERIOD, type=DateType(), decimals=0)
    amount = Field(name=AMOUNT, type=shape.type, decimals=shape.decimals, is_signed=True)
    return Section(name=shape.name, sort=Sort.QUOTA, fields=(*keys, period, amount), key="")
