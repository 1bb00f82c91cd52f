"""The facts of every case file and every fixture are read the same by SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

import rulesengine
from rulesengine.diagnostics import Rejected
from tests.cases.runner import read_case, write_inputs
from tests.intake.by_sql.parity import both
from tests.intake.shapes import DATA

REPOSITORY = Path(__file__).resolve().parents[3]
CASES = sorted((REPOSITORY / "tests" / "cases").rglob("*.case"))


@pytest.mark.parametrize("folder", sorted({path.parent for path in CASES}), ids=lambda path: path.name)
def test_cases(folder: Path, tmp_path: Path) -> None:
    """Accepted values, rejects, totals and files, or the reason why nothing is taken."""
    for path in sorted(folder.glob("*.case")):
        given = tmp_path / path.stem
        facts = write_inputs(read_case(path.read_text(encoding="utf-8")), given)
        try:
            plan = rulesengine.load_plan(given / "plan.rules")
            both(plan.plan.schema, facts)
        except Rejected:
            continue


@pytest.mark.parametrize(
    ("name", "data"),
    [("partner_program", ""), ("adventureworks", "adventureworks"), ("crm", "crm_sales_opportunities")],
)
def test_fixtures(name: str, data: str) -> None:
    """Programs with many partners, quotas, history and manifests."""
    if data and not (DATA / data).is_dir():
        pytest.skip("the data is not beside the repository")
    plan = rulesengine.load_plan(REPOSITORY / "rules" / name)
    both(plan.plan.schema, REPOSITORY / "fixtures" / name, root=DATA / data if data else None)
