"""The run folder that DuckDB writes is the one that Python writes: tables, totals, pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

import rulesengine
from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.engines.sql.store import store_book
from rulesengine.statements.by_sql import StoredRun
from rulesengine.statements.parts import same_columns
from rulesengine.statements.run import Run
from rulesengine.statements.run_folder import read_run
from rulesengine.statements.write_folder import TABLES, folder_aside
from tests.cases.runner import read_case, write_inputs
from tests.statements.load_answer import load_answer
from tests.statements.small_run import BAD_DEAL, DEALS, small_run
from tests.statements.small_run import write_inputs as write_small
from tests.statements.test_run_folder import files_of

# `make parity` holds all of them together, the tests every fifteenth.
CASES = sorted((Path(__file__).parents[1] / "cases").rglob("*.case"))
CASES = CASES if os.environ.get("ALL_CASES") else CASES[::15]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as connection:
        yield connection


def stored(run: Run, connection: duckdb.DuckDBPyConnection) -> StoredRun:
    """Return the same run with its rows in DuckDB."""
    book = store_book(connection, run.plan.schema, run.intake.book)
    load_answer(connection, run.earned, run.intake.rejects, run.terms)
    return StoredRun(
        heading=run.heading,
        connection=connection,
        book=book,
        totals=run.intake.totals,
        files=run.intake.files,
    )


def write(run: StoredRun, path: Path, pages: str = "auto") -> None:
    with folder_aside(path) as folder:
        run.write(folder, pages)


def run_case(path: Path, folder: Path) -> Run | None:
    """Return the run of a case file, None where plan or files are refused."""
    case = read_case(path.read_text(encoding="utf-8"))
    facts = write_inputs(case, folder)
    _, period, *rest = case.run.heading.split()
    try:
        plan = rulesengine.load_plan(folder / "plan.rules")
        return rulesengine.evaluate(plan, facts=facts, period=period, through=rest[1] if rest else None)
    except Rejected:
        return None


def assert_same(left: Path, right: Path) -> None:
    """Hold two run folders together: every table row by row, every other file byte by byte."""
    for name in TABLES:
        one, two = parquet.read_table(left / f"{name}.parquet"), parquet.read_table(right / f"{name}.parquet")
        assert same_columns(one.schema, two.schema), name
        assert one.to_pylist() == two.to_pylist(), name
    one, two = files_of(left), files_of(right)
    plain = {name for name in one | two if ".parquet" not in name}
    for name in sorted(plain):
        assert one.get(name) == two.get(name), name


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_cases_are_written_alike(path: Path, tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    run = run_case(path, tmp_path)
    if run is not None:
        run.write(tmp_path / "python", pages="none")
        write(stored(run, connection), tmp_path / "sql", pages="none")
        assert_same(tmp_path / "python", tmp_path / "sql")


def test_pages_and_rejects_are_written_alike(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    run = small_run(tmp_path / "in", deals=DEALS + BAD_DEAL, period="2026-01..2026-02")
    run.write(tmp_path / "python")
    same = stored(run, connection)
    write(same, tmp_path / "sql")
    assert_same(tmp_path / "python", tmp_path / "sql")
    assert (same.ok, same.reject_count, same.rejected_rows) == (False, 1, 1)
    assert same.first_rejects(10) == run.reject_values
    assert same.payee_count == len({statement.payee for statement in run.statement_values})


def test_many_lines_come_in_parts_with_the_same_rows(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ranges and parts, which matter for many lines, tried on a few."""
    monkeypatch.setattr("rulesengine.statements.by_sql.cuts.ROWS_OF_A_PART", 2)
    monkeypatch.setattr("rulesengine.statements.by_sql.sorted_table.MOST_ROWS", 2)
    run = small_run(tmp_path / "in", period="2026-01..2026-02")
    run.write(tmp_path / "python", pages="all")
    write(stored(run, connection), tmp_path / "sql", pages="all")
    assert (tmp_path / "sql" / "lines.parquet").is_dir()
    assert_same(tmp_path / "python", tmp_path / "sql")
    folder = read_run(tmp_path / "sql")
    assert folder.entries == run.entries
    assert tuple(entry for entry, _ in folder.other_entries) == run.other_entries


def test_same_tables_same_bytes(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    run = small_run(tmp_path / "in")
    same = stored(run, connection)
    for name in ("one", "two"):
        connection.execute("CREATE OR REPLACE TABLE lines AS SELECT * FROM lines ORDER BY random()")
        write(same, tmp_path / name)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("INSERT INTO lines SELECT * FROM lines", "same id"),
        ("DELETE FROM outcomes WHERE rule = 'new_logo'", "control totals differ"),
        ("DELETE FROM lines WHERE rule = 'new_logo'", "control totals differ"),
        ("UPDATE lines SET fact_id = 'D-99' WHERE fact_id = 'D-1'", "control totals differ"),
        ("UPDATE lines SET rule = 'nobody_knows'", "nobody_knows"),
        ("UPDATE lines SET currency = 'EUR' WHERE rule = 'growth'", "is not in EUR"),
        ("ALTER TABLE lines ALTER amount TYPE HUGEINT", "columns of `lines`"),
        ("ALTER TABLE lines ALTER amount TYPE DOUBLE", "columns of `lines`"),
        ("ALTER TABLE outcomes DROP detail", "columns of `outcomes`"),
    ],
)
def test_what_does_not_add_up_is_a_bug_of_ours(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, spoilt: str, told: str
) -> None:
    same = stored(small_run(tmp_path / "in"), connection)
    connection.execute(spoilt)
    with pytest.raises(InternalError, match=told):
        write(same, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_nothing_that_is_written_is_a_binary_float(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    write(stored(small_run(tmp_path / "in"), connection), tmp_path / "out")
    for name in TABLES:
        schema = parquet.read_schema(tmp_path / "out" / f"{name}.parquet")
        assert not any(pa.types.is_floating(field.type) for field in schema), name


def test_hostile_keys_are_only_keys(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    hostile = ["a'; DROP TABLE lines; --", 'b" OR 1=1', "c\\d", "zoë", "北京", "CON", "x" * 200]
    rows = "".join(
        f'D-{n},"{key.replace(chr(34), chr(34) * 2)}",new,100.00,2026-01-10\n'
        for n, key in enumerate(hostile)
    )
    partners = "".join(f'"{key.replace(chr(34), chr(34) * 2)}",gold\n' for key in hostile)
    plan, facts = write_small(tmp_path / "in", deals="id,partner,type,amount,closed\n" + rows)
    (facts / "partner.csv").write_text("id,tier\n" + partners, encoding="utf-8")
    run = rulesengine.evaluate(plan, facts=facts, period="2026-01")
    assert run.ok and len({entry.line.payee for entry in run.entries}) == len(hostile)
    run.write(tmp_path / "python")
    write(stored(run, connection), tmp_path / "sql")
    assert_same(tmp_path / "python", tmp_path / "sql")
