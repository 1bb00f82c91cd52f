"""What an engine answers: lines, outcomes of rows that earned nothing, and rows it rejects."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rulesengine.model.book import Reject
from rulesengine.model.exact import ZERO, Exact
from rulesengine.model.quick_dataclass import dataclass


class Part(StrEnum):
    """What a line is in the award it belongs to."""

    BASE = "base"
    """Pay of one row: a share, money per row or per unit."""
    BAND = "band"
    """Pay of the part of a row that lies in one band, or of a row paid at one band."""
    TRUE_UP = "true_up"
    """What earlier rows gain or lose because this row moved the rate."""
    ONCE = "once"
    """Money on entering a band; negative on leaving it."""
    GOAL = "goal"
    """Money for a goal reached; negative where a later row undid it."""
    PLACE = "place"
    """Money for a place of a rank."""
    PRIZE = "prize"
    """A prize; amount 0."""
    TIMES = "times"
    """What a `times` written after a cap or floor adds or takes."""
    DEDUCT = "deduct"
    """Takes off what another rule earned on the row."""
    CAP = "cap"
    FLOOR = "floor"
    CHOSEN_OTHER = "chosen_other"
    """Takes back what this rule earned because `choose` took a rival."""
    BUDGET = "budget"
    """Takes back what the budget did not cover, or gives back what it does cover now."""
    INSTALMENT = "instalment"
    """One dated part of an award."""
    CLAWBACK = "clawback"
    """Takes back what was paid of an award, or (beside parts that are still to come) cuts one short."""
    RESTORED = "restored"
    """Gives back what a clawback took."""
    FORFEITED = "forfeited"
    """Instalments cancelled by `stop on` or a `clawback`; amount 0, `exact` is the sum forfeited."""
    BROUGHT_FORWARD = "brought_forward"
    """What the statement before carried forward. From here on, parts of the rule `statement`: what
    settles a payee's statement. They stand on no row and are dated its period's last day."""
    GUARANTEE = "guarantee"
    """Lifts the earnings of the period, `base`, to the guarantee, `target`."""
    DRAW = "draw"
    """Lifts what is payable, `base`, to the draw, `target`; `measure_before` and `measure_after` are
    what is owed, empty for a kept draw while nothing is."""
    RECOVERY = "recovery"
    """Pays back what is owed, with `rate` of `base`, which is what is payable above `target`."""
    STATEMENT_CAP = "statement_cap"
    """Takes away what is above the most that a statement pays, for good."""
    FORGIVEN = "forgiven"
    """Lifts a statement below zero to zero."""
    CARRIED_FORWARD = "carried_forward"
    """Not paid now but brought forward to the next statement; `base_of` says why: `cap`, `minimum`
    or `negative`."""
    ROUNDING = "rounding"
    """Rounds the total, `base`, to the step `target` in the mode `base_of`."""


PARTS_OF_STATEMENTS = frozenset(
    (
        Part.BROUGHT_FORWARD,
        Part.GUARANTEE,
        Part.DRAW,
        Part.RECOVERY,
        Part.STATEMENT_CAP,
        Part.FORGIVEN,
        Part.CARRIED_FORWARD,
        Part.ROUNDING,
    )
)
"""Parts of lines that settle a statement."""
STATEMENT = "statement"
"""The rule, and its kind, that lines which settle a statement name; no rule of a plan has that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a rule grants for one fact to one payee, signed and traced.

    Numbers are exact; `amount` alone is rounded. Where `whole` is not given, exact = (base or
    units) x rate x days / days_of x times, as far as those are given. An instalment of a base or
    band line has part `instalment`; an instalment of a cap or other line keeps that part, with k of n.
    """

    payee_kind: str
    payee: str
    rule: str
    kind: str
    part: Part
    part_number: int = 0
    """k of an instalment, place of a rank; 0 where there is none."""
    part_count: int = 0
    """n of the instalments; 0 where there is none."""
    fact: str
    """Fact kind, empty for a line that stands on no row (a floor per window, a place)."""
    fact_id: str
    earned_on: date
    payable_on: date | None
    """None while a date it waits for is missing."""
    window: str = ""
    """Label of the measure's or limit's window, such as 2026-Q1."""
    scope: str = ""
    """Keys of the measure, limit, goal or budget where they are not the payee: `team=north`. For
    `chosen_other` which rule pays instead: `best: saas_share pays`."""
    measure_before: Exact | None = None
    """Running total before this row. A cap, floor or first-come budget has the running total of
    the awards here, before it cuts or lifts them."""
    measure_after: Exact | None = None
    """Running total with this row; for a prorated budget the sum of all awards under it."""
    measure_unit: str = ""
    """Currency of the measure where it is money, `%` where it is a weighted attainment, empty for counts
    and quantities. A cap, floor or
    budget runs over money without saying so."""
    target: Exact | None = None
    """The quota or other target that the measure runs against; the amount of a cap, floor or
    budget; what a goal asks for. A prorated budget has the award it cuts as `base`."""
    band_from: Exact | None = None
    """Lower end of the band, in the measure's unit (a multiple of the target where there is one)."""
    band_above: bool = False
    """The lower end (or, of a goal, the target) itself is not in it: `tier above X`, `goal > X`."""
    towards_next: Exact | None = None
    """Interpolated: how far the total stands towards the next band, from 0 up to 1; `rate` (or,
    paid once, `base`) is that far between the two bands'."""
    base: Exact | None = None
    base_of: str = ""
    """What base or units are of, as the rule says it: `amount`, `quantity`; `quota` where units
    are a share of the target (units x target is what the row moved the measure by)."""
    base_how: str = ""
    """How a derived base or quantity was worked out, with numbers: `10,000 − 1,000`."""
    original: Exact | None = None
    """The amount of the whole row in its own currency, where the rule converted it."""
    original_currency: str = ""
    converted: Exact | None = None
    """What it came to in the rule's currency: original x exchange_rate, rounded if the rule says so.
    `base` is the payee's share of it, or the part of it in a band."""
    exchange_rate: Exact | None = None
    """Units of the rule's currency for one of the original."""
    exchange_how: str = ""
    """How the rate is used: `÷ 1.1172`, or `÷ 1.1172 × 0.8338, through EUR`."""
    exchange_on: date | None = None
    """The day that the rate is of."""
    exchange_rates: str = ""
    """The table of rates."""
    share: Exact | None = None
    """The payee's share of the row where credit is shared; `base` is after it (base / share is
    the whole row's)."""
    level: int = 0
    """The level at which the payee is credited; 0 in rules that credit no levels."""
    rate: Exact | None = None
    """A ratio where `base` is given, money where `units` is."""
    rate_before: Exact | None = None
    """For a true-up: the rate that `rate` replaces; exact = base x (rate - rate_before) x days / days_of
    x times."""
    units: Exact | None = None
    times: Exact | None = None
    days: int = 0
    """How many days of a window count, where the pay is prorated by days; 0 where it is not, or where
    all of them do."""
    days_of: int = 0
    """How many days the window has; the pay is multiplied by days / days_of."""
    counted_before: Exact | None = None
    """Where base or units are what counts of a quantity (packages, or what lies above a bound):
    the quantity before this row. Over a measure it is the total in the band."""
    counted_after: Exact | None = None
    """The quantity with this row; base or units = what counts of it, less what counted before,
    times the share."""
    counted_above: Exact | None = None
    """The bound that the quantity counts above."""
    counted_unit: str = ""
    """Currency of the quantity where it is money."""
    package: Exact | None = None
    """Size of the packages that are counted."""
    package_full: bool = False
    """Only full packages count; else those started as well."""
    rounded_from: Exact | None = None
    """Exact sum of the band or window before this line, where that sum is what is rounded:
    amount = round(rounded_from + exact) - round(rounded_from)."""
    whole: Decimal | None = None
    """Rounded amount that was cut into instalments or shared out equally; then `exact` is this
    line's even part of it, while base, rate and times still say how the whole came about."""
    weight: Exact | None = None
    """Of an award that is shared out pro rata: what the payee has of the measure it is divided by; the
    even part of `whole` is whole x weight / weights."""
    weights: Exact | None = None
    """What all who are awarded have of it."""
    shared: Decimal | None = None
    """What all payees of a shared row get for this step of the pay, rounded, where `remainder to`
    says who gets what is left over among them."""
    left_over: Decimal = ZERO
    """What `remainder to nobody` left of `shared`, or of `whole`, in all: it is paid to nobody."""
    part_share: Exact | None = None
    """The share of `whole` that is released with this line; None for equal instalments."""
    part_how: str = ""
    """What the release is: `75 %`, `1 of 3 of 25 %`; behind `; ` what brought it about."""
    exact: Exact
    amount: Decimal
    currency: str
    """What the rule pays in; every other amount of the line is in it too."""
    paid: Decimal | None = None
    """What stands on the statement, where that is in another currency: amount x paid_rate, rounded
    to the minor unit. None where it is `amount` itself, and for memo lines, which are never paid."""
    paid_currency: str = ""
    """The currency of the statement."""
    paid_rate: Exact | None = None
    paid_how: str = ""
    paid_on: date | None = None
    paid_rates: str = ""
    """As the fields of the same names with `exchange`."""
    corrects: str = ""
    """Line that this one takes back or changes."""
    from_line: str = ""
    """Line of another rule that this one was earned on."""
    memo: bool
    prize: str = ""
    readings: str = ""
    """Where the totals stood that the rule read on the row: `attainment so far 120 % (12,000 USD of
    10,000 USD in 2026-Q1)`."""
    span: str
    """Where the rule's clause stands: file:line:column."""
    step: int = 0
    """Place among the lines of one award, from 0: pay, then `times`, `cap` and `floor` as written,
    then what a rival or a budget takes back."""
    sequence: int = 0
    """Tells apart lines that agree in everything else; counts from 0 in a fixed order."""

    @property
    def settles(self) -> Decimal:
        """What the line comes to on its statement, in the statement's currency."""
        return self.amount if self.paid is None else self.paid

    @property
    def shown_in(self) -> str:
        """The currency that `settles` is in: memo lines are shown in the rule's."""
        return self.currency if self.paid is None else self.paid_currency

    @property
    def settles_in(self) -> str:
        """The currency of the statement that the line is on."""
        return self.paid_currency or self.currency

    @property
    def line_id(self) -> str:
        """A stable name: the same award has the same one in every run and every engine."""
        parts = (
            self.rule,
            self.payee_kind,
            self.payee,
            self.fact,
            self.fact_id,
            self.earned_on.isoformat(),
            self.part.value,
            str(self.part_number),
            str(self.sequence),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


class Reason(StrEnum):
    """Why a row earned nothing under a rule. Each has a sentence in `statements/reasons.py`."""

    NOT_COUNTED = "not_counted"
    """A `where` of the fact block keeps it out of every rule."""
    NO_EVENT_DATE = "no_event_date"
    """The date it is judged by is missing: it waits."""
    OUTSIDE_DATES = "outside_dates"
    """Dated outside the rule's effective dates or window."""
    AFTER_THROUGH = "after_through"
    """Dated after the last day of the run."""
    CONDITION = "condition"
    """A `where` of the rule does not hold."""
    OUTSIDE_DURATION = "outside_duration"
    """Outside `for … from`."""
    NO_COUNT = "no_count"
    """A derived number of parts or months is not a whole number from 1 to 1,200."""
    NOBODY_CREDITED = "nobody_credited"
    """The credited reference is empty."""
    NOBODY_AWARDED = "nobody_awarded"
    """The award has no members or contributors, or none with a part to be paid by."""
    NO_HISTORY = "no_history"
    """A payee has no values yet on the row's date."""
    DIVIDES_BY_ZERO = "divides_by_zero"
    """A derived value that it reads divides by zero: a payee's, or its own on another date than its event."""
    BEFORE_FIRST_WINDOW = "before_first_window"
    """Windows are counted from a date, and the row is dated before it."""
    NO_QUOTA = "no_quota"
    NO_SIZE = "no_size"
    """The size of its packages is zero or less."""
    NO_RATE = "no_rate"
    """There is no exchange rate for a line that stands on no row (a row itself is rejected)."""
    RATE_TO_COME = "rate_to_come"
    """The day whose exchange rate it takes is missing, or after the last day of facts: it waits."""
    NO_BAND = "no_band"
    """The measure is below the first band, or the band pays nothing."""
    ZERO = "zero"
    """The pay came to nothing: its base, rate or share is zero."""
    GOAL_NOT_REACHED = "goal_not_reached"
    """The row counts towards a goal or rank, but paid nothing by itself."""
    OTHER_ROW_REACHED = "other_row_reached"
    """It counts towards a goal that another row reached, or a band paid once that another row
    entered."""
    NOTHING_UNDONE = "nothing_undone"
    """A second row that undoes the same row: its flat pay is taken back already."""
    WAITS_FOR_UNDONE = "waits_for_undone"
    """The row it undoes earned nothing or waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row (for one payee, where it got that far) that has no line under a rule."""

    rule: str
    payee_kind: str = ""
    payee: str = ""
    fact: str
    fact_id: str
    dated: date | None
    reason: Reason
    detail: str = ""
    """The condition that failed, with the values; the distance to the next band or the goal."""


@dataclass(frozen=True, slots=True)
class Earned:
    """All that an engine found, for every date up to `through`, in a fixed order.

    Lines: by payee kind, payee, payable date (waiting ones last), rule, earned date, fact order,
    part. Lines with `payable_on` after `through` are awards earned but not yet due.
    """

    lines: tuple[Line, ...]
    outcomes: tuple[Outcome, ...]
    rejects: tuple[Reject, ...]
