"""What a prepared plan pays for a row is what the reference engine gives it in a run over all rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given

from rulesengine.diagnostics import Rejected
from rulesengine.intake import read_book
from rulesengine.pipeline import last_day, load_plan, pay_period
from tests.cases.runner import read_case, write_inputs
from tests.cases.test_cases import CASES
from tests.engines.prepared.one_out import taken_out
from tests.gallery.examples import EXAMPLES
from tests.properties.generated import deal_rows, plans, total_facts, total_plans
from tests.properties.road import FAR, Rows
from tests.properties.test_laws import FEW, checked_or_skip, facts


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_rows_of_cases(path: Path) -> None:
    """The rows of every case file."""
    case = read_case(path.read_text(encoding="utf-8"))
    words = case.run.heading.split()
    with tempfile.TemporaryDirectory() as name:
        facts = write_inputs(case, Path(name))
        try:
            plan = load_plan(Path(name) / "plan.rules").plan
            book = read_book(plan.schema, facts).book
        except Rejected:
            return
    through = last_day(words[3] if len(words) > 2 else None, pay_period(plan, words[1]))
    for taken in taken_out(plan, book, through):
        taken.check(with_words=True)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_rows_of_the_gallery(folder: Path) -> None:
    """The rows of every published plan."""
    plan = load_plan(folder / "plan.rules").plan
    book = read_book(plan.schema, folder / "facts").book
    for taken in taken_out(plan, book, FAR):
        taken.check(with_words=True)


@FEW
@given(text=plans(), deals=deal_rows())
def test_rows_of_generated_plans(text: str, deals: list[dict[str, str]]) -> None:
    """The rows of random plans over random deals."""
    _check(text, facts(deals))


@FEW
@given(text=total_plans(), facts=total_facts())
def test_rows_of_plans_on_totals(text: str, facts: dict[str, Rows]) -> None:
    """Likewise, of plans that read totals."""
    _check(text, facts)


def _check(text: str, facts: dict[str, Rows]) -> None:
    plan = checked_or_skip(text)
    book = read_book(plan.schema, facts).book
    for taken in taken_out(plan, book, FAR, most=2):
        taken.check()
