"""The last step: what happens between the lines of a statement and its total.

Pure arithmetic over one payee's sums, a statement after the other, so that every engine settles
with this very code: it asks for what a payee earned in a period and what is granted, and answers
with the amounts that become lines. The order is fixed (language reference, "Statements"):

    brought forward, lines, guarantee, draw, recovery, cap, below zero, minimum, rounding
"""

from __future__ import annotations

from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.model.change import replace
from rulesengine.model.exact import EXACT, ZERO, Exact, multiply
from rulesengine.model.quick_dataclass import dataclass
from rulesengine.model.rounding import RoundingMode, round_to
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Negative

CAP, MINIMUM, NEGATIVE = "cap", "minimum", "negative"
"""Why an amount is carried forward: `Line.base_of`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What amounts of the statement block are rounded to."""

    mode: RoundingMode
    step: Decimal

    def of(self, value: Exact) -> Decimal:
        """Return an amount as it can be paid."""
        return round_to(value, self.step, self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What goes from one statement of a payee to the next."""

    carried: Decimal = ZERO
    """Added to the next statement; below zero where the payee has to make up for it."""
    owed: Decimal = ZERO
    """Advanced by recoverable draws and not paid back yet; never below zero."""

    @property
    def is_empty(self) -> bool:
        """Whether the next statement stands by itself."""
        return self.carried == 0 and self.owed == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the statement block grants one payee in one period; None where it grants nothing."""

    guarantee: Decimal | None = None
    draw: Decimal | None = None
    is_recoverable: bool = False
    above: Decimal | None = None
    """Only what is above it pays back; None for all."""
    cap: Decimal | None = None
    minimum: Decimal | None = None

    @property
    def grants_something(self) -> bool:
        """Whether there is a statement also for somebody who earned nothing."""
        return bool(self.guarantee or self.draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One amount of the settlement; the names are those of the columns of its line."""

    part: Part
    exact: Exact
    amount: Decimal
    base: Exact | None = None
    base_of: str = ""
    target: Exact | None = None
    rate: Exact | None = None
    before: Decimal | None = None
    """Owed before and after it, where something is owed."""
    after: Decimal | None = None


def settle_statement(
    earnings: Decimal, account: Account, terms: Terms, settlement: nodes.Settlement, unit: Unit
) -> tuple[Account, tuple[Step, ...]]:
    """Return what goes on to the next statement, and what this one shows besides its lines.

    Args:
        earnings: sum of the lines that are payable in the period.
        account: what the statement before left.
        terms: of the payee in the period.
        settlement: of the plan.
        unit: that percentages of amounts are rounded to.
    """
    steps: list[Step] = []
    if account.carried != 0:
        steps.append(Step(part=Part.BROUGHT_FORWARD, exact=account.carried, amount=account.carried))
    if terms.guarantee is not None and earnings < terms.guarantee:
        lifted = EXACT.subtract(terms.guarantee, earnings)
        steps.append(
            Step(part=Part.GUARANTEE, exact=lifted, amount=lifted, base=earnings, target=terms.guarantee)
        )
        earnings = terms.guarantee
    payable = EXACT.add(account.carried, earnings)
    step: Step | None
    if terms.draw is not None and payable < terms.draw:
        step = _draw(payable, terms.draw, account.owed, terms.is_recoverable)
    else:
        step = _recovery(payable, account.owed, terms.above, settlement.recovery, unit)
    owed = account.owed
    if step is not None:
        steps.append(step)
        payable = EXACT.add(payable, step.amount)
        owed = step.after if step.after is not None else owed
    kept = _kept_back(payable, terms, settlement)
    carried = ZERO
    if kept is not None:
        steps.append(kept)
        payable = EXACT.add(payable, kept.amount)
        carried = EXACT.subtract(ZERO, kept.amount) if kept.part is Part.CARRIED_FORWARD else ZERO
    if settlement.rounding is not None:
        steps += _rounding(payable, settlement.rounding)
    return Account(carried=carried, owed=owed), tuple(steps)


def _draw(payable: Decimal, draw: Decimal, owed: Decimal, is_recoverable: bool) -> Step:
    """Return what lifts the statement to the draw; a recoverable one is owed from then on."""
    advanced = EXACT.subtract(draw, payable)
    step = Step(part=Part.DRAW, exact=advanced, amount=advanced, base=payable, target=draw)
    if is_recoverable:
        return replace(step, before=owed, after=EXACT.add(owed, advanced))
    return replace(step, before=owed, after=owed) if owed else step


def _recovery(
    payable: Decimal, owed: Decimal, above: Decimal | None, recovery: nodes.Recovery | None, unit: Unit
) -> Step | None:
    """Return what pays back, 0 where the statement does not reach so far: what is owed is shown."""
    if owed == 0:
        return None
    part = max(payable if above is None else EXACT.subtract(payable, above), ZERO)
    rate = recovery.rate if recovery is not None else ZERO
    asked = multiply(part, rate)
    exact, paid = (owed, owed) if asked >= owed else (asked, min(unit.of(asked), owed))
    return Step(
        part=Part.RECOVERY,
        exact=EXACT.subtract(ZERO, exact) if isinstance(exact, Decimal) else -exact,
        amount=EXACT.subtract(ZERO, paid),
        base=part,
        target=above,
        rate=rate,
        before=owed,
        after=EXACT.subtract(owed, paid),
    )


def _kept_back(payable: Decimal, terms: Terms, settlement: nodes.Settlement) -> Step | None:
    """Return what is not paid now: above the cap, below zero or below the minimum."""
    if terms.cap is not None and payable > terms.cap:
        is_carried = settlement.cap is not None and settlement.cap.is_carried
        part = Part.CARRIED_FORWARD if is_carried else Part.STATEMENT_CAP
        over = EXACT.subtract(terms.cap, payable)
        return Step(part=part, exact=over, amount=over, base=payable, base_of=CAP, target=terms.cap)
    all_of_it = EXACT.subtract(ZERO, payable)
    if payable < 0 and settlement.negative is not Negative.STANDS:
        is_carried = settlement.negative is Negative.CARRY
        part = Part.CARRIED_FORWARD if is_carried else Part.FORGIVEN
        return Step(part=part, exact=all_of_it, amount=all_of_it, base=payable, base_of=NEGATIVE)
    if terms.minimum is not None and 0 < payable < terms.minimum:
        return Step(
            part=Part.CARRIED_FORWARD,
            exact=all_of_it,
            amount=all_of_it,
            base=payable,
            base_of=MINIMUM,
            target=terms.minimum,
        )
    return None


def _rounding(payable: Decimal, rounding: nodes.StatementRounding) -> list[Step]:
    """Return the exact difference between the total and what it rounds to, if there is one."""
    difference = EXACT.subtract(round_to(payable, rounding.step, rounding.mode), payable)
    if difference == 0:
        return []
    return [
        Step(
            part=Part.ROUNDING,
            exact=difference,
            amount=difference,
            base=payable,
            base_of=rounding.mode.value,
            target=rounding.step,
        )
    ]
