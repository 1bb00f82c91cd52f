"""Code that takes the values of a row as they are given, if they are plainly right.

What is not plainly right is left to intake, which knows every spelling and every reason for a reject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Any, assert_never

from rulesengine.engines.prepared.records import Records
from rulesengine.engines.prepared.writing import Names, Source
from rulesengine.model.schema import Field, RecordKind, Role, Schema
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    RecordType,
    TextListType,
    TextType,
)

Taken = Callable[[Mapping[str, object]], tuple[object, ...] | None]
"""Takes a row by field; returns its values in the order of the fields, None where intake has to read it."""

DIGITS = 18
"""Most digits before the point, as intake has it."""


def row_check(schema: Schema, kind: RecordKind, known: Records, keys: Container[str]) -> tuple[Taken, str]:
    """Return what takes rows of a kind, and its source.

    Args:
        keys: of all rows of the kind that were given, rejected ones too.
    """
    helpers: dict[str, Any] = {"decimal_of": decimal_of, "date_of": date_of, "is_plain": is_plain}
    helpers |= {"date": date, "FIRST_DAY": date(1950, 1, 1), "LAST_DAY": date(2150, 12, 31)}
    names = Names()
    for name in ("row", "str", "bool", "type", *helpers):
        names.reserve(name)
    function = names.of("function", f"take_{kind.name}")
    source = Source(names)
    fields = {field.name: names.of(("own", field.name), field.name) for field in kind.fields}
    known_fields = source.value("known_fields", frozenset(fields), f"the fields of {kind.name}")
    with source.block(f"if not row.keys() <= {known_fields}:"):
        source.write("return None")
    for field in kind.fields:
        _field(schema, kind, field, fields[field.name], (known, keys), source)
    source.write(f"return {', '.join(fields.values())}{',' * (len(fields) == 1)}")
    text = "\n".join([f"def {function}(row):", *source.lines, ""])
    found: dict[str, Any] = {**helpers, **source.values}
    exec(compile(text, f"<row of {kind.name}>", "exec"), found)
    notes = [f"# {name}: {shown}" for name, shown in sorted(source.shown.items())]
    return found[function], "\n".join([*notes, "", text])


def _field(
    schema: Schema,
    kind: RecordKind,
    field: Field,
    name: str,
    there: tuple[Records, Container[str]],
    source: Source,
) -> None:
    """Write what takes one field; leaves the row to intake where the value is not plainly right."""
    source.write(f"{name} = row.get({field.name!r})")
    test, is_optional = "", field.is_optional
    known, own_keys = there
    match field.type:
        case TextType(one_of=one_of) if one_of and not field.is_currency:
            allowed = source.value(f"allowed_{field.name}", frozenset(one_of), repr(one_of))
            test = f"type({name}) is not str or {name} not in {allowed}"
        case TextType() if field.is_currency:
            test, is_optional = "True", False
        case TextType():
            test = f"not is_plain({name})"
            if field.is_key:
                taken = source.value("keys", own_keys, f"the keys of each {kind.name} that there is")
                test += f" or {name} in {taken}"
        case RecordType(kind=target):
            # A key that is there has been read as text, so it needs no second look.
            records = source.value(f"{target}s", known[target], f"the records of {target} by key")
            test = f"type({name}) is not str or {name} not in {records}"
            if schema.kinds[target].role is Role.FACT and kind.reverses is not None:
                test = "True" if kind.reverses.name == field.name else test
        case MoneyType(by=by) if not by:
            _number(field, name, source)
            return
        case NumberType() if not field.is_count:
            _number(field, name, source)
            return
        case DateType():
            test = f"type({name}) is not date or not FIRST_DAY <= {name} <= LAST_DAY"
            with source.block(f"if type({name}) is str:"):
                source.write(f"{name} = date_of({name})")
        case FlagType():
            test = f"type({name}) is not bool"
        case MoneyType() | NumberType() | PercentType() | TextListType():
            test = "True"
        case _:
            assert_never(field.type)
    _refuse(name, test, is_optional, source)


def _number(field: Field, name: str, source: Source) -> None:
    """Write what takes a number: as text, as a decimal, or as an integer."""
    usual = source.value(f"usual_{field.name}", _usual(field), f"a number with {field.decimals} decimals")
    step = source.value(
        f"step_{field.name}", Decimal(1).scaleb(-field.decimals), f"{field.decimals} decimals"
    )
    with source.block(f"if {name} is not None:"):
        source.write(f"{name} = decimal_of({name}, {usual}, {step})")
        sign = "" if field.is_signed else f" or {name} < 0"
        with source.block(f"if {name} is None{sign}:"):
            source.write("return None")
    if not field.is_optional:
        with source.block("else:"):
            source.write("return None")


def _usual(field: Field) -> Callable[[str], object]:
    decimals = rf"(?:\.[0-9]{{1,{field.decimals}}})?" if field.decimals else ""
    return re.compile(rf"-?[0-9]{{1,{DIGITS}}}{decimals}").fullmatch


def _refuse(name: str, test: str, is_optional: bool, source: Source) -> None:
    refused = f"{name} is not None and ({test})" if is_optional else test
    with source.block(f"if {refused}:"):
        source.write("return None")


# --- what the code calls ------------------------------------------------------------------------

_MOST = Decimal(10) ** DIGITS


def decimal_of(raw: object, usual: Callable[[str], object], step: Decimal) -> Decimal | None:
    """Return a number that is written as most are, None where intake has to look at it."""
    if type(raw) is str:
        if usual(raw) is None:
            return None
        value = Decimal(raw)
    elif type(raw) is int:
        value = Decimal(raw)
    elif type(raw) is Decimal and raw.is_finite():
        value = raw
        try:
            # More decimals than the field has, or far too many digits: intake says what is wrong.
            value.quantize(step, context=_FITTING)
        except DecimalException:
            return None
    else:
        return None
    if not value:
        return _ZERO
    return value if -_MOST < value < _MOST else None


_ZERO = Decimal(0)
_FITTING = Context(prec=60, traps=[Inexact, InvalidOperation])
"""Raises where a number does not fit its field."""


def date_of(text: str) -> object:
    """Return the date of a text such as 2026-01-31; any other text as it is."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def is_plain(raw: object) -> bool:
    """Return whether a value is a text without blanks around it and without control characters."""
    return type(raw) is str and raw.isprintable() and raw.strip() == raw != ""
