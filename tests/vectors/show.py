"""Prints rows as plans: `python -m tests.vectors.show ID…`, an id, the beginning of one, or a kind."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.vectors.refused import refused
from tests.vectors.registry import translate
from tests.vectors.rows import Row, rows
from tests.vectors.scenario import Outcome, Scenario, differences, run


def shown(row: Row) -> str:
    """Return a row as its plan, its facts and what comes out."""
    head = f"=== {row.id} ({row.kind}, {row.concept})"
    scenario = translate(row)
    if scenario is None:
        return f"{head}\nnobody translates this kind"
    with tempfile.TemporaryDirectory() as name:
        outcome = run(scenario, Path(name))
    return "\n".join([head, scenario.plan, *_facts(scenario), *_outcome(row, scenario, outcome)])


def _facts(scenario: Scenario) -> list[str]:
    lines = []
    for name, table in scenario.facts.items():
        columns = list(dict.fromkeys(column for record in table for column in record))
        lines += [f"--- {name}", ",".join(columns)]
        lines += [",".join(str(record.get(column, "")) for column in columns) for record in table]
    return lines


def _outcome(row: Row, scenario: Scenario, outcome: Outcome) -> list[str]:
    lines = [f"--- run {scenario.period}" + (f" through {scenario.through}" if scenario.through else "")]
    for line in outcome.lines:
        amount = line["amount"].normalize()
        lines.append(f"{line['payee']}  {line['rule']}  {amount:f}  {line['trace']}")
    lines += [f"refused: {message}" for message in outcome.messages]
    lines += [f"expected: {dict(row.expected)}"]
    wrong = differences(row, scenario, outcome)
    reason = refused(rows()).get(row.id)
    return [*lines, *(f"WRONG {text}" for text in wrong), *([f"refused: {reason}"] if reason else []), ""]


def main(words: list[str]) -> int:
    """Print the rows that the words name; return the exit code."""
    found = [row for row in rows() if any(row.id.startswith(word) or row.kind == word for word in words)]
    if not found:
        print("no such row; write an id, the beginning of one, or a kind")
        return 2
    for row in found:
        print(shown(row))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
