"""Binding fields to the columns of a table, and choosing the reader of each."""

from __future__ import annotations

from typing import assert_never

from rulesengine.diagnostics import Diagnostic, did_you_mean, nearest
from rulesengine.intake.days import BadLayout, date_reader, period_reader
from rulesengine.intake.numbers import money_reader, number_reader, percent_reader
from rulesengine.intake.problems import BadValue
from rulesengine.intake.rows import PERIOD, Section, Sort
from rulesengine.intake.sources import Column, Input, Source
from rulesengine.intake.tables import Table
from rulesengine.intake.values import (
    Reader,
    currency_reader,
    flag_reader,
    key_text,
    list_reader,
    mapped,
    text_reader,
)
from rulesengine.model.book import Value
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import Field, Schema
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


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of each row: where its value stands and how it is read."""

    name: str
    index: int
    read: Reader
    is_required: bool
    is_list: bool
    currency: str = ""
    """Set where another column says in which currency each row is."""
    currency_index: int = -1
    """The column that says it; where `currency` is empty, any may stand there."""


@dataclass(frozen=True, slots=True)
class Binding:
    """How one table is read for one section."""

    wanted: tuple[str, ...]
    """The columns to take from the table; indexes of cells count along this."""
    cells: tuple[Cell, ...]
    fixed: dict[str, Value]
    """Fields that are the same in every row."""


def bind(
    schema: Schema, section: Section, source: Source, input: Input, table: Table, problems: list[Diagnostic]
) -> Binding:
    """Find the column of every field; adds to `problems` what the table as a whole lacks."""
    wanted: dict[str, int] = {}
    cells: list[Cell] = []
    fixed: dict[str, Value] = {}
    named = {c.column or name for name, c in source.columns.items() if c.constant is None}
    named |= {field.name for field in section.fields if field.name not in source.columns}
    if not named.intersection(table.columns) and (hint := _separator_hint(table)):
        message = "the whole header is read as one column"
        problems.append(Diagnostic(code="R1004", message=message, place=input.name, hint=hint))
        return Binding((), (), {})
    for field in section.fields:
        column = source.columns.get(field.name) or Column()
        try:
            read = reader_for(schema, section, field, column)
        except BadLayout as error:
            problems.append(Diagnostic(code="R1001", message=str(error), span=column.span, place=input.name))
            continue
        if column.constant is not None:
            _fix(field, column, read, fixed, input, problems)
            continue
        name = column.column or field.name
        if not _is_there(field, column, name, named, table, input, problems):
            if field.is_optional:
                fixed[field.name] = None
            continue
        if misfit := table.misfit(name, field.type, bool(column.map)):
            message = f"column `{name}` cannot be read as field `{field.name}`: {misfit}"
            problems.append(Diagnostic(code="R1004", message=message, place=input.name, span=column.span))
        currency, at = "", -1
        if column.currency and isinstance(field.type, MoneyType):
            if not _is_there(field, column, column.currency, named, table, input, problems):
                continue
            currency = field.type.currency
            at = wanted.setdefault(column.currency, len(wanted))
        cells.append(
            Cell(
                name=field.name,
                index=wanted.setdefault(name, len(wanted)),
                read=read,
                is_required=not field.is_optional,
                is_list=isinstance(field.type, TextListType),
                currency=currency,
                currency_index=at,
            )
        )
    return Binding(tuple(wanted), tuple(cells), fixed)


def reader_for(schema: Schema, section: Section, field: Field, column: Column) -> Reader:
    """Return the reader of a field.

    Raises:
        BadLayout: the column's date layout cannot be used.
    """
    if section.sort is Sort.QUOTA and field.name == PERIOD:
        read: Reader = period_reader(schema.quotas[section.name], schema, column.format)
    else:
        read = _plain_reader(schema, field, column)
    return mapped(read, dict(column.map)) if column.map else read


def _plain_reader(schema: Schema, field: Field, column: Column) -> Reader:
    type = field.type
    match type:
        case TextType() if field.is_currency:
            return currency_reader(text_reader(type.one_of, is_key=field.is_key))
        case TextType():
            return text_reader(type.one_of, is_key=field.is_key)
        case MoneyType():
            return money_reader(field.decimals, type.currency)
        case NumberType():
            return number_reader(field.decimals, is_count=field.is_count)
        case PercentType():
            return percent_reader(field.decimals, column.spelt)
        case DateType():
            return date_reader(column.format, drops_time=column.drops_time)
        case FlagType():
            return flag_reader()
        case TextListType():
            return list_reader(column.separator)
        case RecordType():
            return _reference_reader(schema, type, column)
        case _:
            assert_never(type)


def _reference_reader(schema: Schema, type: RecordType, column: Column) -> Reader:
    """Read a key as the kind that it points at reads its own."""
    key = schema.kinds[type.kind].key
    if isinstance(key.type, (TextType, RecordType)):
        return text_reader(is_key=True)
    read = _plain_reader(schema, key, column)

    def as_key(raw: object) -> Value:
        value = read(raw)
        return None if value is None else key_text(value)

    return as_key


def _fix(
    field: Field,
    column: Column,
    read: Reader,
    fixed: dict[str, Value],
    input: Input,
    problems: list[Diagnostic],
) -> None:
    try:
        value = read(column.constant)
        if value is None and isinstance(field.type, TextListType) and not field.is_optional:
            value = ()
        if value is None and not field.is_optional:
            raise BadValue("R1101", "the field is required")
        fixed[field.name] = value
    except BadValue as problem:
        message = f"the constant `{column.constant}` does not fit field `{field.name}`: {problem.reason}"
        problems.append(Diagnostic(code="R1001", message=message, span=column.span, place=input.name))


def _is_there(
    field: Field,
    column: Column,
    name: str,
    named: set[str],
    table: Table,
    input: Input,
    problems: list[Diagnostic],
) -> bool:
    """Whether a column can be read; an absent one that nobody named is a blank, if optional.

    A column that is spelt nearly like an absent optional one is taken for a slip: read as blanks,
    it would change what is paid without a word.
    """
    count = table.columns.count(name)
    if count > 1:
        message = f"column `{name}` occurs {count} times"
        problems.append(Diagnostic(code="R1004", message=message, place=input.name))
        return False
    if count == 1:
        return True
    if not table.columns and _has_no_records(table):
        return False
    spare = [other for other in table.columns if other and other not in named]
    if field.is_optional and not column.column and name == field.name and nearest(name, spare) is None:
        return False
    what = f"column `{name}`" + (f" for field `{field.name}`" if name != field.name else "") + " is missing"
    problems.append(
        Diagnostic(
            code="R1003",
            message=what,
            place=input.name,
            span=column.span,
            hint=did_you_mean(name, spare) or _spare_hint(spare),
        )
    )
    return False


def _has_no_records(table: Table) -> bool:
    """Whether the table is a list of records without any, which names no columns."""
    return next(iter(table.rows(())), None) is None


def _separator_hint(table: Table) -> str:
    if len(table.columns) != 1:
        return ""
    for mark, spelt in ((";", ";"), ("\t", "\\t"), ("|", "|")):
        if mark in table.columns[0]:
            return f'the header is separated by `{spelt}`; say `delimiter: "{spelt}"` in facts.yaml'
    return ""


def _spare_hint(spare: list[str]) -> str:
    if not spare:
        return ""
    shown = ", ".join(f"`{name}`" for name in spare[:8])
    return f"columns not used: {shown}" + (" and more" if len(spare) > 8 else "")
