"""Writes partners and deals to a folder of facts: the same for the same numbers, wherever it runs.

    python -m benchmarks.deals.generate --deals 1000000 --out build/bench/deals-1m
    python -m benchmarks.deals.generate --deals 1000000 --format csv --out build/bench/deals-1m-csv

The deals are made by DuckDB from their own numbers, with a generator of remainders that is written
out here, so no random number of a library can change them. Beside `deal` there are three small files
of 0.1 % more deals, for runs that continue an earlier one, each with a `facts_….yaml` that reads both.
"""

from __future__ import annotations

import argparse
from pathlib import Path

DEALS = 1_000_000
PARTNERS = 20_000
PRODUCTS = 5_000
SEED = 20_260_101
FORMATS = ("parquet", "csv")

_PRIME = 2**31 - 1
_FACTORS = (48_271, 69_621, 39_373, 630_360, 742_938, 950_706, 226_874, 62_089)


def write_facts(
    folder: Path, deals: int = DEALS, partners: int = PARTNERS, seed: int = SEED, format: str = "parquet"
) -> None:
    """Write `partner` and `deal`, and the three files of new deals, in one of `FORMATS`."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:

        def write(name: str, query: str) -> None:
            options = "format csv, header" if format == "csv" else "format parquet, compression zstd"
            database.execute(f"copy ({query}) to '{folder / name}.{format}' ({options})")

        new = max(deals // 1000, 1)
        few = max(partners // 1000, 1)
        write("partner", _partners(partners, seed))
        write("deal", _deals(0, deals, partners, seed))
        write("new_spread", _deals(deals, new, partners, seed))
        write("new_few", _deals(deals, new, few, seed))
        write("new_last", _deals(deals, new, partners, seed, closed="date '2026-12-31'"))
    for name in ("spread", "few", "last"):
        text = f"facts:\n  deal:\n    file: [deal.{format}, new_{name}.{format}]\n"
        (folder / f"facts_{name}.yaml").write_text(text, encoding="utf-8")


def _draw(number: str, which: int, below: int, seed: int) -> str:
    """Return SQL for a whole number from 0 up to `below`, another one for each `which`."""
    first = f"(({number} + {seed % 1_000_003 + 1}) * {_FACTORS[which]} + {which * 7_919}) % {_PRIME}"
    second = f"(xor({first}, ({first}) >> 15) * 48271) % {_PRIME}"
    return f"((xor({second}, ({second}) >> 13) * 69621) % {_PRIME} % {below})"


def _deals(first: int, count: int, partners: int, seed: int, closed: str = "") -> str:
    def draw(which: int, below: int) -> str:
        return _draw("i", which, below, seed)

    closed = closed or f"date '2026-01-01' + {draw(5, 365)}::integer"
    return f"""
        select format('D{{:09d}}', i) as id,
            format('P{{:05d}}', {draw(0, partners)}) as partner,
            case when segment < 50 then 'small' when segment < 80 then 'mid'
                when segment < 95 then 'large' else 'public' end as segment,
            format('K{{:04d}}', {draw(6, PRODUCTS)}) as product,
            if({draw(2, 5)} = 0, 'new', 'existing') as customer,
            if({draw(3, 4)} = 0, 'in_parts', 'at_once') as terms,
            ((10_000 + {draw(4, 4_000_000)}) * 0.01)::decimal(18, 2) as amount,
            {closed} as closed
        from (select range as i, {_draw("range", 1, 100, seed)} as segment
            from range({first}, {first + count}))"""


def _partners(count: int, seed: int) -> str:
    """One row for each partner, and a second for those who change their level in the year."""
    level = _draw("i", 1, 10, seed + 1)
    later = _draw("i", 2, 5, seed + 1)
    day = _draw("i", 3, 300, seed + 1)
    levels = (
        "['silver', 'silver', 'silver', 'silver', 'silver', 'gold', 'gold', 'gold', 'platinum', 'platinum']"
    )
    return f"""
        with numbered as (select range as i from range({count}))
        select format('P{{:05d}}', i) as id, null::date as "from", {levels}[{level} + 1] as level
        from numbered
        union all
        select format('P{{:05d}}', i), date '2026-02-01' + {day}::integer,
            ['gold', 'platinum', 'silver'][1 + {level} % 3]
        from numbered where {later} = 0
        order by 1, 2 nulls first"""


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--deals", type=int, default=DEALS)
    parser.add_argument("--partners", type=int, default=PARTNERS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    write_facts(chosen.out, chosen.deals, chosen.partners, chosen.seed, chosen.format)


if __name__ == "__main__":
    main()
