"""Both engines on one plan and one book: the same lines, outcomes and rejects, column by column."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import date

from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.engines.contract import Engine
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.refused import TOO_LARGE, UNSUPPORTED
from rulesengine.engines.results import Earned, Line
from rulesengine.engines.sql import DuckDBEngine
from rulesengine.model.book import Book
from rulesengine.plan import nodes
from rulesengine.statements.control import Due, control_totals

_COLUMNS = tuple(field.name for field in fields(Line))


class Unsupported(Exception):
    """The batch engine refuses the plan by name."""


class OutGrown(Exception):
    """A number outgrew what the database holds; the run is left to the reference engine."""


def differences(plan: nodes.Plan, book: Book, through: date, engine: Engine | None = None) -> list[str]:
    """Return how an engine's answer differs from the reference's, one sentence each; none is as it should be.

    Args:
        engine: the one on DuckDB if not given.

    Raises:
        Unsupported: the batch engine says that it does not carry out a clause.
        OutGrown: it says that a number is too large for it.
    """
    try:
        found = (engine or DuckDBEngine()).earn(plan, book, through)
    except Rejected as rejected:
        codes = {each.code for each in rejected.diagnostics}
        if codes == {UNSUPPORTED}:
            raise Unsupported(str(rejected.diagnostics[0].message)) from None
        if codes == {TOO_LARGE}:
            raise OutGrown(str(rejected.diagnostics[0].message)) from None
        try:
            ReferenceEngine().earn(plan, book, through)
        except Rejected as expected:
            return [] if expected.diagnostics == rejected.diagnostics else [f"refused: {rejected}"]
        return [f"refused: {rejected}"]
    expected = ReferenceEngine().earn(plan, book, through)
    return compared(expected, found) + lost(plan, book, expected)


def lost(plan: nodes.Plan, book: Book, earned: Earned) -> list[str]:
    """Return the control total of a run that does not add up, where there is one: a row is neither on a
    line, nor an outcome, nor rejected."""
    try:
        control_totals(plan, book, (), earned, lambda _: Due.IN_PERIOD)
    except InternalError as error:
        return [str(error)]
    return []


def compared(expected: Earned, found: Earned) -> list[str]:
    """Return how an answer differs from the one expected."""
    return [
        *_lines(expected, found),
        *_rows("outcome", expected.outcomes, found.outcomes),
        *_rows("reject", expected.rejects, found.rejects),
    ]


def _lines(expected: Earned, found: Earned) -> list[str]:
    wanted, got = ({line.line_id: line for line in each.lines} for each in (expected, found))
    problems = [f"lacks {_named(line)}" for name, line in wanted.items() if name not in got]
    problems += [f"has {_named(line)} in addition" for name, line in got.items() if name not in wanted]
    if len(found.lines) != len(got):
        problems.append(f"{len(found.lines) - len(got)} lines have the name of another")
    for name in wanted.keys() & got.keys():
        left, right = wanted[name], got[name]
        for column in _COLUMNS:
            if getattr(left, column) != getattr(right, column):
                values = f"{getattr(left, column)!r}, found {getattr(right, column)!r}"
                problems.append(f"{_named(left)}: {column} is {values}")
    return problems


def _rows(what: str, expected: tuple[object, ...], found: tuple[object, ...]) -> list[str]:
    wanted, got = Counter(expected), Counter(found)
    problems = [f"lacks the {what} {each}" for each in (wanted - got)]
    return problems + [f"has the {what} {each} in addition" for each in (got - wanted)]


def _named(line: Line) -> str:
    words = (line.rule, line.payee, line.fact_id, line.earned_on, line.part, line.part_number, line.sequence)
    return f"line {' '.join(map(str, words))} of {line.amount}"
