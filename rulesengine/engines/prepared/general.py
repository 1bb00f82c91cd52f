"""The general road: the judge evaluates the book with the row added, or as much of it as has a say.

What no specialised code is written for goes this way, so nothing here knows any clause: a rule is
either stateless, then the row and the facts that it points at are enough, or it is given the whole book.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from rulesengine.engines.contract import Judge
from rulesengine.engines.prepared.stateless import is_stateless, needed_by
from rulesengine.engines.results import Earned
from rulesengine.model.book import Book, Fact
from rulesengine.model.change import replace
from rulesengine.model.collector import collector_held
from rulesengine.model.types import RecordType
from rulesengine.plan.nodes import Plan

Facts = Mapping[str, Sequence[Fact]]


class General:
    """Evaluates single rows beside a book with another engine."""

    def __init__(self, judge: Judge, plan: Plan, book: Book, through: date, *, is_whole: bool) -> None:
        self._judge, self._plan, self._book, self._through = judge, plan, book, through
        self._is_whole = is_whole
        """Rows of the book were rejected by the judge: rules must not be taken apart, or others would
        see them again."""
        self._by_key = {kind: {fact.key: fact for fact in facts} for kind, facts in book.facts.items()}
        self._plans: dict[frozenset[str], Plan] = {}
        self._stateless = {rule.name: is_stateless(plan, rule) for rule in plan.rules}
        self._references = {
            kind.name: [
                (field.name, field.type.kind)
                for field in kind.fields
                if isinstance(field.type, RecordType) and field.type.kind in book.facts
            ]
            for kind in plan.schema.kinds.values()
        }

    def earn(self, fact: Fact, beside: Facts, rules: Iterable[str] | None = None) -> Earned:
        """Return what stands on a row, added to the book with the rows beside it.

        Args:
            fact: the row, accepted by intake.
            beside: rows that come with it, by kind, such as those that share it out.
            rules: the only rules to answer for; all if None.
        """
        wanted = frozenset(rule.name for rule in self._plan.rules) if rules is None else frozenset(rules)
        if rules is None or self._is_whole:
            return _of_row(self._run(self._plan, self._whole(fact, beside)), fact, wanted)
        plan = self._plan_of(wanted)
        is_near = all(self._stateless[rule.name] for rule in plan.rules) and not self._undoes(fact)
        book = self._around(fact, beside) if is_near else self._whole(fact, beside)
        earned = _of_row(self._run(plan, book), fact, wanted)
        # Which rule finds first that a row cannot be judged shows in the reason, so all are asked then.
        return self.earn(fact, beside) if earned.rejects else earned

    def _undoes(self, fact: Fact) -> bool:
        """Return whether the row undoes another: then it matters what was undone of that one before."""
        field = self._plan.schema.kinds[fact.kind].reverses
        return field is not None and fact.values.get(field.name) is not None

    def _run(self, plan: Plan, book: Book) -> Earned:
        with collector_held():
            return self._judge.earn(plan, book, self._through)

    def _plan_of(self, rules: frozenset[str]) -> Plan:
        """Return the plan with those rules only, and the rules that they are worked out with."""
        if rules not in self._plans:
            names = needed_by(self._plan, rules)
            kept = tuple(rule for rule in self._plan.rules if rule.name in names)
            chooses = tuple(each for each in self._plan.chooses if names.issuperset(each.among))
            self._plans[rules] = replace(self._plan, rules=kept, chooses=chooses, settlement=None)
        return self._plans[rules]

    def _whole(self, fact: Fact, beside: Facts) -> Book:
        facts = dict(self._book.facts)
        for kind, added in _together(fact, beside).items():
            facts[kind] = tuple(sorted((*facts[kind], *added), key=lambda each: each.key))
        return replace(self._book, facts=facts)

    def _around(self, fact: Fact, beside: Facts) -> Book:
        """Return a book with the row, the rows beside it, and all facts that they lead to."""
        found: dict[str, dict[str, Fact]] = {kind: {} for kind in self._book.facts}
        fresh = {kind: {each.key: each for each in rows} for kind, rows in _together(fact, beside).items()}
        open_ends = [each for rows in fresh.values() for each in rows.values()]
        while open_ends:
            each = open_ends.pop()
            if each.key not in found[each.kind]:
                found[each.kind][each.key] = each
                open_ends += self._led_to(each, fresh)
        facts = {kind: tuple(rows[key] for key in sorted(rows)) for kind, rows in found.items()}
        return replace(self._book, facts=facts)

    def _led_to(self, fact: Fact, fresh: Mapping[str, Mapping[str, Fact]]) -> Iterator[Fact]:
        for field, kind in self._references[fact.kind]:
            key = fact.values.get(field)
            if key is not None:
                known = fresh.get(kind, {}).get(str(key)) or self._by_key[kind].get(str(key))
                if known is not None:
                    yield known


def _together(fact: Fact, beside: Facts) -> dict[str, list[Fact]]:
    found = {kind: list(rows) for kind, rows in beside.items()}
    found.setdefault(fact.kind, []).append(fact)
    return found


def _of_row(earned: Earned, fact: Fact, rules: frozenset[str]) -> Earned:
    """Return what is said of one row by some rules."""
    lines = (
        line
        for line in earned.lines
        if line.fact_id == fact.key and line.fact == fact.kind and line.rule in rules
    )
    outcomes = (
        each
        for each in earned.outcomes
        if each.fact_id == fact.key and each.fact == fact.kind and each.rule in rules
    )
    rejects = (each for each in earned.rejects if each.key == fact.key and each.kind == fact.kind)
    return Earned(tuple(lines), tuple(outcomes), tuple(rejects))
