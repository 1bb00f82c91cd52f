"""A plan with everything ready to pay one row at a time. Start reading here.

A row is paid by code that `compile.py` writes for its kind; rules that no code is written for, and
rows that it leaves alone, go the general road (`general.py`). Both give the lines that the judge gives
for the book with the row added.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date
from decimal import getcontext, setcontext

from rulesengine.engines.contract import Judge
from rulesengine.engines.prepared.code import NoCode
from rulesengine.engines.prepared.compile import Compiled, compile_kind
from rulesengine.engines.prepared.general import General
from rulesengine.engines.prepared.paid import Note, Nothing, Paid
from rulesengine.engines.prepared.records import Records, fact_of, records_of, values_of
from rulesengine.engines.prepared.row_check import Taken, row_check
from rulesengine.engines.prepared.runtime import LeftToJudge
from rulesengine.engines.results import Earned, Line, Outcome
from rulesengine.model.book import Book, Fact, Reject
from rulesengine.model.exact import EXACT
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.schema import RecordKind, Role
from rulesengine.plan.nodes import Plan

Given = Mapping[str, Sequence[Mapping[str, object]]]
Facts = Mapping[str, Sequence[Fact]]
Read = Callable[[Given], tuple[Facts, tuple[Reject, ...]]]
"""Reads rows as intake does: the facts that are accepted, and why others are not."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is ready for the rows of one kind."""

    kind: RecordKind
    take: Taken
    compiled: Compiled
    source: str
    """The code that takes a row, and the code that pays it."""


class PreparedPlan:
    """Pays rows of facts one at a time; each is alone beside the book, and none is kept."""

    def __init__(
        self,
        plan: Plan,
        book: Book,
        through: date,
        judge: Judge,
        read: Read,
        keys: Mapping[str, Container[str]] | None = None,
    ) -> None:
        """Make everything ready.

        Args:
            plan: with its facts and payees in `book`.
            through: last day of facts to look at.
            judge: whose lines these are.
            read: reads rows against the rows that the book was made of.
            keys: by kind, of all rows that were given, rejected ones too; those of the book if None.
        """
        self._read = read
        self._rank = {rule.name: index for index, rule in enumerate(plan.rules)}
        standings = judge.standings(plan, book, through)
        self._general = General(judge, plan, book, through, is_whole=bool(standings.rejects))
        changing = frozenset(kind.name for kind in plan.schema.kinds.values() if kind.has_history)
        known: Records = records_of(book, changing)
        self.ready: dict[str, Ready] = {}
        self.left: dict[str, str] = {}
        """Kinds that no code is written for, with the reason: all of their rows go the general road."""
        for kind in plan.schema.kinds.values():
            if kind.role is not Role.FACT:
                continue
            try:
                compiled = compile_kind(plan, kind.name, book, known, standings, through)
            except NoCode as problem:
                self.left[kind.name] = problem.why
                continue
            own = known[kind.name] if keys is None else keys[kind.name]
            take, source = row_check(plan.schema, kind, known, own)
            self.ready[kind.name] = Ready(kind, take, compiled, f"{source}\n\n{compiled.source}")

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
        ready = self.ready.get(kind)
        if ready is not None and not beside:
            values = ready.take(row)
            if values is not None:
                return self._pay(ready, values)
        rest = {name: list(rows) for name, rows in (beside or {}).items()}
        facts, rejects = self._read({**rest, kind: [row, *rest.get(kind, ())]})
        if rejects:
            return Paid((), rejects)
        fact, *more = facts[kind]
        return self.pay_fact(fact, {**facts, kind: more} if rest else {})

    def pay_fact(self, fact: Fact, beside: Facts) -> Paid:
        """Return what a row earns that has been read; see `pay`."""
        ready = self.ready.get(fact.kind)
        if ready is None or beside:
            return _judged(self._general.earn(fact, beside))
        return self._pay(ready, values_of(fact, ready.kind), fact)

    def _pay(self, ready: Ready, values: Sequence[object], fact: Fact | None = None) -> Paid:
        before = getcontext()
        setcontext(EXACT)
        try:
            lines, nothing, judged = ready.compiled.pay(*values)
        except (LeftToJudge, ZeroDivisionError):
            return _judged(self._general.earn(fact or fact_of(values, ready.kind), {}))
        finally:
            setcontext(before)
        if judged:
            return self._with_judged(ready, values, fact, lines, nothing, judged)
        if not ready.compiled.is_in_order:
            lines.sort(key=self._place)
        return Paid(tuple(lines), (), nothing, values, self._in_words, (ready, values, fact, nothing))

    def _with_judged(
        self,
        ready: Ready,
        values: Sequence[object],
        fact: Fact | None,
        lines: list[Line],
        nothing: list[Note],
        judged: Iterable[str],
    ) -> Paid:
        """Return what the row earns with what the judge says of the rules that are left to it."""
        fact = fact or fact_of(values, ready.kind)
        earned = self._general.earn(fact, {}, judged)
        if earned.rejects:
            return _judged(earned)
        found = sorted((*lines, *earned.lines), key=self._place)
        noted = (*nothing, *map(_nothing, earned.outcomes))
        about = (ready, values, fact, nothing, earned.outcomes)
        return Paid(tuple(found), (), noted, values, self._in_words, about)

    def _place(self, line: Line) -> tuple[object, ...]:
        return (line.payee_kind, line.payee, line.payable_on or date.max, self._rank[line.rule])

    def _in_words(
        self,
        ready: Ready,
        values: Sequence[object],
        fact: Fact | None,
        nothing: Iterable[Note],
        outcomes: tuple[Outcome, ...] = (),
    ) -> tuple[Outcome, ...]:
        """Return why rules earn nothing, in the order of the plan."""
        fact = fact or fact_of(values, ready.kind)
        rules = {rule for rule, _, _, _ in nothing}
        said = (*self._general.earn(fact, {}, rules).outcomes, *outcomes) if rules else outcomes
        return tuple(sorted(said, key=lambda outcome: self._rank[outcome.rule]))


def _judged(earned: Earned) -> Paid:
    if earned.rejects:
        return Paid((), earned.rejects)
    return Paid(earned.lines, (), tuple(map(_nothing, earned.outcomes)), (), tuple, (earned.outcomes,))


def _nothing(outcome: Outcome) -> Nothing:
    return (outcome.rule, outcome.payee_kind, outcome.payee, outcome.reason)
