"""Both engines agree on the gallery, the example projects, real data and other people's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.intake import read_book
from rulesengine.pipeline import evaluate, last_day, load_plan, pay_period
from tests.gallery.examples import EXAMPLES
from tests.parity.compare import Unsupported, differences
from tests.vectors.registry import translate
from tests.vectors.rows import Row, rows, rows_file

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
ADVENTURE_WORKS = {
    "commission_share": "1101643.35",
    "large_order_fee": "365961.43",
    "quota_bonus": "101685",
    "growth_marginal": "914200.54",
    "growth_whole": "1149200.48",
    "q4_spiff": "10000",
}
CRM = {"agent_share": "1000553.40", "manager_override": "100055.34", "regional_share": "1005000.48"}


def agree(plan: Path, facts: Path | Mapping[str, Any], through: date) -> None:
    """Hold both engines together; a clause that the batch engine refuses by name skips the test."""
    try:
        checked = load_plan(plan).plan
        book = read_book(checked.schema, facts).book
    except Rejected:
        return  # neither engine is asked
    try:
        assert differences(checked, book, through) == []
    except Unsupported as refused:
        pytest.skip(str(refused))


@pytest.mark.parametrize("folder", EXAMPLES, ids=[folder.name for folder in EXAMPLES])
def test_gallery(folder: Path) -> None:
    """Published plans, over facts until all is due."""
    agree(folder / "plan.rules", folder / "facts", date(2030, 12, 31))


def test_partner_program() -> None:
    """The project of the demonstration."""
    agree(ROOT / "rules/partner_program", ROOT / "fixtures/partner_program", date(2026, 12, 31))


@pytest.mark.skipif(rows_file() is None, reason="no folder shared/vectors beside the repository")
@pytest.mark.parametrize("row", rows(), ids=[row.id for row in rows()])
def test_row_of_a_peer(row: Row, tmp_path: Path) -> None:
    """Rows from the test suites of other people's tools."""
    scenario = translate(row)
    if scenario is None:
        return  # not said in the language
    path = tmp_path / "plan.rules"
    path.write_text(scenario.plan, encoding="utf-8")
    try:
        through = last_day(scenario.through, pay_period(load_plan(path).plan, scenario.period))
    except Rejected:
        return  # refused as a whole
    agree(path, dict(scenario.facts), through)


@pytest.mark.skipif(not DATA.is_dir(), reason="no folder shared/data beside the repository")
@pytest.mark.parametrize(
    ("name", "data", "period", "expected"),
    [
        ("adventureworks", "adventureworks", "2011-01..2015-12", ADVENTURE_WORKS),
        ("crm", "crm_sales_opportunities", "2017-01..2017-12", CRM),
    ],
)
def test_real_data_pays_the_same_by_rule(name: str, data: str, period: str, expected: dict[str, str]) -> None:
    """What each rule pays over all of the real data, to the cent."""
    try:
        run = evaluate(
            ROOT / "rules" / name,
            facts=ROOT / "fixtures" / name,
            root=DATA / data,
            period=period,
            engine="duckdb",
        )
    except Rejected as rejected:
        if {each.code for each in rejected.diagnostics} == {"R1301"}:
            pytest.skip(str(rejected.diagnostics[0].message))
        raise
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for entry in run.entries:
        paid[entry.line.rule] += entry.line.amount
    assert dict(paid) == {rule: Decimal(amount) for rule, amount in expected.items()}
