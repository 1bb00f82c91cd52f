"""Schemas for the tests of intake, and a way to read a few lines of CSV by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from rulesengine.intake import Intake, read_book
from rulesengine.model.book import Reject
from rulesengine.model.dates import CALENDAR_YEAR, DateRange, WindowKind
from rulesengine.model.schema import Field, QuotaShape, RecordKind, Role, Schema
from rulesengine.model.types import (
    DateType,
    MoneyType,
    NumberType,
    PercentType,
    RecordType,
    TextType,
    Type,
)

TEXT = TextType()
USD = MoneyType("USD")
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def field(name: str, type: Type = TEXT, decimals: int | None = None, **flags: bool) -> Field:
    """Return a field with the decimals that the plan stage would give it."""
    usual = 2 if isinstance(type, MoneyType) else 9 if isinstance(type, (NumberType, PercentType)) else 0
    return Field(name=name, type=type, decimals=usual if decimals is None else decimals, **flags)


def payee(name: str, *fields: Field) -> RecordKind:
    """Return a payee kind."""
    return RecordKind(name=name, role=Role.PAYEE, fields=fields)


def fact(name: str, *fields: Field) -> RecordKind:
    """Return a fact kind."""
    return RecordKind(name=name, role=Role.FACT, fields=fields)


def schema(*kinds: RecordKind, quotas: tuple[QuotaShape, ...] = ()) -> Schema:
    """Return a schema in USD for 2026."""
    return Schema(
        currency="USD",
        fiscal=CALENDAR_YEAR,
        effective=DateRange(date(2026, 1, 1), date(2026, 12, 31)),
        kinds={kind.name: kind for kind in kinds},
        quotas={shape.name: shape for shape in quotas},
    )


KEY = field("id", is_key=True)
PARTNER = payee("partner", KEY)
DEAL = fact(
    "deal",
    KEY,
    field("partner", RecordType("partner"), is_credited=True),
    field("amount", USD),
    field("closed", DateType(), is_event=True),
)


def quota(window: WindowKind = WindowKind.QUARTER, type: Type = USD, decimals: int = 2) -> QuotaShape:
    """Return a quota by partner."""
    keys = (("partner", RecordType("partner")),)
    return QuotaShape(name="booking_quota", keys=keys, window=window, type=type, decimals=decimals)


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(folder: Path, shape: Schema, **files: str | bytes) -> Intake:
    """Read CSV texts by the name of their kind."""
    return read_book(shape, write(folder, {f"{name}.csv": content for name, content in files.items()}))


def short(reject: Reject) -> str:
    """Return a reject as `deal.csv:3 R1102 amount`."""
    return f"{reject.file}:{reject.row} {reject.code} {reject.field}".strip()
