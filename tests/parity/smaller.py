"""A plan on which the engines differ made small: fewer rows, fewer clauses, as long as they differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

from rulesengine.language.format import format_file
from rulesengine.language.parse import parse_text
from tests.parity.makers.values import Rows

MOST_TRIES = 250
Differs = Callable[[str, Rows], bool]


class Tries:
    """Asks whether something smaller still differs, so many times and no more."""

    def __init__(self, differs: Differs) -> None:
        self._differs = differs
        self._left = MOST_TRIES

    def hold(self, text: str, facts: Rows) -> bool:
        self._left -= 1
        return self._left >= 0 and self._differs(text, facts)


def smaller(text: str, facts: Rows, differs: Differs) -> tuple[str, Rows]:
    """Return a smaller plan and fewer facts that differ as well; what they began as if there are none."""
    tries = Tries(differs)
    facts = _fewer_rows(text, facts, tries)
    laid_out = format_file(parse_text(text, "plan.rules"))
    if tries.hold(laid_out, facts):
        text = _fewer_lines(laid_out, facts, tries)
    return text, _fewer_rows(text, facts, tries)


def _fewer_rows(text: str, facts: Rows, tries: Tries) -> Rows:
    for kind in sorted(facts, key=lambda kind: -len(facts[kind])):
        step = max(len(facts[kind]) // 2, 1)
        while step:
            start = 0
            while start < len(facts[kind]):
                rows = list(facts[kind])
                fewer = {**facts, kind: rows[:start] + rows[start + step :]}
                # A file keeps one row: without its heading it would be no file.
                if fewer[kind] and tries.hold(text, fewer):
                    facts = fewer
                else:
                    start += step
            step //= 2
    return facts


def _fewer_lines(text: str, facts: Rows, tries: Tries) -> str:
    lines = text.splitlines()
    start = len(lines) - 1
    while start >= 0:
        until = _end_of_block(lines, start)
        fewer = lines[:start] + lines[until:]
        if lines[start].strip() not in ("", "}") and tries.hold("\n".join(fewer), facts):
            lines = fewer
        start -= 1
    return "\n".join(lines) + "\n"


def _end_of_block(lines: list[str], start: int) -> int:
    """Return the line behind a block that begins here, or behind this line."""
    depth = 0
    for number in range(start, len(lines)):
        depth += lines[number].count("{") - lines[number].count("}")
        if depth <= 0:
            return number + 1
    return len(lines)


def as_case(text: str, facts: Rows, through: date) -> str:
    """Return a plan and its facts as a case file has them, up to what is run."""
    parts = [f"--- plan\n{text.strip()}\n"]
    for kind, rows in facts.items():
        if rows:
            names = list(dict.fromkeys(name for row in rows for name in row))
            table = io.StringIO()
            writer = csv.DictWriter(table, names, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            parts.append(f"--- {kind}\n{table.getvalue()}")
    return "".join(parts) + f"--- run {through:%Y-%m} through {through}\n"
