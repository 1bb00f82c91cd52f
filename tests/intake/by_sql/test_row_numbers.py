"""Rows keep the order of their input, whatever is read and however many threads read it.

The number of a row is where it stands in its stage, so that a plan of the database from which rows come
in another order would name other rows in rejects, and let another row of a payee be the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from rulesengine.intake.by_sql import load, quoting, store_book
from rulesengine.model.dates import WindowKind
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
from tests.intake.shapes import KEY, USD, fact, field, payee, quota, schema, write

ROWS = 40_000
BAD = (1, 7_001, 20_000, ROWS - 1)
FIVE = ("lead", "won", "lost", "open", "new")
MANY = tuple(f"code {at}" for at in range(300))

PARTNER = payee("partner", KEY, field("currency", TextType(), is_currency=True))
TEAM = payee("team", field("id", NumberType(), is_key=True))
DAY = payee("day", field("id", DateType(), is_key=True))
SIDE = payee("side", field("id", FlagType(), is_key=True))
DEAL = fact(
    "deal",
    KEY,
    field("partner", RecordType("partner"), is_credited=True),
    field("team", RecordType("team")),
    field("day", RecordType("day")),
    field("side", RecordType("side")),
    field("amount", USD),
    field("cash", MoneyType("", by=("currency",)), is_signed=True),
    field("due", MoneyType("", by=("partner", "currency"))),
    field("currency", TextType(), is_currency=True),
    field("closed", DateType(), is_event=True),
    field("booked", DateType()),
    field("units", NumberType()),
    field("months", NumberType(), is_count=True),
    field("share", PercentType()),
    field("won", FlagType()),
    field("paid", FlagType()),
    field("tags", TextListType()),
    field("stage", TextType(one_of=FIVE)),
    field("code", TextType(one_of=MANY)),
    field("number", TextType(one_of=tuple(map(str, range(300))))),
    field("note"),
    field("undoes", RecordType("deal"), is_optional=True, is_reverses=True),
)
TARGET = replace(quota(WindowKind.MONTH), keys=(("partner", RecordType("partner")), ("stage", TextType())))
SHAPE = schema(PARTNER, TEAM, DAY, SIDE, DEAL, quotas=(TARGET,))
PLACES = range(ROWS)
DEALS: dict[str, list[Any]] = {
    "id": [f"D-{at}" for at in PLACES],
    "partner": ["ana", "ben"] * (ROWS // 2),
    "team": [at % 7 for at in PLACES],
    "day": ["2026-01-05"] * ROWS,
    "side": ["yes", "No"] * (ROWS // 2),
    "amount": ["x" if at in BAD else f"{at % 90}.5" for at in PLACES],
    "money": ["USD"] * ROWS,
    "cash": ["7"] * ROWS,
    "due": ["1.25"] * ROWS,
    "currency": ["EUR", "USD", "JPY", "GBP"] * (ROWS // 4),
    "closed": [date(2026, 1, 1) + timedelta(at % 28) for at in PLACES],
    "booked": ["5 JAN 26", "06 Feb 26"] * (ROWS // 2),
    "units": [Decimal(at % 5) for at in PLACES],
    "months": [1 + at % 12 for at in PLACES],
    "share": ["15%", "2.5%"] * (ROWS // 2),
    "won": ["yes", "FALSE", "No", "true"] * (ROWS // 4),
    "paid": [f"paid {at % 8}" for at in PLACES],
    "tags": ["a; b", "c"] * (ROWS // 2),
    "stage": [FIVE[at % len(FIVE)] for at in PLACES],
    "code": [MANY[at % len(MANY)] for at in PLACES],
    "number": [at % 300 for at in PLACES],
    "note": [f"{'n' * 300} {at % 10}" for at in PLACES],
    "undoes": ["", None] * (ROWS // 2),
}
MANIFEST = f"""
payees:
  partner: {{file: partner.csv}}
  team: {{file: team.csv}}
  day: {{file: day.csv}}
  side: {{file: side.csv}}
quotas: {{booking_quota: {{file: quota.csv}}}}
facts:
  deal:
    file: FILE
    columns:
      amount: {{currency: money}}
      booked: {{format: '%d %b %y'}}
      paid: {{map: {{{", ".join(f"paid {at}: {'yes' if at % 2 else 'no'}" for at in range(8))}}}}}
"""
OTHERS = {
    "partner.csv": "id,currency\nana,EUR\nben,USD\n",
    "team.csv": "id\n" + "".join(f"{at}\n" for at in range(7)),
    "day.csv": "id\n2026-01-05\n",
    "side.csv": "id\nyes\nno\n",
    "quota.csv": "partner,stage,period,amount\n"
    + "".join(f"{who},{stage},2026-01,5\n" for who in ("ana", "ben") for stage in FIVE),
}
ORDERED = {"BATCH_INSERT", "PROJECTION", "READ_CSV", "READ_PARQUET", "PARQUET_SCAN", "PYTHON_ARROW_SCAN"}


def sources(folder: Path, kind: str) -> Any:
    """Return the same deals as a file of some kind, or in memory."""
    table = pa.table(DEALS)
    file = f"deal.{kind}"
    if kind == "parquet":
        pq.write_table(table, folder / file, row_group_size=2_048)
    elif kind == "csv":
        # Several buffers of DuckDB, each of some megabytes.
        pyarrow.csv.write_csv(table, folder / file)
    else:
        return {
            **{name.removesuffix(".csv"): folder / name for name in OTHERS if name != "quota.csv"},
            "booking_quota": folder / "quota.csv",
            "deal": table,
        }
    return write(folder, {"facts.yaml": MANIFEST.replace("FILE", file)})


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("kind", ["csv", "parquet", "memory"])
def test_a_row_stands_where_it_stood_in_its_input(
    tmp_path: Path, kind: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fields of every type, lists of a few texts and of many: each row has the number of its own."""
    write(tmp_path, OTHERS)
    source = sources(tmp_path, kind)
    if kind == "memory":
        # What only a manifest says of a column is left to the files.
        plain = {"booked": ["2026-01-05"] * ROWS, "paid": ["no"] * ROWS}
        batches = pa.table(DEALS | plain).to_batches(max_chunksize=2_048)
        source["deal"] = pa.Table.from_batches(batches)
    plans: list[str] = []
    usual = load.Loader._run

    def watched(self: load.Loader, statement: str) -> int:
        (plan,) = self.connection.execute(f"EXPLAIN (FORMAT json) {statement}").fetchall()
        plans.append(plan[1])
        return usual(self, statement)

    monkeypatch.setattr(load.Loader, "_run", watched)
    with duckdb.connect(config={"threads": threads}) as connection:
        found = store_book(connection, SHAPE, source)
        elsewhere = connection.execute(
            'SELECT count(*) FROM fact_deal WHERE CAST(id[3:] AS BIGINT) + 1 <> "@row"'
        ).fetchall()
        rejected = connection.execute(f'SELECT "row", "key" FROM {found.rejects}').fetchall()
    assert elsewhere == [(0,)]
    assert rejected == [(at + 1, f"D-{at}") for at in BAD]
    assert found.book.facts["deal"].rows == ROWS - len(BAD)
    operators = {name for plan in plans for top in json.loads(plan) for name in names_in(top)}
    # A join, a window or an unnesting would let rows go by in any order.
    assert operators <= ORDERED


def names_in(operator: dict[str, Any]) -> Iterator[str]:
    """Yield the names of an operator and of those below it."""
    yield operator["name"].strip()
    for child in operator["children"]:
        yield from names_in(child)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 40, 300])
@pytest.mark.parametrize("threads", [2, 4])
def test_a_list_of_texts_keeps_rows_in_order(tmp_path: Path, count: int, threads: int) -> None:
    """Few texts and many, in a condition and as what they stand for."""
    texts = [f"it's {at}" for at in range(count)]
    cells = [None if at % 11 == 0 else texts[at % count] if at % 3 else "other" for at in range(60_000)]
    pq.write_table(
        pa.table({"place": range(60_000), "x": cells}), tmp_path / "x.parquet", row_group_size=2_048
    )
    values = {text: f"'{at}'" for at, text in enumerate(texts)}
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("CREATE TABLE t (n BIGINT, is_among BOOLEAN, found VARCHAR)")
        connection.execute(
            f"INSERT INTO t SELECT place, {quoting.among('x', texts)}, {quoting.looked_up('x', values)} "
            f"FROM read_parquet({quoting.text(str(tmp_path / 'x.parquet'))})"
        )
        found = connection.execute("SELECT rowid, n, is_among, found FROM t ORDER BY rowid").fetchall()
    expected = {text: str(at) for at, text in enumerate(texts)}
    assert found == [
        (at, at, True if cell in expected else None, expected.get(cell or ""))
        for at, cell in enumerate(cells)
    ]
