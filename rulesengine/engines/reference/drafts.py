"""Drafts: lines in the making, as they pass from step to step."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal

from rulesengine.diagnostics import Span
from rulesengine.engines.exchange import Converted
from rulesengine.engines.reference.rows import Counted, Days, Item, Parts, PayeeId, Row
from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ZERO, Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.nodes import Clawback


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A line in the making; `amount` is set once it has been rounded."""

    payee: PayeeId
    part: Part
    row: Row | None
    """The row it is dated by and stands on; None for lines that stand on no row."""
    item: Item | None
    """Where the payee's own keys, limits and dates are read."""
    earned_on: date
    exact: Exact
    amount: Decimal = ZERO
    part_number: int = 0
    part_count: int = 0
    window: str = ""
    scope: str = ""
    before: Exact | None = None
    after: Exact | None = None
    unit: str = ""
    target: Exact | None = None
    band_from: Exact | None = None
    band_above: bool = False
    towards_next: Exact | None = None
    base: Exact | None = None
    base_of: str = ""
    base_how: str = ""
    converted: Converted | None = None
    share: Exact | None = None
    rate: Exact | None = None
    rate_before: Exact | None = None
    units: Exact | None = None
    times: Exact | None = None
    days: Days | None = None
    counted: Counted | None = None
    rounded_from: Exact | None = None
    whole: Decimal | None = None
    shared: Decimal | None = None
    left_over: Decimal = ZERO
    part_share: Exact | None = None
    part_how: str = ""
    piece: int = 0
    """Which piece of its part it is, where a part comes bit by bit; counts from 0."""
    event_on: date | None = None
    """Of what a clawback takes or gives back: the day on which it came to that."""
    clause: Clawback | None = None
    prize: str = ""
    readings: str = ""
    undoes: Draft | None = None
    """The draft that it takes back or changes."""
    contributors: Parts = ()
    """Payees with a counted row by then, each with what they moved the total by."""
    weight: Exact | None = None
    weights: Exact | None = None
    payable_on: date | None = None
    due_on: date | None = None
    """When it would be payable but for its own date: a row that undoes another has that row's."""
    step: int = 0
    origin: Span
    tag: object = field(default_factory=object)
    """Stays the same through all later steps, so that a line can be found by what it came from."""


LAST_IN_THE_DAY = (1_000_000,)
"""Sorts lines that stand on no row after all rows of their day."""


def in_order(drafts: list[Draft]) -> list[Draft]:
    """Return drafts by date, row and payee; those of one award stay as they came."""
    return sorted(
        drafts,
        key=lambda draft: (
            draft.earned_on,
            draft.row.order if draft.row is not None else LAST_IN_THE_DAY,
            draft.payee,
        ),
    )


def not_before(draft: Draft, day: date | None) -> Draft:
    """Return a draft payable on a day at the earliest; what has no date yet waits on."""
    if day is None:
        return draft
    return replace(draft, payable_on=_later(draft.payable_on, day), due_on=_later(draft.due_on, day))


def _later(on: date | None, day: date) -> date | None:
    return None if on is None else max(on, day)
