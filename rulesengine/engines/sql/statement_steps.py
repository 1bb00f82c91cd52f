"""The steps of the settlement of a statement, as amounts that depend on what was done before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rulesengine.engines.results import Part
from rulesengine.engines.settle import CAP, MINIMUM, NEGATIVE
from rulesengine.engines.sql.expressions import (
    FALSE,
    Expr,
    all_of,
    any_of,
    chosen,
    negated,
    surely,
    text,
)
from rulesengine.engines.sql.minor_units import MOST_DECIMALS, MinorUnit, to_minor_unit
from rulesengine.engines.sql.values import (
    Number,
    Plain,
    Value,
    add,
    compare,
    is_zero,
    larger,
    multiply,
    negate,
    no_number,
    number,
    otherwise,
    pick,
    rounded,
    smaller,
    subtract,
)
from rulesengine.model.exact import ZERO
from rulesengine.model.money import minor_unit
from rulesengine.model.rounding import RoundingMode
from rulesengine.plan import nodes
from rulesengine.plan.nodes import Negative


@dataclass(frozen=True, slots=True)
class StatementTerms:
    """What the statement block says for everybody."""

    settlement: nodes.Settlement
    mode: RoundingMode
    unit: Decimal | None
    """What percentages of amounts are rounded to; None for the minor unit of each statement's currency."""
    of_currency: MinorUnit | None = None
    """That of the statement at hand."""

    @staticmethod
    def of(plan: nodes.Plan, settlement: nodes.Settlement) -> StatementTerms:
        """Return the terms of a plan: it pays in whole minor units where it says nothing else."""
        rounding = settlement.rounding
        if rounding is not None:
            return StatementTerms(settlement, rounding.mode, rounding.step)
        unit = minor_unit(plan.pays_in) if plan.pays_in else None
        return StatementTerms(settlement, plan.rounding.mode, unit)

    @property
    def scale(self) -> int:
        """How many decimals a rounded amount has at most."""
        return MOST_DECIMALS if self.unit is None else number(self.unit).scale

    def whole(self, value: Number) -> Number:
        """Return an amount as it can be paid."""
        if self.unit is not None:
            return rounded(value, self.unit, self.mode)
        assert self.of_currency is not None
        return to_minor_unit(value, self.of_currency, self.mode)

    def granted(self, value: Number) -> Number:
        """Return an amount that the statement block grants as it can be paid: at least 0."""
        return larger(self.whole(value), number(0))

    def span(self, clause: nodes.Node | None) -> str:
        """Return where a clause stands; the whole block where none is written."""
        return str((clause or self.settlement).origin)


@dataclass(slots=True)
class Step:
    """One amount of the settlement, and for which statements there is one."""

    when: Expr
    amount: Number
    values: dict[str, Value]


def lent(
    terms: StatementTerms,
    payable: Number,
    draw: Number,
    lends: Expr,
    is_drawn: Expr,
    owed: Number,
    above: Number,
) -> tuple[Step, Number]:
    """Return what lifts to the draw, else what pays back what is owed; and what is owed after it."""
    recovery = terms.settlement.recovery
    advanced = subtract(draw, payable)
    has_debt = negated(is_zero(owed))
    part = larger(subtract(payable, otherwise(above, number(0))), number(0))
    rate = number(recovery.rate if recovery is not None else ZERO)
    asked = multiply(part, rate)
    is_all = compare(asked, ">=", owed)
    back = pick([(is_all, owed)], smaller(terms.whole(asked), owed))
    exact = pick([(is_all, owed)], asked)
    after = pick([(all_of([is_drawn, lends]), add(owed, advanced)), (is_drawn, owed)], subtract(owed, back))
    shows = any_of([negated(is_drawn), lends, has_debt])
    step = Step(
        any_of([is_drawn, has_debt]),
        pick([(is_drawn, advanced)], negate(back)),
        {
            "part": Plain(chosen([(is_drawn, text(Part.DRAW.value))], text(Part.RECOVERY.value))),
            "exact": pick([(is_drawn, advanced)], negate(exact)),
            "base": pick([(is_drawn, payable)], part),
            "target": pick([(is_drawn, draw)], above),
            "rate": pick([(is_drawn, no_number())], rate),
            "before": pick([(shows, owed)], no_number()),
            "after": pick([(shows, after)], no_number()),
        },
    )
    return step, pick([(any_of([is_drawn, has_debt]), after)], owed)


def kept_back(terms: StatementTerms, payable: Number, cap: Number, minimum: Number) -> Step:
    """Return what is not paid now: above the cap, below zero or below the minimum."""
    settlement = terms.settlement
    is_over = surely(compare(payable, ">", cap))
    is_below: Expr = FALSE
    if settlement.negative is not Negative.STANDS:
        is_below = compare(payable, "<", number(0))
    is_small = surely(all_of([compare(payable, ">", number(0)), compare(payable, "<", minimum)]))
    carried, lost = text(Part.CARRIED_FORWARD.value), text(Part.STATEMENT_CAP.value)
    over = carried if settlement.cap is not None and settlement.cap.is_carried else lost
    below = carried if settlement.negative is Negative.CARRY else text(Part.FORGIVEN.value)
    spans = {
        CAP: terms.span(settlement.cap),
        NEGATIVE: terms.span(None),
        MINIMUM: terms.span(settlement.minimum),
    }
    whys = [(is_over, CAP), (is_below, NEGATIVE)]
    return Step(
        any_of([is_over, is_below, is_small]),
        pick([(is_over, subtract(cap, payable))], negate(payable)),
        {
            "part": Plain(chosen([(is_over, over), (is_below, below)], carried)),
            "base": payable,
            "base_of": Plain(chosen([(test, text(why)) for test, why in whys], text(MINIMUM))),
            "target": pick([(is_over, cap), (is_below, no_number())], minimum),
            "span": Plain(chosen([(test, text(spans[why])) for test, why in whys], text(spans[MINIMUM]))),
        },
    )


def evened(terms: StatementTerms, payable: Number) -> Step:
    """Return the difference between the total and what it rounds to."""
    rounding = terms.settlement.rounding
    if rounding is None:
        return Step(FALSE, number(0), {})
    difference = subtract(rounded(payable, rounding.step, rounding.mode), payable)
    return Step(
        negated(is_zero(difference)),
        difference,
        {
            "base": payable,
            "base_of": Plain(text(rounding.mode.value)),
            "target": number(rounding.step),
            "span": Plain(text(terms.span(rounding))),
        },
    )
