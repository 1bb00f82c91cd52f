"""From judged stages to the stored book: its tables, what is known of their columns, control totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.currencies import Currencies
from rulesengine.intake.by_sql.slots import Form, Slot, decimals_of, scaled, unscaled
from rulesengine.intake.by_sql.stage import ALIVE, LEFT_OUT, NUMBER, Stage
from rulesengine.intake.rows import AMOUNT, PERIOD, START
from rulesengine.model import stored_book as names
from rulesengine.model.book import ControlTotal, RateSeries
from rulesengine.model.stored_book import MOST_IN_64_BITS, OPEN_END, SINCE_EVER, StoredColumn, StoredTable
from rulesengine.model.types import MoneyType

_ALIVE = f'"@state" = {ALIVE}'
_FIRST, _LAST = quoting.name(names.FIRST_DAY), quoting.name(names.LAST_DAY)


@dataclass(frozen=True, slots=True)
class Finisher:
    """Makes the tables of the stored book."""

    connection: Any

    def facts(self, stage: Stage) -> StoredTable:
        """Return the table of a fact kind: the accepted rows of its stage, which stays below it."""
        table = names.fact_table(stage.section.name)
        columns = [slot.column for slot in stage.slots]
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {quoting.name(table)} AS SELECT "
            f"{stage.file} AS {quoting.name(names.FILE)}, {NUMBER} AS {quoting.name(names.ROW)}, "
            f"{', '.join(columns)} FROM {stage.table} WHERE {_ALIVE}"
        )
        return self._known(table, stage.slots, (names.FILE, names.ROW))

    def payees(self, stage: Stage) -> StoredTable:
        """Return the table of a payee kind: one row for each key, from the first of its rows."""
        table = names.payee_table(stage.section.name)
        steady = [slot for slot in stage.slots if not slot.field.is_history]
        row = f"{stage.file} AS {quoting.name(names.FILE)}, {NUMBER} AS {quoting.name(names.ROW)}"
        first = f"row_number() OVER (PARTITION BY {stage.key} ORDER BY {stage.file}, {NUMBER}) = 1"
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {quoting.name(table)} AS SELECT {row}, "
            f"{', '.join(slot.column for slot in steady)} FROM {stage.table} WHERE {_ALIVE} QUALIFY {first}"
        )
        return self._known(table, steady, (names.FILE, names.ROW))

    def history(self, stage: Stage) -> StoredTable:
        """Return the table of a payee kind's history, in which each version says its first and last day."""
        table = names.history_table(stage.section.name)
        changing = [slot for slot in stage.slots if slot.field.is_history and slot.field.name != START]
        kept = [stage.slot(stage.section.key), *changing]
        first = f"coalesce({quoting.name(START)}, DATE '{SINCE_EVER}')"
        # Rows of a `distinct` source may repeat a version; those that are left agree.
        once = f'row_number() OVER (PARTITION BY {stage.key}, {first} ORDER BY "@file", {NUMBER}) = 1'
        listed = ", ".join(slot.column for slot in kept)
        version = f"SELECT {first} AS {_FIRST}, {listed} FROM {stage.table} WHERE {_ALIVE} QUALIFY {once}"
        following = f"lead({_FIRST}) OVER (PARTITION BY {kept[0].column} ORDER BY {_FIRST})"
        last = f"coalesce({following} - 1, DATE '{OPEN_END}')"
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {quoting.name(table)} AS SELECT {kept[0].column}, {_FIRST}, "
            f"{', '.join([f'CAST({last} AS DATE) AS {_LAST}', *(slot.column for slot in changing)])} "
            f"FROM ({version})"
        )
        begins = f"count(*) FILTER ({_FIRST} = DATE '{SINCE_EVER}')"
        query = f"SELECT count(DISTINCT {kept[0].column}) = {begins} FROM {quoting.name(table)}"
        (is_since_ever,) = one(self.connection, query)
        known = self._known(table, kept, (names.FIRST_DAY, names.LAST_DAY))
        return replace(known, is_since_ever=is_since_ever)

    def quotas(self, stage: Stage) -> StoredTable:
        """Return the table of a quota."""
        table = names.quota_table(stage.section.name)
        amount = stage.slot(AMOUNT)
        keys = [slot for slot in stage.slots if slot.field.name not in (PERIOD, AMOUNT)]
        listed = [f"{slot.column} AS {quoting.name(names.quota_key(at))}" for at, slot in enumerate(keys, 1)]
        listed.append(f"{quoting.name(PERIOD)} AS {quoting.name(names.START)}")
        listed.append(f"{amount.column} AS {quoting.name(names.AMOUNT)}")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {quoting.name(table)} AS SELECT {', '.join(listed)} "
            f"FROM {stage.table} WHERE {_ALIVE}"
        )
        others = [*(names.quota_key(at) for at in range(1, len(keys) + 1)), names.START]
        return self._known(table, [amount], others)

    def rates(self, name: str, series: Mapping[str, RateSeries]) -> StoredTable:
        """Return a table of exchange rates; a rate is good until the day before the next."""
        import pyarrow as pa

        table = names.rates_table(name)
        lines: list[tuple[str, date, date, Decimal | None]] = []
        for code, (days, rates) in series.items():
            ends = [day - timedelta(days=1) for day in days[1:]]
            lines += zip([code] * len(days), days, [*ends, OPEN_END], rates, strict=True)
        known = [rate for *_, rate in lines if rate is not None]
        scale = max(map(decimals_of, known), default=0)
        whole = [None if rate is None else scaled(rate, scale) for *_, rate in lines]
        most = max((abs(number) for number in whole if number is not None), default=0)
        data = {
            names.CURRENCY: pa.array([line[0] for line in lines], pa.string()),
            names.FIRST_DAY: pa.array([line[1] for line in lines], pa.date32()),
            names.LAST_DAY: pa.array([line[2] for line in lines], pa.date32()),
            names.RATE: pa.array(whole, pa.decimal128(38, 0)),
        }
        type = "HUGEINT" if most > MOST_IN_64_BITS else "BIGINT"
        listed = ", ".join(
            f"CAST({quoting.name(name)} AS {type}) AS {quoting.name(name)}"
            if name == names.RATE
            else quoting.name(name)
            for name in data
        )
        self.connection.register("@rows", pa.table(data))
        self.connection.execute(
            f'CREATE OR REPLACE TABLE {quoting.name(table)} AS SELECT {listed} FROM "@rows"'
        )
        self.connection.unregister("@rows")
        columns = {column: StoredColumn(name=column, has_nulls=False) for column in data}
        has_nulls = len(known) < len(lines)
        columns[names.RATE] = StoredColumn(
            name=names.RATE, scale=scale, most=most, has_nulls=has_nulls, is_empty=not known
        )
        return StoredTable(name=table, rows=len(lines), columns=columns)

    def total(self, stage: Stage, currencies: Currencies) -> ControlTotal:
        """Return rows and money of one section: read = accepted + rejected."""
        money = [s for s in stage.slots if isinstance(s.field.type, MoneyType) and not s.has_named]
        accepted, sums = self._sums(stage, money, f"= {ALIVE}")
        read, all_sums = self._sums(stage, money, f"<> {LEFT_OUT}") if stage.has_dead else (accepted, sums)
        all_sums = {name: amount - stage.uncounted.get(name, 0) for name, amount in all_sums.items()}
        money_read = all_sums | currencies.sums(stage, is_accepted=False)
        money_accepted = (
            dict.fromkeys(money_read, Decimal(0)) | sums | currencies.sums(stage, is_accepted=True)
        )
        return ControlTotal(
            kind=stage.section.name,
            rows_read=read,
            rows_accepted=accepted,
            rows_rejected=read - accepted,
            money_read=money_read,
            money_accepted=money_accepted,
            money_rejected={name: amount - money_accepted[name] for name, amount in money_read.items()},
            unreadable=dict(sorted(stage.section.unreadable.items())),
        )

    def _sums(self, stage: Stage, money: list[Slot], state: str) -> tuple[int, dict[str, Decimal]]:
        listed = ["count(*)", *(f"coalesce(sum({slot.column}), 0)" for slot in money)]
        query = f'SELECT {", ".join(listed)} FROM {stage.table} WHERE "@state" {state}'
        rows, *sums = one(self.connection, query)
        return rows, {
            slot.field.name: unscaled(amount, slot.scale) for slot, amount in zip(money, sums, strict=True)
        }

    def _known(self, table: str, slots: list[Slot], others: Iterable[str]) -> StoredTable:
        """Look at a table: how many rows, the largest number and whether there are nulls in each column."""
        listed = ["count(*)"]
        for slot in slots:
            listed.append(f"count({slot.column})")
            if slot.form is Form.NUMBER:
                listed += [f"coalesce(max({slot.column}), 0)", f"coalesce(min({slot.column}), 0)"]
        found = iter(one(self.connection, f"SELECT {', '.join(listed)} FROM {quoting.name(table)}"))
        rows = next(found)
        columns = {name: StoredColumn(name=name, has_nulls=False) for name in others}
        for slot in slots:
            there = next(found)
            most = max(abs(next(found)), abs(next(found))) if slot.form is Form.NUMBER else 0
            name = slot.field.name
            columns[name] = StoredColumn(
                name=name, scale=slot.scale, most=most, has_nulls=there < rows, is_empty=there == 0
            )
        return StoredTable(name=table, rows=rows, columns=columns)
