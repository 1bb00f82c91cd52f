"""What became of a generated plan over generated facts under both engines."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import date

from rulesengine.diagnostics import Rejected
from rulesengine.engines.contract import Engine
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import Earned
from rulesengine.engines.sql.compile import compile_plan
from rulesengine.engines.sql.duckdb_engine import connect, run_pipeline
from rulesengine.engines.sql.fetch import fetch_earned
from rulesengine.engines.sql.store import store_book
from rulesengine.intake import read_book
from rulesengine.model.book import Book
from rulesengine.plan import nodes
from tests.parity.compare import OutGrown, Unsupported, differences
from tests.parity.makers.values import Rows
from tests.properties.road import checked


@dataclass(frozen=True)
class Tried:
    """What became of one plan."""

    fate: str
    """`same`, `different`, `refused` by the batch engine, `too large` for it, or `no plan` where the checks
    refuse the text, or intake the files. An engine that fails differs from one that answers."""
    lines: int = 0
    why: str = ""


class OneDatabase:
    """The batch engine on one database for many plans: opening one costs as much as a small plan."""

    name = "duckdb"

    def __init__(self) -> None:
        self.connection = connect()
        self.connection.execute("set threads = 1")

    def earn(self, plan: nodes.Plan, book: Book, through: date) -> Earned:
        """Return what `DuckDBEngine` returns."""
        self.connection.execute("create schema run")
        try:
            # Temporary tables go with the cursor: to the next plan, they would be its own.
            with self.connection.cursor() as cursor:
                cursor.execute("set schema = 'run'")
                stored = store_book(cursor, plan.schema, book)
                run_pipeline(cursor, compile_plan(plan, stored, through))
                return fetch_earned(cursor)
        finally:
            self.connection.execute("drop schema run cascade")


def attempt(text: str, facts: Rows, through: date, engine: Engine | None = None) -> Tried:
    """Return what both engines make of a plan; the batch engine is the one on DuckDB if none is given."""
    try:
        return _attempt(text, facts, through, engine)
    except Exception:  # whatever anything fails with is reported, with the plan that it fails on
        return Tried("different", why=traceback.format_exc(limit=-4))


def _attempt(text: str, facts: Rows, through: date, engine: Engine | None) -> Tried:
    try:
        plan = checked(text)
        book = read_book(plan.schema, facts).book
    except Rejected as rejected:
        first = rejected.diagnostics[0]
        return Tried("no plan", why=f"{first.code} {first.message}")
    try:
        found = differences(plan, book, through, engine)
    except Unsupported as problem:
        return Tried("refused", why=str(problem))
    except OutGrown as problem:
        return Tried("too large", why=str(problem))
    if found:
        return Tried("different", why="\n".join(found))
    try:
        lines = ReferenceEngine().earn(plan, book, through).lines
    except Rejected:
        return Tried("same")  # both refuse to pay, with the same words
    return Tried("same", lines=len(lines))
