"""Takes rows out of a book one by one and pays them through a prepared plan: what must come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from rulesengine.engines.prepared import Paid, PreparedPlan
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.engines.results import Earned, Line, Outcome
from rulesengine.model.book import Book, Fact
from rulesengine.model.change import replace
from rulesengine.model.types import RecordType
from rulesengine.plan.nodes import Plan


@dataclass(frozen=True)
class Taken:
    """A row that was taken out, what a run over the whole book gives it, and what `pay` gives it."""

    fact: Fact
    earned: Earned
    paid: Paid

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(each for each in self.earned.lines if self._stands(each))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.earned.outcomes if self._stands(each))

    def _stands(self, each: Line | Outcome) -> bool:
        return each.fact == self.fact.kind and each.fact_id == self.fact.key

    def check(self, *, with_words: bool = False) -> None:
        """Hold what `pay` gives against what the run gives."""
        rejected = [r for r in self.earned.rejects if (r.kind, r.key) == (self.fact.kind, self.fact.key)]
        assert list(self.paid.rejects) == rejected
        assert self.paid.lines == self.lines
        reasons = sorted((o.rule, o.payee_kind, o.payee, o.reason) for o in self.outcomes)
        assert sorted(self.paid.reasons) == reasons
        if with_words:
            assert sorted(map(repr, self.paid.not_earning)) == sorted(map(repr, self.outcomes))


def taken_out(
    plan: Plan, book: Book, through: date, most: int = 3, drawn: Random | None = None
) -> Iterator[Taken]:
    """Yield rows that no other row points at, at most so many of each kind: the last ones, or drawn ones."""
    earned = ReferenceEngine().earn(plan, book, through)
    pointed = set(_pointed_at(plan, book))
    for kind, facts in book.facts.items():
        event = plan.schema.kinds[kind].event
        free = [fact for fact in facts if (kind, fact.key) not in pointed]
        if drawn is not None:
            drawn.shuffle(free)
        elif event is not None:
            free.sort(key=lambda fact, name=event.name: str(fact.values[name] or ""), reverse=True)  # type: ignore[misc]
        for fact in free[:most]:
            rest = replace(book, facts={**book.facts, kind: tuple(f for f in facts if f is not fact)})
            engine = PreparedPlan(plan, rest, through, ReferenceEngine(), _never)
            yield Taken(fact, earned, engine.pay_fact(fact, {}))


def _pointed_at(plan: Plan, book: Book) -> Iterator[tuple[str, str]]:
    for kind, facts in book.facts.items():
        for field in plan.schema.kinds[kind].fields:
            if isinstance(field.type, RecordType):
                for fact in facts:
                    if fact.values[field.name] is not None:
                        yield field.type.kind, str(fact.values[field.name])


def _never(_: object) -> tuple[dict[str, list[Fact]], tuple[()]]:
    raise AssertionError("rows are read already")
