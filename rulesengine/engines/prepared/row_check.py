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
    helpers: dict[str, Any] = {"date_of": date_of, "date": date}
    helpers |= {"FIRST_DAY": date(1950, 1, 1), "LAST_DAY": date(2150, 12, 31)}
    names = Names()
    for name in ("row", "str", "bool", "type", *helpers):
        names.reserve(name)
    function = names.of("function", f"take_{kind.name}")
    source = Source(names)
    fields = {field.name: names.of(("own", field.name), field.name) for field in kind.fields}
    known_fields = source.value("known_fields", frozenset(fields), f"the fields of {kind.name}")
    with source.block(f"if not {known_fields}.issuperset(row):"):
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
            # Not empty, without blanks around it, without control characters.
            test = f"type({name}) is not str or not {name} or {name}.strip() != {name}"
            test += f" or not {name}.isprintable()"
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
    reader = source.value(
        f"number_of_{field.name}",
        number_reader(field.decimals),
        f"takes a number with {field.decimals} decimals",
    )
    test = f"{name} is None" if field.is_signed else f"{name} is None or {name}.is_signed()"
    if not field.is_optional:
        source.write(f"{name} = {reader}({name})")
        with source.block(f"if {test}:"):
            source.write("return None")
        return
    with source.block(f"if {name} is not None:"):
        source.write(f"{name} = {reader}({name})")
        with source.block(f"if {test}:"):
            source.write("return None")


def _refuse(name: str, test: str, is_optional: bool, source: Source) -> None:
    refused = f"{name} is not None and ({test})" if is_optional else test
    with source.block(f"if {refused}:"):
        source.write("return None")


# --- what the code calls ------------------------------------------------------------------------

_MOST = 10**DIGITS
_ZERO = Decimal(0)


def number_reader(decimals: int) -> Callable[[object], Decimal | None]:
    """Return what takes a number with so many decimals that is written as most are; it returns None for
    one that intake has to look at."""
    step = Decimal(1).scaleb(-decimals)
    # Raises where a number has more decimals, or more digits before the point.
    fit = Context(prec=DIGITS + decimals, traps=[Inexact, InvalidOperation]).quantize
    cents = rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""
    is_usual = re.compile(rf"-?[0-9]{{1,{DIGITS}}}{cents}").fullmatch

    def number_of(raw: object) -> Decimal | None:
        if type(raw) is Decimal and raw.is_finite():
            try:
                fit(raw, step)
            except DecimalException:
                return None
            return raw or _ZERO
        if type(raw) is str and is_usual(raw) is not None:
            return Decimal(raw) or _ZERO
        if type(raw) is int and -_MOST < raw < _MOST:
            return Decimal(raw)
        return None

    return number_of


def date_of(text: str) -> object:
    """Return the date of a text such as 2026-01-31; any other text as it is."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text
