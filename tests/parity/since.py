"""A run that continues another, engines only: what is worked out again, and what of before is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rulesengine.engines.results import Earned
from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.duckdb_dialect import DuckDB
from rulesengine.engines.sql.duckdb_engine import DuckDBEngine, connect
from rulesengine.engines.sql.facts_twice import facts_twice
from rulesengine.engines.sql.fetch import fetch_earned
from rulesengine.engines.sql.store import store_book
from rulesengine.engines.sql.touched import Part, Touched
from rulesengine.model.book import Book
from rulesengine.model.change import replace
from rulesengine.plan import nodes


@dataclass(frozen=True)
class Continued:
    """What a run found that continues another."""

    earned: Earned
    parts: list[Part]
    rows: int
    """Of facts, of both runs."""


def continued(plan: nodes.Plan, was: Book, now: Book, through: date) -> Continued:
    """Return what a run over some facts finds that continues one over others."""
    before = DuckDBEngine().earn(plan, was, through)
    with connect() as connection:
        then = store_book(connection, plan.schema, was)
        tables = {}
        for kind, table in then.facts.items():
            name = f"was_{table.name}"
            connection.execute(f'alter table "{table.name}" rename to "{name}"')
            tables[kind] = replace(table, name=name)
        stored = store_book(connection, plan.schema, now)
        fields = {kind: tuple(each.name for each in plan.schema.kinds[kind].fields) for kind in stored.facts}
        facts = facts_twice("memory", stored, tables, fields)
        pipeline = compile_plan(plan, facts.book, through)
        connection.execute(DuckDB().words(pipeline.words or ("",)))
        touched = Touched(connection, pipeline, facts, plan.schema)
        parts = touched.parts()
        lines, outcomes = [], []
        for part in parts:
            rows = {
                (kind, fact)
                for kind, fact in connection.execute(f"select kind, fact from {part.table}").fetchall()
            }
            if not part.stands:
                touched.restrict(part.table)
                anew = _answer(connection, touched, part)
                lines += anew.lines
                outcomes += anew.outcomes

            def stays(each, rows=rows, part=part):
                return each.rule in part.rules and not (
                    part.is_everything or (each.fact, each.fact_id) in rows
                )

            lines += filter(stays, before.lines)
            outcomes += filter(stays, before.outcomes)
        touched.restrict(None)
        connection.execute("drop table if exists engine_rejects")
        if pipeline.rejects:
            connection.execute(f"create table engine_rejects as {touched.rows_of(pipeline.rejects)}")
        rejects = fetch_earned(connection).rejects
        total = sum(len(rows) for book in (was, now) for rows in book.facts.values())
        return Continued(Earned(tuple(lines), tuple(outcomes), rejects), parts, total)


def _answer(connection, touched: Touched, part: Part) -> Earned:
    for table, find in (("lines", touched.lines_of), ("outcomes", touched.outcomes_of)):
        connection.execute(f"drop table if exists {table}")
        names = [name for rule in part.rules for name in find(rule)]
        if names:
            connection.execute(f"create table {table} as {touched.rows_of(names)}")
    return fetch_earned(connection)
