"""A stage: all rows of one section in a table, while they are judged.

A row is named by its `rowid`, which does not change: rows are added and marked, never taken out. Its
number in its file is `rowid - @base`, so that rows are numbered though several threads read them, and
no column of numbers is stored. Rows stand in the order of their file for that; `store_book` sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.slots import Form, Slot, amount_of, decimals_of, scaled, slots_of
from rulesengine.intake.rows import BETWEEN_PARTS, Row, Section, Sort
from rulesengine.intake.sources import Input
from rulesengine.model.book import Value
from rulesengine.model.money import Money
from rulesengine.model.stored_book import MOST_IN_64_BITS
from rulesengine.model.types import RecordType, TextType

LEFT_OUT, ALIVE, DEAD = 0, 1, 2
"""What `@state` says: a row to be read by hand, which stands further down again; accepted; rejected."""
NUMBER = 'rowid - "@base"'
"""The number of a row in its file."""


@dataclass(slots=True)
class Stage:
    """One section's rows in the table `@stage NAME`."""

    connection: Any
    section: Section
    slots: list[Slot]
    inputs: tuple[Input, ...]
    size: int = 0
    """How many rows the table has, all states together."""
    has_dead: bool = False
    uncounted: dict[str, Decimal] = field(default_factory=dict)
    """Constant amounts of rows whose values cannot be told apart: they add to no sum."""
    raws: dict[str, str] = field(default_factory=dict)
    """Columns that hold rows which must be read by hand, by their type."""

    @classmethod
    def of(cls, connection: Any, section: Section, inputs: tuple[Input, ...]) -> Stage:
        """Return a stage whose table is not made yet."""
        return cls(connection, section, slots_of(section), inputs)

    @property
    def table(self) -> str:
        """The table, quoted."""
        return quoting.name(f"@stage {self.section.name}")

    @property
    def unread(self) -> str:
        """The table of the fields that rejected rows lack, quoted."""
        return quoting.name(f"@unread {self.section.name}")

    def slot(self, name: str) -> Slot:
        """Return the slot of a field."""
        return next(slot for slot in self.slots if slot.field.name == name)

    @property
    def has_own_key(self) -> bool:
        """Whether the key is a column as it is."""
        if self.section.sort is Sort.QUOTA:
            return False
        return isinstance(self.slot(self.section.key).field.type, (TextType, RecordType))

    @property
    def key(self) -> str:
        """The key of a row as SQL; NULL where it could not be read."""
        if self.has_own_key:
            return quoting.name(self.section.key)
        return '"@key"'

    def shown_key_of(self, alias: str) -> str:
        """Return the key of a row as people read it, the stage under another name."""
        if self.section.sort is Sort.QUOTA:
            return f"replace({alias}.{self.key}, {quoting.text(BETWEEN_PARTS)}, ', ')"
        return f"{alias}.{self.key}"

    @property
    def file(self) -> str:
        """The name of a row's file as SQL."""
        names = [input.name for input in self.inputs]
        if len(set(names)) == 1:
            return quoting.text(names[0])
        branches = " ".join(f"WHEN {at} THEN {quoting.text(name)}" for at, name in enumerate(names))
        return f'CASE "@file" {branches} END'

    def create(self) -> None:
        """Make the table anew, empty."""
        columns = ['"@base" BIGINT', '"@file" INTEGER', '"@state" UTINYINT']
        if not self.has_own_key:
            columns.append('"@key" VARCHAR')
        for slot in self.slots:
            columns.append(f"{slot.column} {slot.type}")
            if slot.has_named:
                columns.append(f"{slot.named} VARCHAR")
        self.size, self.raws, self.uncounted = 0, {}, {}
        self.connection.execute(f"CREATE OR REPLACE TABLE {self.table} ({', '.join(columns)})")
        self.connection.execute(f"CREATE OR REPLACE TABLE {self.unread} (n BIGINT, fields VARCHAR[])")

    def raw_column(self, type: str) -> str:
        """Return the column for rows of a type that must be read by hand, quoted."""
        if type not in self.raws:
            self.raws[type] = column = quoting.name(f"@raw {len(self.raws)}")
            self.connection.execute(f"ALTER TABLE {self.table} ADD COLUMN {column} {type}")
        return self.raws[type]

    def add(self, at: int, rows: Sequence[Row]) -> None:
        """Add rows that were read by hand, of one input, accepted and rejected ones."""
        import pyarrow as pa

        self._make_room(rows)
        places = range(self.size, self.size + len(rows))
        columns: dict[str, Any] = {
            "@base": pa.array([n - row.number for n, row in zip(places, rows, strict=True)], pa.int64()),
            "@file": pa.array([at] * len(rows), pa.int32()),
            "@state": pa.array([ALIVE if row.is_alive else DEAD for row in rows], pa.uint8()),
        }
        if not self.has_own_key:
            columns["@key"] = pa.array([row.key or None for row in rows], pa.string())
        casts = {}
        for slot in self.slots:
            name = slot.field.name
            values = [row.values.get(name) for row in rows]
            columns[name] = pa.array([slot.raw(value) for value in values], _ARROW[slot.form](pa))
            casts[name] = slot.type
            if slot.has_named:
                named = [(value.currency or None) if isinstance(value, Money) else None for value in values]
                columns[f"@named {name}"] = pa.array(named, pa.string())
        self._insert(self.table, pa.table(columns), casts)
        all_fields = {slot.field.name for slot in self.slots}
        lacking = [(n, sorted(all_fields - row.values.keys())) for n, row in zip(places, rows, strict=True)]
        lacking = [(n, fields) for n, fields in lacking if fields]
        if lacking:
            table = pa.table(
                {
                    "n": pa.array([n for n, _ in lacking], pa.int64()),
                    "fields": pa.array([fields for _, fields in lacking], pa.list_(pa.string())),
                }
            )
            self._insert(self.unread, table, {})
        self.has_dead = self.has_dead or any(not row.is_alive for row in rows)
        self.size += len(rows)

    def _insert(self, table: str, data: Any, casts: Mapping[str, str]) -> None:
        shown = ", ".join(
            f"CAST({quoting.name(name)} AS {casts[name]}) AS {quoting.name(name)}"
            if name in casts
            else quoting.name(name)
            for name in data.column_names
        )
        self.connection.register("@rows", data)
        self.connection.execute(f'INSERT INTO {table} BY NAME SELECT {shown} FROM "@rows"')
        self.connection.unregister("@rows")

    def _make_room(self, rows: Sequence[Row]) -> None:
        """Widen columns of numbers that do not hold what is to be added."""
        for slot in self.slots:
            if slot.form is not Form.NUMBER:
                continue
            numbers = [
                amount_of(value) for row in rows if (value := row.values.get(slot.field.name)) is not None
            ]
            if not numbers:
                continue
            scale = max(slot.scale, *map(decimals_of, numbers))
            most = max(abs(scaled(number, scale)) for number in numbers)
            self.widen(slot, scale, most)

    def widen(self, slot: Slot, scale: int, most: int) -> None:
        """Give a column more decimals, or 128 bits where 64 do not hold what it has and `most`."""
        more = scale - slot.scale
        if more <= 0 and (slot.is_wide or most <= MOST_IN_64_BITS):
            return
        query = f"SELECT max(abs(CAST({slot.column} AS HUGEINT))) FROM {self.table}"
        (there,) = one(self.connection, query)
        slot.is_wide = slot.is_wide or max(most, (there or 0) * 10**more) > MOST_IN_64_BITS
        slot.scale = scale
        wider = f"CAST(CAST({slot.column} AS HUGEINT) * {10**more} AS {slot.type})"
        self.connection.execute(
            f"ALTER TABLE {self.table} ALTER {slot.column} TYPE {slot.type} USING {wider}"
        )

    def tidy(self, *, keeps_rows: bool) -> None:
        """Drop what only the judging needed; the rows of facts stay, for the book looks at them there."""
        name = self.section.name
        tables = [f"@unread {name}", f"@gone {name}", f"@fresh {name}"]
        tables += [f"@codes {name} {slot.field.name}" for slot in self.slots if slot.has_named]
        for table in tables:
            self.connection.execute(f"DROP TABLE IF EXISTS {quoting.name(table)}")
        if not keeps_rows:
            self.connection.execute(f"DROP TABLE {self.table}")

    def kill(self, hits: str) -> None:
        """Mark the rows as rejected that a query yields by `n`."""
        self.connection.execute(
            f'UPDATE {self.table} SET "@state" = {DEAD} WHERE "@state" = {ALIVE} AND rowid IN ({hits})'
        )
        self.has_dead = True

    def kill_each(self, rows: Sequence[int]) -> None:
        """Mark rows as rejected by their `rowid`."""
        for at in range(0, len(rows), 1000):
            self.kill("VALUES " + ", ".join(f"({n})" for n in rows[at : at + 1000]))

    def fetch(self, where: str, currencies: Mapping[str, str] | None = None) -> list[tuple[int, Row]]:
        """Return rows with their `rowid` for which a condition holds, in the order of reading.

        Args:
            where: a condition on the stage, which is named `s`.
            currencies: SQL of the currency of amounts of which each row has its own, by field.
        """
        shown = []
        for slot in self.slots:
            shown.append(f"s.{slot.column}")
            if slot.has_named:
                code = (currencies or {}).get(slot.field.name) or f"s.{slot.named}"
                shown.append(f"coalesce({code}, '')")
        query = (
            f'SELECT s.rowid, s."@state", {self.file}, s.rowid - s."@base", coalesce(s.{self.key}, \'\'), '
            f"u.fields, {', '.join(shown)} "
            f"FROM {self.table} s LEFT JOIN {self.unread} u ON u.n = s.rowid "
            f'WHERE s."@state" <> {LEFT_OUT} AND ({where}) '
            f'ORDER BY s."@file", s.rowid - s."@base"'
        )
        return [self._row(line) for line in self.connection.execute(query).fetchall()]

    def _row(self, line: Sequence[Any]) -> tuple[int, Row]:
        n, state, file, number, key, unread, *cells = line
        values: dict[str, Value] = {}
        rest = iter(cells)
        for slot in self.slots:
            raw = next(rest)
            currency = next(rest) if slot.has_named else getattr(slot.field.type, "currency", "")
            if unread is None or slot.field.name not in unread:
                values[slot.field.name] = slot.value(raw, currency)
        return n, Row(file, number, key, values, state == ALIVE)


def _number(pa: Any) -> Any:
    return pa.decimal128(38, 0)


_ARROW: dict[Form, Any] = {
    Form.TEXT: lambda pa: pa.string(),
    Form.NUMBER: _number,
    Form.DATE: lambda pa: pa.date32(),
    Form.FLAG: lambda pa: pa.bool_(),
    Form.LIST: lambda pa: pa.list_(pa.string()),
}
