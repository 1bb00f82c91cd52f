"""Runs `opponent.sql`: a folder of facts in, `lines.parquet` and `statements.parquet` out.

python -m benchmarks.deals.opponent --facts build/bench/deals-1m --out build/bench/opponent-1m
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

QUERY = Path(__file__).with_name("opponent.sql")
ORDER = " order by payee, payable_on, rule, closed, id, step, part_number, sequence"
"""That of the product's tables; rules and payees are enums, in the order of the plan and of the keys."""
OPTIONS = ", dictionary_size_limit 100"
"""Ids of which nearly each is another get no dictionary that is thrown away again; enums keep theirs."""


def run(
    facts: Path,
    out: Path,
    *,
    is_sorted: bool = False,
    threads: int = 0,
    memory: str = "",
    options: str = OPTIONS,
) -> None:
    """Write the lines and the statements of `plan.rules` over the facts of a folder.

    Args:
        is_sorted: whether lines come in the order of the product's tables.
        threads, memory: what DuckDB may use; all there is if not given.
        options: of the Parquet files, behind `format parquet`.
    """
    import duckdb

    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        database.execute("set preserve_insertion_order = false")
        database.execute("set enable_progress_bar = false")
        database.execute(f"set temp_directory = '{out}'")
        if threads:
            database.execute(f"set threads = {threads}")
        if memory:
            database.execute(f"set memory_limit = '{memory}'")
        for statement in _statements(facts, out, ORDER if is_sorted else "", options):
            database.execute(statement)


def _statements(facts: Path, out: Path, order: str, options: str) -> Iterator[str]:
    text = QUERY.read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    format = "parquet" if (facts / "deal.parquet").exists() else "csv"
    names = {"facts": facts, "out": out, "format": format, "order": order, "options": options}
    for name, value in names.items():
        text = text.replace("{" + name + "}", str(value))
    return (statement.strip() for statement in text.split(";\n") if statement.strip())


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description="The hand-written SQL for benchmarks/deals/plan.rules.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sorted", action="store_true", dest="is_sorted")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--memory", default="")
    run(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
