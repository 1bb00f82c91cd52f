"""A run that continues an earlier one: the same answer, worked out only where facts have changed.

What an earlier run found stands for all rows that no change can touch: `engines/sql/touched.py` finds the
others. Lines and outcomes of these are worked out again, all others are read from the earlier run's folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.engines.results import STATEMENT
from rulesengine.engines.sql.answer import LINES, OUTCOMES, REJECTS, varying
from rulesengine.engines.sql.compile import Pipeline, compile_plan
from rulesengine.engines.sql.duckdb_engine import Keep, never_differing, run_pipeline
from rulesengine.engines.sql.facts_twice import FactsTwice, facts_twice
from rulesengine.engines.sql.faults import check_refusals
from rulesengine.engines.sql.touched import Part, Touched
from rulesengine.model.stored_book import StoredBook
from rulesengine.statements.by_sql.cuts import make_every_payee
from rulesengine.statements.by_sql.earlier import Earlier, figures
from rulesengine.statements.by_sql.found_again import TABLES
from rulesengine.statements.by_sql.kept_facts import (
    FOLDER,
    KeptFacts,
    fields_of,
    hashes_of_others,
    load_kept,
    read_kept,
)
from rulesengine.statements.by_sql.kept_parts import Kept
from rulesengine.statements.by_sql.sql import columns, described, name, single
from rulesengine.statements.by_sql.stored_run import make_missing
from rulesengine.statements.by_sql.taken_over import Constants, TakenOver, remember, stored, stored_before
from rulesengine.statements.heading import Heading, digest, version
from rulesengine.statements.run_folder import RunFolder, read_run
from rulesengine.statements.since import Since

if TYPE_CHECKING:
    import duckdb

_SETTLES = "what settles a statement is worked out from the lines of all rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """What became of an earlier run, and where it stands, what is in the tables of an answer."""

    since: Since
    constants: Constants = with_default(default_factory=dict)
    """Columns of the tables that never differ, as `run_pipeline` tells them."""
    kept: Kept = with_default(default_factory=dict)
    """The parts of the earlier run that stand, of which no row is in the tables."""
    earlier: Earlier | None = None
    """The figures of the run, where some stand."""


def continue_run(
    connection: duckdb.DuckDBPyConnection,
    heading: Heading,
    book: StoredBook,
    last: Path,
    *,
    is_sorted: bool = True,
) -> Continued:
    """Make the tables of an answer from those of an earlier run, as far as that stands.

    Where it cannot be told what stands, nothing is made, and the answer says why.

    Args:
        connection: to the database that has the facts of this run.
        heading: of this run.
        book: the facts of this run.
        last: the folder of the earlier run.
        is_sorted: whether the folder is to be in order; in any other, no two are the same.

    Raises:
        Rejected: R1203, there is no such folder; R1205 and R1301, as by `compile_plan` and `run_pipeline`.
    """
    import duckdb

    run, kept = read_run(last), read_kept(last)
    reason = _differs(run, kept, heading, book, hashes_of_others(connection, book))
    if not is_sorted:
        reason = "lines are to be written in any order"
    if reason or kept is None:
        return Continued(since=Since(in_full=reason))
    plan = heading.plan
    facts = _both(connection, heading, book, kept)
    # The stages of this run alone say which types columns have; those for both runs hold the values of both.
    alone = compile_plan(plan, book, heading.through)
    pipeline = compile_plan(plan, facts.book, heading.through)
    if STATEMENT in pipeline.rules:
        return Continued(since=Since(in_full=_SETTLES))
    if set(alone.words) != set(pipeline.words):
        return Continued(since=Since(in_full="the facts have other columns filled than then"))
    touched = Touched(connection, pipeline, facts, plan.schema)
    try:
        constants = _make_empty(connection, touched, alone)
        parts = touched.parts()
        _work_out(connection, touched, parts, constants)
    except (duckdb.OutOfRangeException, duckdb.ConversionException):
        # The same as a run over everything says of it.
        _undo(connection, touched)
        return Continued(since=Since(in_full="an amount is too large"))
    make_every_payee(connection, book, plan.schema)
    remember(connection, parts, heading, alone.words)
    taken = TakenOver(connection, run, heading, constants)
    stands = run.is_sorted and not any(part.is_everything for part in parts)
    lines, outcomes = taken.found
    was = load_kept(connection, kept)
    known = figures(heading, run, lines, outcomes, book, was) if stands else None
    standing = taken.over(stands=stands)
    return Continued(
        since=_said(connection, parts, touched, book),
        constants=constants,
        kept=standing,
        earlier=known,
    )


def _differs(
    run: RunFolder, kept: KeptFacts | None, heading: Heading, book: StoredBook, others: Mapping[str, str]
) -> str:
    """Return what of a run is not as it was in an earlier one but facts, empty if nothing else is."""
    document = run.document
    if kept is None and (run.path / FOLDER).exists():
        return "what the earlier run kept of its facts is damaged"
    if kept is None:
        return "the earlier run kept no facts; `--keep-facts` keeps them"
    if document["tool"]["version"] != version() or document["engine"] != heading.engine:
        return "the earlier run was made by another version or engine"
    if document["plan"]["files"] != {each: digest(text) for each, text in heading.sources.items()}:
        return "the plan is another"
    if (run.days, run.period) != (heading.days, heading.period) or run.through != heading.through:
        return "the earlier run was for another period or last day"
    changed = sorted(
        each for each in kept.others.keys() | others.keys() if kept.others.get(each) != others.get(each)
    )
    if changed:
        return f"there are changes in {' and '.join(each.replace('_', ' of ', 1) for each in changed)}"
    for kind, table in kept.tables.items():
        if kind not in book.facts or tuple(table.columns) != fields_of(heading.plan.schema.kinds[kind]):
            return "the facts have other columns than then"
    if damaged := kept.changed_file(run):
        return f"`{damaged}` of the earlier run is damaged or was changed"
    return ""


def _both(
    connection: duckdb.DuckDBPyConnection, heading: Heading, book: StoredBook, kept: KeptFacts
) -> FactsTwice:
    database = str(single(connection, "SELECT current_database()"))
    fields = {kind: fields_of(heading.plan.schema.kinds[kind]) for kind in book.facts}
    return facts_twice(database, book, load_kept(connection, kept), fields)


def _make_empty(connection: duckdb.DuckDBPyConnection, touched: Touched, alone: Pipeline) -> Constants:
    """Make the tables of an answer without rows, with the columns that a run over all facts gives them."""
    touched.see_nothing()
    constants = run_pipeline(connection, alone, Keep.VARYING)
    make_missing(connection)
    for table in (LINES, OUTCOMES, REJECTS):
        # Rules on dates, for one, have lines without any facts. A table that ever held a null would be
        # written as one that may hold some, and that would be other bytes.
        rows = stored(table, constants)
        connection.execute(f"CREATE OR REPLACE TABLE {rows} AS FROM {rows} LIMIT 0")
    return constants


def _work_out(
    connection: duckdb.DuckDBPyConnection, touched: Touched, parts: Sequence[Part], constants: Constants
) -> None:
    """Fill the tables of an answer with what is found of touched rows, and others with what was found.

    The latter is left out of rules of which nothing stands.
    """
    once = never_differing(touched.pipeline)
    for table in TABLES:
        # What never differs in this run may have differed in the one before.
        then = [each for each, value in constants.get(table, {}).items() if once[table].get(each) != value]
        asked = columns([*described(connection, stored(table, constants)), *then])
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {stored_before(table)} AS SELECT {asked} FROM {table} LIMIT 0"
        )
    for as_was in (False, True):
        for part in parts:
            if part.stands or (as_was and part.is_everything):
                continue
            touched.restrict(None if part.is_everything else part.table, as_was=as_was)
            stages = {
                table: [each for rule in part.rules for each in find(rule)]
                for table, find in ((LINES, touched.lines_of), (OUTCOMES, touched.outcomes_of))
            }
            touched.make_tables([each for found in stages.values() for each in found])
            for table, found in stages.items():
                into = stored_before(table) if as_was else stored(table, constants)
                _insert(connection, touched, into, found)
    touched.restrict(None)
    # A row may stand elsewhere in its file than it did, and a reject says where.
    touched.make_tables(touched.pipeline.rejects)
    _insert(connection, touched, REJECTS, touched.pipeline.rejects)
    check_refusals(touched.pipeline, lambda stage: connection.execute(touched.rows_of([stage])).fetchall())
    touched.see_everything()


def _undo(connection: duckdb.DuckDBPyConnection, touched: Touched) -> None:
    """Leave the database as it was."""
    touched.see_everything()
    kept = [stage.name for stage in touched.pipeline.stages if stage.is_kept]
    answer = [LINES, OUTCOMES, REJECTS]
    made = connection.execute(
        "SELECT 'TABLE', table_name FROM duckdb_tables()"
        " UNION ALL SELECT 'VIEW', view_name FROM duckdb_views()"
    ).fetchall()
    # Views first: they read the tables.
    for what, each in sorted(made, reverse=True):
        if each in (*kept, *answer, *map(varying, answer)):
            connection.execute(f"DROP {what} {name(each)}")
    types = connection.execute("SELECT type_name FROM duckdb_types() WHERE NOT internal").fetchall()
    for (each,) in types:
        connection.execute(f"DROP TYPE {name(each)}")


def _insert(
    connection: duckdb.DuckDBPyConnection,
    touched: Touched,
    into: str,
    stages: Sequence[str],
) -> None:
    if not stages:
        return
    asked = columns(described(connection, into))
    connection.execute(f"INSERT INTO {into} BY NAME SELECT {asked} FROM ({touched.rows_of_made(stages)})")


def _said(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], touched: Touched, book: StoredBook
) -> Since:
    tables = [part.table for part in parts if not part.is_everything]
    union = " UNION ".join(f"SELECT kind, fact FROM {table}" for table in tables) or "SELECT 0 WHERE false"
    return Since(
        rows=sum(table.rows for table in book.facts.values()),
        changed=touched.changed,
        worked_out=int(single(connection, f"SELECT count(*) FROM ({union})")),
        rules_in_full=tuple(rule for part in parts if part.is_everything for rule in part.rules),
    )
