"""What rows say about each other, in SQL: it finds the offenders, the checks of `intake` word the rest.

The order of the checks is that of `read_book`; each sees the rows that those before it rejected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rulesengine.diagnostics import did_you_mean
from rulesengine.intake.by_sql import quoting
from rulesengine.intake.by_sql.asking import one
from rulesengine.intake.by_sql.currencies import Currencies
from rulesengine.intake.by_sql.rejected import Ledger
from rulesengine.intake.by_sql.stage import ALIVE, DEAD, LEFT_OUT, Stage
from rulesengine.intake.keys import by_key, check_keys, reject_rest
from rulesengine.intake.problems import Rejects
from rulesengine.intake.references import MOST_KEYS, MOST_MISSES, references_of
from rulesengine.intake.reversals import check_undoing
from rulesengine.intake.rows import START, Row, Section, Sort
from rulesengine.model.stored_book import SINCE_EVER
from rulesengine.model.types import MoneyType

_GROUPS = 2_000
"""Groups of rows that are looked at in Python at a time."""
_HERE = f'"@state" <> {LEFT_OUT}'
_ALIVE = f'"@state" = {ALIVE}'


@dataclass(slots=True)
class AcrossRows:
    """The checks, on the stages of all sections."""

    connection: Any
    stages: Mapping[str, Stage]
    ledger: Ledger
    currencies: Currencies
    _gone: set[str] = field(default_factory=set)
    """Sections of which rejected keys are noted, so that each is followed once."""

    def check(self) -> None:
        """Judge all rows by each other."""
        for stage in self.stages.values():
            self._check_keys(stage)
        self._check_unknown()
        self._cascade()
        self.currencies.check(self.ledger)
        for stage in self.stages.values():
            self._check_reversals(stage)
        self._cascade()

    # Keys

    def _check_keys(self, stage: Stage) -> None:
        section = stage.section
        is_history = section.sort is Sort.PAYEE and section.has_history
        is_distinct = section.sort is Sort.PAYEE and section.is_distinct
        twice = (
            f"SELECT {stage.key} AS key, count(*) AS many FROM {stage.table} "
            f"WHERE {_HERE} AND {stage.key} IS NOT NULL GROUP BY ALL HAVING count(*) > 1"
        )
        if is_history or is_distinct:
            self._check_groups(stage, self._suspicious(stage), check_keys)
            return
        self.connection.execute(f'CREATE OR REPLACE TABLE "@twice" AS {twice}')
        (count,) = one(self.connection, 'SELECT count(*) FROM "@twice"')
        if count:
            shown = stage.shown_key_of("s")
            hits = (
                f'SELECT t.rowid AS n, w.many FROM {stage.table} t JOIN "@twice" w ON t.{stage.key} = w.key '
                f"WHERE t.{_HERE}"
            )
            self.ledger.note(
                stage,
                hits,
                field=section.key,
                value=shown,
                code="R1105",
                reason=f"h.many || ' rows have the key `' || {shown} || '`'",
            )
        self.connection.execute('DROP TABLE "@twice"')

    def _suspicious(self, stage: Stage) -> str:
        """Return the query of keys whose rows may contradict each other."""
        section = stage.section
        everything = [column for slot in stage.slots for column in _columns(slot)]
        steady = [column for slot in stage.slots if not slot.field.is_history for column in _columns(slot)]
        whole = f"count(DISTINCT {_row(everything)})"
        if section.has_history:
            start = f"coalesce({quoting.name(START)}, DATE '{SINCE_EVER}')"
            starts = f"count(DISTINCT {start})"
            per_start = f"{whole} <> {starts}" if section.is_distinct else f"{starts} < count(*)"
            says_from = f"count({quoting.name(START)}) > 0"
            never = f"{whole} > 1" if section.is_distinct else "true"
            by_start = f"CASE WHEN {says_from} THEN {per_start} ELSE {never} END"
            wrong = f"count(DISTINCT {_row(steady)}) > 1 OR {by_start}"
        else:
            wrong = f"{whole} > 1"
        return (
            f"SELECT {stage.key} AS key FROM {stage.table} WHERE {_HERE} AND {stage.key} IS NOT NULL "
            f'GROUP BY ALL HAVING count(*) > 1 AND (bool_or("@state" = {DEAD}) OR {wrong})'
        )

    def _check_groups(self, stage: Stage, keys: str, check: Callable[[Section, Rejects], None]) -> None:
        """Let a check in Python judge all rows of some keys, some keys at a time."""
        self.connection.execute(f'CREATE OR REPLACE TABLE "@groups" AS {keys}')
        (count,) = one(self.connection, 'SELECT count(*) FROM "@groups"')

        def of_section(rows: list[tuple[int, Row]], rejects: Rejects) -> None:
            check(replace(stage.section, rows=[row for _, row in rows]), rejects)

        for at in range(0, count, _GROUPS):
            some = f'SELECT key FROM "@groups" WHERE rowid >= {at} AND rowid < {at + _GROUPS}'
            self._judge(stage, f"s.{stage.key} IN ({some})", of_section)
        self.connection.execute('DROP TABLE "@groups"')

    def _judge(
        self, stage: Stage, where: str, check: Callable[[list[tuple[int, Row]], Rejects], None]
    ) -> None:
        rows = stage.fetch(where, self.currencies.of_rows(stage))
        before = {n for n, row in rows if row.is_alive}
        rejects = Rejects()
        check(rows, rejects)
        self.ledger.add(rejects)
        stage.kill_each([n for n, row in rows if n in before and not row.is_alive])

    # References

    def _check_unknown(self) -> None:
        misses: list[tuple[Stage, str, str, str]] = []
        for stage in self.stages.values():
            for name, target in references_of(stage.section):
                table = quoting.name(f"@misses {len(misses)}")
                pointed = self.stages[target]
                column = quoting.name(name)
                keys = f"SELECT {pointed.key} AS key FROM {pointed.table} WHERE {_HERE}"
                self.connection.execute(
                    f"CREATE OR REPLACE TABLE {table} AS SELECT t.rowid AS n, t.{column} AS value "
                    f"FROM {stage.table} t ANTI JOIN ({keys}) k ON t.{column} = k.key "
                    f"WHERE t.{_HERE} AND t.{column} IS NOT NULL"
                )
                misses.append((stage, name, target, table))
        hints = self._hints(misses)
        for stage, name, target, table in misses:
            branches = "".join(
                f" WHEN {quoting.text(value)} THEN {quoting.text('; ' + hint)}"
                for (kind, value), hint in hints.items()
                if kind == target and hint
            )
            hint = f"CASE h.value{branches} ELSE '' END" if branches else "''"
            self._note(stage, table, name, f"'no `{target}` has the key `' || h.value || '`' || {hint}")

    def _note(self, stage: Stage, table: str, name: str, reason: str) -> bool:
        """Reject the rows in a table of hits, for where they point; False if there are none."""
        (count,) = one(self.connection, f"SELECT count(*) FROM {table}")
        if count:
            self.ledger.note(
                stage,
                f"SELECT n, value FROM {table}",
                field=name,
                value="h.value",
                code="R1106",
                reason=reason,
            )
        self.connection.execute(f"DROP TABLE {table}")
        return bool(count)

    def _hints(self, misses: list[tuple[Stage, str, str, str]]) -> dict[tuple[str, str], str]:
        found: set[tuple[str, str]] = set()
        for _, _, target, table in misses:
            query = f"SELECT DISTINCT value FROM {table} LIMIT {MOST_MISSES + 1}"
            found |= {(target, value) for (value,) in self.connection.execute(query).fetchall()}
        if len(found) > MOST_MISSES:
            return {}
        hints: dict[tuple[str, str], str] = {}
        known: dict[str, list[str]] = {}
        for target, value in sorted(found):
            if target not in known:
                known[target] = self._few_keys(self.stages[target])
            if known[target]:
                hints[target, value] = did_you_mean(value, known[target])
        return hints

    def _few_keys(self, stage: Stage) -> list[str]:
        """Return the keys of a section if they are so few that near ones are looked for."""
        keys_of = f"SELECT DISTINCT coalesce({stage.key}, '') FROM {stage.table} WHERE {_HERE}"
        query = f"{keys_of} LIMIT {MOST_KEYS + 1}"
        keys = [key for (key,) in self.connection.execute(query).fetchall()]
        return [key for key in sorted(keys) if key] if len(keys) <= MOST_KEYS else []

    def _cascade(self) -> None:
        """Reject rows that point at rejected records, until no more do."""
        pointed = {target for stage in self.stages.values() for _, target in references_of(stage.section)}
        while any(stage.has_dead for stage in self.stages.values()):
            for stage in self.stages.values():
                if stage.section.sort is Sort.PAYEE and stage.has_dead:
                    keys = (
                        f"SELECT {stage.key} AS key FROM {stage.table} WHERE {_HERE} "
                        f"AND {stage.key} IS NOT NULL GROUP BY ALL "
                        f"HAVING bool_or({_ALIVE}) AND NOT bool_and({_ALIVE})"
                    )
                    self._check_groups(stage, keys, _reject_rests)
            fresh = [target for target in sorted(pointed) if self._note_gone(self.stages[target])]
            if not fresh:
                return
            for stage in self.stages.values():
                for name, target in references_of(stage.section):
                    if target in fresh:
                        self._reject_pointing(stage, name, target)

    def _note_gone(self, stage: Stage) -> bool:
        """Gather the keys of which no row is accepted any more, if there are new ones."""
        if not stage.has_dead:
            return False
        gone, fresh = _gone(stage), _fresh(stage)
        if stage.section.name not in self._gone:
            self.connection.execute(f"CREATE OR REPLACE TABLE {gone} (key VARCHAR)")
            self._gone.add(stage.section.name)
        key = f"SELECT coalesce({stage.key}, '') AS key FROM {stage.table}"
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {fresh} AS SELECT DISTINCT d.key "
            f'FROM ({key} WHERE "@state" = {DEAD}) d '
            f"ANTI JOIN {gone} g ON d.key = g.key ANTI JOIN ({key} WHERE {_ALIVE}) a ON d.key = a.key"
        )
        self.connection.execute(f"INSERT INTO {gone} SELECT key FROM {fresh}")
        (count,) = one(self.connection, f"SELECT count(*) FROM {fresh}")
        return bool(count)

    def _reject_pointing(self, stage: Stage, name: str, target: str) -> None:
        column = quoting.name(name)
        fresh = _fresh(self.stages[target])
        self.connection.execute(
            f'CREATE OR REPLACE TABLE "@lost" AS SELECT t.rowid AS n, t.{column} AS value '
            f"FROM {stage.table} t WHERE t.{_ALIVE} AND t.{column} IN (SELECT key FROM {fresh})"
        )
        self._note(
            stage, '"@lost"', name, f"'the `{target}` with the key `' || h.value || '` is rejected itself'"
        )

    # Reversals

    def _check_reversals(self, stage: Stage) -> None:
        section = stage.section
        if not section.reverses:
            return
        undoes, event = quoting.name(section.reverses), quoting.name(section.event)
        (count,) = one(self.connection, f"SELECT count({undoes}) FROM {stage.table} WHERE {_HERE}")
        if not count:
            return
        # Of rows with one key, which are all rejected, the last is the one that others meet.
        pairs = (
            f"SELECT r.rowid AS n, t.n AS root_n FROM {stage.table} r JOIN (SELECT {stage.key} AS key, "
            f"arg_max(rowid, ({{'f': \"@file\", 'r': rowid - \"@base\"}})) AS n FROM {stage.table} "
            f"WHERE {_HERE} AND {stage.key} IN (SELECT {undoes} FROM {stage.table}) GROUP BY ALL) t "
            f"ON r.{undoes} = t.key WHERE r.{_HERE}"
        )
        self.connection.execute(f'CREATE OR REPLACE TABLE "@undoing" AS {pairs}')
        before = f"r.{event} < t.{event}" if section.event else "false"
        misplaced = (
            f'SELECT u.n, u.root_n FROM "@undoing" u JOIN {stage.table} r ON r.rowid = u.n '
            f"JOIN {stage.table} t ON t.rowid = u.root_n WHERE t.{undoes} IS NOT NULL OR {before}"
        )
        sums = []
        for slot in stage.slots:
            if isinstance(slot.field.type, MoneyType):
                back = f"sum(CAST(r.{slot.column} AS HUGEINT))"
                sums.append(f"({back} < 0 AND -{back} > coalesce(any_value(t.{slot.column}), 0))")
        exceeding = (
            f'SELECT u.root_n FROM "@undoing" u JOIN {stage.table} r ON r.rowid = u.n JOIN {stage.table} t '
            f"ON t.rowid = u.root_n WHERE r.{_ALIVE} GROUP BY ALL HAVING {' OR '.join(sums)}"
        )
        others = self.currencies.differing(stage)
        roots = [f"SELECT root_n FROM ({misplaced})", *([exceeding] if sums else []), *others]
        self.connection.execute(
            f'CREATE OR REPLACE TABLE "@roots" AS SELECT DISTINCT root_n FROM ({" UNION ALL ".join(roots)})'
        )
        (count,) = one(self.connection, 'SELECT count(*) FROM "@roots"')
        for at in range(0, count, _GROUPS):
            some = f'SELECT root_n FROM "@roots" WHERE rowid >= {at} AND rowid < {at + _GROUPS}'
            met = {n for (n,) in self.connection.execute(some).fetchall()}
            where = f's.rowid IN ({some}) OR s.rowid IN (SELECT n FROM "@undoing" WHERE root_n IN ({some}))'

            def check(rows: list[tuple[int, Row]], rejects: Rejects, met: set[int] = met) -> None:
                part = replace(section, rows=[row for _, row in rows])
                check_undoing(part, {row.key: row for n, row in rows if n in met}, rejects)

            self._judge(stage, where, check)
        self.connection.execute('DROP TABLE "@undoing"; DROP TABLE "@roots"')


def _columns(slot: Any) -> list[str]:
    return [slot.column, slot.named] if slot.has_named else [slot.column]


def _row(columns: list[str]) -> str:
    return "{" + ", ".join(f"'v{at}': {column}" for at, column in enumerate(columns)) + "}"


def _gone(stage: Stage) -> str:
    return quoting.name(f"@gone {stage.section.name}")


def _fresh(stage: Stage) -> str:
    return quoting.name(f"@fresh {stage.section.name}")


def _reject_rests(section: Section, rejects: Rejects) -> None:
    groups: dict[str, list[Row]] = by_key(section)
    for rows in groups.values():
        reject_rest(section, rows, rejects)
