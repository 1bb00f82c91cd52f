"""The one statement that reads an input into its stage: every check of a row, and every value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.numeric import text_of_number
from rulesengine.intake.by_sql.reading import Context, Reading, cleaned, reading_of
from rulesengine.intake.by_sql.scans import SPARE, Raw, Scan
from rulesengine.intake.by_sql.stage import ALIVE, LEFT_OUT, Stage
from rulesengine.intake.columns import Binding, Cell
from rulesengine.intake.problems import BadValue
from rulesengine.intake.read_rows import unsigned_fields
from rulesengine.intake.rows import AMOUNT, BETWEEN_PARTS, PERIOD, Sort
from rulesengine.intake.sources import Column, Input, Source
from rulesengine.model.money import Money
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import MOST_PARTS, Schema
from rulesengine.model.types import DateType, FlagType, MoneyType, NumberType, PercentType

_MOST_PERIODS = 400


class Unknown(Exception):
    """Something in an input that only the readers in Python know."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An input with the columns of its section found."""

    at: int
    input: Input
    binding: Binding
    scan: Scan

    def raw(self, index: int) -> tuple[str, Raw]:
        """Return the column of a wanted value, quoted, and what it holds.

        Raises:
            Unknown: it holds what DuckDB and we may take for different things.
        """
        found = self.scan.columns.get(self.binding.wanted[index])
        if found is None:
            raise Unknown
        return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Says in SQL how the inputs of one section are read."""

    connection: Any
    schema: Schema
    source: Source
    stage: Stage

    def column(self, field: str) -> Column:
        """Return what the manifest says of a field."""
        return self.source.columns.get(field) or Column()

    def statement(self, bound: Bound, *, is_exact: bool = False) -> str:
        """Return the statement that adds all rows of an input to the stage.

        Args:
            is_exact: fail at rows of another width, instead of leaving them to be read by hand.

        Rows in which nothing is missing and every value is known are accepted; the others are kept as
        they stood in the input, to be read by hand.

        Raises:
            Unknown: only the readers in Python can read the input.
        """
        stage = self.stage
        readings = [(cell, self._reading(at, cell, bound)) for at, cell in enumerate(bound.binding.cells)]
        firsts, seconds, values, conditions = [], [], [], []
        for at, (cell, reading) in enumerate(readings):
            firsts.append(f'{reading.first} AS "@first {at}"')
            seconds.append(f'{reading.second} AS "@second {at}"')
            values += [f'{reading.value} AS "@value {at}"', f'{reading.blank} AS "@blank {at}"']
            blank = "" if cell.is_required else f' OR "@blank {at}"'
            conditions.append(f'"@value {at}" IS NOT NULL{blank}')
        cells = {cell.name: (f'"@value {at}"', cell) for at, (cell, _) in enumerate(readings)}
        fixed = bound.binding.fixed
        value_of = {slot.field.name: slot.literal(fixed.get(slot.field.name)) for slot in stage.slots}
        value_of |= {name: value for name, (value, _) in cells.items()}
        shown = {'"@base"': f"{stage.size - 1}", '"@file"': f"{bound.at}"}
        for slot in stage.slots:
            name = slot.field.name
            shown[slot.column] = value_of[name]
            named = self._named(cells[name][1] if name in cells else None, bound)
            if slot.has_named:
                shown[slot.named] = named or _currency_of(fixed.get(name))
            elif named:
                expected = quoting.text(cells[name][1].currency)
                conditions.append(f"{value_of[name]} IS NULL OR {named} = {expected}")
        conditions += self._bounds(value_of)
        if bound.scan.width and not is_exact:
            conditions.append(f"c{bound.scan.width - 1} IS NOT NULL AND c{bound.scan.width} IS NULL")
        if not stage.has_own_key:
            shown['"@key"'] = self._key(value_of)
        shown['"@state"'] = f'CASE WHEN "@good" THEN {ALIVE} ELSE {LEFT_OUT} END'
        raw_column, raw_cells = self.kept(bound, is_exact)
        shown[raw_column] = f'CASE WHEN NOT "@good" THEN {raw_cells} END'
        good = " AND ".join(f"coalesce({condition}, false)" for condition in conditions) or "true"
        inner = relation(bound.scan, is_exact)
        for expressions in (firsts, seconds, values, [f'{good} AS "@good"']):
            inner = f"(SELECT *, {', '.join(expressions)} FROM {inner})" if expressions else inner
        listed = ", ".join(f"{expression} AS {column}" for column, expression in shown.items())
        return f"INSERT INTO {stage.table} BY NAME SELECT {listed} FROM {inner}"

    def kept(self, bound: Bound, is_exact: bool = False) -> tuple[str, str]:
        """Return the column for what stood in rows that are left out, and its content."""
        columns = []
        for index in range(len(bound.binding.wanted)):
            column, raw = bound.raw(index)
            columns.append(_fetched(column, raw))
        if bound.scan.width:
            places = range(bound.scan.width + (0 if is_exact else SPARE))
            found = " + ".join(f"CAST(c{place} IS NOT NULL AS INTEGER)" for place in places)
            return self.stage.raw_column(
                "VARCHAR[]"
            ), f"[{', '.join([*columns, f'CAST({found} AS VARCHAR)'])}]"
        fields = [f"'r{index}': {column}" for index, column in enumerate(columns)]
        cells = "{" + ", ".join([*fields, "'is_row': true"]) + "}"
        query = f"DESCRIBE SELECT {cells} AS cells FROM {relation(bound.scan)}"
        type = one(self.connection, query)[1]
        return self.stage.raw_column(type), cells

    def _reading(self, at: int, cell: Cell, bound: Bound) -> Reading:
        column, raw = bound.raw(cell.index)
        context = Context(
            schema=self.schema,
            cell=cell,
            slot=self.stage.slot(cell.name),
            column=self.column(cell.name),
            raw=raw,
            x=column,
            first=f'"@first {at}"',
            second=f'"@second {at}"',
        )
        if self.stage.section.sort is Sort.QUOTA and cell.name == PERIOD:
            return self._period(context, bound)
        reading = reading_of(context)
        if reading is None:
            raise Unknown
        return reading

    def _period(self, context: Context, bound: Bound) -> Reading:
        """Read the period of a quota: there are few, so each is read once and looked up."""
        if context.raw not in (Raw.TEXT, Raw.DATE):
            raise Unknown
        distinct = f"SELECT DISTINCT {context.x} FROM {relation(bound.scan)} LIMIT {_MOST_PERIODS + 1}"
        found = [raw for (raw,) in self.connection.execute(distinct).fetchall()]
        if len(found) > _MOST_PERIODS:
            raise Unknown
        branches = []
        for raw in found:
            try:
                value = context.cell.read(raw)
            except BadValue:
                continue
            if value is not None and raw is not None:
                shown = quoting.text(raw) if isinstance(raw, str) else f"DATE '{raw.isoformat()}'"
                branches.append(f"WHEN {shown} THEN {context.slot.literal(value)}")
        known = f"CASE {context.x} {' '.join(branches)} END" if branches else "CAST(NULL AS DATE)"
        return Reading(known, "false")

    def _named(self, cell: Cell | None, bound: Bound) -> str:
        """Return the currency in the column that says it; empty if there is none."""
        if cell is None or cell.currency_index < 0:
            return ""
        column, raw = bound.raw(cell.currency_index)
        if raw is not Raw.TEXT:
            raise Unknown
        return f"nullif({cleaned(column)}, '')"

    def _bounds(self, value_of: Mapping[str, str]) -> list[str]:
        """Return what must hold of numbers and amounts, as `read_rows` and `check_amounts` have it."""
        section = self.stage.section
        if section.sort is Sort.QUOTA:
            return [f"{value_of[AMOUNT]} > 0"]
        undoes = f"{value_of[section.reverses]} IS NOT NULL" if section.reverses else "false"
        unsigned = {field.name for field, _ in unsigned_fields(section)}
        found = []
        for slot in self.stage.slots:
            value = value_of[slot.field.name]
            none = f"{value} IS NULL"
            if slot.field.is_count and isinstance(slot.field.type, NumberType):
                unit = 10**slot.scale
                is_count = f"{value} % {unit} = 0 AND {value} BETWEEN {unit} AND {MOST_PARTS * unit}"
                found.append(f"{none} OR ({is_count})")
            if slot.field.name in unsigned:
                found.append(f"{none} OR {value} >= 0 OR {undoes}")
            if isinstance(slot.field.type, MoneyType):
                forwards = "true" if slot.field.is_signed else f"{value} >= 0"
                found.append(f"{none} OR CASE WHEN {undoes} THEN {value} <= 0 ELSE {forwards} END")
        return found

    def _key(self, value_of: Mapping[str, str]) -> str:
        """Return the key as `key_text` spells it, where it is no column as it is."""
        section = self.stage.section
        if section.sort is Sort.QUOTA:
            names = [field.name for field in section.fields if field.name != AMOUNT]
            parts = [f"CAST({value_of[name]} AS VARCHAR)" for name in names]
            return f" || {quoting.text(BETWEEN_PARTS)} || ".join(parts)
        slot, value = self.stage.slot(section.key), value_of[section.key]
        match slot.field.type:
            case NumberType() | PercentType():
                return text_of_number(value, slot.scale)
            case DateType():
                return f"CAST({value} AS VARCHAR)"
            case FlagType():
                return f"CASE {value} WHEN true THEN 'yes' WHEN false THEN 'no' END"
            case _:
                raise Unknown


def relation(scan: Scan, is_exact: bool = False) -> str:
    """Return the relation that yields the rows of an input."""
    return scan.exact if is_exact else scan.relation


def _fetched(column: str, raw: Raw) -> str:
    """Return a raw value as Python can have it; the statement fails where it has none for it.

    The input is then read by its own reader, which words why such a day is not taken.
    """
    match raw:
        case Raw.DATE:
            found, least, most = column, f"DATE '{date.min}'", f"DATE '{date.max}'"
        case Raw.TIME:
            found = f"CAST({column} AS TIMESTAMP)"
            least, most = f"TIMESTAMP '{datetime.min}'", f"TIMESTAMP '{datetime.max}'"
        case Raw.NANOSECONDS:
            found, least, most = f"epoch_ns({column})", f"{-(2**63) + 2}", f"{2**63 - 2}"
        case _:
            return column
    is_known = f"{column} IS NULL OR {found} BETWEEN {least} AND {most}"
    return f"CASE WHEN {is_known} THEN {found} ELSE error('a day beyond those of Python') END"


def _currency_of(value: object) -> str:
    named = value.currency if isinstance(value, Money) else ""
    return quoting.text(named) if named else "NULL"
