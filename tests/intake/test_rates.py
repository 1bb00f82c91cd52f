"""Exchange rates: long and wide tables, what is rejected, and the table of the European Central Bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.intake import read_book
from rulesengine.intake.read_book import Intake
from rulesengine.model.dates import BEGINNING, CALENDAR_YEAR, END, DateRange
from rulesengine.model.schema import RatesShape, Schema
from tests.intake.shapes import write

ECB = Path(__file__).parents[3] / "shared" / "data" / "ecb_rates" / "eurofxref-hist.csv.gz"


def schema() -> Schema:
    ecb = RatesShape(name="ecb", base="EUR", is_per_base=True, within_days=7)
    return Schema(
        currency="USD",
        fiscal=CALENDAR_YEAR,
        effective=DateRange(BEGINNING, END),
        kinds={},
        quotas={},
        rates={"ecb": ecb},
    )


def read(folder: Path, text: str, manifest: str = "") -> Intake:
    (folder / "ecb.csv").write_text(text)
    if manifest:
        (folder / "facts.yaml").write_text(manifest)
    return read_book(schema(), folder)


def said(intake: Intake) -> list[str]:
    return [f"{each.row} {each.code} {each.field}" for each in intake.rejects]


def test_a_long_table(tmp_path: Path) -> None:
    intake = read(
        tmp_path, "date,currency,rate\n2026-01-05,USD,1.1\n2026-01-02,USD,1.2\n2026-01-02,JPY,160\n"
    )
    days = (date(2026, 1, 2), date(2026, 1, 5))
    assert intake.book.rates["ecb"]["USD"] == (days, (Decimal("1.2"), Decimal("1.1")))
    assert intake.totals[0].rows_read == intake.totals[0].rows_accepted == 3


WIDE = "rates:\n  ecb: {file: ecb.csv, layout: wide, missing: N/A, columns: {date: Day}}\n"


def test_a_wide_table(tmp_path: Path) -> None:
    intake = read(tmp_path, "Day,USD,JPY,note\n2026-01-02,1.1,N/A,x\n2026-01-05,,160,y\n", WIDE)
    assert intake.book.rates["ecb"] == {
        "JPY": ((date(2026, 1, 5),), (Decimal(160),)),
        "USD": ((date(2026, 1, 2),), (Decimal("1.1"),)),
    }
    assert intake.rejects == ()


def test_a_rejected_rate_leaves_its_day_without_one(tmp_path: Path) -> None:
    """The rate before it must not be taken in its place."""
    rows = (
        "2026-01-02,USD,1.1\n2026-01-05,USD,oops\n2026-01-06,USD,0\n2026-01-07,USD,1.2\n2026-01-07,USD,1.3\n"
    )
    intake = read(tmp_path, f"date,currency,rate\n{rows}2026-01-08,EUR,2\n2026-01-08,XAB,2\n")
    assert said(intake) == [
        "2 R1102 rate",
        "3 R1117 rate",
        "4 R1105 rate",
        "5 R1105 rate",
        "6 R1117 rate",
        "7 R1114 currency",
    ]
    days, rates = intake.book.rates["ecb"]["USD"]
    assert [day.day for day in days] == [2, 5, 6, 7] and rates == (Decimal("1.1"), None, None, None)
    total = intake.totals[0]
    assert (total.rows_read, total.rows_accepted, total.rows_rejected) == (7, 1, 6)


@pytest.mark.skipif(not ECB.exists(), reason="the table of the European Central Bank is not there")
def test_the_table_of_the_european_central_bank(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(
        f"rates:\n  ecb: {{file: {ECB}, layout: wide, missing: N/A, columns: {{date: Date}}}}\n"
    )
    intake = read_book(schema(), tmp_path)
    assert intake.rejects == ()
    rates = intake.book.rates["ecb"]
    assert len(rates) == 41
    days, values = rates["USD"]
    assert (days[0], values[0]) == (date(1999, 1, 4), Decimal("1.1789"))
    assert (days[-1], values[-1]) == (date(2026, 10, 30), Decimal("1.1172"))


def test_damaged_rates_are_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Rates are read by Python in both intakes, and refused as other files are."""
    path = tmp_path / "ecb.parquet"
    table = pa.table({"date": ["2026-01-02"] * 50, "currency": ["USD"] * 50, "rate": ["1.2"] * 50})
    pq.write_table(table, path, use_dictionary=False, compression="none")
    at = pq.ParquetFile(path).metadata.row_group(0).column(2).data_page_offset
    content = path.read_bytes()
    write(tmp_path, {"ecb.parquet": content[:at] + b"\xff" * 16 + content[at + 16 :]})
    with pytest.raises(Rejected) as caught:
        read_book(schema(), tmp_path)
    assert [(d.code, d.place) for d in caught.value.diagnostics] == [("R1004", "ecb.parquet")]
