"""The whole road, called from Python."""

import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal, Inexact
from pathlib import Path

import pyarrow as pa
import pytest

import rulesengine
from rulesengine.engines.results import Earned
from rulesengine.model.book import Book
from rulesengine.plan.nodes import Plan
from rulesengine.statements.redo import redo
from rulesengine.statements.trace import trace
from tests.statements.small_run import BAD_DEAL, DEALS, small_run, write_inputs


class Nothing:
    """An engine that finds nothing."""

    name = "nothing"

    def earn(self, plan: Plan, book: Book, through: date) -> Earned:  # noqa: ARG002
        return Earned((), (), ())


def test_a_run_gives_arrow_tables(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    assert run.ok
    for table in (run.lines, run.statements, run.not_earning, run.rejects):
        assert isinstance(table, pa.Table)
    assert run.statements.column("payee").to_pylist() == ["ana", "bob"]
    assert run.statements.column("total").to_pylist() == [Decimal("2816.6700"), Decimal("10.0000")]


def test_facts_may_be_files_and_tables_by_name(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path)
    deals = pa.table(
        {
            "id": ["D-1"],
            "partner": ["ana"],
            "type": ["new"],
            "amount": ["60000.00"],
            "closed": [date(2026, 1, 10)],
        }
    )
    given = {"deal": deals, "partner": facts / "partner.csv"}
    run = rulesengine.evaluate(rulesengine.load_plan(plan), facts=given, period="2026-01")
    assert sum(run.lines.column("amount").to_pylist()) == Decimal("1950.00")


def test_a_plan_may_be_given_by_its_path(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path)
    assert rulesengine.evaluate(plan, facts=facts, period="2026-01").ok


def test_rejected_rows_make_a_run_not_ok_unless_allowed(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path, deals=DEALS + BAD_DEAL)
    run = rulesengine.evaluate(plan, facts=facts, period="2026-01")
    assert not run.ok
    assert run.rejects.column("key").to_pylist() == ["D-6"]
    assert rulesengine.evaluate(plan, facts=facts, period="2026-01", allow_rejects=True).ok


def test_through_ends_the_facts_and_is_printed(tmp_path: Path) -> None:
    early = small_run(tmp_path / "early", through="2026-01-15")
    assert early.lines.column("fact_id").unique().to_pylist() == ["D-1"]
    late = small_run(tmp_path / "late", through="2026-02-28")
    assert set(late.lines.column("fact_id").to_pylist()) == {"D-1", "D-2", "D-3"}
    assert {statement.through for statement in early.statement_values} == {date(2026, 1, 15)}


def test_through_may_be_a_moment(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path)
    run = rulesengine.evaluate(plan, facts=facts, period="2026-01", through=datetime(2026, 1, 15, 8, 30))
    assert run.through == date(2026, 1, 15)


class Bloated(Nothing):
    """Comes to a number that cannot be worked out exactly."""

    def earn(self, plan: Plan, book: Book, through: date) -> Earned:  # noqa: ARG002
        raise Inexact


def test_a_number_that_cannot_be_worked_out_exactly(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path)
    with pytest.raises(rulesengine.Rejected, match="R1205"):
        rulesengine.evaluate(plan, facts=facts, period="2026-01", engine=Bloated())


def test_an_engine_of_your_own(tmp_path: Path) -> None:
    plan, facts = write_inputs(tmp_path)
    run = rulesengine.evaluate(plan, facts=facts, period="2026-01", engine=Nothing())
    assert run.engine == "nothing"
    assert run.lines.num_rows == 0


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"period": "Januar"}, "R1201", "`Januar` is not a period"),
        ({"period": "2026-01-15"}, "R1201", "period `2026-01-15` cuts a statement in two"),
        ({"period": "2026-W05"}, "R1201", "period `2026-W05` cuts a statement in two"),
        ({"period": "2026-02..2026-01"}, "R1201", "ends before it begins"),
        ({"period": "2026-01", "through": "soon"}, "R1201", "`soon` is not a date"),
        ({"period": "2026-01", "through": "2025-12-31"}, "R1201", "lies before the period"),
        ({"period": "2026-01", "through": 5}, "R1201", "found `5`, of type int"),
        ({"period": 202601}, "R1201", "a period is a text such as `2026-09`, found `202601`"),
        ({"period": None}, "R1201", "found `None`"),
        ({"period": "2026-01", "engine": "abacus"}, "R1204", "there is no engine `abacus`"),
    ],
)
def test_what_was_asked_for_wrongly(
    tmp_path: Path, given: dict[str, object], code: str, message: str
) -> None:
    plan, facts = write_inputs(tmp_path)
    with pytest.raises(rulesengine.Rejected) as refused:
        rulesengine.evaluate(plan, facts=facts, **given)  # type: ignore[arg-type]
    (found,) = refused.value.diagnostics
    assert found.code == code
    assert message in found.message


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, rulesengine; assert rulesengine.__version__;"
        "heavy = {'pyarrow', 'pandas', 'duckdb', 'rich', 'jinja2', 'lark', 'pydantic', 'babel'};"
        "heavy &= set(sys.modules);"
        "assert not heavy, heavy;"
        "rulesengine.load_plan;"
        "heavy = {'pyarrow', 'pandas', 'duckdb', 'rich', 'jinja2'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_exports_what_it_says() -> None:
    for name in rulesengine.__all__:
        assert getattr(rulesengine, name) is not None
    with pytest.raises(AttributeError):
        _ = rulesengine.nonsense  # type: ignore[attr-defined]


def test_every_line_of_our_own_plan_can_be_redone_by_hand() -> None:
    home = Path(__file__).parent.parent
    run = rulesengine.evaluate(
        home / "rules" / "partner_program", facts=home / "fixtures" / "partner_program", period="2026"
    )
    wrong = [trace(line) for line in run.earned.lines if redo(line) not in (None, line.exact)]
    assert run.earned.lines
    assert wrong == []
