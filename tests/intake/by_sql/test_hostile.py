"""Facts that were made to be misread: both intakes say the same of every one of them."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rulesengine.diagnostics import Rejected
from rulesengine.intake.by_sql import across_rows
from rulesengine.model.dates import WindowKind
from rulesengine.model.schema import RatesShape
from rulesengine.model.types import (
    DateType,
    FlagType,
    MoneyType,
    NumberType,
    PercentType,
    RecordType,
    TextListType,
    TextType,
)
from tests.intake.by_sql.parity import both
from tests.intake.shapes import KEY, USD, fact, field, payee, quota, schema, write

KEYS = st.sampled_from(
    ["a", "b", "c", "d", "e", " a", "A", "é", "a b", "", "7", "x\x07", "\u2003b", "a'b", 'q"q']
)
HOSTILE = [
    *(
        "",
        " ",
        "0",
        "-0",
        "00",
        "1",
        "-1",
        "+5",
        " 1 ",
        "1e5",
        "1E5",
        "NaN",
        "inf",
        "1_000",
        "1,000.00",
        "1.",
        ".5",
    ),
    *(
        "-.5",
        "..5",
        "1.005",
        "12.50",
        "12.500000",
        "0.000000001",
        "0.0000000001",
        "999999999999999999",
        "1" * 19,
    ),
    *(
        "123456789012345678.99",
        "0x10",
        "١٢",
        "\uff11\uff12",
        "5 USD",
        "5  USD",
        "5 EUR",
        "5\xa0USD",
        "USD",
        "5%",
        "5 %",
        "%",
    ),
    *("0.5%", "-5%", "12.123456789%", "2026-01-31", "2026-1-31", "2026-02-30", "1899-12-31", "2999-12-31"),
    *(
        "3000-01-01",
        "0001-01-01",
        "2026-01-31T00:00",
        "2026-01-31 00:00:00.000",
        "2026-01-31 09:30",
        "2026-01-31T24:00",
    ),
    *(
        "31/01/2026",
        "1/2/2026",
        "46053",
        "infinity",
        "epoch",
        "2026-01-31 (BC)",
        "20260131",
        "yes",
        "No",
        "TRUE",
        "t",
    ),
    *(
        "1.0",
        "true ",
        "gold",
        "Gold",
        " gold",
        "tin",
        "a;b",
        ";;",
        " a ; b ",
        "a;\x07",
        "null",
        "NULL",
        "None",
        "\\N",
    ),
    *(
        "a\x00b",
        "tab\there",
        "\x85",
        "\u2028",
        "x" * 81,
        "😀",
        "e\u0301",
        "'; DROP TABLE x; --",
        "{}",
        "$$",
        "2026-Q1",
    ),
    *("2026-01", "EUR", "JPY", "XXQ", "eur", "1201", "1200", "1.5"),
]
VALUES = st.sampled_from(HOSTILE) | st.text(alphabet="01.-+e %USD\xa0a", max_size=8)

DEAL = fact(
    "deal",
    KEY,
    field("partner", RecordType("partner"), is_credited=True),
    field("amount", USD),
    field("cash", MoneyType("", by=("currency",)), 4, is_signed=True, is_optional=True),
    field("due", MoneyType("", by=("partner", "currency")), 4, is_optional=True),
    field("currency", TextType(), is_currency=True, is_optional=True),
    field("closed", DateType(), is_event=True),
    field("units", NumberType(), is_optional=True),
    field("months", NumberType(), is_count=True, is_optional=True),
    field("share", PercentType(), is_optional=True),
    field("won", FlagType(), is_optional=True),
    field("tags", TextListType()),
    field("tier", TextType(one_of=("gold", "silver")), is_optional=True),
    field("note", is_optional=True),
    field("undoes", RecordType("deal"), is_optional=True, is_reverses=True),
)
PARTNER = payee(
    "partner",
    KEY,
    field("name", is_optional=True),
    field("currency", TextType(), is_currency=True, is_optional=True),
    field("tier", is_history=True, is_optional=True),
    field("lead", RecordType("partner"), is_history=True, is_optional=True),
)
MONTH = payee("month", field("id", NumberType(), is_key=True), field("first", DateType(), is_optional=True))
TARGET = replace(
    quota(WindowKind.MONTH),
    keys=(("partner", RecordType("partner")), ("number", RecordType("month")), ("share", PercentType())),
)
SHAPE = replace(
    schema(PARTNER, MONTH, DEAL, quotas=(TARGET,)),
    rates={"ecb": RatesShape(name="ecb", base="EUR", is_per_base=True, within_days=7)},
)
GOOD = {
    "id": KEYS,
    "partner": KEYS,
    "lead": KEYS,
    "undoes": st.just("") | KEYS,
    "amount": st.sampled_from(["1", "2.50", "-1", "-2.50", "0"]),
    "cash": st.sampled_from(["1", "2.50", "-1.005", "5 EUR", "7.1"]),
    "due": st.sampled_from(["1", "2.50", "5 EUR", "7.123"]),
    "currency": st.sampled_from(["EUR", "JPY", "USD", ""]),
    "closed": st.dates(date(2026, 1, 1), date(2026, 1, 9)).map(str),
    "from": st.just("") | st.dates(date(2026, 1, 1), date(2026, 1, 3)).map(str),
    "share": st.sampled_from(["5%", "0.5%", ""]),
    "number": st.sampled_from(["1", "2", "01", "1.0"]),
    "period": st.sampled_from(["2026-01", "2026-02", "2026-01-31"]),
    "rate": st.sampled_from(["1.1", "0", "2"]),
}
COLUMNS = {
    "partner": ["id", "name", "currency", "tier", "lead", "from"],
    "month": ["id", "first"],
    "deal": [each.name for each in DEAL.fields],
    "booking_quota": ["partner", "number", "share", "period", "amount"],
    "ecb": ["date", "currency", "rate"],
}


@st.composite
def csv_text(draw: Any, kind: str) -> str:
    """A file of a kind: mostly what may stand there, some of it hostile, some rows of another width."""
    columns = COLUMNS[kind]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(columns)
    is_month = kind == "month"
    for _ in range(draw(st.integers(0, 7))):
        row = []
        for name in columns:
            usual = st.sampled_from(["1", "2", "01", "3"]) if is_month and name == "id" else GOOD.get(name)
            row.append(draw(VALUES if usual is None or draw(st.integers(0, 9)) == 0 else usual))
        if draw(st.integers(0, 30)) == 0:
            row = row[:-1] if draw(st.booleans()) else [*row, "more"]
        writer.writerow(row)
    text = out.getvalue()
    if draw(st.integers(0, 25)) == 0:
        at = draw(st.integers(0, len(text)))
        noise = draw(st.sampled_from(['"', "\n", "\r", "\r\n", ' "', '" ', "\ufeff", ",", "\n\n"]))
        text = text[:at] + noise + text[at:]
    return text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({kind: csv_text(kind) for kind in COLUMNS}), st.booleans())
def test_hostile_csv(texts: dict[str, str], is_distinct: bool) -> None:
    """Keys, references, histories, reversals, currencies, quotas and rates, rightly written or not."""
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), {f"{kind}.csv": text for kind, text in texts.items()})
        if is_distinct:
            write(folder, {"facts.yaml": "payees: {partner: {file: partner.csv, distinct: true}}\n"})
        try:
            both(SHAPE, folder)
        except Rejected:
            return


OPTIONS = {
    "closed": [
        "{column: closed}",
        "{format: '%d/%m/%Y'}",
        "{format: '%Y%m%d'}",
        "{format: '%d %b %y', time: drop}",
        "{time: drop}",
        "{format: '%m/%d/%Y %I:%M %p'}",
        "{constant: 2026-01-05}",
        "{map: {soon: 2026-01-05, '': 2026-01-06}}",
    ],
    "amount": ["{column: amount}", "{currency: money}", "{constant: 5.25}", "{map: {none: 0, bad: x}}"],
    "share": ["{column: share}", "{as: ratio}", "{as: percent}", "{constant: 5%}"],
    "won": ["{column: won}", "{map: {1: yes, 0: no, '': no}}", "{map: {t: x}}"],
    "tags": ["{column: tags}", "{separator: '|'}", "{map: {t: 'a;b', '': c}}"],
    "tier": ["{column: tier}", "{map: {tin: gold, gold: silver, '': gold, x: ''}}"],
    "partner": ["{column: partner}", "{map: {x: a, '': b}}", "{constant: a}"],
}
PLAIN = schema(
    payee("partner", KEY),
    fact(
        "deal",
        KEY,
        field("partner", RecordType("partner"), is_credited=True),
        field("amount", USD, is_signed=True),
        field("closed", DateType(), is_event=True),
        field("share", PercentType(), is_optional=True),
        field("won", FlagType(), is_optional=True),
        field("tags", TextListType(), is_optional=True),
        field("tier", TextType(one_of=("gold", "silver")), is_optional=True),
    ),
)
SPELT = st.sampled_from(
    [
        "t",
        "x",
        "none",
        "bad",
        "soon",
        "5/1/2026",
        "05/01/2026",
        "05/31/2026 12:00 AM",
        "5 Jan 26",
        "31 DEC 99",
        "a|b",
        "0.5",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.fixed_dictionaries({name: st.sampled_from(options) for name, options in OPTIONS.items()}),
    st.lists(st.lists(VALUES | SPELT, min_size=7, max_size=9), max_size=8),
    st.sampled_from([",", ";", "|", "\t", "¦"]),
)
def test_manifests(options: dict[str, str], rows: list[list[str]], mark: str) -> None:
    """Every option of a column, over values that suit it and others."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator="\n")
    writer.writerow(["id", *OPTIONS, "money"])
    writer.writerows([[f"D-{at}", *row] for at, row in enumerate(rows)])
    columns = "".join(f"      {name}: {option}\n" for name, option in options.items())
    shown = "\\t" if mark == "\t" else mark
    manifest = (
        "payees: {partner: {file: p.csv}}\nfacts:\n  deal:\n    file: d.csv\n"
        f'    delimiter: "{shown}"\n    columns:\n{columns}'
    )
    with tempfile.TemporaryDirectory() as name:
        folder = write(
            Path(name), {"facts.yaml": manifest, "p.csv": "id\na\nb\nx\n", "d.csv": out.getvalue()}
        )
        try:
            both(PLAIN, folder)
        except Rejected:
            return


def midnight(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime(day.year, day.month, day.day)


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=Decimal(-(10**15)), max_value=10**15
)
TYPES: dict[str, list[tuple[pa.DataType, Any]]] = {
    "amount": [
        (pa.decimal128(38, 4), NUMBERS),
        (pa.decimal128(19, 2), st.decimals(places=2, min_value=-(10**16), max_value=10**16)),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.uint64(), st.integers(0, 2**64 - 1)),
        (pa.string(), VALUES),
    ],
    "closed": [
        (pa.date32(), st.dates()),
        (pa.timestamp("us"), st.datetimes() | st.dates().map(midnight)),
        (pa.timestamp("ns"), st.dates(date(1700, 1, 1), date(2260, 1, 1)).map(midnight)),
        (pa.string(), VALUES),
    ],
    "share": [(pa.string(), VALUES), (pa.decimal128(9, 4), st.just(Decimal("0.15")))],
    "won": [(pa.bool_(), st.booleans()), (pa.string(), VALUES)],
    "tags": [(pa.list_(pa.string()), st.lists(VALUES | st.none(), max_size=3)), (pa.string(), VALUES)],
    "tier": [(pa.string(), VALUES), (pa.dictionary(pa.int32(), pa.string()), VALUES), (pa.null(), st.none())],
}


@st.composite
def typed_table(draw: Any) -> pa.Table:
    """A table of deals with columns of some of the types that may stand in Parquet."""
    count = draw(st.integers(0, 6))
    columns = {"id": pa.array([f"D-{at}" for at in range(count)], pa.string()), "partner": ["a"] * count}
    for name, choices in TYPES.items():
        type, values = draw(st.sampled_from(choices))
        cells = draw(st.lists(st.none() | values, min_size=count, max_size=count))
        columns[name] = pa.array(cells, type)
    return pa.table(columns)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(typed_table(), st.sampled_from([None, "ratio", "percent"]))
def test_typed_columns(table: pa.Table, spelt: str | None) -> None:
    """Parquet and tables in memory, of every type that is taken."""
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), {"p.csv": "id\na\n"})
        pq.write_table(table, folder / "d.parquet")
        option = f", columns: {{share: {{as: {spelt}}}}}" if spelt else ""
        manifest = f"payees: {{partner: {{file: p.csv}}}}\nfacts: {{deal: {{file: d.parquet{option}}}}}\n"
        write(folder, {"facts.yaml": manifest})
        for source in (folder, {"partner": folder / "p.csv", "deal": table}):
            try:
                both(PLAIN, source)
            except Rejected:
                continue


def test_a_row_is_met_by_the_row_that_it_undoes_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two rows with one key the last is met, though the other is looked at together with it."""
    monkeypatch.setattr(across_rows, "_GROUPS", 1)
    rows = [
        "1,a,-1,2026-01-05,2",
        "2,a,-5,2026-01-06,1",
        "2,a,5,2026-01-09,",
        "3,a,-1,2026-01-02,1",
    ]
    deal = fact(
        "deal",
        KEY,
        field("partner", RecordType("partner"), is_credited=True),
        field("amount", USD),
        field("closed", DateType(), is_event=True),
        field("undoes", RecordType("deal"), is_optional=True, is_reverses=True),
    )
    head = "id,partner,amount,closed,undoes\n"
    folder = write(tmp_path, {"partner.csv": "id\na\n", "deal.csv": head + "\n".join(rows) + "\n"})
    got = both(schema(payee("partner", KEY), deal), folder)
    assert "it is dated 2026-01-05, before `2` of 2026-01-09" in [reject.reason for reject in got.rejects]
