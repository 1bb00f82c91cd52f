"""What makes a file unreadable as a whole, what makes a row so, and that formats do not matter."""

from __future__ import annotations

import csv
import gzip
import hashlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.intake import Intake, read_book
from rulesengine.model.types import DateType, FlagType, NumberType, RecordType, TextListType
from tests.intake.shapes import DEAL, KEY, PARTNER, USD, fact, field, payee, read, schema, short, write

SHAPE = schema(PARTNER, DEAL)
PARTNERS = "id\nana\n"
HEAD = "id,partner,amount,closed\n"
ROW = "D-1,ana,100.00,2026-01-20\n"


def problems_of(folder: Path, **files: str | bytes) -> list[str]:
    """Return what is said about files that cannot be read."""
    with pytest.raises(Rejected) as caught:
        read(folder, SHAPE, **({"partner": PARTNERS} | files))
    return [
        f"{d.place} {d.code} {d.message}" + (f" ({d.hint})" if d.hint else "")
        for d in caught.value.diagnostics
    ]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROW,
        "\ufeff" + HEAD + ROW,
        (HEAD + ROW).replace("\n", "\r\n"),
        (HEAD + ROW).replace("\n", "\r"),
        (HEAD + ROW).removesuffix("\n"),
        " id , partner,amount ,closed\nD-1 , ana, 100.00 ,2026-01-20\n",
        '"id","partner","amount","closed"\n"D-1","ana","100.00","2026-01-20"\n',
        "note,closed,amount,partner,id,,\nx,2026-01-20,100,ana,D-1,,\n",
        HEAD + "\n" + ROW + "\n\n",
    ],
    ids=["plain", "bom", "crlf", "cr", "no last line end", "blanks", "quoted", "more columns", "empty lines"],
)
def test_accepted_layouts(tmp_path: Path, content: str) -> None:
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=content)
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-1"]
    assert got.book.facts["deal"][0].values["closed"] == date(2026, 1, 20)
    assert not got.rejects


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "deal.csv R1004 the file is empty; a header row is needed"),
        (
            (HEAD + "D-1,an\xe1,1,2026-01-20\n").encode("latin-1"),
            "deal.csv R1004 byte 0xe1 at offset 31 is not UTF-8 (save the file as UTF-8)",
        ),
        ((HEAD + ROW).encode("utf-16"), "deal.csv R1004 this is UTF-16, not UTF-8 (save the file as UTF-8)"),
        (
            (HEAD + "D-1,a\0na,1,2026-01-20\n").encode(),
            "deal.csv R1004 a NUL byte at offset 30 (save the file as UTF-8 text)",
        ),
        (
            HEAD.encode() + b'D-1,"ana,1,2026-01-20\n',
            "deal.csv R1004 quotes that do not close, or text after a closing quote, found by line 2"
            ' (write a quote inside quotes as "")',
        ),
        (
            b"id,partner,amount,amount,closed\n",
            "deal.csv R1004 column `amount` occurs 2 times",
        ),
        (
            b"id,partner,amnt,closed\n",
            "deal.csv R1003 column `amount` is missing (did you mean `amnt`?)",
        ),
        (
            b"id,partner,note,closed\n",
            "deal.csv R1003 column `amount` is missing (columns not used: `note`)",
        ),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, expected: str) -> None:
    assert problems_of(tmp_path, deal=content) == [expected]


def test_a_header_with_another_separator_is_recognized(tmp_path: Path) -> None:
    found = problems_of(tmp_path, deal="id;partner;amount;closed\n")
    hint = 'the header is separated by `;`; say `delimiter: ";"` in facts.yaml'
    assert found == [f"deal.csv R1004 the whole header is read as one column ({hint})"]


def test_all_whole_file_problems_come_at_once(tmp_path: Path) -> None:
    assert [line[:17] for line in problems_of(tmp_path, deal=b"", partner=b"\xff\xfe")] == [
        "deal.csv R1004 th",
        "partner.csv R1004",
    ]


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        read(tmp_path, SHAPE, deals=HEAD, partner=PARTNERS)
    assert [(d.code, d.message, d.hint) for d in caught.value.diagnostics] == [
        ("R1002", "no file for `deal`", "did you mean `deals`?")
    ]
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, tmp_path / "nowhere")
    assert caught.value.diagnostics[0].message == "the folder of facts is not there"


def test_spreadsheets_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"deal.xlsx": "", "partner.csv": PARTNERS})
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, tmp_path)
    assert [d.hint for d in caught.value.diagnostics] == ["save `deal.xlsx` as CSV: `deal.csv`"]
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, {"deal": tmp_path / "deal.xlsx", "partner": tmp_path / "partner.csv"})
    assert "`deal.xlsx` is a spreadsheet, which is not read" in [d.message for d in caught.value.diagnostics]


def test_two_files_for_one_kind(tmp_path: Path) -> None:
    write(tmp_path, {"deal.jsonl": ""})
    assert problems_of(tmp_path, deal=HEAD) == [
        "deal R1004 more than one file holds `deal`: `deal.csv`, `deal.jsonl`"
        " (keep one, or list them in facts.yaml)"
    ]


def test_header_only(tmp_path: Path) -> None:
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=HEAD)
    assert got.book.facts["deal"] == ()
    assert got.totals[0].rows_read == 0


def test_ragged_rows(tmp_path: Path) -> None:
    """A row of another width may be shifted, so none of its values is read."""
    deals = HEAD + ROW + "D-2,ana,100.00\n" + "D-3,ana,1,000.00,2026-01-20\n" + 'D-4,"ana",5,2026-01-21\n'
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=deals)
    assert [(short(r), r.reason) for r in got.rejects] == [
        ("deal.csv:2 R1110", "expected 4 values as in the header, found 3"),
        ("deal.csv:3 R1110", "expected 4 values as in the header, found 5"),
    ]
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-1", "D-4"]
    total = got.totals[0]
    assert (total.rows_read, total.rows_accepted, total.rows_rejected) == (4, 2, 2)
    assert total.unreadable == {"amount": 2}


def test_a_row_gives_all_its_reasons(tmp_path: Path) -> None:
    got = read(
        tmp_path, SHAPE, partner=PARTNERS, deal=HEAD + "D-1,bob,1e3,soon\n" + "D-2,ana,-3.005,2026-01-20\n"
    )
    assert [short(r) for r in got.rejects] == [
        "deal.csv:1 R1102 amount",
        "deal.csv:1 R1102 closed",
        "deal.csv:1 R1106 partner",
        "deal.csv:2 R1103 amount",
    ]
    assert [r.value for r in got.rejects] == ["1e3", "soon", "bob", "-3.005"]
    assert {r.key for r in got.rejects} == {"D-1", "D-2"}


def test_long_values_are_shortened(tmp_path: Path) -> None:
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=HEAD + f'D-1,ana,"{"x" * 90}\n",2026-01-20\n')
    assert got.rejects[0].value == "x" * 79 + "…"


def test_keys_hold_no_line_breaks(tmp_path: Path) -> None:
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=HEAD + '"D\n1",ana,1,2026-01-20\n')
    assert [(short(r), r.value, r.key) for r in got.rejects] == [("deal.csv:1 R1102 id", "D 1", "")]


def test_an_absent_optional_column_is_blank_unless_it_looks_misspelt(tmp_path: Path) -> None:
    shape = schema(fact("deal", KEY, field("cancelled", DateType(), is_optional=True)))
    got = read(tmp_path / "a", shape, deal="id,note\nD-1,x\n")
    assert got.book.facts["deal"][0].values == {"id": "D-1", "cancelled": None}
    with pytest.raises(Rejected) as caught:
        read(tmp_path / "b", shape, deal="id,canceled\nD-1,x\n")
    assert [(d.code, d.hint) for d in caught.value.diagnostics] == [("R1003", "did you mean `canceled`?")]


MANY = fact(
    "deal",
    KEY,
    field("amount", USD, decimals=3),
    field("units", NumberType()),
    field("closed", DateType()),
    field("won", FlagType()),
    field("tags", TextListType()),
    field("note", is_optional=True),
)


def test_formats_give_the_same_book(tmp_path: Path) -> None:
    """CSV, gzipped CSV, Parquet, JSONL, YAML and Python records, with 1.005 exact in each."""
    csv = (
        "id,amount,units,closed,won,tags,note\n"
        "7,1.005,3,2026-01-31,yes,a;b,\n"
        '8,20.00,0.5,2026-02-28,no,,"x, y"\n'
    )
    jsonl = (
        '{"id": 7, "amount": 1.005, "units": 3, "closed": "2026-01-31", "won": true, "tags": ["a", "b"]}\n\n'
        '{"id": "8", "amount": "20.00", "units": 0.5, "closed": "2026-02-28", "won": false, "tags": [],'
        ' "note": "x, y"}'
    )
    yaml = (
        "- {id: 7, amount: 1.005, units: 3, closed: 2026-01-31, won: yes, tags: [a, b]}\n"
        "- {id: 8, amount: 20.00, units: 0.5, closed: 2026-02-28, won: no, tags: [], note: 'x, y'}\n"
    )
    records = [
        {
            "id": 7,
            "amount": Decimal("1.005"),
            "units": 3,
            "closed": datetime(2026, 1, 31),
            "won": True,
            "tags": ["a", "b"],
        },
        {
            "id": 8,
            "amount": Decimal("20"),
            "units": Decimal("0.5"),
            "closed": date(2026, 2, 28),
            "won": False,
            "tags": [],
            "note": "x, y",
        },
    ]
    table = pa.table(
        {
            "id": pa.array([7, 8], pa.int64()),
            "amount": pa.array([Decimal("1.005"), Decimal("20")], pa.decimal128(30, 9)),
            "units": pa.array([Decimal("3"), Decimal("0.5")], pa.decimal256(40, 4)),
            "closed": pa.array([datetime(2026, 1, 31), datetime(2026, 2, 28)], pa.timestamp("ns")),
            "won": pa.array([True, False]),
            "tags": pa.array([["a", "b"], []], pa.list_(pa.string())),
            "note": pa.array([None, "x, y"]).dictionary_encode(),
            "unused": pa.array([1.5, 2.5]),
        }
    )
    (tmp_path / "parquet").mkdir()
    pq.write_table(table, tmp_path / "parquet" / "deal.parquet")
    shape = schema(MANY)
    books = [
        read_book(shape, write(tmp_path / "csv", {"deal.csv": csv})),
        read_book(shape, write(tmp_path / "gz", {"deal.csv.gz": gzip.compress(csv.encode())})),
        read_book(shape, write(tmp_path / "jsonl", {"deal.jsonl": jsonl})),
        read_book(shape, write(tmp_path / "yaml", {"deal.yaml": yaml})),
        read_book(shape, tmp_path / "parquet"),
        read_book(shape, {"deal": records}),
        read_book(shape, {"deal": iter(records)}),
        read_book(shape, {"deal": table}),
    ]
    assert not any(got.rejects for got in books)

    def values(got: Intake) -> list[tuple[str, str]]:
        return [(f.key, str(sorted(f.values.items()))) for f in got.book.facts["deal"]]

    assert len(values(books[0])) == 2
    assert all(values(got) == values(books[0]) for got in books)
    assert books[0].book.facts["deal"][0].values["amount"].amount == Decimal("1.005")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1.5]), "double is a float, which is not exact; store decimals, integers or text"),
        (pa.array([date(2026, 1, 1)]), "date32[day] is no money (USD)"),
        (pa.array([True]), "bool is no money (USD)"),
    ],
)
def test_typed_columns_that_do_not_fit(column: pa.Array, expected: str) -> None:
    shape = schema(fact("deal", KEY, field("amount", USD)))
    with pytest.raises(Rejected) as caught:
        read_book(shape, {"deal": pa.table({"id": ["D-1"], "amount": column})})
    assert [(d.code, d.message) for d in caught.value.diagnostics] == [
        ("R1004", f"column `amount` cannot be read as field `amount`: {expected}")
    ]


def test_times_in_parquet() -> None:
    shape = schema(fact("deal", KEY, field("closed", DateType())))
    noon = pa.table({"id": ["D-1"], "closed": [datetime(2026, 1, 1, 12)]})
    assert [short(r) for r in read_book(shape, {"deal": noon}).rejects] == ["deal:1 R1102 closed"]
    zoned = pa.table({"id": ["D-1"], "closed": pa.array([0], pa.timestamp("s", "UTC"))})
    with pytest.raises(Rejected, match="has a time zone"):
        read_book(shape, {"deal": zoned})


TIME = "expected a date, found a time; `time: drop` in facts.yaml takes its day"
YEARS = "dates are read from 1900-01-01 to 2999-12-31; leave others empty"
NEW_YEAR = 1_767_225_600
"""Seconds to 2026-01-01."""
DAY = 86_400


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (
            pa.array([NEW_YEAR * 10**9, NEW_YEAR * 10**9 + 500, 1, -1, None], pa.timestamp("ns")),
            [
                ("D-1", "2026-01-01 00:00:00.000000500", TIME),
                ("D-2", "1970-01-01 00:00:00.000000001", TIME),
                ("D-3", "1969-12-31 23:59:59.999999999", TIME),
                ("D-4", "", "the field is required and is blank"),
            ],
        ),
        (
            pa.array([NEW_YEAR, NEW_YEAR + 1, 10**12, -(10**12), 32_503_680_000], pa.timestamp("s")),
            [
                ("D-1", "2026-01-01 00:00:01", TIME),
                ("D-2", "+33658-09-27 01:46:40", YEARS),
                ("D-3", "-29719-04-05 22:13:20", YEARS),
                ("D-4", "3000-01-01 00:00:00", YEARS),
            ],
        ),
        (
            pa.array([NEW_YEAR * 10**6, 2**63 - 1, -(2**63), -(2**63) + 1, 5 * 10**17], pa.timestamp("us")),
            [
                ("D-1", "+294247-01-10 04:00:54.775807", YEARS),
                ("D-2", "-290308-12-21 19:59:05.224192", YEARS),
                ("D-3", "-290308-12-21 19:59:05.224193", YEARS),
                ("D-4", "+17814-05-16 00:53:20", YEARS),
            ],
        ),
        (
            pa.array([NEW_YEAR // DAY, 2**31 - 1, -(2**31), -719_163, 2_932_897], pa.date32()),
            [
                ("D-1", "+5881580-07-11", YEARS),
                ("D-2", "-5877641-06-23", YEARS),
                ("D-3", "+0000-12-31", YEARS),
                ("D-4", "+10000-01-01", YEARS),
            ],
        ),
        (
            pa.array([NEW_YEAR * 1000, 10**15, 0, 0, 0], pa.date64()),
            [("D-1", "+33658-09-27", YEARS)],
        ),
    ],
    ids=["nanoseconds", "seconds", "microseconds", "days", "days in milliseconds"],
)
def test_days_and_times_of_typed_columns(
    tmp_path: Path, column: pa.Array, expected: list[tuple[str, str, str]]
) -> None:
    """To the nanosecond, and of years that Python has no date for: the row is rejected, not the file."""
    shape = schema(fact("deal", KEY, field("closed", DateType())))
    table = pa.table({"id": [f"D-{at}" for at in range(5)], "closed": column})
    pq.write_table(table, tmp_path / "deal.parquet")
    found = [read_book(shape, {"deal": table}), read_book(shape, tmp_path)]
    for got in found:
        assert [(each.key, each.value, each.reason) for each in got.rejects] == expected
        assert got.book.facts["deal"][0].values["closed"] == date(2026, 1, 1)


def test_the_last_nanosecond_of_a_day_is_of_that_day(tmp_path: Path) -> None:
    """A cast to microseconds would round it to the next day, or one before 1970 towards it."""
    end = (NEW_YEAR + DAY) * 10**9 - 1
    times = pa.array([end, end - 400, -1, -25_567 * DAY * 10**9, None], pa.timestamp("ns"))
    pq.write_table(pa.table({"id": list("abcde"), "closed": times}), tmp_path / "deal.parquet")
    manifest = "facts: {deal: {file: deal.parquet, columns: {closed: {time: drop}}}}\n"
    shape = schema(fact("deal", KEY, field("closed", DateType(), is_optional=True)))
    got = read_book(shape, write(tmp_path, {"facts.yaml": manifest}))
    assert [deal.values["closed"] for deal in got.book.facts["deal"]] == [
        *(date(2026, 1, 1), date(2026, 1, 1), date(1969, 12, 31), date(1900, 1, 1), None)
    ]


def test_times_of_old_parquet_reach_past_2262(tmp_path: Path) -> None:
    """INT96 counts days and nanoseconds by themselves; read as nanoseconds since 1970 they would wrap."""
    days = [datetime(2026, 1, 3), datetime(2500, 1, 1), datetime(1800, 1, 1), datetime(9999, 12, 31)]
    times = pa.array(days, pa.timestamp("us"))
    path = tmp_path / "deal.parquet"
    pq.write_table(
        pa.table({"id": list("abcd"), "closed": times}), path, use_deprecated_int96_timestamps=True
    )
    got = read_book(schema(fact("deal", KEY, field("closed", DateType()))), tmp_path)
    assert [deal.values["closed"] for deal in got.book.facts["deal"]] == [date(2026, 1, 3), date(2500, 1, 1)]
    assert [(each.value, each.reason) for each in got.rejects] == [
        ("1800-01-01 00:00:00", YEARS),
        ("9999-12-31 00:00:00", YEARS),
    ]


@pytest.mark.parametrize("mark", [" ", "\x01", "\x02", "\x03", "\x04", ";", "|", "\t", "é"])
def test_any_character_may_stand_between_values(tmp_path: Path, mark: str) -> None:
    """None of them is in what stands for a value that is not there."""
    head, row = HEAD.replace(",", mark), ROW.replace(",", mark)
    manifest = (
        "payees: {partner: {file: partner.csv}}\n"
        f'facts: {{deal: {{file: deal.csv, delimiter: "\\U{ord(mark):08x}"}}}}\n'
    )
    short_row = row.replace("D-1", "D-2").rpartition(mark)[0] + "\n"
    files = {"facts.yaml": manifest, "partner.csv": PARTNERS, "deal.csv": head + row + short_row}
    got = read_book(SHAPE, write(tmp_path, files))
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-1"]
    assert [each.code for each in got.rejects] == ["R1110"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("deal.jsonl", '{"id": "D-1"\n', "line 1 is not JSON: expecting ',' delimiter"),
        ("deal.jsonl", '{"id": "D-1"}\n[1]\n', "line 2 is not a JSON object"),
        ("deal.yaml", "id: D-1\n", "expected a list of records"),
        ("deal.yaml", "- {id: D-1, id: D-2}\n", "line 1 is not YAML: `id` occurs twice"),
        ("deal.yaml", "- !!python/object:os.system {}\n", "line 1 is not YAML: the tag"),
        ("deal.parquet", "PAR1", "this is not Parquet that can be read"),
        ("deal.csv.gz", "id\n", "this is not gzip, or is cut short"),
    ],
)
def test_other_formats_that_cannot_be_read(tmp_path: Path, name: str, content: str, expected: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_book(schema(fact("deal", KEY)), write(tmp_path, {name: content}))
    assert [d.code for d in caught.value.diagnostics] == ["R1004"]
    assert caught.value.diagnostics[0].message.startswith(expected)


PACKED = gzip.compress((HEAD + ROW).encode(), mtime=0)
CUT = "this is not gzip, or is cut short"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PACKED + gzip.compress(ROW.replace("D-1", "D-2").encode()), ""),
        (PACKED + b"\0", ""),
        (PACKED + b"\0" * 512, ""),
        (PACKED + b"junk", CUT),
        (PACKED + gzip.compress(ROW.encode())[:-3], CUT),
        (PACKED[:-8] + bytes(4) + PACKED[-4:], CUT),
        (PACKED[:-1], CUT),
        (PACKED[:15] + bytes([PACKED[15] ^ 255]) + PACKED[16:], CUT),
        (b"", "the file is empty; a header row is needed"),
        (gzip.compress(b""), "the file is empty; a header row is needed"),
    ],
    ids=[
        *("two members", "a NUL", "NULs", "junk", "second cut", "other sum", "cut", "other bit"),
        *("no bytes", "no text"),
    ],
)
def test_packed_files_that_are_padded_or_damaged(tmp_path: Path, content: bytes, expected: str) -> None:
    """What stands behind the text is read as far as it is none of it; by DuckDB as by Python."""
    write(tmp_path, {"partner.csv": "id\nana\n", "deal.csv.gz": content})
    if not expected:
        assert not read_book(SHAPE, tmp_path).rejects
        return
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, tmp_path)
    assert [(d.code, d.place, d.message) for d in caught.value.diagnostics] == [
        ("R1004", "deal.csv.gz", expected)
    ]


def damaged_parquet(folder: Path, column: str) -> Path:
    """Write deals and a column that nobody reads, the pages of one of them overwritten."""
    deals = pa.table(
        {
            "id": [f"D-{at}" for at in range(50)],
            "partner": ["ana"] * 50,
            "amount": ["1.50"] * 50,
            "closed": [date(2026, 1, 20)] * 50,
            "note": ["spare"] * 50,
        }
    )
    path = folder / "deal.parquet"
    pq.write_table(deals, path, use_dictionary=False, compression="none")
    place = deals.column_names.index(column)
    at = pq.ParquetFile(path).metadata.row_group(0).column(place).data_page_offset
    content = path.read_bytes()
    write(folder, {"deal.parquet": content[:at] + b"\xff" * 16 + content[at + 16 :]})
    return write(folder, {"partner.csv": "id\nana\n"})


@pytest.mark.parametrize("column", ["id", "partner", "amount", "closed"])
def test_damaged_parquet(tmp_path: Path, column: str) -> None:
    """DuckDB has several kinds of errors for it; the file is refused in the words of its own reader."""
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, damaged_parquet(tmp_path, column))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.place) == ("R1004", "deal.parquet")
    assert problem.message.startswith("this is not Parquet that can be read: ")


def test_parquet_that_is_damaged_where_nobody_reads(tmp_path: Path) -> None:
    """Both intakes read the wanted columns only, so that a large file need not be read as a whole."""
    got = read_book(SHAPE, damaged_parquet(tmp_path, "note"))
    assert len(got.book.facts["deal"]) == 50


def test_several_damaged_files_are_all_named(tmp_path: Path) -> None:
    """One that is damaged in its rows does not hide what is wrong with another."""
    folder = damaged_parquet(tmp_path, "amount")
    visits = fact("visit", KEY, field("partner", RecordType("partner"), is_credited=True))
    write(folder, {"visit.csv": b"id,partner\nV-1,\xff\n"})
    with pytest.raises(Rejected) as caught:
        read_book(schema(PARTNER, DEAL, visits), folder)
    assert [(d.code, d.place) for d in caught.value.diagnostics] == [
        ("R1004", "deal.parquet"),
        ("R1004", "visit.csv"),
    ]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1e3", "R1102 amount"),
        ("NaN", "R1102 amount"),
        ("true", "R1102 amount"),
        ("[1]", "R1102 amount"),
        ("1.005", "R1103 amount"),
        ("null", "R1101 amount"),
        ('"1,000.00"', "R1102 amount"),
    ],
)
def test_json_values(tmp_path: Path, amount: str, expected: str) -> None:
    shape = schema(fact("deal", KEY, field("amount", USD)))
    folder = write(tmp_path, {"deal.jsonl": f'{{"id": "D-1", "amount": {amount}}}\n'})
    assert [short(r) for r in read_book(shape, folder).rejects] == [f"deal.jsonl:1 {expected}"]


def test_a_name_twice_in_a_json_record(tmp_path: Path) -> None:
    folder = write(tmp_path, {"deal.jsonl": '{"id": "D-1"}\n{"id": "D-2", "id": "D-3"}\n'})
    got = read_book(schema(fact("deal", KEY)), folder)
    assert [(short(r), r.reason) for r in got.rejects] == [
        ("deal.jsonl:2 R1110", "`id` occurs twice in this record")
    ]


def test_a_name_twice_in_each_json_record(tmp_path: Path) -> None:
    """No field is missing of which all records have values."""
    record = '{"id": "D-1", "amount": "1.00", "amount": "2.00"}\n'
    folder = write(tmp_path, {"deal.jsonl": record})
    got = read_book(schema(fact("deal", KEY, field("amount", USD))), folder)
    assert [(short(r), r.reason) for r in got.rejects] == [
        ("deal.jsonl:1 R1110", "`amount` occurs twice in this record")
    ]


def test_python_floats_are_refused() -> None:
    shape = schema(fact("deal", KEY, field("amount", USD)))
    got = read_book(shape, {"deal": [{"id": "D-1", "amount": 0.1}]})
    assert [(short(r), r.reason) for r in got.rejects] == [
        ("deal:1 R1102 amount", "a float is not exact; pass a decimal.Decimal, an integer or text")
    ]


def test_mappings_name_kinds_of_the_plan(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": PARTNERS})
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, {"partner": str(tmp_path / "p.csv"), "deals": [], "x": 3})
    assert [(d.code, d.message, d.hint) for d in caught.value.diagnostics] == [
        ("R1002", "no facts for `deal`", "did you mean `deals`?"),
        ("R1005", "the plan has no kind, quota or rates `deals`", "did you mean `deal`?"),
        ("R1005", "the plan has no kind, quota or rates `x`", ""),
    ]
    with pytest.raises(Rejected, match="expected a path, a table or records, found int"):
        read_book(SHAPE, {"partner": tmp_path / "p.csv", "deal": 3})


class Relation:
    """Something that hands out Arrow, as DuckDB's relations do."""

    def arrow(self) -> pa.RecordBatchReader:
        return pa.table({"id": ["ana"]}).to_reader()


class Frame:
    """Something that hands out Arrow, as Polars frames do."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table({"id": ["ana"]}).__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("data", [Relation(), Frame()])
def test_data_frames_are_told_by_what_they_can_do(data: object) -> None:
    got = read_book(schema(payee("partner", KEY)), {"partner": data})
    assert list(got.book.payees["partner"]) == ["ana"]
    assert got.files == ()


def test_files_are_hashed(tmp_path: Path) -> None:
    got = read(tmp_path, schema(payee("partner", KEY)), partner="id\n")
    assert got.files == (("partner.csv", hashlib.sha256(b"id\n").hexdigest(), 3),)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.csv": "id\n", "b/x.csv": "id\nana\n"})
    shape = schema(payee("partner", KEY), payee("agent", KEY))
    got = read_book(shape, {"partner": "a/x.csv", "agent": "b/x.csv"}, root=tmp_path)
    assert [(Path(name).parent.name, size) for name, _, size in got.files] == [("a", 3), ("b", 7)]


def test_a_long_cell_is_read_up_to_a_bound(tmp_path: Path) -> None:
    """Beyond it a quote is likely not closed; other users of the reader keep their own bound."""
    usual = csv.field_size_limit()
    head = "note," + HEAD
    got = read(tmp_path, SHAPE, partner=PARTNERS, deal=head + '"' + "x" * 3_000_000 + '",' + ROW)
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-1"]
    assert problems_of(tmp_path, deal=head + "x" * 10_000_001 + "," + ROW) == [
        "deal.csv R1004 a value with more than 10,000,000 characters, found by line 2"
        " (a quote that is never closed may hold all that follows it)"
    ]
    assert csv.field_size_limit() == usual
