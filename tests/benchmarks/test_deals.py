"""The plan of the benchmarks: facts that stay the same, and an opponent who gives the same lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from benchmarks.deals.compare import PERIOD, PLAN, differences, with_reference
from benchmarks.deals.generate import write_facts
from benchmarks.deals.opponent import run as run_opponent
from rulesengine.pipeline import evaluate


@pytest.mark.parametrize(
    ("deals", "format", "is_sorted"), [(1_500, "parquet", False), (300, "csv", True)], ids=["parquet", "csv"]
)
def test_the_opponent_gives_the_same_lines(deals: int, format: str, is_sorted: bool) -> None:
    """All columns of all lines, and the totals; the partners are few enough to use up the budget."""
    found = with_reference(deals, 60, format=format, is_sorted=is_sorted)
    assert found["lines"][0] > 4 * deals
    assert {name: counts[1:] for name, counts in found.items()} == {"lines": (0, 0), "statements": (0, 0)}


def test_the_opponent_gives_the_same_folder() -> None:
    """What earned nothing and why, payees, rejects, of which there are none, and totals that are checked."""
    found = with_reference(1_500, 60, parts="whole")
    assert found["not_earning"][0] > 1_500
    assert set(found) == {"lines", "statements", "not_earning", "payees", "rejects"}
    assert all(counts[1:] == (0, 0) for counts in found.values())


SPOILT = """
    update deal set amount = case id when 'D000000001' then '12x' when 'D000000002' then '1.234'
        when 'D000000003' then '-5.00' when 'D000000004' then null else amount end,
        closed = case id when 'D000000005' then '2026-02-30' when 'D000000006' then null else closed end,
        partner = case id when 'D000000007' then 'nobody' when 'D000000008' then '' else partner end,
        segment = if(id = 'D000000009', 'huge', segment), terms = if(id = 'D000000009', '', terms);
    insert into deal from deal where id in ('D000000010', 'D000000011');
    update partner set level = 'bronze' where "from" is not null and id < 'P00020';
"""


def test_the_opponent_rejects_the_same_rows(tmp_path: Path) -> None:
    write_facts(tmp_path / "made", 500, 60)
    (tmp_path / "facts").mkdir()
    with duckdb.connect() as database:
        for kind in ("deal", "partner"):
            made = tmp_path / "made" / f"{kind}.parquet"
            database.execute(f"create table {kind} as select columns(*)::varchar from '{made}'")
        database.execute(SPOILT)
        for kind in ("deal", "partner"):
            database.execute(f"copy {kind} to '{tmp_path}/facts/{kind}.parquet'")
    run_opponent(tmp_path / "facts", tmp_path / "theirs", parts="whole")
    run = evaluate(PLAN, facts=tmp_path / "facts", period=PERIOD, engine="reference", allow_rejects=True)
    run.write(tmp_path / "ours")
    found = differences(tmp_path / "ours", tmp_path / "theirs")
    assert found["rejects"][0] > 12
    assert all(counts[1:] == (0, 0) for counts in found.values())


def test_facts_are_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    """What is measured on one machine is measured on every other."""
    write_facts(tmp_path, 1_000, 50)
    query = "select sum(amount), min_by(partner, id), max_by(closed::varchar, id), count(distinct partner)"
    with duckdb.connect() as database:
        found = database.execute(f"{query} from '{tmp_path}/deal.parquet'").fetchall()
    assert found == [(Decimal("19865449.93"), "P00045", "2026-07-16", 50)]
