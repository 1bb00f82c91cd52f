"""How much there is to read, of files that are read as they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from rulesengine.intake.size import bytes_of_text
from tests.properties.road import checked

SCHEMA = checked(
    """plan p { currency USD  effective from 2026-01-01  rounding half_up to 0.01 per line }
payee rep { field id text key }
fact deal { field id text key  field rep rep credited  field closed date event }
flat fee { on deal  pay 1 USD per deal }
statement { per month }
"""
).schema
REPS, DEALS = "id\nana\n", "id,rep,closed\nD-1,ana,2026-01-02\n"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Facts of two kinds, beside a file that is nobody's."""
    (tmp_path / "rep.csv").write_text(REPS, encoding="utf-8")
    (tmp_path / "deal.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "notes.csv").write_text("n" * 1_000, encoding="utf-8")
    return tmp_path


def _says(facts: Path, deals: str) -> None:
    (facts / "facts.yaml").write_text(f"facts:\n  deal:\n    {deals}\n", encoding="utf-8")


def test_files_of_the_plan_count(facts: Path) -> None:
    assert bytes_of_text(SCHEMA, facts, None) == len(REPS + DEALS)
    _says(facts, "file: notes.csv")
    assert bytes_of_text(SCHEMA, facts, None) == len(REPS) + 1_000
    assert bytes_of_text(SCHEMA, {"rep": facts / "rep.csv", "deal": facts / "rep.csv"}, None) == len(REPS)


def test_what_is_no_plain_text_has_any_number_of_rows(facts: Path) -> None:
    assert bytes_of_text(SCHEMA, {"rep": facts / "rep.csv", "deal": [{"id": "D-1"}]}, None) is None
    parquet.write_table(pa.table({"id": ["D-1"]}), facts / "deal.dat")
    _says(facts, "file: deal.dat\n    format: parquet")
    assert bytes_of_text(SCHEMA, facts, None) is None
    (facts / "facts.yaml").unlink()
    (facts / "deal.csv.gz").write_bytes(gzip.compress(DEALS.encode()))
    (facts / "deal.csv").unlink()
    assert bytes_of_text(SCHEMA, facts, None) is None


@pytest.mark.parametrize("name", ["none.csv", f"{'a' * 300}.csv", "."])
def test_what_cannot_be_read_is_left_to_the_reader(facts: Path, name: str) -> None:
    _says(facts, f"file: {name}")
    assert bytes_of_text(SCHEMA, facts, None) is None
