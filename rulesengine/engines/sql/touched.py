"""What changed facts touch: the rows of facts that are worked out together with one that changed.

In: a compiled plan and its ties (`bonds`), and the facts of two runs as tables of one database. Out: for each
part of the plan, a table of the rows that its lines have to be worked out again for. Rows that changed are
followed as they are and as they were; those that did not change are the same in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rulesengine.engines.sql.bonds import FACT, Bond, Side, Ties, TiesOfStages, key_column
from rulesengine.engines.sql.compile import Pipeline
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.expressions import text
from rulesengine.engines.sql.facts_twice import FactsTwice
from rulesengine.engines.sql.relations import Stage, leading_to
from rulesengine.engines.sql.statements import Statements
from rulesengine.model.schema import Schema
from rulesengine.model.stored_book import fact_table

if TYPE_CHECKING:
    import duckdb

CHANGED = "touched_0"
"""The rows that changed, and those that refer to them or are referred to."""
_NOTHING = "touched_0_nothing"
_DIALECT = DuckDB()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rules of a plan that are worked out again over the same rows."""

    rules: tuple[str, ...]
    ties: Ties
    table: str
    """The rows, as `kind` and `fact`."""
    rows: int
    stands: bool = False
    """Whether no fact goes into them, so that nothing is worked out again."""

    @property
    def is_everything(self) -> bool:
        """Whether it cannot be said what touches what, so that all rows are worked out again."""
        return bool(self.ties.unknown)


@dataclass(slots=True)
class Touched:
    """Finds what is touched, and works it out again."""

    connection: duckdb.DuckDBPyConnection
    pipeline: Pipeline
    facts: FactsTwice
    schema: Schema
    _stages: dict[str, Stage] = field(default_factory=dict)
    _ties: TiesOfStages = field(init=False)
    _statements: Statements = field(init=False)

    def __post_init__(self) -> None:
        self._statements = Statements(self.pipeline.stages, _DIALECT)
        self._stages = {stage.name: stage for stage in self.pipeline.stages}
        self._ties = TiesOfStages(self.facts.book, self.schema)
        for stage in self.pipeline.stages:
            self._ties.add(stage)

    # --- what is touched ---

    def parts(self) -> list[Part]:
        """Return the parts of the plan, each with its rows; rules that tie the same rows are together."""
        found: dict[Ties, list[str]] = {}
        references: frozenset[tuple[str, str]] = frozenset()
        steady = []
        for rule in dict.fromkeys(self.pipeline.rules):
            if not any(map(self._ties.reads_facts, self._answers_of(rule))):
                steady.append(rule)
                continue
            ties = self._ties_of(rule)
            references |= ties.references
            # References are followed for all rules at once; rules of which nothing is known are alike.
            alike = Ties(unknown=frozenset(["*"])) if ties.unknown else Ties(bonds=ties.bonds)
            found.setdefault(alike, []).append(rule)
        self._changed(references)
        parts = []
        for number, (ties, rules) in enumerate(found.items(), start=1):
            table = CHANGED
            if ties.unknown or ties.bonds:
                table = f"touched_{number}"
                self._run(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {CHANGED}")
                if ties.unknown:
                    self._everything(table)
                elif self._count(CHANGED):
                    self._follow(ties, references, table)
            parts.append(Part(rules=tuple(rules), ties=ties, table=table, rows=self._count(table)))
        if steady:
            self._run(f"CREATE OR REPLACE TEMP TABLE {_NOTHING} AS FROM {CHANGED} LIMIT 0")
            parts.append(Part(rules=tuple(steady), ties=Ties(), table=_NOTHING, rows=0, stands=True))
        return parts

    def _ties_of(self, rule: str) -> Ties:
        """Return what ties together the rows that the lines and outcomes of a rule are made from."""
        ties = Ties()
        for stage in self._answers_of(rule):
            ties |= self._ties.of(stage)
            if not self._ties.stands_on_rows(stage, "fact_id"):
                ties |= Ties(unknown=frozenset([stage]))
        return ties

    def _answers_of(self, rule: str) -> list[str]:
        return [*self.lines_of(rule), *self.outcomes_of(rule)]

    def lines_of(self, rule: str) -> list[str]:
        """Return the stages of the lines of a rule."""
        named = zip(self.pipeline.rules, self.pipeline.lines, strict=True)
        return [stage for name, stage in named if name == rule]

    def outcomes_of(self, rule: str) -> list[str]:
        """Return the stages of the rows of a rule that earn nothing."""
        return [name for name in self.pipeline.outcomes if self._stages[name].rule == rule]

    def _changed(self, references: Iterable[tuple[str, str]]) -> None:
        """Make the table of rows that are new, gone or changed, and of those that hang on them."""
        self._run(f"CREATE OR REPLACE TEMP TABLE {CHANGED} (kind VARCHAR, fact VARCHAR)")
        for kind in self.facts.book.facts:
            shape = self.schema.kinds[kind]
            key, others = _name(shape.key.name), [each.name for each in shape.fields if not each.is_key]
            differ = " OR ".join(
                [f"n.{key} IS NULL", f"w.{key} IS NULL"]
                + [f"n.{_name(each)} IS DISTINCT FROM w.{_name(each)}" for each in others]
            )
            self._run(
                f"INSERT INTO {CHANGED} SELECT {_text(kind)}, coalesce(n.{key}, w.{key})"
                f" FROM ({self.facts.now[kind]}) n FULL JOIN ({self.facts.was[kind]}) w"
                f" ON n.{key} = w.{key} WHERE {differ}"
            )
        self._hang_on(CHANGED, references, (self.facts.now, self.facts.was))

    def _hang_on(
        self, table: str, references: Iterable[tuple[str, str]], facts: Sequence[Mapping[str, str]]
    ) -> None:
        """Add the rows that refer to touched ones, or that these refer to, and so on."""
        links = []
        for kind, name in sorted(references):
            shape = self.schema.kinds[kind]
            declared = shape.field(name)
            assert declared is not None
            other: Any = declared.type
            for rows in facts:
                pairs = f"SELECT {_name(shape.key.name)} AS one, {_name(name)} AS two FROM ({rows[kind]})"
                links.append((kind, other.kind, f"({pairs}) WHERE two IS NOT NULL"))
        before = -1
        while links and (now := self._count(table)) != before:
            before = now
            for kind, other_kind, link in links:
                for from_kind, start, to_kind, end in (
                    (kind, "one", other_kind, "two"),
                    (other_kind, "two", kind, "one"),
                ):
                    self._add(
                        table,
                        f"SELECT DISTINCT {_text(to_kind)} AS kind, {end} AS fact FROM {link} AND {start} IN"
                        f" (SELECT fact FROM {table} WHERE kind = {_text(from_kind)})",
                    )

    def _everything(self, table: str) -> None:
        """Make all rows of both runs touched."""
        for kind in self.facts.book.facts:
            key = _name(self.schema.kinds[kind].key.name)
            for facts in (self.facts.now, self.facts.was):
                self._add(table, f"SELECT {_text(kind)} AS kind, {key} AS fact FROM ({facts[kind]})")

    def _follow(self, ties: Ties, references: Iterable[tuple[str, str]], table: str) -> None:
        """Add all rows that the bonds tie to touched ones."""
        bonds = sorted(ties.bonds, key=repr)
        stages = [name for bond in bonds for side in bond.sides for name in _relations(side)]
        self._facts_are(self.facts.was, CHANGED)
        self.make_tables(stages)
        for number, bond in enumerate(bonds):
            parts = [f"SELECT * EXCLUDE ({_name(FACT)}) FROM ({self._rows(side)})" for side in bond.sides]
            keys = (
                parts
                if bond.keys
                else [f"SELECT true AS any FROM ({self._rows(side)})" for side in bond.sides]
            )
            self._run(
                f"CREATE OR REPLACE TEMP TABLE {table}_keys_{number} AS"
                f" SELECT DISTINCT * FROM ({' UNION ALL '.join(keys)})"
            )
        self._facts_are(self.facts.now)
        self.make_tables(stages)
        # Where a row has one key, one pass finds all: then what is tied is looked at as it is made.
        is_once = len(bonds) == 1 and len(bonds[0].sides) == 1 and not references
        for number, bond in enumerate(bonds):
            for place, side in enumerate(bond.sides):
                what = "VIEW" if is_once else "TABLE"
                name = f"{table}_tied_{number}_{place}"
                self._run(f"CREATE OR REPLACE TEMP {what} {name} AS {self._rows(side)}")
        before = -1
        while (now := self._count(table)) != before:
            before = now
            for number, bond in enumerate(bonds):
                self._tie(number, bond, table)
            self._hang_on(table, references, (self.facts.now,))
            if is_once and not self._has_other_keys(bonds[0], table):
                break

    def _rows(self, side: Side) -> str:
        return self._statements.query(side.rows)

    def _tie(self, number: int, bond: Bond, table: str) -> None:
        keys = [_name(key_column(place)) for place in range(bond.keys)]
        listed = ", ".join(keys) or "true AS any"
        for place, side in enumerate(bond.sides):
            among = f"SELECT fact FROM {table} WHERE kind = {_text(side.kind)}"
            self._run(
                f"INSERT INTO {table}_keys_{number} SELECT DISTINCT {listed}"
                f" FROM {table}_tied_{number}_{place} WHERE {_name(FACT)} IN ({among})"
            )
        for place, side in enumerate(bond.sides):
            same = " AND ".join(f"k.{key} IS NOT DISTINCT FROM t.{key}" for key in keys) or "true"
            self._add(
                table,
                f"SELECT DISTINCT {_text(side.kind)} AS kind, t.{_name(FACT)} AS fact"
                f" FROM {table}_tied_{number}_{place} t SEMI JOIN {table}_keys_{number} k ON {same}",
            )

    def _has_other_keys(self, bond: Bond, table: str) -> bool:
        """Whether a row that was added has keys beside those that it was found by: those of each payee who
        shares it, or of each of its lines."""
        listed = ", ".join(_name(key_column(place)) for place in range(bond.keys)) or "true AS any"
        among = f"SELECT fact FROM {table} WHERE kind = {_text(bond.sides[0].kind)}"
        found = self.connection.execute(
            f"SELECT 1 FROM (SELECT {listed} FROM {table}_tied_0_0 WHERE {_name(FACT)} IN ({among})"
            f" EXCEPT FROM {table}_keys_0) LIMIT 1"
        )
        return found.fetchone() is not None

    # --- working it out again ---

    def restrict(self, table: str | None, *, as_was: bool = False) -> None:
        """Let stages see only those rows of this run that are in a table of `parts`; None for all.

        Args:
            table: from `parts`.
            as_was: whether they see the rows of the run before instead.
        """
        self._facts_are(self.facts.was if as_was else self.facts.now, table)

    def see_nothing(self) -> None:
        """Let stages see no row of facts."""
        self._facts_are({kind: f"{query} LIMIT 0" for kind, query in self.facts.now.items()})

    def see_everything(self) -> None:
        """Let all facts of this run be seen as they are stored."""
        for kind in self.facts.now:
            self._run(f"DROP VIEW IF EXISTS temp.{_name(fact_table(kind))}")

    @property
    def changed(self) -> int:
        """How many rows changed, with those that hang on them."""
        return self._count(CHANGED)

    def rows_of(self, stages: Sequence[str]) -> str:
        """Return the query for the rows of stages with the same columns, of the facts that are seen now."""
        self.make_tables(stages)
        return self.rows_of_made(stages)

    def rows_of_made(self, stages: Sequence[str]) -> str:
        """Return the same query where the tables that the stages are made from were made."""
        return self._statements.rows_of(stages)

    def make_tables(self, names: Iterable[str]) -> None:
        """Make the tables that some stages are made from."""
        wanted = {stage.name for stage in leading_to(names, self.pipeline.stages)}
        for stage, statement in self._statements.tables():
            if stage.name in wanted:
                self._run(statement)

    def _facts_are(self, facts: Mapping[str, str], among: str | None = None) -> None:
        for kind, query in facts.items():
            rows = query
            if among is not None:
                key = _name(self.schema.kinds[kind].key.name)
                self._run(
                    f"CREATE OR REPLACE TEMP TABLE {_name('@touched ' + kind)} AS SELECT * FROM ({query})"
                    f" WHERE {key} IN (SELECT fact FROM {among} WHERE kind = {_text(kind)})"
                )
                rows = f"SELECT * FROM {_name('@touched ' + kind)}"
            # Of this connection alone, and found before the table of that name.
            self._run(f"CREATE OR REPLACE TEMP VIEW {_name(fact_table(kind))} AS {rows}")

    # --- the database ---

    def _add(self, table: str, query: str) -> None:
        self._run(f"INSERT INTO {table} SELECT * FROM ({query}) ANTI JOIN {table} USING (kind, fact)")

    def _count(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])

    def _run(self, query: str) -> None:
        self.connection.execute(query)


def _relations(side: Side) -> list[str]:
    return [side.rows.source, *(join.name for join in side.rows.joins)]


def _name(name: str) -> str:
    return _DIALECT.identifier(name)


def _text(value: str) -> str:
    return _DIALECT.expr(text(value))
