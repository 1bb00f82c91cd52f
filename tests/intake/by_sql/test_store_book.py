"""What the intake in SQL does in its own way: which rows Python sees, types of columns, hostile names."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rulesengine.intake.by_sql import load, store_book
from rulesengine.intake.by_sql.asking import is_of_the_file
from rulesengine.model.types import (
    DateType,
    FlagType,
    NumberType,
    PercentType,
    RecordType,
    TextListType,
    TextType,
)
from tests.intake.by_sql.parity import both
from tests.intake.shapes import DEAL, KEY, PARTNER, USD, fact, field, schema, write

MANY = fact(
    "deal",
    KEY,
    field("partner", RecordType("partner"), is_credited=True),
    field("amount", USD, is_signed=True),
    field("closed", DateType(), is_event=True),
    field("units", NumberType(), is_optional=True),
    field("share", PercentType()),
    field("won", FlagType()),
    field("tags", TextListType(), is_optional=True),
    field("tier", TextType(one_of=("gold", "silver"))),
    field("undoes", RecordType("deal"), is_optional=True, is_reverses=True),
)
SHAPE = schema(PARTNER, MANY)
HEAD = "id,partner,amount,closed,units,share,won,tags,tier,undoes\n"


@pytest.fixture
def read_by_hand(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the rows that the readers in Python were given."""
    seen: list[int] = []
    usual = load.read_rows

    def watched(section: Any, binding: Any, numbered: Any, file: str, rejects: Any) -> None:
        rows = list(numbered)
        seen.extend(number for number, _ in rows)
        usual(section, binding, rows, file, rejects)

    monkeypatch.setattr(load, "read_rows", watched)
    return seen


def test_good_rows_of_csv_never_pass_through_python(tmp_path: Path, read_by_hand: list[int]) -> None:
    """Only rows with something wrong in them are read by hand, however values are spelt."""
    rows = [
        "D-1,ana,12.50,2026-01-20,3,15%,yes,a;b,gold,",
        "D-2,Zoë,-7,2026-01-20T00:00:00,,12.5%,TRUE,,silver,",
        "D-3,ana,  8.1 ,2026-02-28,1.25,0%,No,;x; y,gold,",
        '"D ""4""",ana,007.00,2026-01-01 00:00,0.5,100 %,false,"a, b",gold,',
        "D-5,ana,12 USD,2026-01-01,.5,1%,no,a,gold,",
        "D-6,ana,1e5,2026-01-01,1,1%,no,a,gold,",
        "D-7,ana,1,2026-01-01,1,1%,no,a,gold,,,",
    ]
    folder = write(tmp_path, {"partner.csv": "id\nana\nZoë\n", "deal.csv": HEAD + "\n".join(rows) + "\n"})
    got = both(SHAPE, folder)
    assert len(got.book.facts["deal"]) == 5
    assert read_by_hand == [6, 7]


def test_good_rows_of_parquet_never_pass_through_python(tmp_path: Path, read_by_hand: list[int]) -> None:
    """Typed columns are taken as they are; a row with too many decimals is read by hand."""
    deals = pa.table(
        {
            "id": ["D-1", "D-2", "D-3"],
            "partner": ["ana", "ana", "ana"],
            "amount": pa.array([Decimal("12.50"), Decimal("-1.00"), Decimal("1.005")], pa.decimal128(18, 3)),
            "closed": pa.array(["2026-01-20", "2026-01-21", "2026-01-22"], pa.string()).cast(pa.date32()),
            "units": pa.array([1, None, 3], pa.int32()),
            "share": ["15%", "1%", "2%"],
            "won": [True, False, True],
            "tags": pa.array([["a", " b "], None, []], pa.list_(pa.string())),
            "tier": ["gold", "silver", "gold"],
        }
    )
    pq.write_table(deals, tmp_path / "deal.parquet")
    got = both(SHAPE, write(tmp_path, {"partner.csv": "id\nana\n"}))
    assert len(got.book.facts["deal"]) == 2
    assert read_by_hand == [3]


def test_whole_numbers_of_parquet_are_texts(tmp_path: Path, read_by_hand: list[int]) -> None:
    """Keys that a database numbers are stored as integers: keys, references and texts alike."""
    deals = pa.table(
        {
            "id": pa.array([7, 8, 9], pa.int64()),
            "partner": pa.array([1, 2**64 - 1, 3], pa.uint64()),
            "amount": ["1.00", "2.00", "3.00"],
            "closed": ["2026-01-20", "2026-01-21", "2026-01-22"],
            "share": ["15%", "1%", "2%"],
            "won": [True, False, True],
            "tier": ["gold", "silver", "gold"],
        }
    )
    pq.write_table(deals, tmp_path / "deal.parquet")
    got = both(SHAPE, write(tmp_path, {"partner.csv": f"id\n1\n{2**64 - 1}\n"}))
    assert [deal.key for deal in got.book.facts["deal"]] == ["7", "8"]
    assert read_by_hand == []


def test_rows_are_numbered_by_file_when_threads_share_one(tmp_path: Path) -> None:
    """Several buffers of several files, read by two threads; a bad row is named by its own number."""
    count = 400_000
    lines = [f"D-{at:07d},ana,1.00,2026-01-20" for at in range(count)]
    lines[count // 2] = "D-x,ana,nothing,2026-01-20"
    (tmp_path / "facts.yaml").write_text(
        "payees: {partner: {file: p.csv}}\nfacts: {deal: {file: [one.csv, two.csv]}}\n", encoding="utf-8"
    )
    head = "id,partner,amount,closed\n"
    write(
        tmp_path,
        {
            "p.csv": "id\nana\n",
            "one.csv": head + "\n".join(line.replace("D-", "E-") for line in lines[:1000]),
            "two.csv": head + "\n".join(lines) + "\n",
        },
    )
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        found = store_book(connection, schema(PARTNER, DEAL), tmp_path)
        wrong = connection.execute(
            "SELECT count(*) FROM fact_deal WHERE id LIKE 'D-%' AND CAST(id[3:] AS BIGINT) + 1 <> \"@row\""
        ).fetchall()
        bad = connection.execute(f'SELECT file, "row", code FROM {found.rejects}').fetchall()
        setting = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall()
    assert wrong == [(0,)]
    assert bad == [("two.csv", count // 2 + 1, "R1102")]
    assert setting == [(False,)]
    assert found.book.facts["deal"].rows == 1000 + count - 1


def test_names_and_values_that_look_like_sql(tmp_path: Path) -> None:
    """Quotes, patterns and statements in names of files and columns, and in values, are only text."""
    evil = "x'; DROP TABLE rejects; --"
    name = "de'al[1]*.csv"
    manifest = """
payees: {partner: {file: p.csv, columns: {id: 'a"b'}}}
facts:
  deal:
    file: ["de'al[[]1]*.csv"]
    columns: {id: "i'd", amount: 'am"ount'}
"""
    write(
        tmp_path,
        {
            "facts.yaml": manifest,
            "p.csv": f'"a""b"\n"{evil}"\nana\n',
            name: f'i\'d,partner,"am""ount",closed\n"{evil}","{evil}",1,2026-01-20\nD-2,{{x}},1,2026-01-20\n',
        },
    )
    got = both(schema(PARTNER, DEAL), tmp_path)
    assert [deal.key for deal in got.book.facts["deal"]] == [evil]


def test_scales_grow_with_what_occurs(tmp_path: Path) -> None:
    """A number has the most decimals that occur, 128 bits only where 64 do not hold it."""
    rows = [
        "D-1,ana,5,2026-01-20,1,1%,no,,gold,",
        "D-2,ana,900000000000000000.25,2026-01-20,1.5,1%,no,,gold,",
    ]
    folder = write(tmp_path, {"partner.csv": "id\nana\n", "deal.csv": HEAD + "\n".join(rows) + "\n"})
    both(SHAPE, folder)
    with duckdb.connect() as connection:
        deal = store_book(connection, SHAPE, folder).book.facts["deal"]
        types = dict(
            connection.execute("SELECT column_name, column_type FROM (DESCRIBE fact_deal)").fetchall()
        )
    assert (deal.columns["amount"].scale, deal.columns["units"].scale, deal.columns["share"].scale) == (
        2,
        1,
        2,
    )
    assert deal.columns["amount"].is_wide and types["amount"] == "HUGEINT"
    assert types["units"] == "BIGINT"


def test_late_decimals_are_no_rows_for_python(tmp_path: Path, read_by_hand: list[int]) -> None:
    """Where the head of a file shows no decimals, and many rows have some, it is read again by SQL."""
    rows = [f"D-{at},ana,{at}{'.25' if at > 30_000 else ''},2026-01-20" for at in range(60_000)]
    head = "id,partner,amount,closed\n"
    folder = write(tmp_path, {"partner.csv": "id\nana\n", "deal.csv": head + "\n".join(rows) + "\n"})
    both(schema(PARTNER, DEAL), folder)
    assert read_by_hand == []


def test_many_bad_rows_are_read_some_at_a_time(tmp_path: Path, read_by_hand: list[int]) -> None:
    """Every row is rejected, in the reader's words, with its number."""
    rows = [f"D-{at},ana,{at} dollars,2026-01-20" for at in range(25_000)]
    head = "id,partner,amount,closed\n"
    folder = write(tmp_path, {"partner.csv": "id\nana\n", "deal.csv": head + "\n".join(rows) + "\n"})
    got = both(schema(PARTNER, DEAL), folder)
    assert len(got.rejects) == 25_000
    assert len(read_by_hand) == 25_000


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (duckdb.Error("TProtocolException: Invalid data"), True),
        (duckdb.IOException("IO Error: Unexpected end of GZIP stream"), True),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), False),
        (duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"), False),
        (duckdb.InterruptException("INTERRUPT Error: Interrupted!"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_a_lack_of_room_is_not_the_fault_of_a_file(error: Exception, expected: bool) -> None:
    """Such an error ends the run; any other lets the file's own reader judge it."""
    assert is_of_the_file(error) is expected
