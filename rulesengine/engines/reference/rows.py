"""What passes from step to step: rows and credited items; what becomes of them is in `drafts.py`.

A row is one fact (or one line of another rule) that a rule looks at. An item is a row credited to
a payee, with everything that later steps need already looked up.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from rulesengine.diagnostics import Span
from rulesengine.engines.counting import Counting
from rulesengine.engines.exchange import Converted
from rulesengine.engines.results import Part, Reason
from rulesengine.model.book import Fact, Payee
from rulesengine.model.dates import DateRange, Window
from rulesengine.model.exact import ONE, ZERO, Exact
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.plan.nodes import Convert, OfEarnings, Version

if TYPE_CHECKING:
    from rulesengine.engines.reference.drafts import Draft

Key = tuple[str, ...]
PayeeId = tuple[str, str]
"""Kind and key of a payee."""
Parts = tuple[tuple[PayeeId, Exact], ...]
"""What each of several payees has of something."""
Moment = tuple[date, tuple[object, ...]]
"""A place in the order of all rows: a date, and the order within the day."""


class EarnsNothing(Exception):
    """The credited row earns nothing under the rule, for a named reason."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a rule's source, with the row it is judged by.

    A row that undoes another (`root` is that other) is judged by it: version, conditions, credit
    and tables are read on `root` as of `judged_on`; amounts, windows and order are its own.
    """

    fact: Fact | None
    """None for earnings that stand on no row, such as a place of a rank."""
    root: Fact | None
    dated: date
    judged_on: date
    counts: int
    """1; -1 for the first row that undoes another; 0 for further ones and for negative rows."""
    order: tuple[object, ...]
    """Sorts rows within a day: kind, `order by`, key."""
    judged_order: tuple[object, ...]
    """The same of the row judged by."""
    subject: Payee | None = None
    """The payee that is the row, in the rows of a calendar; its fields are the row's."""
    window: Window | None = None
    """The window of a row of a calendar, as a whole."""
    days: DateRange | None = None
    """The days of it on which the rule holds."""
    since: date | None = None
    """The last day of the payee's row before it; the day before the rule begins, if it is the first."""
    earning: Draft | None = None
    """The line of another rule, in a rule on its earnings."""
    convert: Convert | None = None
    """How the rule or measure that looks at it converts amounts."""
    rated_on: date | None = None
    """The last day whose rate the line of the other rule was worked out with."""

    takes_back: bool = False
    """It is a line by which another rule takes back what it paid."""
    is_moved: bool = False
    """It is such a line or one that gives back, or what a rule earned on one of these."""

    @property
    def is_reversal(self) -> bool:
        """Whether it undoes another row, or what was earned on its row."""
        return (self.fact is not self.root) is not self.takes_back

    @property
    def follows(self) -> bool:
        """Whether it changes what another row earned: undoes it, or takes back or gives back of that.

        What it is worth may have either sign: where a row is undone that was clawed back, the undoing
        and what gives it back follow both.
        """
        return self.is_moved or self.fact is not self.root

    @property
    def moment(self) -> Moment:
        """When the row that it is judged by took place, in the order of all rows."""
        return (self.judged_on, self.judged_order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A counted quantity before and after a row; the row has what is counted after less before."""

    how: Counting
    before: Exact
    after: Exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A part of the pay with its operands read: value = rate x (base, units or the measure)."""

    part: Part
    rate: Exact
    base: Exact | None = None
    units: Exact | None = None
    of_measure: bool = False
    """The quantity is what the row moves the measure by."""
    credited: Exact = ONE
    """Share of it that is paid on: the payee's, where the measure counts the full amount."""
    of_target: bool = False
    """The quantity is what the row moves the measure by, as a share of the target."""
    is_ratio: bool
    """`rate` is a ratio of an amount; else money for each unit."""
    base_of: str
    base_how: str = ""
    counting: Counting | None = None
    brings: Exact = ZERO
    """The row's own quantity before any share, where it is counted in a way of its own."""
    counted: Counted | None = None
    """Set by the step that counts along a row and the rows that undo it."""
    earnings: tuple[OfEarnings, ...] = ()
    """What other rules earned on the row that still has to be added to the base or taken off."""
    converted: Converted | None = None
    """How the base became the rule's currency, for the whole row."""
    prize: str = ""
    origin: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """A `deduct`: what another rule earned on the row, the payee's share of it."""

    earnings: OfEarnings
    amount: Exact = ZERO
    """Set by the step that adds what other rules earned."""
    origin: Span


class Days(NamedTuple):
    """How many of the days of a window count."""

    counted: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A `times` that applies to the item, or the days that its pay is prorated by."""

    factor: Exact
    days: Days | None = None
    """The days that the factor is the quotient of; None for a `times`."""
    origin: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """A cap or floor with its amount and scope read."""

    is_floor: bool
    is_shared: bool
    """Several payees draw on it: its keys do not hold the payee."""
    amount: Exact
    scope: Scope
    label: str
    """The keys as lines show them, empty if they are the payee."""
    origin: Span


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a running total runs: keys, and the window or the row it is for."""

    keys: Key
    window: Window | None
    row: str = ""

    @property
    def label(self) -> str:
        """The window as lines show it."""
        return self.window.label if self.window else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row credited to a payee, with all that the rule reads on it."""

    row: Row
    payee: PayeeId
    turn: int = 0
    """Place among the payees of the row; those of an undoing row come in reverse."""
    place: int = 0
    """Place among the payees of the row as the rule or its share rows name them."""
    level: int = 0
    """The level at which the payee is credited; 0 in rules that credit no levels."""
    share: Exact = ONE
    version: Version
    version_index: int
    scope: Scope | None = None
    """Scope of the rule's measure."""
    moves: Exact = ZERO
    """What it adds to the measure; for a maximum, its value."""
    counted: str = ""
    """The value that the measure counts once."""
    counts_in: Scope | None = None
    """Where that value counts, if not where the measure runs: where it did for the row undone."""
    target: Exact | None = None
    converted: Converted | None = None
    """How what it adds to the measure became the rule's currency."""
    bands: tuple[tuple[Priced, ...], ...] = ()
    """The parts of each band's pay; of a plain `pay` as if it were one band."""
    adjusters: tuple[Factor | Ceiling | Deduction, ...] = ()
    other_limits: tuple[Ceiling, ...] = ()
    """Limits of other versions of the rule, whose totals this row counts towards."""
    goal_scopes: tuple[Scope, ...] = ()
    goal_moves: tuple[Exact, ...] = ()
    goal_counted: tuple[str, ...] = ()
    goal_least: tuple[Exact, ...] = ()
    budget_keys: Key = ()
    budget_on: date | None = None
    first_keys: tuple[Key, ...] = ()
    """What its row takes a place for among the first ones, by list of keys (engines/first_keys.py)."""
    not_yet: str = ""
    """Which condition on a total that is decided again does not hold on the row itself."""
    rated_on: date | None = None
    """The last day whose rate an amount of the row was converted at; until then nobody knew it."""
    readings: tuple[str, ...] = ()
    """Where the totals stood that the rule read, in words."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Position in every running total: date, order in the day, payee."""
        return (self.row.dated, self.row.order, self.turn)


CALENDAR = (999_999,)
"""Sorts the rows of a calendar after all facts of their day."""
