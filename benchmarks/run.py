"""Runs benchmarks and prints their tables.

    python -m benchmarks.run                all of them, which takes an hour
    python -m benchmarks.run a f g          some of them, by letter
    python -m benchmarks.run --table        the tables of all that were run here, for docs/performance.md

A figure that is worse than wanted fails nothing: machines differ. Ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import batch, large_plan, peers, start_up
from benchmarks.harness import CannotMeasure, Results, as_markdown, keep, kept, machine

BENCHMARKS: dict[str, tuple[str, Callable[[int], Results]]] = {
    "a": ("against SQL written by hand, 1 and 10 million deals", batch.against_sql),
    "a1": ("the same at 1 million deals only", lambda rounds: batch.against_sql(rounds, (batch.SMALL,))),
    "b": ("against rule-engine, zen-engine, cel-python and OpenFisca", peers.peers),
    "c": ("growth from 1 to 10 million deals, and memory", batch.growth),
    "d": ("a table of 5,000 rates against one of 10", batch.tables),
    "e": ("a run that continues an earlier one, against a full run, 1 million deals", batch.incremental),
    "e10": ("the same at 10 million deals", lambda rounds: batch.incremental(rounds, batch.LARGE)),
    "f": ("start-up of the short commands", start_up.start_up),
    "g": ("parse and check of 10,000 rules", large_plan.large_plan),
    "h": ("Spark against DuckDB", batch.spark),
}
ONLY_IF_NAMED = ("a1", "e10")
"""Others at another size."""


def main() -> int:
    """Run what the arguments name; return 1 if something could not be measured."""
    words = "\n".join(f"  {letter:4}{what}" for letter, (what, _) in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description=f"Benchmarks:\n{words}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="LETTER", help="which; if none is named, all but a1 and e10"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each command is run")
    parser.add_argument("--table", action="store_true", help="print what was kept, and run nothing")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark `{unknown[0]}`")
    if chosen.table:
        for results in kept().values():
            _show(results)
        return 0
    print(machine())
    failed = False
    for name in chosen.names or [name for name in BENCHMARKS if name not in ONLY_IF_NAMED]:
        print(f"({name}) {BENCHMARKS[name][0]}", file=sys.stderr)
        try:
            results = BENCHMARKS[name][1](chosen.rounds)
        except CannotMeasure as error:
            print(f"({name}) cannot be measured: {error}", file=sys.stderr)
            failed = True
            continue
        keep(name, results)
        _show(results)
    return int(failed)


def _show(results: Results) -> None:
    print(f"\n### {results.title}\n\n{as_markdown(results)}")


if __name__ == "__main__":
    sys.exit(main())
