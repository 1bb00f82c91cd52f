"""The road of the batch engine on one screen: files to a run folder, and no row through Python.

facts ──intake in SQL──▶ stored book ──compiled plan──▶ lines, outcomes, rejects ──▶ run folder
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rulesengine.diagnostics import Diagnostic, Rejected
from rulesengine.engines.refused import TOO_LARGE, codes, is_refused
from rulesengine.model.arguments import check_facts, check_path
from rulesengine.model.change import replace
from rulesengine.model.limits import Limits
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.pipeline import LoadedPlan, evaluate, last_day, load_plan, pay_period
from rulesengine.statements.heading import Heading
from rulesengine.statements.since import Since

if TYPE_CHECKING:
    import duckdb

    from rulesengine.model.stored_book import StoredBook
    from rulesengine.statements.by_sql.earlier import Earlier
    from rulesengine.statements.by_sql.kept_parts import Kept
    from rulesengine.statements.by_sql.spark_lines import SparkLines
    from rulesengine.statements.summary import Summary

NO_LIMITS = Limits()
_SMALL = 32 << 20
"""Facts of fewer bytes than that are held in memory, and so is what is made of them."""
_TINY = 64 << 10
"""Facts of fewer bytes of text than that, some thousand rows, are sooner paid by the reference engine
than a plan is compiled (benchmarks/start_up.py)."""
_FEW_LINES = 12
"""Of a row under a rule; more of them are sooner written by DuckDB, also of few rows."""


def _silent(stage: str, rows: int) -> None:
    """Say nothing."""


def run_folder(
    plan: LoadedPlan | str | Path,
    *,
    facts: str | Path | Mapping[str, object],
    period: str,
    out: str | Path,
    through: date | str | None = None,
    root: str | Path | None = None,
    allow_rejects: bool = False,
    engine: str = "auto",
    pages: str = "auto",
    is_sorted: bool = True,
    limits: Limits = NO_LIMITS,
    master: str = "",
    progress: Callable[[str, int], None] = _silent,
    since: str | Path | None = None,
    keep_facts: bool = False,
) -> Summary:
    """Evaluate a plan over facts and write the run folder.

    Args:
        plan: from `load_plan`, or its path.
        facts: as for `evaluate`.
        period: as for `evaluate`.
        out: the run folder; an earlier one of that name is replaced, nothing else is.
        through: as for `evaluate`.
        root: as for `evaluate`.
        allow_rejects: as for `evaluate`.
        engine: `duckdb`, `reference`, `spark`, or `auto`: DuckDB, but for a plan with a clause that it does
            not carry out, which the summary says, and for facts of less than 64 KiB of text, unless a rule
            cuts awards into more than twelve parts, or limits, facts that are kept or an earlier run ask for
            DuckDB.
        pages: `all`, `none` or `auto`: whether the pages of the payees are written now.
        is_sorted: whether lines and rows that earned nothing are written in order; DuckDB takes about half
            the time where they are not. The reference engine always writes them so.
        limits: memory, threads and temporary files of DuckDB. With `spark`, temporary files lie where all
            its machines can read and write.
        master: where Spark works, as its own `--master` says it.
        progress: is told the stage that goes on, and how many rows it has written.
        since: the folder of an earlier run that kept its facts: what no change touches is taken over from
            it. The folder is the same as that of a run over everything.
        keep_facts: whether the run folder keeps the facts, so that a later run can continue it; a run
            that continues another does.

    Raises:
        Rejected: as by `evaluate` and `Run.write`; R1206, memory or disk do not do; R1207, another
            engine is asked to continue a run, or to keep its facts.
        TypeError, ValueError: an argument is of another sort than these.
    """
    from rulesengine.statements.write_folder import Pages

    if engine not in ("duckdb", "auto") and (since is not None or keep_facts):
        raise _only_batch()
    check_facts(facts)
    check_path("a run folder is a path", out)
    _ = Pages(pages)  # what it is not is told before anything is worked out
    loaded = plan if isinstance(plan, LoadedPlan) else load_plan(plan)
    days = pay_period(loaded.plan, period)
    asked = _Asked(
        loaded=loaded,
        facts=facts,
        root=root,
        heading=Heading(
            plan=loaded.plan,
            warnings=loaded.warnings,
            engine="spark" if engine == "spark" else "duckdb",
            period=period.strip(),
            days=days,
            through=last_day(through, days),
            allow_rejects=allow_rejects,
        ),
        out=Path(out).absolute(),
        pages=pages,
        is_sorted=is_sorted,
        progress=progress,
        since=None if since is None else Path(since),
        keeps_facts=keep_facts or since is not None,
        continued=[],
    )
    if engine == "spark":
        return _in_sql(asked, limits, partial(_on_spark, master, limits))
    asks_for_duckdb = limits != NO_LIMITS or not is_sorted or asked.keeps_facts
    if engine == "auto" and not asks_for_duckdb and _is_tiny(asked):
        return _in_memory(asked, "reference", "")
    if engine in ("auto", "duckdb"):
        try:
            return _in_sql(asked, limits, _in_duckdb)
        except Rejected as rejected:
            if engine == "duckdb" or not is_refused(rejected):
                raise
            return _by_reference(asked, rejected)
    return _in_memory(asked, engine, "")


def _is_tiny(asked: _Asked) -> bool:
    from rulesengine.intake.size import bytes_of_text
    from rulesengine.plan.lines_of_rows import most_lines_of_a_row

    if most_lines_of_a_row(asked.loaded.plan) > _FEW_LINES:
        return False
    root = None if asked.root is None else Path(asked.root)
    found = bytes_of_text(asked.loaded.plan.schema, asked.facts, root)
    return found is not None and found < _TINY


def _by_reference(asked: _Asked, refused: Rejected) -> Summary:
    """Let the reference engine do what DuckDB refused: it has every clause, and room for all sums.

    Raises:
        Rejected: as by `run_folder`; R1205 as DuckDB says it, which names the rule and the row.
    """
    try:
        return _in_memory(asked, "reference", refused.diagnostics[0].message)
    except Rejected as rejected:
        if TOO_LARGE in codes(rejected) & codes(refused):
            raise refused from None
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a run is about, and where it goes."""

    loaded: LoadedPlan
    facts: str | Path | Mapping[str, object]
    root: str | Path | None
    heading: Heading
    out: Path
    pages: str
    is_sorted: bool
    progress: Callable[[str, int], None]
    since: Path | None
    keeps_facts: bool
    continued: list[Since]
    """What became of the earlier run, once that is known."""


def _in_memory(asked: _Asked, engine: str, instead: str) -> Summary:
    from rulesengine.statements.summary import summary_of

    heading = asked.heading
    asked.progress("evaluating", 0)
    run = evaluate(
        asked.loaded,
        facts=asked.facts,
        period=heading.period,
        through=heading.through,
        root=asked.root,
        allow_rejects=heading.allow_rejects,
        engine=engine,
    )
    asked.progress("writing the run folder", 0)
    is_rendered = run.write(asked.out, asked.pages)
    since = None if asked.since is None else Since(in_full="the reference engine keeps no facts")
    return replace(summary_of(run, is_rendered=is_rendered), instead=instead, since=since)


def _in_sql(asked: _Asked, limits: Limits, work: _Work) -> Summary:
    from rulesengine.engines.sql.workspace import workspace
    from rulesengine.intake.by_sql import store_book
    from rulesengine.statements.by_sql import StoredRun
    from rulesengine.statements.by_sql.kept_facts import hashes_of_others
    from rulesengine.statements.by_sql.stored_run import make_missing
    from rulesengine.statements.summary import summary_of_stored
    from rulesengine.statements.write_folder import disk_errors, folder_aside

    plan, heading = asked.loaded.plan, asked.heading
    on_disk = _bytes(asked.facts, asked.root) > _SMALL
    with (
        folder_aside(asked.out) as folder,
        workspace(limits, asked.out.parent, on_disk=on_disk) as connection,
    ):
        asked.progress("reading facts", 0)
        intake = store_book(connection, plan.schema, asked.facts, root=asked.root)
        with work(asked, connection, intake.book) as answer:
            make_missing(connection)
            run = StoredRun(
                heading=heading,
                connection=connection,
                book=intake.book,
                totals=intake.totals,
                files=intake.files,
                progress=asked.progress,
                constants=answer.constants,
                spark_lines=answer.spark_lines,
                is_sorted=asked.is_sorted,
                is_stored=answer.is_stored,
                kept=answer.kept or {},
                earlier=answer.earlier,
                others=hashes_of_others(connection, intake.book) if asked.keeps_facts else None,
            )
            with disk_errors(asked.out):
                is_rendered = run.write(folder, asked.pages)
            summary = summary_of_stored(run, is_rendered=is_rendered)
            return replace(summary, since=asked.continued[0] if asked.continued else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What lies in the tables of a connection once a plan was carried out."""

    constants: Mapping[str, Mapping[str, str]]
    """By table, columns that hold one value in all rows."""
    spark_lines: SparkLines | None = None
    is_stored: bool = True
    """Whether lines and rows that earned nothing are tables, and no views."""
    kept: Kept | None = None
    """Parts of the tables of an earlier run, of which no row is there."""
    earlier: Earlier | None = None
    """The figures of the run, if these are known."""


_Work = Callable[["_Asked", "duckdb.DuckDBPyConnection", "StoredBook"], AbstractContextManager[_Answer]]
"""Carries a plan out for a stored book; the answer is there within the context."""


@contextmanager
def _in_duckdb(asked: _Asked, connection: duckdb.DuckDBPyConnection, book: StoredBook) -> Iterator[_Answer]:
    from rulesengine.engines.sql.compile import compile_plan
    from rulesengine.engines.sql.duckdb_engine import Keep, numbers_that_fit, run_pipeline

    asked.progress("computing", 0)
    if asked.since is not None:
        from rulesengine.batch_since import continue_run

        done = continue_run(connection, asked.heading, book, asked.since, is_sorted=asked.is_sorted)
        asked.continued.append(done.since)
        if not done.since.in_full:
            yield _Answer(constants=done.constants, is_stored=False, kept=done.kept, earlier=done.earlier)
            return
    pipeline = compile_plan(asked.loaded.plan, book, asked.heading.through)
    constants = run_pipeline(connection, pipeline, Keep.NOTHING, asked.progress)
    with numbers_that_fit(connection, pipeline):
        yield _Answer(constants=constants, is_stored=False)


@contextmanager
def _on_spark(
    master: str,
    limits: Limits,
    asked: _Asked,
    connection: duckdb.DuckDBPyConnection,
    book: StoredBook,
) -> Iterator[_Answer]:
    from rulesengine.engines.sql.answer import LINES
    from rulesengine.engines.sql.compile import compile_plan
    from rulesengine.engines.sql.parquet_book import write_book
    from rulesengine.engines.sql.spark_engine import read_answer, run_pipeline
    from rulesengine.engines.sql.spark_session import spark_for_a_run
    from rulesengine.statements.by_sql.spark_lines import SparkLines

    pipeline = compile_plan(asked.loaded.plan, book, asked.heading.through)
    with spark_for_a_run(master, limits, asked.out.parent) as (session, folder):
        asked.progress("handing the facts to Spark", 0)
        facts = write_book(connection, book, folder / "facts")
        asked.progress("computing", 0)
        run_pipeline(session, pipeline, facts, folder / "answer")
        read_answer(connection, folder / "answer", is_large=True)
        (folder / "ordered").mkdir()
        lines = SparkLines(session, folder / "answer" / LINES, folder / "ordered")
        yield _Answer(constants={}, spark_lines=lines if pipeline.lines else None)


def _only_batch() -> Rejected:
    message = "no engine but `duckdb` keeps facts or continues an earlier run"
    hint = "`--since` and `--keep-facts` go with `--engine duckdb` or `--engine auto`"
    return Rejected([Diagnostic(code="R1207", message=message, hint=hint)])


def _bytes(facts: str | Path | Mapping[str, object], root: str | Path | None) -> int:
    """Return how large the facts are on disk, as far as that is plain to see."""
    given = list(facts.values()) if isinstance(facts, Mapping) else [facts, *([root] if root else [])]
    paths = [Path(each) for each in given if isinstance(each, str | Path)]
    folders = {path if path.is_dir() else path.parent for path in paths}
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
