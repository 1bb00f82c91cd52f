"""Every case file comes out the same under both engines, or is refused by the batch engine by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.engines.contract import Engine
from rulesengine.intake import read_book
from rulesengine.pipeline import last_day, load_plan, pay_period
from tests.cases.runner import read_case, write_inputs
from tests.parity.compare import Unsupported, differences

FOLDER = Path(__file__).parent.parent / "cases"
CASES = sorted(FOLDER.rglob("*.case"))
TRIED = CASES[:: int(os.environ.get("PARITY_SAMPLE", "1"))]


@pytest.mark.parametrize("path", TRIED, ids=[str(path.relative_to(FOLDER)) for path in TRIED])
def test_case(path: Path, tmp_path: Path) -> None:
    """All columns of all lines, all outcomes and all rejects are the same."""
    check(path, tmp_path)


def check(path: Path, tmp_path: Path, engine: Engine | None = None) -> None:
    """Hold an engine to the reference over a case file; skips what it refuses by name."""
    case = read_case(path.read_text(encoding="utf-8"))
    facts = write_inputs(case, tmp_path)
    words = case.run.heading.split()
    try:
        plan = load_plan(tmp_path / "plan.rules").plan
        through = last_day(words[3] if len(words) > 2 else None, pay_period(plan, words[1]))
        book = read_book(plan.schema, facts).book
    except Rejected:
        return  # neither engine is asked
    try:
        assert differences(plan, book, through, engine) == []
    except Unsupported as refused:
        pytest.skip(str(refused))
