"""What has come in for a row: the rows of another kind that refer to it, such as its payments."""

from __future__ import annotations

from datetime import date

from rulesengine.engines.reference.amounts import judged_from, own_quantity, own_view
from rulesengine.engines.reference.facts import Facts
from rulesengine.engines.reference.source import rows_of_facts
from rulesengine.engines.reference.view import NoValue
from rulesengine.model.dates import BEGINNING, END, DateRange
from rulesengine.model.exact import Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes


@dataclass(frozen=True, slots=True)
class Payment:
    """A row that refers to another: when it came, and what it adds."""

    day: date
    key: str
    amount: Exact


class Received:
    """The rows that refer to others, by the row they refer to; looked at once for each clause."""

    def __init__(self, facts: Facts, through: date) -> None:
        self._facts, self._through = facts, through
        self._by_row: dict[tuple[str, str, tuple[str, ...]], dict[str, list[Payment]]] = {}

    def of(self, reaches: nodes.Reaches, key: str) -> list[Payment]:
        """Return the rows that refer to a row, by date and in the order of their kind.

        A row that undoes one of them takes away what that one added.
        """
        clause = (reaches.kind, reaches.reference, reaches.amount.names)
        if clause not in self._by_row:
            self._by_row[clause] = self._look(reaches)
        return self._by_row[clause].get(key, [])

    def _look(self, reaches: nodes.Reaches) -> dict[str, list[Payment]]:
        reader = self._facts.reader
        event = reader.kind(reaches.kind).event
        source = nodes.FactSource(origin=reaches.origin, kind=reaches.kind, event=event.name if event else "")
        rows, _ = rows_of_facts(None, source, self._facts, DateRange(BEGINNING, END), self._through)
        found: dict[str, list[Payment]] = {}
        for row in rows:
            if row.fact is None or row.root is None:
                continue
            owner = row.fact.values.get(reaches.reference) or row.root.values.get(reaches.reference)
            own = own_view(row, judged_from(row, ("", "")))
            if owner is None:
                continue
            try:
                amount = own_quantity(reaches.amount, row, own, reader)
            except NoValue:
                # What has no value counts for nothing.
                continue
            found.setdefault(str(owner), []).append(Payment(row.dated, row.fact.key, amount))
        return found
