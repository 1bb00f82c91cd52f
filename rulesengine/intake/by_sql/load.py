"""From scans to stages: rows that SQL can read go in at once, the others through the readers in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice
from typing import Any

from rulesengine.intake.by_sql.asking import is_of_the_file, one
from rulesengine.intake.by_sql.query import Bound, Reader, Unknown, relation
from rulesengine.intake.by_sql.rejected import Ledger
from rulesengine.intake.by_sql.scans import Opened, Raw, Scans
from rulesengine.intake.by_sql.slots import Form, Slot, amount_of, decimals_of
from rulesengine.intake.by_sql.stage import LEFT_OUT, Stage
from rulesengine.intake.columns import Binding
from rulesengine.intake.moments import time_of
from rulesengine.intake.numbers import DIGITS
from rulesengine.intake.problems import BadValue, Rejects
from rulesengine.intake.quotas import check_amounts
from rulesengine.intake.read_rows import read_rows
from rulesengine.intake.sources import Input
from rulesengine.intake.tables import Broken, Cells, Unopened
from rulesengine.model.money import Money
from rulesengine.model.types import PercentType


class UnopenedInput(Exception):
    """An input that cannot be read as a whole."""

    def __init__(self, input: Input, reason: Unopened) -> None:
        self.input = input
        self.reason = reason
        super().__init__(reason.message)


_SAMPLE = 20_000
_BY_HAND = 10_000
"""Rows that are read by hand at a time. If more are left, a scale that was guessed may be the reason."""


@dataclass(slots=True)
class Loader:
    """Reads the inputs of one section into its stage."""

    reader: Reader
    ledger: Ledger
    scans: Scans
    given: Sequence[tuple[Opened, Binding]]
    bounds: list[Bound] = field(default_factory=list)
    """The inputs that SQL reads."""

    @property
    def stage(self) -> Stage:
        """The stage that is filled."""
        return self.reader.stage

    @property
    def connection(self) -> Any:
        """The database."""
        return self.reader.connection

    def load(self) -> None:
        """Fill the stage with every row of every input, each accepted, or rejected for what it holds itself.

        Raises:
            UnopenedInput: one of them cannot be read as a whole.
        """
        self.bounds = [
            Bound(at, opened.input, binding, opened.scan)
            for at, (opened, binding) in enumerate(self.given)
            if opened.scan is not None
        ]
        self._choose_scales()
        while not self._load_all() or self._grow_scales():
            pass
        for at, (opened, binding) in enumerate(self.given):
            bound = next((bound for bound in self.bounds if bound.at == at), None)
            if bound is not None:
                self._mend(bound)
            else:
                try:
                    rows = self.scans.by_hand(opened).rows(binding.wanted)
                    self._by_hand(at, binding, enumerate(rows, 1))
                except Unopened as error:
                    raise UnopenedInput(opened.input, error) from None

    def _load_all(self) -> bool:
        """Fill the stage with what SQL reads; False if an input proved to be none that it reads."""
        import duckdb

        self.stage.create()
        for bound in list(self.bounds):
            try:
                self._load(bound)
            except Unknown:
                self.bounds.remove(bound)
                return False
            except duckdb.Error as error:
                if not is_of_the_file(error):
                    raise
                # What the file really lacks, if anything, is found and worded by its own reader.
                self.bounds.remove(bound)
                return False
        return True

    def _load(self, bound: Bound) -> None:
        import duckdb

        try:
            added = self._run(self.reader.statement(bound))
        except duckdb.Error as error:
            # It may be line ends inside quotes: DuckDB finds no rows with too few values beside them.
            if not bound.scan.width or not is_of_the_file(error):
                raise
            added = self._run(self.reader.statement(bound, is_exact=True))
        if bound.scan.width and bound.input.path is not None:
            bytes = self.scans.hashing.of(bound.input.path, bound.input.delimiter)
            if not bytes.is_plain or (bytes.lines is not None and bytes.lines - 1 != added):
                raise Unknown
        self.stage.size += added

    def _run(self, statement: str) -> int:
        (added,) = one(self.connection, statement)
        return int(added)

    def _choose_scales(self) -> None:
        """Give each number the most decimals that occur at the head of its files."""
        for slot in self.stage.slots:
            if slot.form is Form.NUMBER:
                usual = 2 if isinstance(slot.field.type, PercentType) else 0
                at_head = [self._at_head(slot, bound) for bound in self.bounds]
                fixed = [binding.fixed.get(slot.field.name) for _, binding in self.given]
                given = [decimals_of(amount_of(value)) for value in fixed if value is not None]
                slot.scale = max(usual, *at_head, *given, *self._spelt(slot))

    def _spelt(self, slot: Slot) -> list[int]:
        """Return the decimals of the values that a `map` names."""
        found = [0]
        name = slot.field.name
        for _, binding in self.given:
            for cell in binding.cells:
                for spelling in self.reader.column(name).map if cell.name == name else ():
                    try:
                        value = cell.read(spelling)
                    except BadValue:
                        continue
                    found.append(0 if value is None else decimals_of(amount_of(value)))
        return found

    def _at_head(self, slot: Slot, bound: Bound) -> int:
        column = self._number_column(slot, bound)
        if not column:
            return 0
        head = f"SELECT {column} AS x FROM {relation(bound.scan)} LIMIT {_SAMPLE}"
        return self._most_decimals(slot, "x", f"({head})")[0]

    def _number_column(self, slot: Slot, bound: Bound) -> str:
        for cell in bound.binding.cells:
            if cell.name == slot.field.name:
                column, raw = bound.scan.columns.get(bound.binding.wanted[cell.index], ("", Raw.NOTHING))
                return column if raw in (Raw.TEXT, Raw.DECIMAL) else ""
        return ""

    def _most_decimals(self, slot: Slot, x: str, source: str) -> tuple[int, int]:
        """Return the most decimals, and digits before the point, of what looks like a number."""
        import duckdb

        form = r"'^ *-?0*([0-9]*)(?:\.([0-9]+))? *(?:%|[A-Z]{3})? *$'"
        parts = f"regexp_extract(CAST({x} AS VARCHAR), {form}, ['whole', 'fraction'])"
        most = "max(strlen(rtrim(p.fraction, '0'))), max(strlen(p.whole))"
        query = f"SELECT {most} FROM (SELECT {parts} AS p FROM {source})"
        try:
            decimals, digits = one(self.connection, query)
        except duckdb.Error as error:
            if not is_of_the_file(error):
                raise
            return 0, 0
        if isinstance(slot.field.type, PercentType) and self.reader.column(slot.field.name).spelt != "ratio":
            decimals = (decimals or 0) + 2
        return min(decimals or 0, slot.field.decimals), digits or 0

    def _grow_scales(self) -> bool:
        """Look whether many rows were left because a number needs more room; True if it has more now."""
        query = f'SELECT count(*) FROM {self.stage.table} WHERE "@state" = {LEFT_OUT}'
        (left,) = one(self.connection, query)
        if left <= _BY_HAND:
            return False
        has_grown = False
        for slot in self.stage.slots:
            for bound in self.bounds if slot.form is Form.NUMBER else ():
                for cell in bound.binding.cells:
                    if cell.name != slot.field.name or not self._number_column(slot, bound):
                        continue
                    column, _ = self.reader.kept(bound)
                    x = f"{column}[{cell.index + 1}]" if bound.scan.width else f"{column}.r{cell.index}"
                    of_input = f'"@state" = {LEFT_OUT} AND "@file" = {bound.at}'
                    kept = f"(SELECT {x} AS x FROM {self.stage.table} WHERE {of_input})"
                    decimals, digits = self._most_decimals(slot, "x", kept)
                    scale = max(slot.scale, decimals)
                    is_wide = slot.is_wide or (digits <= DIGITS and digits + scale > DIGITS)
                    has_grown = has_grown or (scale, is_wide) != (slot.scale, slot.is_wide)
                    slot.scale, slot.is_wide = scale, is_wide
        return has_grown

    def _mend(self, bound: Bound) -> None:
        """Read by hand what SQL could not, so that it is taken or rejected in the readers' own words."""
        column, _ = self.reader.kept(bound)
        last = -1
        while True:
            query = (
                f'SELECT rowid, rowid - "@base", {column} FROM {self.stage.table} '
                f'WHERE "@state" = {LEFT_OUT} AND "@file" = {bound.at} AND rowid > {last} '
                f"ORDER BY rowid LIMIT {_BY_HAND}"
            )
            found = self.connection.execute(query).fetchall()
            if not found:
                return
            last = found[-1][0]
            rows = [(number, _cells(kept, bound)) for _, number, kept in found]
            self._by_hand(bound.at, bound.binding, rows)

    def _by_hand(self, at: int, binding: Binding, rows: Iterable[tuple[int, Cells]]) -> None:
        """Read rows with the readers in Python, some at a time, and add them to the stage."""
        section, rest = self.stage.section, iter(rows)
        while chunk := list(islice(rest, _BY_HAND)):
            part = replace(section, rows=[], money_read={}, unreadable={})
            rejects = Rejects()
            read_rows(part, binding, chunk, self.stage.inputs[at].name, rejects)
            check_amounts(part, rejects)
            self.stage.add(at, part.rows)
            broken = sum(isinstance(cells, Broken) for _, cells in chunk)
            for name, value in binding.fixed.items() if broken else ():
                if isinstance(value, Money):
                    before = self.stage.uncounted.get(name, Decimal(0))
                    self.stage.uncounted[name] = before + amount_of(value) * broken
            self.ledger.add(rejects)
            for name, count in part.unreadable.items():
                section.unreadable[name] = section.unreadable.get(name, 0) + count


def _cells(kept: Any, bound: Bound) -> Cells:
    """Return what stood in a row that SQL left out."""
    width = bound.scan.width
    if not width:
        cells = list(kept.values())[:-1]
        for index, cell in enumerate(cells):
            if cell is not None and bound.raw(index)[1] is Raw.NANOSECONDS:
                cells[index] = time_of(cell)
        return cells
    *cells, found = kept
    return cells if int(found) == width else Broken.of_width(width, int(found))
