"""From where values are read, what can be missing there, and how a number is shown."""

from __future__ import annotations

from datetime import date

from rulesengine.engines.results import Reason
from rulesengine.model.book import Fact, Payee
from rulesengine.model.exact import Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan import nodes

Record = Fact | Payee


class NoValue(Exception):
    """A field that is asked for has no value, though it is not empty: what reads it cannot be judged."""

    reason = Reason.NO_HISTORY

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class NoHistory(NoValue):
    """A payee has no values yet on the date it is read for."""

    def __init__(self, kind: str, key: str, day: date) -> None:
        super().__init__(f"{kind} {key} has no values on {day}")


class DividesByZero(NoValue):
    """A derived value divides by zero."""

    reason = Reason.DIVIDES_BY_ZERO

    def __init__(self, kind: str, key: str, name: str, text: str) -> None:
        self.kind, self.name, self.text = kind, name, text
        super().__init__(f"{kind} {key}: {name} divides by zero: {text}")


@dataclass(frozen=True, slots=True)
class View:
    """From where a path is read: the record at hand, the credited payee, a line, and the date."""

    record: Record | None
    day: date
    payee: tuple[str, str] | None = None
    earning: Exact | None = None
    earned: date | None = None
    payable: date | None = None
    """The date of a line's payment, where a statement is made."""
    in_magnitudes: bool = False
    """Reads the record's own numbers without their sign: how an undoing row is measured."""
    fallback: Record | None = None
    """The record that empty fields are read on instead: the row that is undone."""
    level: int = 0
    """The level at which the payee is credited."""
    moment: tuple[date, tuple[object, ...]] | None = None
    """Where the row stands in the order of all rows, for totals of measures."""
    now: tuple[date, tuple[object, ...]] | None = None
    """Up to when totals count that are decided again."""
    notes: list[str] | None = None
    """Takes down where the totals stood that were read."""
    convert: nodes.Convert | None = None
    """How amounts in another currency become the rule's."""
    rate_days: list[date] | None = None
    """Takes down the days whose rates were used."""
    converts_at: View | None = None
    """Where the date of the rate is read: a row that undoes another has the rate of that row."""
