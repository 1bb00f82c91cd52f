"""How much of what other people's plans say this language says, by the idea they show.

`python -m tests.vectors.conformance` prints the tables and ends with 1 where a row fails or too few
pass.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.vectors.published import published, refused_as_a_whole, wrong_figures
from tests.vectors.refused import refused
from tests.vectors.registry import translate
from tests.vectors.rows import Row, rows, rows_file
from tests.vectors.scenario import differences, run

LEAST_PASSED = 85
"""Percent of the peers' rows that must pass."""
LEAST_PUBLISHED = 44
"""How many of the published examples must pass."""
_WIDTHS = (38, 6, 8, 9, 8)


@dataclass(frozen=True, slots=True)
class Result:
    """A row or example, and what became of it."""

    name: str
    concept: str
    refused: str = ""
    """The reason why it is not said; empty where it must pass."""
    wrong: tuple[str, ...] = ()
    """What did not come out as expected."""

    @property
    def passed(self) -> bool:
        """Whether every figure came out as expected."""
        return not self.refused and not self.wrong


def peers() -> list[Result]:
    """Return what becomes of every row of the peers."""
    reasons = refused(rows())
    with tempfile.TemporaryDirectory() as name:
        return [_peer(row, reasons.get(row.id, ""), Path(name)) for row in rows()]


def _peer(row: Row, reason: str, folder: Path) -> Result:
    if reason:
        return Result(row.id, row.concept, refused=reason)
    scenario = translate(row)
    if scenario is None:
        return Result(row.id, row.concept, wrong=(f"nobody translates the kind `{row.kind}`",))
    return Result(row.id, row.concept, wrong=tuple(differences(row, scenario, run(scenario, folder))))


def examples() -> list[Result]:
    """Return what becomes of every published example."""
    found = []
    for name, concept in published():
        if refused_as_a_whole(name):
            found.append(Result(name, concept, refused="docs/limits.md says why"))
        else:
            found.append(Result(name, concept, wrong=tuple(wrong_figures(name))))
    return found


def table(found: list[Result], by_concept: bool = True) -> list[str]:
    """Return the lines of a table: how many there are, pass, are refused, fail; and which and why."""
    lines = [_line("concept", "rows", "passed", "refused", "failed")]
    if by_concept:
        for concept in sorted({result.concept for result in found}):
            lines.append(_count(concept, [result for result in found if result.concept == concept]))
    lines.append(_count("all", found))
    reasons = Counter(result.refused for result in found if result.refused)
    if reasons:
        lines += ["", "refused because"]
        lines += [f"{count:>6}  {reason}" for reason, count in sorted(reasons.items())]
    failed = [result for result in found if result.wrong]
    if failed:
        lines += ["", "failed"]
        lines += [f"  {result.name}: {'; '.join(result.wrong)}" for result in failed]
    return lines


def _count(name: str, found: list[Result]) -> str:
    passed = sum(result.passed for result in found)
    withheld = sum(bool(result.refused) for result in found)
    failed = sum(bool(result.wrong) for result in found)
    return _line(name, str(len(found)), str(passed), str(withheld), str(failed))


def _line(name: str, *cells: str) -> str:
    first, *widths = _WIDTHS
    return name.ljust(first) + "".join(cell.rjust(wide) for cell, wide in zip(cells, widths, strict=True))


def main() -> int:
    """Print the tables; return the exit code."""
    if rows_file() is None:
        print("the rows are not here: no folder shared/vectors beside the repository")
        return 1
    shown, rows_of_peers = examples(), peers()
    print("Published examples\n")
    print("\n".join(table(shown, by_concept=False)))
    print("\nRows of the peers' test suites\n")
    print("\n".join(table(rows_of_peers)))
    failed = sum(bool(result.wrong) for result in (*shown, *rows_of_peers))
    passed = sum(result.passed for result in rows_of_peers)
    out = sum(result.passed for result in shown)
    enough = 100 * passed >= LEAST_PASSED * len(rows_of_peers) and out >= LEAST_PUBLISHED
    print(f"\nPublished: {out} of {len(shown)} pass, at least {LEAST_PUBLISHED} must.")
    print(f"Peers: {passed} of {len(rows_of_peers)} pass, at least {LEAST_PASSED} percent must.")
    print(f"Failed: {failed}, none may.")
    return 0 if enough and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
