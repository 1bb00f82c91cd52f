"""Runs `opponent.sql`: a folder of facts in, `lines.parquet` and `statements.parquet` out.

    python -m benchmarks.deals.opponent --facts build/bench/deals-1m --out build/bench/opponent-1m

With `--whole` facts are checked before, and rejects, rows that earned nothing, payees and control totals are
written as well: what is in the run folder of the product. With `--lines` only lines are written.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

QUERY = Path(__file__).with_name("opponent.sql")
INTAKE, TOTALS = QUERY.with_name("opponent_intake.sql"), QUERY.with_name("opponent_totals.sql")
ORDER = " order by payee, payable_on, rule, closed, id, step, part_number, sequence"
"""That of the product's tables; rules and payees are enums, in the order of the plan and of the keys."""
OPTIONS = ", dictionary_size_limit 100"
"""Ids of which nearly each is another get no dictionary that is thrown away again; enums keep theirs."""


def run(
    facts: Path,
    out: Path,
    *,
    is_sorted: bool = False,
    parts: str = "",
    threads: int = 0,
    memory: str = "",
    options: str = OPTIONS,
) -> None:
    """Write the lines and the statements of `plan.rules` over the facts of a folder.

    Args:
        is_sorted: whether lines come in the order of the product's tables.
        parts: `whole` for all that the product writes and checks; `lines` for lines alone.
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
        names = {"facts": facts, "out": out, "order": ORDER if is_sorted else "", "options": options}
        for statement in _statements(names | _tables(facts, parts), parts):
            database.execute(statement).fetchall()


def _tables(facts: Path, parts: str) -> dict[str, str]:
    """Return where the rows of facts are: in files as they stand, or checked."""
    if parts == "whole":
        return {"deal": "checked_deal", "partner": "checked_partner"}
    format = "parquet" if (facts / "deal.parquet").exists() else "csv"
    return {name: f"'{facts}/{name}.{format}'" for name in ("deal", "partner")}


def _statements(names: Mapping[str, object], parts: str) -> Iterator[str]:
    for file in (INTAKE, QUERY, TOTALS) if parts == "whole" else (QUERY,):
        text = file.read_text(encoding="utf-8")
        text = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        for name, value in names.items():
            text = text.replace("{" + name + "}", str(value))
        found = [statement.strip() for statement in text.split(";\n") if statement.strip()]
        # The statements of payees are the last.
        yield from found[:-1] if parts == "lines" else found


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description="The hand-written SQL for benchmarks/deals/plan.rules.")
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sorted", action="store_true", dest="is_sorted")
    parser.add_argument("--whole", action="store_const", const="whole", default="", dest="parts")
    parser.add_argument("--lines", action="store_const", const="lines", dest="parts")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--memory", default="")
    run(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
