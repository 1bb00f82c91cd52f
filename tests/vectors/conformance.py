"""How many of other people's rows this language says, by the idea they show.

`python -m tests.vectors.conformance` prints the table and ends with 1 where a row fails or too few
pass.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.vectors.refused import refused
from tests.vectors.registry import translate
from tests.vectors.rows import Row, rows, rows_file
from tests.vectors.scenario import differences, run

LEAST_PASSED = 85
"""Percent of the peers' rows that must pass."""


@dataclass(frozen=True, slots=True)
class Result:
    """A row, and what became of it."""

    row: Row
    refused: str
    """The reason why it is not said; empty where it must pass."""
    wrong: tuple[str, ...]
    """What did not come out as expected."""

    @property
    def passed(self) -> bool:
        """Whether every figure came out as expected."""
        return not self.refused and not self.wrong


def result_of(row: Row, reason: str, folder: Path) -> Result:
    """Return what becomes of a row; a refused one is not run."""
    if reason:
        return Result(row, reason, ())
    scenario = translate(row)
    if scenario is None:
        return Result(row, "", (f"nobody translates the kind `{row.kind}`",))
    return Result(row, "", tuple(differences(row, scenario, run(scenario, folder))))


def results() -> list[Result]:
    """Return what becomes of every row."""
    reasons = refused(rows())
    with tempfile.TemporaryDirectory() as name:
        return [result_of(row, reasons.get(row.id, ""), Path(name)) for row in rows()]


def table(found: Iterable[Result]) -> list[str]:
    """Return the lines of the table: by concept how many rows there are, pass, are refused, fail."""
    found = list(found)
    lines = [f"{'concept':<38}{'rows':>6}{'passed':>8}{'refused':>9}{'failed':>8}"]
    for concept in sorted({result.row.concept for result in found}):
        lines.append(_count(concept, [result for result in found if result.row.concept == concept]))
    lines.append(_count("all", found))
    reasons = Counter(result.refused for result in found if result.refused)
    if reasons:
        lines += ["", "refused because"]
        lines += [f"{count:>6}  {reason}" for reason, count in sorted(reasons.items())]
    failed = [result for result in found if result.wrong]
    if failed:
        lines += ["", "failed"]
        lines += [f"  {result.row.id}: {'; '.join(result.wrong)}" for result in failed]
    return lines


def _count(name: str, found: list[Result]) -> str:
    passed = sum(result.passed for result in found)
    withheld = sum(bool(result.refused) for result in found)
    failed = sum(bool(result.wrong) for result in found)
    return f"{name:<38}{len(found):>6}{passed:>8}{withheld:>9}{failed:>8}"


def main() -> int:
    """Print the table; return the exit code."""
    if rows_file() is None:
        print("the rows are not here: no folder shared/vectors beside the repository")
        return 1
    found = results()
    print("Peers' rows")
    print("\n".join(table(found)))
    passed = sum(result.passed for result in found)
    failed = sum(bool(result.wrong) for result in found)
    print(f"\n{passed} of {len(found)} pass, at least {LEAST_PASSED} percent must; {failed} fail, none may")
    return 1 if failed or 100 * passed < LEAST_PASSED * len(found) else 0


if __name__ == "__main__":
    sys.exit(main())
