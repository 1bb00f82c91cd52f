"""The checked plan: resolved, typed, total. Whoever holds a `Plan` has nothing left to check.

Every node is frozen and has an `origin`, the span it was written at. Alternatives are closed
unions. Percentages are ratios, amounts are in the plan's currency, dates are calendar dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rulesengine.diagnostics import Span
from rulesengine.model.dates import DateRange, FiscalYear, SpanUnit, WindowKind
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import Remainder, Rounding, RoundingMode
from rulesengine.model.schema import Schema
from rulesengine.model.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    origin: Span


# --- values ------------------------------------------------------------------------------------


class Root(StrEnum):
    """Where a path starts."""

    ROW = "row"
    """The row being judged; in a payee's `derive` or `where`, the payee record itself."""
    PAYEE = "payee"
    """The credited payee."""
    LEVEL = "level"
    """The level at which the payee is credited, in a rule that credits levels."""
    LINE = "line"
    """The line of another rule, in a rule `on earnings of` it: `earning` and `earned`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRead(Node):
    """Reads a field, following references.

    `names` are the fields to follow: `("amount",)`, `("partner", "tier")`. Empty names stand for
    the record itself: with root PAYEE the payee (its kind and key). History fields of payees are
    read as of the row's event date. The value is None where an optional field on the way is
    empty; the checks allow that only under a guard or an `otherwise`.
    """

    root: Root
    names: tuple[str, ...]
    type: Type
    may_be_missing: bool
    text: str
    """As written, for explanations."""
    currency: str | FieldRead | None = None
    """What the amount is in where it stands, if the rule converts it into `type`'s currency: a
    code, or the field that says it for each row. None for all that is read as it stands."""

    @property
    def is_own(self) -> bool:
        """Whether it is a field of the row itself, with no reference on the way."""
        return self.root is Root.ROW and len(self.names) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Node):
    """A literal: Decimal for money, numbers and percents (15% is 0.15), str, date or bool."""

    value: Decimal | str | date | bool
    type: Type
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherwiseRead(Node):
    """The field, or the default where it is missing."""

    read: FieldRead
    default: Constant | FieldRead | OtherwiseRead | TableRead
    """A table in rates and factors only."""
    type: Type
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRead(Node):
    """The value of a table for the row."""

    table: str
    type: Type
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfRead(Node):
    """`50% of list_price`: a ratio of a field."""

    share: Decimal
    of: FieldRead | OtherwiseRead | MeasureRead
    type: Type
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRead(Node):
    """`bookings so far`: the total of a named measure with the row, a ratio against its target.

    A row that undoes another reads the total with that row. `in_total` decides again on each row
    that moves the total.
    """

    measure: str
    keys: tuple[FieldRead, ...]
    """The measure's keys, as they are read on the row here."""
    against: Target | None
    """The measure's target, as it is read on the row here."""
    in_total: bool = False
    before: SpanUnit | None = None
    """Read at the end of the window one unit earlier."""
    type: Type
    text: str


class Operation(StrEnum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """An operation of a `derive`; exact, and a division keeps its fraction."""

    operation: Operation
    left: Expression
    right: Expression
    type: Type
    text: str


class SpanMethod(StrEnum):
    """How a span of time becomes a number: what is cut at its ends counts or does not."""

    FULL = "full"
    STARTED = "started"
    ENDS = "ends"
    """The calendar windows that end in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanCount(Node):
    """A span of time as a plain number; 0 where its end comes before its start."""

    method: SpanMethod
    unit: SpanUnit | WindowKind
    """A window for `ENDS`; else a unit, days always with `FULL`."""
    start: Anchor
    end: Anchor
    is_end_included: bool
    """`through` counts the last day too, `until` does not."""
    type: Type
    text: str


Operand = FieldRead | Constant | OtherwiseRead | TableRead | ShareOfRead | MeasureRead
Expression = FieldRead | Constant | OtherwiseRead | Arithmetic | SpanCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Node):
    """A derived field, computed from its record; `least` and `most` bound it."""

    name: str
    expression: Expression
    least: Constant | FieldRead | None
    most: Constant | FieldRead | None
    type: Type
    may_be_missing: bool


# --- dates -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRead(Node):
    """A date field or a date; missing where the field is (then the award waits)."""

    operand: FieldRead | Constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Node):
    """A number of units; the number may be a field (whole, above zero: intake has made sure)."""

    count: Constant | FieldRead
    unit: SpanUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class DateAfter(Node):
    span: Length
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAfter(Node):
    """The first day of the window after the one that the anchor lies in."""

    window: WindowKind
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOf(Node):
    """The first day of the window that the anchor lies in."""

    window: WindowKind
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOf(Node):
    """The last day of the window that the anchor lies in."""

    window: WindowKind
    anchor: Anchor


Anchor = DateRead | DateAfter | StartAfter | StartOf | EndOf


# --- conditions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Node):
    tests: tuple[Condition, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Node):
    tests: tuple[Condition, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    test: Condition
    text: str


class Comparison(StrEnum):
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """Numbers, amounts, percents or dates in order. A missing anchor makes it false."""

    left: Operand
    comparison: Comparison
    right: Operand | Anchor
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IsOneOf(Node):
    """Equality with any of the values; a flag standing alone is `is one of (True)`."""

    left: Operand
    values: tuple[Operand, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IsMissing(Node):
    read: FieldRead
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment(Node):
    """The record that the path leads to is in a segment, as of the row's event date."""

    read: FieldRead
    segment: str
    text: str


class Quantifier(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Has(Node):
    read: FieldRead
    quantifier: Quantifier
    values: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartsWith(Node):
    """The text begins, letter by letter, with any of the values."""

    left: Operand
    values: tuple[str, ...]
    text: str


Condition = AllOf | AnyOf | Not | Compare | IsOneOf | IsMissing | InSegment | Has | StartsWith


# --- segments, tables, measures ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Node):
    name: str
    kind: str
    """The record kind whose records are in it or not; paths in it have root ROW."""
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyCell(Node):
    """Matches everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualsCell(Node):
    value: Decimal | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FromCell(Node):
    """Matches values from `start` on (`is_included`) or above it, up to the next row's."""

    start: Decimal | date
    is_included: bool


Cell = AnyCell | EqualsCell | FromCell


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow(Node):
    cells: tuple[Cell, ...]
    value: Operand


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Node):
    """Rows are tried in order for text cells; among rows that match, the one whose lower ends are
    nearest below the values wins, column by column from the left."""

    name: str
    kind: str
    """The fact kind whose rows it can be read on."""
    keys: tuple[FieldRead | MeasureRead, ...]
    rows: tuple[TableRow, ...]
    type: Type


class AggregateKind(StrEnum):
    COUNT = "count"
    COUNT_DISTINCT = "count distinct"
    """How many different values `read` has, on rows that are not undone."""
    SUM = "sum"
    MAX = "max"


class CreditShareOf(StrEnum):
    """Whether a sum takes a payee's share of the amount or all of it."""

    CREDITED = "credited"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """What a measure adds up for each credited row; `read` is None for a count."""

    kind: AggregateKind
    share: CreditShareOf
    read: FieldRead | OtherwiseRead | None
    type: Type
    """MoneyType or NumberType; PercentType for a weighted attainment."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerFact(Node):
    """A window of one row: the row and the rows that undo it."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anniversary(Node):
    """Windows counted from a date of the payee or the row: `per year from payee.joined`."""

    unit: WindowKind
    """week, month, quarter, half or year."""
    anchor: FieldRead

    def __str__(self) -> str:
        return f"{self.unit} from {self.anchor.text}"


MeasureWindow = WindowKind | PerFact | Anniversary


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaTarget(Node):
    """A quota looked up for each row: by its keys read on the row, in the window of its date."""

    quota: str
    keys: tuple[FieldRead, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Node):
    """`convert to EUR at ecb on closed`: turns the amounts of a row into one currency."""

    to: str
    rates: str
    """Name of the table of rates."""
    anchor: Anchor
    """A row is converted at the last rate on or before this date of it."""
    mode: RoundingMode | None
    """How a converted amount is rounded; None where it is used as it is."""
    step: Decimal | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementConvert(Node):
    """`convert to payee.currency at ecb on payable rounded half_up`: what a line is paid in."""

    to: str | FieldRead
    """A code, or the field of the payee that says it."""
    rates: str
    anchor: Anchor
    """Reads `payable` and `earned` of the line, with root LINE."""
    mode: RoundingMode
    """To the minor unit of the currency."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthTarget(Node):
    """`bookings of year before`: what a named measure came to in the window one unit earlier."""

    measure: str
    unit: SpanUnit
    keys: tuple[FieldRead, ...]
    """That measure's keys, as they are read on the row here."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPart(Node):
    """`take 60% of bookings at most 150%`"""

    measure: str
    weight: Decimal
    most: Decimal | None
    """The attainment above which it counts no more."""
    against: Target
    """That measure's target, as it is read on the row here."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedTarget(Node):
    """100% of several measures, each by its weight; the weights make 100%."""

    parts: tuple[WeightedPart, ...]
    text: str


Target = QuotaTarget | FieldRead | Constant | GrowthTarget | WeightedTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Node):
    """A running total for each combination of keys and window, in (event date, order by, key,
    payee) order.

    With `rows` None it runs over the rule's own credited rows; else over those of `rows`. Against
    a `WeightedTarget` it has no rows: it is the weighted sum of what its parts have attained.
    Against a target the bands are at multiples of it (attainment).
    """

    name: str | None
    rows: MeasureRows | None
    aggregate: Aggregate
    window: MeasureWindow
    keys: tuple[FieldRead, ...]
    """Empty for `by all`; the payee itself is a FieldRead with root PAYEE and no names."""
    against: Target | None
    text: str
    read_by: tuple[FieldRead, ...] | None = None
    """The keys as they are read on the rule's rows, where those are rows of a calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRows(Node):
    """The rows a named measure runs over."""

    source: FactSource
    conditions: tuple[Condition, ...]
    credit: Credit
    convert: Convert | None = None
    effective: DateRange | None = None
    """Dates of the rows that count, which may lie before the plan's: they count and never earn. None
    for the plan's own, or, over all time, for any."""


# --- rules: where rows come from ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource(Node):
    """Rows of a fact kind, dated by a date field of theirs."""

    kind: str
    event: str
    """Name of the date field; rows without it wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningsSource(Node):
    """The lines of another rule before they are cut into parts, dated `earned_on`."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSource(Node):
    """A row for each payee of a kind and each window, dated the window's last day."""

    kind: str
    window: WindowKind

    @property
    def rows(self) -> str:
        """What its rows are called, where a fact kind would stand: `partner per month`."""
        return f"{self.kind} per {self.window}"


Source = FactSource | EarningsSource | CalendarSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTo(Node):
    """All of the row to one payee; `path` None (earnings) means the payee of the line.

    A row whose path leads to nobody earns nothing, with that reason.
    """

    path: FieldRead | None
    payee_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestOfRow(Node):
    """What the other shares of a row, some of them fields, leave of 100%."""

    text: str


Share = Constant | FieldRead | RestOfRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditShares(Node):
    """Shares of the row that stand in the plan or in fields of the row: percentages that make 100%,
    or weights.

    A share that is a field may be empty, and so may the payee beside it: an empty share is none. So
    may the payee of the rest, where nothing is left. One share at most is the rest, of percentages.
    """

    shares: tuple[tuple[Share, CreditTo], ...]
    are_weights: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEach(Node):
    """Shares of the row that stand in rows of another fact kind, in the order of those rows."""

    kind: str
    link: str
    """Field of that kind that names the row."""
    credited: str
    payee_kind: str
    share: str | None
    """Field of that kind with the share; None for `equally`."""
    are_weights: bool
    """Shares are in proportion to the numbers; else they are percentages and make 100%."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNobody(Node):
    """All of the row to nobody in particular: the rule's award says who is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLevels(Node):
    """All of the row to each payee along a reference that is followed again and again.

    The chain ends where nobody follows, or somebody who is on it already, or with the level `most`.
    """

    path: FieldRead
    """Leads to the first level."""
    link: str
    """The field of a payee that leads to the next level."""
    segment: str | None
    """Only its members have a level; others are passed over, and take none."""
    payee_kind: str
    most: int


Credit = CreditTo | CreditShares | CreditEach | CreditLevels | CreditNobody


# --- rules: what is paid -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OfEarnings(Node):
    """What another rule earned on the same row, all its lines there together.

    `is_own` takes what it earned for the payee; else all payees' sum, times the payee's share.
    """

    rule: str
    title: str
    """Of that rule; its name where it has none."""
    is_less: bool
    is_own: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOf(Node):
    """A percentage of a base; base None means of the measure (inside tiers)."""

    rate: Operand
    base: Operand | None
    above: Operand | None = None
    """Only what of the base lies above it counts, over the row and the rows that undo it."""
    earnings: tuple[OfEarnings, ...] = ()
    """Added to the base, or taken off it."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerRow(Node):
    """Money for each row of the source (`per deal`)."""

    amount: Operand
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(Node):
    """Units are counted in packages of a size, those only started included or left out."""

    size: Operand
    """Of the quantity's unit; a row whose size is missing or not above zero earns nothing."""
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(Node):
    """Money for each unit (or package) of a quantity; quantity None means of the measure."""

    amount: Operand
    quantity: Operand | None
    above: Operand | None = None
    """Only what of the quantity lies above it counts, over the row and the rows that undo it."""
    package: Package | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerQuota(Node):
    """Money for 100% of the target; inside tiers in proportion to the part in the band."""

    amount: Operand
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(Node):
    """Money once: on entering a band, reaching a goal or taking a place.

    `rate` is None for `500 USD once`; for `10% of payee.base once` it is the percentage.
    """

    amount: Operand
    rate: Operand | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prize(Node):
    """A thing, not money; a line with amount 0."""

    name: str
    text: str


PayPart = ShareOf | PerRow | PerUnit | PerQuota | Once | Prize


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Node):
    """What is paid, part by part; no parts for `nothing`."""

    parts: tuple[PayPart, ...]


class Method(StrEnum):
    """How bands are applied; see the language reference, "Tier methods"."""

    MARGINAL = "marginal"
    WHOLE = "whole"
    FROM_CROSSING = "from_crossing"
    FROM_NEXT = "from_next"
    INTERPOLATED = "interpolated"

    @property
    def trues_up(self) -> bool:
        """Whether the total decides for earlier rows too: a later row may change what they earn."""
        return self in (Method.WHOLE, Method.INTERPOLATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Node):
    """A band from its lower end on; the next band's lower end closes it.

    `start` is in the measure's unit, or a ratio of the target where the measure has one.
    """

    start: Decimal
    is_included: bool
    """`from` has its lower end in it, `above` has not."""
    pay: Pay
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands(Node):
    """Bands ascending by start, at least one."""

    method: Method
    bands: tuple[Band, ...]


Rate = Pay | Bands


# --- rules: what changes it --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Node):
    factor: Operand
    when: Condition | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Node):
    """A cap or floor on the rule's running total for each key and window."""

    is_floor: bool
    amount: Operand
    """Money; a ShareOfRead or a percentage of a base is folded into the operand."""
    window: MeasureWindow
    keys: tuple[FieldRead, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduct(Node):
    """Takes off what has been computed so far what another rule earned on the row."""

    earnings: OfEarnings
    text: str


Adjuster = Times | Limit | Deduct


@dataclass(frozen=True, slots=True, kw_only=True)
class ForSpan(Node):
    """Keeps rows dated from the anchor on, before the anchor plus the span."""

    span: Length
    anchor: Anchor
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRows(Node):
    """Keeps the first rows of each key: so many of them, or those in a time from the first one on."""

    count: int | None
    span: Length | None
    """Instead of a count."""
    keys: tuple[FieldRead, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prorate(Node):
    """Multiplies by the share of the window's days that lie from one date through another."""

    start: FieldRead
    end: FieldRead
    """Open while it is missing."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Node):
    """Equal parts: part k is payable k - 1 units after the anchor."""

    span: Length
    anchor: Anchor
    remainder: Remainder
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaches(Node):
    """Releases in proportion: as the rows of a kind that refer to the row add up to an amount of it."""

    kind: str
    reference: str
    """Field of that kind which refers to the rule's rows."""
    amount: FieldRead
    """Read on a row of that kind, root ROW."""
    target: FieldRead | Constant
    """Read on the rule's row, or a percentage."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Node):
    """Equal parts of a release: part k is payable k - 1 units after the anchor."""

    span: Length
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePart(Node):
    """A share of the award, released on a date, over several, or as an amount is reached."""

    share: Decimal
    when: Anchor | Spread | Reaches
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Node):
    """The parts of an award, whose shares make 100%; `remainder` is None where there is but one."""

    parts: tuple[ReleasePart, ...]
    remainder: Remainder | None


class StopThen(StrEnum):
    FORFEIT = "forfeit"
    PAY_OUT = "pay_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Node):
    """From the date in `read` on, parts are forfeited or all are due."""

    read: FieldRead
    then: StopThen
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Node):
    """Up to a span after a date, the last day in it."""

    span: Length
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Unearned(Node):
    """The units of a span that are not earned yet; `method` is FULL or STARTED."""

    span: Length
    method: SpanMethod
    start: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Clawback(Node):
    """Takes back what was earned when a date comes, or when it does not come in time."""

    share: Decimal
    """Of the award; 1 where what is unearned decides."""
    unearned: Unearned | None
    on: FieldRead
    is_unless: bool
    """It is taken back on the day after the limit if `on` has not come by then."""
    within: Within | None
    at: Anchor | None
    """When what was paid is charged, if not on the day itself."""
    restore: FieldRead | None
    """From this date on it is given back again."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Node):
    """What holds for rows dated from `start` on, until the next version's start."""

    start: date | None
    """None for the first version."""
    conditions: tuple[Condition, ...]
    credit: Credit
    duration: ForSpan | None
    rate: Rate | None
    """None where a rank's places pay instead."""
    adjusters: tuple[Adjuster, ...]
    """In the order written."""
    first: FirstRows | None
    prorate: Prorate | None
    hold: Anchor | None
    split: Split | None
    release: Release | None
    """Instead of a split."""
    stops: tuple[Stop, ...]
    """The earliest date counts; of two on one date the first."""
    clawbacks: tuple[Clawback, ...]
    """Of several on one date the first that applies counts."""
    remainder: Remainder | None = None
    """Who gets what is left over when a row's pay is cut into the shares of its payees; None where
    each share is rounded by itself."""


# --- rules: goals, ranks, awards, budgets ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Node):
    """Holds while the measure over the rule's window is at least (or above) `least`."""

    measure: Measure
    comparison: Comparison
    least: Operand
    text: str


class Ties(StrEnum):
    """What equal keys get: the places' pay shared, all the better place, or the first to get
    there the better one."""

    SHARE = "share"
    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePay(Node):
    place: int
    pay: Pay
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank(Node):
    """Settled on the last day of the rule's window; places ascend from 1 without gaps."""

    measure: Measure
    ties: Ties
    places: tuple[PlacePay, ...]
    text: str
    remainder: Remainder | None = None
    """Who gets left-over units where tied keys share; None under other ties."""


class AwardHow(StrEnum):
    """How much each of those gets who are awarded."""

    EACH = "each"
    """All of it."""
    EQUALLY = "equally"
    PRO_RATA = "pro_rata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributors(Node):
    """Payees with a counted row of the key by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersAlike(Node):
    """Payees of the credited payee's kind who have the same value in a field: `payee.team`."""

    read: FieldRead


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersOfPayee(Node):
    """Payees of a kind whose field names the credited payee: `rep.team`, where a team is credited."""

    kind: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersOfSegment(Node):
    segment: str
    kind: str


AwardWhom = Contributors | MembersAlike | MembersOfPayee | MembersOfSegment


@dataclass(frozen=True, slots=True, kw_only=True)
class Award(Node):
    """Who gets what was earned, on the day it was.

    `by` is the measure that a pro rata award is divided by, kept by payee; None for each one's part
    of the rule's own measure, goal or rank.
    """

    whom: AwardWhom
    how: AwardHow
    by: Measure | None
    remainder: Remainder | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Node):
    """Most that the rule pays for each key; no keys for one budget of the whole rule.

    `first_come` is the date field that decides the order; None for `prorate`, which cuts all
    awards in proportion on `ends_on`.
    """

    amount: Constant
    keys: tuple[FieldRead, ...]
    first_come: FieldRead | None
    ends_on: date | None
    remainder: Remainder | None
    text: str


class RuleKind(StrEnum):
    REVENUE_SHARE = "revenue_share"
    FLAT = "flat"
    TIERED = "tiered"
    INSTALLMENTS = "installments"
    SPIFF = "spiff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Node):
    name: str
    kind: RuleKind
    title: str
    source: Source
    fact_kind: str
    """Kind of the rows that its lines stand on, through any chain of earnings."""
    effective: DateRange
    """Dates of rows that count: the plan's, the rule's and the spiff's window."""
    is_memo: bool
    currency: str
    """What its amounts, limits and lines are in."""
    minor_unit: Decimal
    convert: Convert | None
    """None where no amount that it reads is in another currency."""
    rounding: Rounding
    measure: Measure | None
    goals: tuple[Goal, ...]
    rank: Rank | None
    award: Award | None
    budget: Budget | None
    versions: tuple[Version, ...]
    """At least one, ascending by start."""
    text: str
    elsewhere: str = ""
    """Why its lines stand on no row of its own, or on some of another kind, in words; else empty."""

    @property
    def uses(self) -> tuple[OfEarnings, ...]:
        """The earnings of other rules on the same row that its pay is worked out with."""
        found: list[OfEarnings] = []
        for version in self.versions:
            pays = version.rate.bands if isinstance(version.rate, Bands) else ()
            parts = version.rate.parts if isinstance(version.rate, Pay) else ()
            for part in (*parts, *(part for band in pays for part in band.pay.parts)):
                if isinstance(part, ShareOf):
                    found += part.earnings
            found += [each.earnings for each in version.adjusters if isinstance(each, Deduct)]
        return tuple(found)

    def version_on(self, day: date) -> Version:
        """Return the version in force on a day."""
        found = self.versions[0]
        for version in self.versions[1:]:
            if version.start is not None and version.start <= day:
                found = version
        return found


class Take(StrEnum):
    """Which of the rules in a choice pays on a row; `all` states that they add up on purpose."""

    HIGHEST = "highest"
    FIRST = "first"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Node):
    """Of the rules in `among`, one pays per row and payee."""

    name: str
    take: Take
    kind: str
    among: tuple[str, ...]
    among_origins: tuple[Span, ...]
    """Where each rival is named."""
    text: str


# --- settling ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Node):
    """A guarantee or a draw: an amount for each statement of the payees that it is for."""

    amount: Operand
    """Money; read on the payee, as of the last day of the statement's period."""
    kind: str
    """The payee kind that it is for, empty for every payee."""
    segment: str
    """The segment of that kind that it is for, empty for all of the kind."""
    time: ForSpan | None
    """The time that the last day of the period must lie in, None for all the time."""
    is_recoverable: bool
    """Owed back; never so for a guarantee."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery(Node):
    """How much of what a statement comes to pays back what is owed."""

    rate: Decimal
    above: Operand | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCap(Node):
    """The most that a statement pays; what is above it is carried or forfeited."""

    amount: Operand
    is_carried: bool
    text: str


class Negative(StrEnum):
    """What becomes of a statement below zero."""

    CARRY = "carry"
    FORGIVE = "forgive"
    STANDS = "stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum(Node):
    """The least that a statement pays; what is below it is carried."""

    amount: Operand
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRounding(Node):
    """How the total of a statement is rounded, where lines have fractions of the minor unit."""

    mode: RoundingMode
    step: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(Node):
    """What happens between the lines of a statement and its total, in this order.

    Brought forward, the lines, guarantee, draw, recovery, cap, what is below zero, minimum,
    rounding (language reference, "Statements").
    """

    guarantees: tuple[Grant, ...]
    """The first that is for a payee counts; so with draws."""
    draws: tuple[Grant, ...]
    recovery: Recovery | None
    cap: StatementCap | None
    negative: Negative
    says_negative: bool
    """Whether the plan says so, rather than leaving it at that it stands."""
    minimum: Minimum | None
    rounding: StatementRounding | None
    text: str


# --- plan --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Node):
    name: str
    title: str
    currency: str
    minor_unit: Decimal
    effective: DateRange
    rounding: Rounding
    fiscal: FiscalYear
    schema: Schema
    derived: Mapping[str, tuple[Derived, ...]]
    """Derived fields by record kind, each after those it uses."""
    filters: Mapping[str, tuple[Condition, ...]]
    """`where` lines of fact kinds."""
    order_by: Mapping[str, FieldRead]
    """`order by` of fact kinds that have one."""
    segments: Mapping[str, Segment]
    tables: Mapping[str, Table]
    measures: Mapping[str, Measure]
    rules: tuple[Rule, ...]
    """Each after the rules whose earnings it uses, otherwise as written."""
    chooses: tuple[Choose, ...]
    period: WindowKind
    """What a statement covers."""
    pays_in: str
    """The one currency of the statements; empty where it is said for each payee or line."""
    convert: StatementConvert | None
    """Turns each line into the currency of its statement."""
    settlement: Settlement | None
    """None where a statement pays the sum of its lines as it is."""
    sources: Mapping[str, str]
    """Text of the plan's files by path."""
