"""The plan of the benchmarks: facts that stay the same, and an opponent who gives the same lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from benchmarks.deals.compare import with_reference
from benchmarks.deals.generate import write_facts


@pytest.mark.parametrize(
    ("deals", "format", "is_sorted"), [(1_500, "parquet", False), (300, "csv", True)], ids=["parquet", "csv"]
)
def test_the_opponent_gives_the_same_lines(deals: int, format: str, is_sorted: bool) -> None:
    """All columns of all lines, and the totals; the partners are few enough to use up the budget."""
    found = with_reference(deals, 60, format=format, is_sorted=is_sorted)
    assert found["lines"][0] > 4 * deals
    assert {name: counts[1:] for name, counts in found.items()} == {"lines": (0, 0), "statements": (0, 0)}


def test_facts_are_the_same_for_the_same_numbers(tmp_path: Path) -> None:
    """What is measured on one machine is measured on every other."""
    write_facts(tmp_path, 1_000, 50)
    query = "select sum(amount), min_by(partner, id), max_by(closed::varchar, id), count(distinct partner)"
    with duckdb.connect() as database:
        found = database.execute(f"{query} from '{tmp_path}/deal.parquet'").fetchall()
    assert found == [(Decimal("19865449.93"), "P00045", "2026-07-16", 50)]
