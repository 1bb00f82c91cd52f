"""How long facts take from files into tables, beside DuckDB reading the same files without a look at them.

    python -m benchmarks.intake [--rows 1000000] [--rounds 3] [--memory 2GB] [--threads 2]

Nanoseconds of CPU and of wall time a row, medians of interleaved rounds; the ratio is what the checks,
the exact numbers and the account of every row cost.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import duckdb

from rulesengine.intake.by_sql import store_book
from rulesengine.model.dates import CALENDAR_YEAR, DateRange
from rulesengine.model.schema import Field, RecordKind, Role, Schema
from rulesengine.model.types import DateType, FlagType, MoneyType, NumberType, RecordType, TextType

PARTNERS = 20_000
_KEY = Field(name="id", type=TextType(), decimals=0, is_key=True)
SCHEMA = Schema(
    currency="USD",
    fiscal=CALENDAR_YEAR,
    effective=DateRange(date(2026, 1, 1), date(2026, 12, 31)),
    kinds={
        "partner": RecordKind(name="partner", role=Role.PAYEE, fields=(_KEY,)),
        "deal": RecordKind(
            name="deal",
            role=Role.FACT,
            fields=(
                _KEY,
                Field(name="partner", type=RecordType("partner"), decimals=0, is_credited=True),
                Field(name="amount", type=MoneyType("USD"), decimals=2),
                Field(name="closed", type=DateType(), decimals=0, is_event=True),
                Field(name="product", type=TextType(), decimals=0),
                Field(name="quantity", type=NumberType(), decimals=9),
                Field(name="region", type=TextType(one_of=("emea", "apac", "amer")), decimals=0),
                Field(name="renewal", type=FlagType(), decimals=0),
            ),
        ),
    },
    quotas={},
)


def write_facts(folder: Path, rows: int) -> None:
    """Write seeded deals as CSV and as Parquet, and their partners."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TABLE deal AS SELECT
              'D-' || lpad(CAST(i AS VARCHAR), 9, '0') AS id,
              'P-' || lpad(CAST(hash(i) % {PARTNERS} AS VARCHAR), 5, '0') AS partner,
              CAST(hash(i * 7) % 1000000 AS DECIMAL(18, 2))
                + CAST(hash(i * 9) % 100 AS DECIMAL(18, 2)) * 0.01 AS amount,
              DATE '2026-01-01' + CAST(hash(i * 3) % 365 AS INTEGER) AS closed,
              'product ' || (hash(i * 5) % 40) AS product,
              CAST(hash(i * 11) % 5 + 1 AS BIGINT) AS quantity,
              ['emea', 'apac', 'amer'][1 + CAST(hash(i * 13) % 3 AS INTEGER)] AS region,
              hash(i * 17) % 2 = 0 AS renewal
            FROM range({rows}) t(i)"""
        )
        columns = "* REPLACE (CAST(amount AS DECIMAL(18, 2)) AS amount)"
        connection.execute(f"COPY (SELECT {columns} FROM deal) TO '{folder}/deal.parquet'")
        connection.execute(f"COPY (SELECT {columns} FROM deal) TO '{folder}/deal.csv' (HEADER)")
        partners = f"SELECT 'P-' || lpad(CAST(i AS VARCHAR), 5, '0') AS id FROM range({PARTNERS}) t(i)"
        connection.execute(f"COPY ({partners}) TO '{folder}/partner.csv' (HEADER)")


def bare(folder: Path, format: str) -> Callable[[duckdb.DuckDBPyConnection], object]:
    """Return what reads a file into a table as it is, all texts in CSV."""
    options = ", all_varchar=true, header=true" if format == "csv" else ""
    query = f"CREATE TABLE deal AS SELECT * FROM read_{format}('{folder}/deal.{format}'{options})"
    return lambda connection: connection.execute(query)


def stored(folder: Path, format: str) -> Callable[[duckdb.DuckDBPyConnection], object]:
    """Return what reads it with every check."""
    source = {"partner": folder / "partner.csv", "deal": folder / f"deal.{format}"}
    return lambda connection: store_book(connection, SCHEMA, source)


def measure(
    read: Callable[[duckdb.DuckDBPyConnection], object], settings: dict[str, str | int]
) -> tuple[int, int]:
    """Return nanoseconds of wall and of CPU time that one reading takes."""
    with duckdb.connect(config=settings) as connection:
        wall, cpu = time.perf_counter_ns(), _cpu()
        read(connection)
        return time.perf_counter_ns() - wall, _cpu() - cpu


def _cpu() -> int:
    times = os.times()
    return round((times.user + times.system) * 1_000_000_000)


def main() -> None:
    """Write facts, read them in turns, print nanoseconds a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_facts(folder, options.rows)
        settings: dict[str, str | int] = {
            "memory_limit": options.memory,
            "threads": options.threads,
            "temp_directory": f"{folder}/spill",
        }
        ways = {(f, way): way(folder, f) for f in ("csv", "parquet") for way in (bare, stored)}
        found: dict[tuple[str, object], list[tuple[int, int]]] = {key: [] for key in ways}
        for _ in range(options.rounds):
            for key, read in ways.items():
                found[key].append(measure(read, settings))
        print(f"{options.rows:,} deals of 8 columns, {options.threads} threads, {options.memory}")
        print("format    wall ns/row: bare  stored  ratio    cpu ns/row: bare  stored  ratio")
        for format in ("csv", "parquet"):
            figures = []
            for at in (0, 1):
                low, high = (
                    median(times[at] for times in found[format, way]) / options.rows for way in (bare, stored)
                )
                figures.append(f"{low:7.0f} {high:7.0f} {high / low:6.2f}")
            print(f"{format:9} {'':12}{figures[0]}   {'':12}{figures[1]}")


if __name__ == "__main__":
    main()
