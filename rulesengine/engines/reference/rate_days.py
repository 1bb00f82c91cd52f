"""When rows had their exchange rates: what they earn was not known before, so it is payable no earlier.

Source: language reference, "Currencies".
"""

from __future__ import annotations

from datetime import date

from rulesengine.engines.reference.drafts import Draft, not_before
from rulesengine.engines.reference.rows import Item, Row
from rulesengine.model.change import replace


class RateDays:
    """The last days whose rates the rows of each rule were converted at."""

    def __init__(self) -> None:
        self._days: dict[str, dict[int, tuple[Row, date]]] = {}

    def note(self, rule: str, item: Item) -> None:
        """Note down when a rule had the rates of an item."""
        if item.rated_on is not None:
            # A row is kept beside its day, so no other has its id.
            self._days.setdefault(rule, {}).setdefault(id(item.row), (item.row, item.rated_on))

    def of(self, rule: str, draft: Draft) -> date | None:
        """Return the day of the row that a line of a rule stands on; None for lines that stand on none, and
        for rows of which nothing was converted."""
        row, item = draft.row, draft.item
        if row is None:
            return None
        if item is not None and item.row is row:
            return item.rated_on
        found = self._days.get(rule, {}).get(id(row))
        return None if found is None else found[1]

    def on_rows(self, rows: list[Row], rule: str) -> list[Row]:
        """Return rows that are lines of another rule, each with the day that its rule had its rates on."""
        found = []
        for row in rows:
            day = self.of(rule, row.earning) if row.earning is not None else None
            found.append(row if day is None else replace(row, rated_on=day))
        return found

    def payable(self, drafts: list[Draft], rule: str) -> list[Draft]:
        """Return the lines of a rule, payable no earlier than the rate of their row was there."""
        return [not_before(draft, self.of(rule, draft)) for draft in drafts]
