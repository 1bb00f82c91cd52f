"""The facts of a book, made ready for all rules: in order, without those that cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rulesengine.engines.exchange import NoRate
from rulesengine.engines.reference.conditions import first_failure
from rulesengine.engines.reference.reader import Reader
from rulesengine.engines.reference.rows import Row
from rulesengine.engines.reference.view import DividesByZero, NoValue, View
from rulesengine.engines.results import Reason
from rulesengine.engines.values import Scalar
from rulesengine.model.book import Fact, Reject
from rulesengine.model.exact import absolute
from rulesengine.model.money import Money
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.types import MoneyType
from rulesengine.plan import nodes

MOST = 10**18
"""Derived values stay below it, like the values of files: then no product can outgrow a line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A fact with the fact it is judged by and how it counts."""

    fact: Fact
    root: Fact
    counts: int
    sort: tuple[object, ...]
    root_sort: tuple[object, ...]


Missed = tuple[Fact, date | None, Reason, str]
"""A fact that is no row: its date, and the reason with its words."""


class Facts:
    """The facts of a book, made ready once for all rules.

    Facts that cannot be judged, because a derived value of theirs divides by zero, are set aside
    as rejects, and so are those of which a rule found that an amount has no rate. Facts that a
    `where` of their block keeps out are in no rule.
    """

    def __init__(self, reader: Reader, set_aside: Mapping[tuple[str, str], Reject] | None = None) -> None:
        self.reader = reader
        self.refused = set_aside or {}
        self.unrated: dict[tuple[str, str], Reject] = {}
        """Facts of which a rule has found since that an amount has no rate."""
        self.rejects: list[Reject] = []
        self.not_counted: dict[str, list[tuple[Fact, str]]] = {}
        self.judged: dict[str, list[Judged]] = {}
        for index, kind in enumerate(reader.plan.schema.kinds):
            if kind in reader.book.facts:
                self._prepare(kind, index)
        self._pointing: dict[tuple[str, str], dict[str, list[Fact]]] = {}
        self.rows: dict[object, tuple[list[Row], list[Missed]]] = {}
        """Rows and what is none, by what they were asked for with (`source.py`)."""

    def _prepare(self, kind: str, index: int) -> None:
        reader = self.reader
        facts = [fact for fact in reader.book.facts[kind] if self._can_be_judged(fact)]
        by_key = {fact.key: fact for fact in facts}
        shape = reader.kind(kind)
        undoes = shape.reverses
        order_by = reader.plan.order_by.get(kind)
        money = [field.name for field in shape.fields if isinstance(field.type, MoneyType)]
        dated = [(self.day(fact), fact) for fact in facts]
        dated.sort(key=lambda pair: (pair[0], pair[1].key))
        undone: set[str] = set()
        judged, left_out = [], []
        for day, fact in dated:
            root_key = fact.values.get(undoes.name) if undoes else None
            root = fact if root_key is None else by_key.get(str(root_key))
            if root is None:
                # The row it undoes could not be judged, so neither can this one.
                why = self.refused.get((kind, str(root_key)))
                code, reason = (
                    (why.code, "the row it undoes is rejected") if why else ("R1113", "the row it undoes")
                )
                self.rejects.append(reject_of(fact, undoes.name if undoes else "", reason, code))
                continue
            counts = 1
            if root is not fact:
                counts = 0 if root.key in undone else -1
                undone.add(root.key)
            elif _is_negative(fact, money):
                counts = 0
            view = View(root, self.day(root))
            failure = self._kept_out(kind, view)
            if failure is not None:
                left_out.append((fact, failure))
                continue
            sort = self._sort(index, fact, day, order_by)
            root_sort = sort if root is fact else self._sort(index, root, self.day(root), order_by)
            judged.append(Judged(fact, root, counts, sort, root_sort))
        self.judged[kind] = judged
        self.not_counted[kind] = left_out

    def _kept_out(self, kind: str, view: View) -> str | None:
        """Return why the fact block keeps a row out: a condition fails, or reads what has no value."""
        try:
            return first_failure(self.reader.plan.filters.get(kind, ()), self.reader, view)
        except NoValue as problem:
            return problem.detail

    def _sort(
        self, index: int, fact: Fact, day: date, order_by: nodes.FieldRead | None
    ) -> tuple[object, ...]:
        try:
            first = self.reader.read(order_by, View(fact, day)) if order_by else None
        except NoValue:
            first = None
        return (index, _sortable(first), fact.key)

    def pointing_at(self, key: str, kind: str, link: str) -> list[Fact]:
        """Return the facts of a kind whose field `link` names a record, by `order by`, then key."""
        if (kind, link) not in self._pointing:
            found: dict[str, list[Fact]] = {}
            for judged in sorted(self.judged.get(kind, ()), key=lambda judged: judged.sort):
                if judged.fact is judged.root and judged.fact.values.get(link) is not None:
                    found.setdefault(str(judged.fact.values[link]), []).append(judged.fact)
            self._pointing[kind, link] = found
        return self._pointing[kind, link].get(key, [])

    def set_aside(self, fact: Fact, field: str, reason: str, code: str) -> None:
        """Reject a fact, and those that undo it, for all rules."""
        undoes = self.reader.kind(fact.kind).reverses
        kept = []
        for judged in self.judged[fact.kind]:
            if judged.fact is fact:
                self.rejects.append(reject_of(fact, field, reason, code))
            elif judged.root is fact:
                self.rejects.append(
                    reject_of(judged.fact, undoes.name if undoes else "", "the row it undoes", code)
                )
            else:
                kept.append(judged)
        self.judged[fact.kind] = kept
        self.rows.clear()

    def lacks_rate(self, row: Row, problem: NoRate) -> bool:
        """Note that a row is to be rejected; False for one that is no row of a file.

        What undoes another is asked for the rate of that one, so that one is what must be mended.
        """
        fact = row.root or row.fact
        if fact is None or row.subject is not None:
            return False
        reject = reject_of(fact, problem.field, problem.reason, problem.code, problem.value)
        self.unrated.setdefault((fact.kind, fact.key), reject)
        return True

    def day(self, fact: Fact) -> date:
        """Return the event date of a fact, far in the future while it has none."""
        event = self.reader.kind(fact.kind).event
        day = fact.values.get(event.name) if event else None
        return day if isinstance(day, date) else date.max

    def _can_be_judged(self, fact: Fact) -> bool:
        """Compute every derived value once; set the fact aside if one has no answer."""
        if (fact.kind, fact.key) in self.refused:
            self.rejects.append(self.refused[fact.kind, fact.key])
            return False
        for derived in self.reader.plan.derived.get(fact.kind, ()):
            try:
                value = self.reader.field(fact, derived.name, self.day(fact))
            except DividesByZero as problem:
                reason = f"{problem.kind}.{problem.name} divides by zero: {problem.text}"
                self.rejects.append(reject_of(fact, problem.name, reason))
                return False
            except NoValue:
                # Read before the payee's first values: the rule that needs it says so per row.
                continue
            if isinstance(value, Decimal | Fraction) and absolute(value) >= MOST:
                reason = f"{fact.kind}.{derived.name} has more than 18 digits before the point"
                self.rejects.append(reject_of(fact, derived.name, reason, "R1103"))
                return False
        return True


def _is_negative(fact: Fact, money: list[str]) -> bool:
    """Return whether a row takes money away: it moves sums, but no count and no flat pay.

    Such a row has an amount below zero and none above; a discount beside a price is none.
    """
    values = [fact.values.get(name) for name in money]
    amounts = [value.amount for value in values if isinstance(value, Money)]
    return any(amount < 0 for amount in amounts) and not any(amount > 0 for amount in amounts)


def _sortable(value: Scalar | None) -> tuple[bool, object]:
    """Missing values come first; all others of one field are of one type and compare."""
    return (value is not None, value if value is not None else 0)


def reject_of(fact: Fact, field: str, reason: str, code: str = "R1113", value: str = "") -> Reject:
    """Return the reject of a fact."""
    return Reject(
        kind=fact.kind,
        file=fact.place.file,
        row=fact.place.row,
        key=fact.key,
        field=field,
        value=value,
        code=code,
        reason=reason,
    )
