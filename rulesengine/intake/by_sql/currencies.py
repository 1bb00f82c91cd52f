"""Amounts of which each row has its own currency, in SQL; `intake.currencies` says what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.rejected import Ledger
from rulesengine.intake.by_sql.slots import Slot, unscaled
from rulesengine.intake.by_sql.stage import ALIVE, LEFT_OUT, Stage
from rulesengine.intake.currencies import UNKNOWN, fault_of
from rulesengine.intake.problems import Rejects
from rulesengine.model.money import Money, minor_digits
from rulesengine.model.types import MoneyType, RecordType

_CHUNK = 10_000


@dataclass(slots=True)
class Currencies:
    """Knows in which currency each such amount is, by the row or by the record that it points at."""

    connection: Any
    stages: Mapping[str, Stage]
    is_checked: bool = False

    def of_rows(self, stage: Stage) -> dict[str, str]:
        """Return the currency of each such field as SQL on the stage `s`.

        Until the check, amounts have the currency that they name themselves, and nothing is returned.
        """
        if not self.is_checked:
            return {}
        return {slot.field.name: self._code(stage, slot, "s") for slot in stage.slots if slot.has_named}

    def check(self, ledger: Ledger) -> None:
        """Reject amounts of which the currency is not known, or that cannot be in it."""
        for stage in self.stages.values():
            for slot in stage.slots:
                if slot.has_named:
                    self._look_up(stage, slot)
                    self._check_field(stage, slot, ledger)
        self.is_checked = True

    def sums(self, stage: Stage, *, is_accepted: bool) -> dict[str, Decimal]:
        """Return the sums of such amounts by field and currency, such as `amount EUR`."""
        found: dict[str, Decimal] = {}
        state = f"= {ALIVE}" if is_accepted else f"<> {LEFT_OUT}"
        for slot in stage.slots:
            if slot.has_named:
                code = self._code(stage, slot, "s")
                query = (
                    f"SELECT {code} AS code, sum(s.{slot.column}) FROM {stage.table} s "
                    f'WHERE s."@state" {state} AND s.{slot.column} IS NOT NULL GROUP BY ALL'
                )
                for known, total in self.connection.execute(query).fetchall():
                    found[f"{slot.field.name} {known or UNKNOWN}"] = unscaled(total, slot.scale)
        return found

    def differing(self, stage: Stage) -> list[str]:
        """Return queries of rows that are undone in another currency, as `root_n` of `@undoing`."""
        return [
            f'SELECT u.root_n FROM "@undoing" u JOIN {stage.table} r ON r.rowid = u.n '
            f"JOIN {stage.table} t ON t.rowid = u.root_n WHERE r.{slot.column} IS NOT NULL "
            f"AND t.{slot.column} IS NOT NULL "
            f"AND {self._code(stage, slot, 'r')} <> {self._code(stage, slot, 't')}"
            for slot in stage.slots
            if slot.has_named
        ]

    def _path(self, slot: Slot) -> tuple[str, ...]:
        assert isinstance(slot.field.type, MoneyType)
        return slot.field.type.by

    def _code(self, stage: Stage, slot: Slot, alias: str) -> str:
        """Return the currency of a row as SQL, empty where it is not known."""
        first, *rest = self._path(slot)
        column = f"{alias}.{quoting.name(first)}"
        if not rest:
            return f"coalesce({column}, '')"
        return f"coalesce((SELECT c.code FROM {_codes(stage, slot)} c WHERE c.key = {column}), '')"

    def _look_up(self, stage: Stage, slot: Slot) -> None:
        """Gather the currency of each record that rows point at: of rows with one key, the last one's."""
        first, *rest = self._path(slot)
        if not rest:
            return
        kind = stage.slot(first).field.type
        assert isinstance(kind, RecordType)
        pointed = self.stages[kind.kind]
        order = "{'f': \"@file\", 'r': rowid - \"@base\"}"
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {_codes(stage, slot)} AS SELECT key, found.code AS code FROM ("
            f"SELECT {pointed.key} AS key, arg_max({{'code': {quoting.name(rest[0])}}}, {order}) AS found "
            f'FROM {pointed.table} WHERE "@state" <> {LEFT_OUT} AND {pointed.key} IS NOT NULL GROUP BY ALL)'
        )

    def _check_field(self, stage: Stage, slot: Slot, ledger: Ledger) -> None:
        code, value = self._code(stage, slot, "s"), f"s.{slot.column}"
        rows = f'{stage.table} s WHERE s."@state" = {ALIVE} AND {value} IS NOT NULL'
        codes = [
            code for (code,) in self.connection.execute(f"SELECT DISTINCT {code} FROM {rows}").fetchall()
        ]
        faults = ["k.code = ''", "coalesce(k.named <> k.code, false)"]
        for known in sorted(codes):
            spare = slot.scale - (minor_digits(known) or 0)
            if known and spare > 0 and not slot.field.says_decimals:
                faults.append(f"(k.code = {quoting.text(known)} AND k.value % {10**spare} <> 0)")
        shown = f"SELECT s.rowid AS n, {code} AS code, s.{slot.named} AS named, {value} AS value FROM {rows}"
        self.connection.execute(
            f'CREATE OR REPLACE TABLE "@faults" AS SELECT n, code FROM ({shown}) k '
            f"WHERE {' OR '.join(faults)}"
        )
        (count,) = one(self.connection, 'SELECT count(*) FROM "@faults"')
        for at in range(0, count, _CHUNK):
            some = f'SELECT n, code FROM "@faults" WHERE rowid >= {at} AND rowid < {at + _CHUNK}'
            self._word(stage, slot, some, ledger)
        self.connection.execute('DROP TABLE "@faults"')

    def _word(self, stage: Stage, slot: Slot, some: str, ledger: Ledger) -> None:
        codes = dict(self.connection.execute(some).fetchall())
        rejects = Rejects()
        killed = []
        for n, row in stage.fetch(f"s.rowid IN (SELECT n FROM ({some}))"):
            value = row.values[slot.field.name]
            assert isinstance(value, Money)
            fault, reason = fault_of(slot.field, value, codes[n])
            if fault:
                shown = f"{value}".rstrip()
                rejects.add(stage.section.name, row, fault, reason, field=slot.field.name, value=shown)
                killed.append(n)
        ledger.add(rejects)
        stage.kill_each(killed)


def _codes(stage: Stage, slot: Slot) -> str:
    return quoting.name(f"@codes {stage.section.name} {slot.field.name}")
