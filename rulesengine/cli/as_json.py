"""Values of any stage as plain data for JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import click

from rulesengine.diagnostics import Span


def as_json(value: object) -> object:
    """Return a value as plain data.

    Nodes become objects whose `node` is their sort; exact numbers become text, so that no reader
    turns them into floats; dates are ISO text, spans `file:line:column`.
    """
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case Decimal():
            return f"{value:f}"
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case date() | Span():
            return value.isoformat() if isinstance(value, date) else str(value)
        case Mapping():
            return {_key(key): as_json(inner) for key, inner in value.items()}
        case tuple() | list():
            return [as_json(inner) for inner in value]
        case frozenset() | set():
            return sorted((as_json(inner) for inner in value), key=str)
        case _ if dataclasses.is_dataclass(value):
            fields = {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return {"node": type(value).__name__, **fields}
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


def echo_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(as_json(value), indent=2, ensure_ascii=False))


def _key(key: object) -> str:
    if isinstance(key, str) and not isinstance(key, Enum):
        return key
    plain = as_json(key)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
