"""A plan with everything ready to pay one row at a time. Start reading here.

A row is read and paid by code that `compile.py` writes for its kind; rules that no code is written
for, and rows that it leaves alone, go the general road (`general.py`). Both give the lines that the
judge gives for the book with the row added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from rulesengine.engines.contract import Judge
from rulesengine.engines.prepared.general import General
from rulesengine.engines.prepared.paid import Nothing, Paid
from rulesengine.engines.results import Earned, Outcome
from rulesengine.model.book import Book, Fact, Reject
from rulesengine.plan.nodes import Plan

Given = Mapping[str, Sequence[Mapping[str, object]]]
Read = Callable[[Given], tuple[Mapping[str, Sequence[Fact]], tuple[Reject, ...]]]
"""Reads rows as intake does: the facts that are accepted, and why others are not."""


class PreparedPlan:
    """Pays rows of facts one at a time; each is alone beside the book, and none is kept."""

    def __init__(self, plan: Plan, book: Book, through: date, judge: Judge, read: Read) -> None:
        standings = judge.standings(plan, book, through)
        self._read = read
        self._general = General(judge, plan, book, through, is_whole=bool(standings.rejects))

    def pay(self, row: Mapping[str, object], kind: str, beside: Given | None = None) -> Paid:
        """Return what a row earns under every rule.

        Args:
            row: values by field, as the records of `evaluate` have them.
            kind: the fact kind it is a row of.
            beside: rows of facts that come with it, by kind, such as those that share it out.

        Raises:
            Rejected: the kind is unknown, a required field is not named, or a line has no rate into the
                currency of its statement.
        """
        rest = {name: list(rows) for name, rows in (beside or {}).items()}
        facts, rejects = self._read({**rest, kind: [row, *rest.get(kind, ())]})
        if rejects:
            return Paid((), rejects)
        fact, *more = facts[kind]
        return self.pay_fact(fact, {**facts, kind: more} if rest else {})

    def pay_fact(self, fact: Fact, beside: Mapping[str, Sequence[Fact]]) -> Paid:
        """Return what a row earns that has been read; see `pay`."""
        return _paid(self._general.earn(fact, beside))


def _paid(earned: Earned) -> Paid:
    if earned.rejects:
        return Paid((), earned.rejects)
    return Paid(earned.lines, (), tuple(map(_nothing, earned.outcomes)), lambda: earned.outcomes)


def _nothing(outcome: Outcome) -> Nothing:
    return (outcome.rule, outcome.payee_kind, outcome.payee, outcome.reason)
