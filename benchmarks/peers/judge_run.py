"""Holds the product's own run folder against the same whole numbers that the peers are held against."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.harness import table_files
from benchmarks.peers.judge import FEE, SHARES, SIZES


def wrong_amounts(facts: Path, run: Path) -> int:
    """Return how many amounts of a run of `plan.rules` are wrong, missing or too many."""
    import duckdb

    shares = ", ".join(f"('{segment}', '{level}', {rate})" for (segment, level), rate in SHARES.items())
    sizes = " ".join(f"when cents >= {start} then {rate}" for start, rate in SIZES)
    # Halves to even: up from the half on, but from an even number only above it.
    query = f"""
        with partner as (
            select id as partner, level, coalesce("from", date '0001-01-01') as closed
            from '{facts}/partner.parquet'),
        deal as (
            select id, segment, level, customer, (amount * 100)::bigint as cents
            from '{facts}/deal.parquet' as deal asof join partner
                on deal.partner = partner.partner and deal.closed >= partner.closed),
        product as (
            select 'share' as rule, id, cents * rate as product
            from deal join (values {shares}) as shares(segment, level, rate) using (segment, level)
            union all
            select 'size', id, cents * case {sizes} end from deal
            union all
            select 'new_customer', id, {FEE} * 10000 from deal where customer = 'new'),
        wanted as (
            select rule, id, product // 10000 + (product % 10000 * 2 + (product // 10000 & 1) > 10000)::bigint
            from product),
        found as (select rule, fact_id, (amount * 100)::bigint from '{table_files(run, "lines")}')
        select (select count(*) from (from wanted except all from found))
            + (select count(*) from (from found except all from wanted))"""
    return int(duckdb.execute(query).fetchall()[0][0])


if __name__ == "__main__":
    wrong = wrong_amounts(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.exit(f"{wrong:,} amounts of the run are wrong" if wrong else 0)
