"""Syntax nodes: what was written, unresolved, each with its span.

Nodes hold data only. A word that stands for a choice is kept as the text written; which words a
clause allows is known to the grammar, what they mean to the plan stage.
"""

from __future__ import annotations

from datetime import date as Day
from decimal import Decimal

from rulesengine.diagnostics import Span
from rulesengine.model.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    span: Span


# --- names and literals ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Node):
    """`amount`, `payee.tier`, `deal.product`."""

    names: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(name.text for name in self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    """`25,000`"""

    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Percent(Node):
    """`15%`; the value is the ratio 0.15."""

    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Node):
    """`500 USD`"""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Node):
    """`2026-09-30`"""

    value: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Node):
    """`"won"`; the value has no quotes."""

    value: str


Literal = Number | Percent | Amount | Date | Text
Scalar = Number | Percent | Amount | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise(Node):
    """`mrr otherwise amount`: the first, or the second where it is missing; both may be chained."""

    path: Path
    default: Literal | Path | Otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReading(Node):
    """`bookings so far`: the total of a measure, with the row; `bookings of year before`: of an earlier
    window."""

    path: Path
    in_total: bool
    before: str = ""


Operand = Path | Otherwise | MeasureReading
Rate = Scalar | Otherwise | MeasureReading


# --- dates -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Node):
    """`30 days`, `term_months months`; unit without its plural s."""

    count: Number | Path
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class After(Node):
    """`30 days after closed`"""

    duration: Duration
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAfter(Node):
    """`start of month after closed`"""

    window: str
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOf(Node):
    """`start of month of closed`"""

    window: str
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOf(Node):
    """`end of quarter of closed`"""

    window: str
    anchor: Anchor


Anchor = Path | Date | After | StartAfter | StartOf | EndOf


# --- conditions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Node):
    tests: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Node):
    tests: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    test: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Node):
    """A flag field standing alone: `where renewed`."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOf(Node):
    """`50% of list_price`, `20% of revenue so far`"""

    share: Percent
    of: Path | MeasureReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """`amount >= 120,000 USD`; operator one of >= <= > <."""

    left: Operand
    operator: str
    right: Number | Amount | Percent | ShareOf | MeasureReading | Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Is(Node):
    """`type is "new"`, `type is not "new"`, `type is one of "a", "b"`, `amount is 0 USD`, `a is b`."""

    left: Operand
    values: tuple[Literal | Path, ...]
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Node):
    """`mrr is missing`, or `is present` where negated."""

    path: Path
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment(Node):
    """`payee in gold_agencies`"""

    path: Path
    segment: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Has(Node):
    """`tags has all of "emea", "certified"`; quantifier all, any or none."""

    path: Path
    quantifier: str
    values: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts(Node):
    """`product starts with "HU"`, or `with any of` several beginnings."""

    left: Operand
    values: tuple[Text, ...]


Condition = AllOf | AnyOf | Not | Flag | Compare | Is | Missing | InSegment | Has | Starts


# --- clauses that several blocks share ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Node):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective(Node):
    start: Date
    end: Date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingClause(Node):
    mode: str
    step: Number
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Node):
    """`convert to EUR at ecb on closed rounded half_up to 0.01`."""

    to: Name | Path
    """A `Name` holds the code of a currency."""
    rates: Name
    anchor: Anchor
    mode: str
    """Empty where the converted amount is not rounded."""
    step: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Node):
    condition: Condition


# --- plan --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyClause(Node):
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYearClause(Node):
    """`fiscal year from 2026-02-01`, `fiscal year 2027 from 2026-10-01`."""

    number: Number | None
    start: Date


PlanClause = Title | CurrencyClause | Effective | RoundingClause | FiscalYearClause | Convert


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBlock(Node):
    name: Name
    clauses: tuple[PlanClause, ...]


# --- records -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFlag(Node):
    """`key optional history event credited signed reverses`, `one of "a", "b"`, `decimals 4`."""

    word: str
    values: tuple[Text, ...] = ()
    number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine(Node):
    """`field tier text one of "silver", "gold" history`; type `list of text` is one word here."""

    name: Name
    type: Name
    currency: Name | Path | None = None
    """What stands behind `in`; a `Name` holds the code of a currency."""
    flags: tuple[FieldFlag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """`total - tax`; operator one of + - * /."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanCount(Node):
    """`days from started through ended`, `full months from issued until lapsed`, `month ends from …`.

    `words` are `days`, `full months` or `month ends` as written; side is `through` or `until`.
    """

    words: tuple[str, ...]
    start: Anchor
    side: str
    end: Anchor


Expression = Binary | SpanCount | Otherwise | Number | Percent | Amount | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive(Node):
    """`derive net = total - tax at least 0 USD`"""

    name: Name
    expression: Expression
    least: Scalar | None
    most: Scalar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBy(Node):
    path: Path


RecordClause = FieldLine | Derive | Where | OrderBy


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBlock(Node):
    """`payee partner { … }` or `fact deal { … }`."""

    role: str
    name: Name
    clauses: tuple[RecordClause, ...]


# --- segments, tables, quotas, measures --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBlock(Node):
    name: Name
    of: Name
    wheres: tuple[Where, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyCell(Node):
    """`any`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromCell(Node):
    """`from 100%` or `above 25 USD`: a lower end."""

    side: str
    bound: Number | Percent | Amount | Date


Cell = AnyCell | FromCell | Text | Number


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow(Node):
    cells: tuple[Cell, ...]
    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock(Node):
    """`table product_rate on deal by product, payee.tier { row … }`"""

    name: Name
    on: Name
    keys: tuple[Path | MeasureReading, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaBlock(Node):
    """`quota booking_quota by partner per quarter as money in EUR`"""

    name: Name
    keys: tuple[Path, ...]
    window: Name
    type: Name
    currency: Name | None = None
    """The code behind `in`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesBlock(Node):
    """`rates ecb as currency per EUR within 7 days`, `rates house as EUR per currency within 31 days`."""

    name: Name
    base: Name
    """The code of the currency that all others are quoted against."""
    is_per_base: bool
    """A rate is units of the other currency for one of the base; else the other way round."""
    within: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """`count`, `sum credited amount`, `max amount`, or a named measure (word `measure`)."""

    word: str
    share: str
    """`credited`, `full` or empty."""
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys(Node):
    """`by payee, product`, or `by all` (no paths)."""

    paths: tuple[Path, ...]
    is_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Node):
    """`measure sum amount per quarter by payee against booking_quota`; in a measure block `take`."""

    aggregate: Aggregate
    window: Name
    keys: Keys | None
    against: Scalar | Before | None
    anchor: Path | None = None
    """The date that windows are counted from: `per year from payee.joined`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(Node):
    """`bookings of year before`: what a named measure came to one unit earlier."""

    path: Path
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePart(Node):
    """`take 60% of bookings at most 150%`: a part of a weighted attainment."""

    share: Percent
    measure: Name
    most: Percent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseMeasure(Node):
    """`measure bookings`"""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureBlock(Node):
    """`measure bookings { on deal where … take sum amount per quarter }`"""

    name: Name
    clauses: tuple[
        Effective
        | On
        | Where
        | CreditTo
        | CreditShare
        | CreditEach
        | CreditLevels
        | Convert
        | Measure
        | TakePart,
        ...,
    ]


# --- clauses of rules --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class On(Node):
    """`on deal`, `on deal at paid`, `on earnings of a` (then `source` names the rule), or `on rep per
    month` (then `source` names the payees)."""

    source: Name
    of_earnings: bool
    at: Path | None
    per: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTo(Node):
    """`credit partner.manager`"""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditShare(Node):
    """`credit 60% to ae`, `credit 1 to ae`, `credit ae_share to ae`; the share of `rest` is None."""

    share: Scalar | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditEach(Node):
    """`credit each helper by share`; `by` is None for `equally`."""

    kind: Name
    by: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLevels(Node):
    """`credit each level of partner.sponsor through 5`, `… in active_partners through 5`"""

    path: Path
    segment: Name | None
    most: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardHow(Node):
    """`equally`, `pro_rata`, `pro_rata to bookings`: the end of an award that is shared out."""

    word: str
    by: Name | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Award(Node):
    """`award each member of f`, `award members of f equally`, `award contributors pro_rata to m`.

    `path` is None for contributors; `how` is `each`, `equally` or `pro_rata`.
    """

    path: Path | None
    how: str
    by: Name | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo(Node):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Node):
    """`for 12 months from started`"""

    duration: Duration
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class ForFirst(Node):
    """`for first 12 by customer` (a count), `for 12 months from first by customer` (a duration)."""

    count: Number | None
    duration: Duration | None
    keys: Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Prorate(Node):
    """`prorate by days from started through ended`"""

    start: Path
    end: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(Node):
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess(Node):
    """`amount above 1,000 USD`: the part of a row's amount or quantity above a bound.

    `of` is None for that of the measure: `5% above 1,000 USD`, `2 USD per unit above 50`.
    """

    of: Operand | None
    bound: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningsOf(Node):
    """`less earnings of fee`, `with own earnings of premium`; word `with` or `less`."""

    word: str
    own: bool
    rule: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class WithEarnings(Node):
    """`amount less earnings of fee`: an amount and what other rules earned on the same row."""

    of: Operand
    earnings: tuple[EarningsOf, ...]


Portion = Operand | Excess
PayBase = Operand | Excess | WithEarnings


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(Node):
    """`per deal` (word is the fact kind), `per unit`, `per unit of quantity`, `per quota`."""

    word: Name
    of: Portion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerPackage(Node):
    """`per started 1,000 of quantity`, `per full pack_size`; word `started` or `full`."""

    word: str
    size: Scalar
    of: Portion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPart(Node):
    """`14% of amount`, `500 USD per deal`, `2%`, `5 USD per unit of quantity`, `100 USD once`."""

    value: Rate
    base: PayBase | None
    per: PerUnit | PerPackage | None
    once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizePart(Node):
    """`prize "Trip to Rome" once`"""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Node):
    """`pay 2% plus 100 USD once`; no parts for `pay nothing`. Also the amount of a tier or place."""

    parts: tuple[PayPart | PrizePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Node):
    """`tier from 250,000 USD pay 3%`; side `from` or `above`."""

    side: str
    bound: Scalar
    pay: Pay


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Node):
    """`times 150% when type is "new"`"""

    factor: Rate
    when: Condition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Node):
    """`cap 25,000 USD per deal`, `floor 100% of minimum per month by payee`."""

    word: str
    value: Scalar
    base: Operand | None
    window: Name
    keys: Keys | None
    anchor: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduct(Node):
    """`deduct earnings of base`; `own`: only what it paid to the same payee."""

    own: bool
    rule: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainderClause(Node):
    """`remainder to first`"""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Node):
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Node):
    """`split into 6 months starting 1 month after closed`"""

    duration: Duration
    anchor: Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaches(Node):
    """`as payment.amount reaches amount`, `as payment.part reaches 100%`"""

    path: Path
    target: Path | Percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Node):
    """`release 75% at closed`, `release rest split into …`; the share of `rest` is None."""

    share: Percent | None
    when: Anchor | Split | Reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Unearned(Node):
    """`9 full months`: the duration, and whether `full` or `started` units count as earned."""

    duration: Duration
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clawback(Node):
    """`clawback 100% on cancelled within 90 days of issued`, `clawback unearned over … on lapsed`.

    With `unless` it is `on` that must come in time. `anchor` is what the limit, or what is earned,
    is counted from.
    """

    share: Percent | None
    unearned: Unearned | None
    on: Path
    is_unless: bool
    limit: Duration | None
    anchor: Anchor | None
    at: Anchor | None
    restore: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Node):
    """`stop on cancelled then forfeit`"""

    path: Path
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClause(Node):
    start: Date
    end: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Node):
    """`goal count >= 500 by payee.team`; operator `>=` or `>`."""

    aggregate: Aggregate
    operator: str
    value: Scalar
    keys: Keys | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank(Node):
    """`rank sum amount by payee ties share`"""

    aggregate: Aggregate
    keys: Keys | None
    ties: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine(Node):
    """`place 1 pay 1,000 USD once`"""

    number: Number
    pay: Pay


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Node):
    """`budget 25,000 USD by payee.team then first_come on closed`; `on` is None for `prorate`."""

    value: Scalar
    keys: Keys | None
    first_come_on: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend(Node):
    start: Date
    clauses: tuple[RuleClause, ...]


RuleClause = (
    Title
    | Effective
    | RoundingClause
    | On
    | Where
    | CreditTo
    | CreditShare
    | CreditEach
    | CreditLevels
    | Award
    | Memo
    | For
    | ForFirst
    | Prorate
    | Measure
    | UseMeasure
    | Apply
    | Tier
    | Pay
    | Times
    | Limit
    | Deduct
    | RemainderClause
    | Hold
    | Release
    | Split
    | Clawback
    | Stop
    | WindowClause
    | Goal
    | Rank
    | PlaceLine
    | Budget
    | CurrencyClause
    | Convert
    | Amend
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBlock(Node):
    """A rule; kind one of revenue_share, flat, tiered, installments, spiff."""

    kind: str
    name: Name
    clauses: tuple[RuleClause, ...]


# --- choose and statement ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseBlock(Node):
    """`choose best { take highest per deal among a among b }`"""

    name: Name
    take: str
    per: Name
    among: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPer(Node):
    window: Name
    and_currency: bool = False
    """`per month and currency`: a statement for each currency."""


Worth = Number | Percent | Amount | Operand
"""An amount of the statement block; numbers and percentages are refused by the plan stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee(Node):
    """`guarantee 3,000 USD per month for new_hires for 3 months from payee.joined`"""

    value: Worth
    window: Name
    whom: Name | None
    time: For | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw(Node):
    """`draw 2,000 USD per month recoverable`; how one of recoverable, kept."""

    value: Worth
    window: Name
    how: str
    whom: Name | None
    time: For | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover(Node):
    """`recover 50% of earnings above 2,000 USD`"""

    rate: Percent
    above: Worth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCap(Node):
    """`cap 50,000 USD per month then carry`; then one of carry, forfeit."""

    value: Worth
    window: Name
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """`negative carry`; then one of carry, forgive, stands."""

    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum(Node):
    """`minimum 50 USD then carry`"""

    value: Worth


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRounding(Node):
    """`rounding half_up to 0.01`"""

    mode: str
    step: Number


StatementClause = (
    StatementPer
    | Convert
    | Guarantee
    | Draw
    | Recover
    | StatementCap
    | Negative
    | Minimum
    | StatementRounding
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementBlock(Node):
    clauses: tuple[StatementClause, ...]


Block = (
    PlanBlock
    | RecordBlock
    | SegmentBlock
    | TableBlock
    | QuotaBlock
    | RatesBlock
    | MeasureBlock
    | RuleBlock
    | ChooseBlock
    | StatementBlock
)


# --- files -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Node):
    """A `#` comment, its text with the `#`; `alone` if nothing stands before it on its line."""

    text: str
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One `.rules` file, read: its blocks in order and every comment."""

    path: str
    text: str
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A plan as written: its files in the order of their names."""

    files: tuple[SourceFile, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for file in self.files for block in file.blocks)

    @property
    def sources(self) -> dict[str, str]:
        """Text of each file by path, for printing spans."""
        return {file.path: file.text for file in self.files}
