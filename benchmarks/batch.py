"""The batch engine: against SQL by hand, growth, memory, large tables, runs that continue, Spark."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import (
    PLAN,
    WORK,
    CannotMeasure,
    Results,
    Row,
    deals,
    in_turn,
    opponent,
    our_run,
    python,
    row,
)

SMALL, LARGE = 1_000_000, 10_000_000


def against_sql(rounds: int, sizes: tuple[int, ...] = (SMALL, LARGE)) -> Results:
    """(a) The product against SQL by hand: for lines and totals, for lines alone, for all that is written."""
    rows: list[Row] = []
    for size in sizes:
        facts = deals(size)
        ours, theirs = f"rulesengine, {size:,} deals", f"SQL by hand, {size:,} deals"
        in_order, by_hand = f"{ours}, in order", f"{theirs}, in order"
        whole, our_lines, lines = f"{theirs}, whole folder", f"{ours}, lines alone", f"{theirs}, lines alone"
        found = in_turn(
            {
                ours: our_run(PLAN, facts, WORK / "ours", "--unsorted"),
                in_order: our_run(PLAN, facts, WORK / "ours-sorted"),
                our_lines: python(
                    "benchmarks.deals.until_lines", "--facts", facts, "--out", WORK / "ours-lines"
                ),
                theirs: opponent(facts, WORK / "theirs"),
                by_hand: opponent(facts, WORK / "theirs-sorted", "--sorted"),
                whole: opponent(facts, WORK / "theirs-whole", "--whole"),
                lines: opponent(facts, WORK / "theirs-lines", "--lines"),
            },
            rounds,
        )
        rows.append(row(ours, found[ours], found[theirs], wanted="≤ 1.25", note="against lines and totals"))
        rows.append(row("the same", found[ours], found[whole], note="against the whole folder by hand"))
        rows.append(row(our_lines, found[our_lines], found[lines], note="against lines alone by hand"))
        rows.append(row(in_order, found[in_order], found[ours], wanted="≤ 1.8", note="against any order"))
        rows.append(row(theirs, found[theirs]))
        rows.append(row(by_hand, found[by_hand], found[theirs]))
        rows.append(row(whole, found[whole], found[theirs]))
        rows.append(row(lines, found[lines], found[theirs]))
    return Results("Against SQL written by hand", rows)


def growth(rounds: int) -> Results:
    """(c) Ten times the deals, and (d) how much memory they take: all there is, and 512 MB."""
    small, large = deals(SMALL), deals(LARGE)
    commands = {
        f"{SMALL:,} deals": our_run(PLAN, small, WORK / "small"),
        f"{LARGE:,} deals": our_run(PLAN, large, WORK / "large"),
        f"{LARGE:,} deals, --memory 512MB": our_run(PLAN, large, WORK / "tight", "--memory", "512MB"),
    }
    found = in_turn(commands, rounds, warm_up=False)
    one, ten, tight = found
    return Results(
        "Growth and memory",
        [
            row(one, found[one]),
            row(ten, found[ten], found[one], wanted="≤ 11, below 2,000 MB", note="against one million"),
            row(tight, found[tight], found[ten], wanted="≤ 1.6, below 900 MB", note="against all the memory"),
        ],
    )


def tables(rounds: int) -> Results:
    """(d) A table of 5,000 rates against one of 10, over the same deals."""
    facts = deals(SMALL)
    few, many = _plan_with_table(10), _plan_with_table(5_000)
    found = in_turn(
        {
            "10 rows": our_run(few, facts, WORK / "few", "--unsorted"),
            "5,000 rows": our_run(many, facts, WORK / "many", "--unsorted"),
        },
        rounds,
    )
    return Results(
        f"A table of rates by product, {SMALL:,} deals",
        [
            row("10 rows", found["10 rows"]),
            row("5,000 rows", found["5,000 rows"], found["10 rows"], wanted="≤ 1.2"),
        ],
    )


def _plan_with_table(rows: int) -> Path:
    """Write a plan that pays a share by product, from a table of so many rows."""
    named = "\n".join(f'  row "K{n:04}" gives {1 + n % 1_000 * 0.01:.2f}%' for n in range(rows - 1))
    text = f"""plan by_product {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_even to 0.01 per line
}}
payee partner {{
  field id text key
  field level text history
}}
fact deal {{
  field id text key
  field partner partner credited
  field product text
  field amount money
  field closed date event
}}
table product_rate on deal by product {{
{named}
  row any gives 3%
}}
revenue_share share {{
  on deal
  pay product_rate of amount
}}
"""
    path = WORK / f"table_{rows}.rules"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


MORE = {
    "spread": ("0.1 % more, spread over all payees and days", "≤ 0.35"),
    "few": ("0.1 % more, for 20 payees", "≤ 0.1"),
    "last": ("0.1 % more, after all others", "≤ 0.05"),
}


def incremental(rounds: int, size: int = SMALL) -> Results:
    """(e) `run --since` an earlier run, against a full run over the same facts; both keep the facts."""
    facts = deals(size)
    last = WORK / "last"
    in_turn({"the run before": our_run(PLAN, facts, last, "--keep-facts")}, 1, warm_up=False)
    rows = []
    for name, (what, wanted) in MORE.items():
        manifest = facts / f"facts_{name}.yaml"
        found = in_turn(
            {
                "full": our_run(PLAN, manifest, WORK / "full", "--keep-facts"),
                "since": our_run(PLAN, manifest, WORK / "since", "--since", str(last)),
            },
            rounds,
            warm_up=False,
        )
        rows.append(row(f"{what}: full run", found["full"]))
        rows.append(row(f"{what}: --since", found["since"], found["full"], wanted=wanted))
    return Results(f"Runs that continue an earlier one, {size:,} deals", rows)


def spark(rounds: int) -> Results:
    """(h) Spark in local mode against DuckDB."""
    facts = deals(SMALL)
    try:
        found = in_turn(
            {
                "duckdb": our_run(PLAN, facts, WORK / "duckdb"),
                "spark": our_run(PLAN, facts, WORK / "spark", "--master", "local[2]", engine="spark"),
            },
            rounds,
        )
    except CannotMeasure as error:
        return Results("Spark", [Row(what="not measured", note=str(error).splitlines()[-1])])
    return Results(
        f"Spark against DuckDB, {SMALL:,} deals",
        [row("duckdb", found["duckdb"]), row("spark, local[2]", found["spark"], found["duckdb"])],
    )
