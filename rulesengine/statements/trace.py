"""How a line came about, in one line of words and numbers; and a sentence for each reason.

Everything is made from the columns of the line and nothing else, so that both engines explain
alike. What is printed can be redone with a pocket calculator: `redo` does, and the tests hold it
against `exact`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from rulesengine.engines.results import Line, Part, Reason
from rulesengine.model.exact import (
    ONE,
    ZERO,
    Exact,
    absolute,
    add,
    divide,
    multiply,
    negate,
    subtract,
)
from rulesengine.statements.numbers import cut_down, money, number, percent

REASONS: Mapping[Reason, str] = {
    Reason.NOT_COUNTED: "the plan leaves it out: a `where` of the fact does not hold",
    Reason.NO_EVENT_DATE: "it waits: the date it is judged by is missing",
    Reason.OUTSIDE_DATES: "it is dated outside the days of the rule",
    Reason.AFTER_THROUGH: "it is dated after the last day of the run",
    Reason.CONDITION: "a condition of the rule does not hold",
    Reason.OUTSIDE_DURATION: "it is dated outside the time that the rule pays for",
    Reason.NOBODY_CREDITED: "it credits nobody",
    Reason.NO_HISTORY: "nothing is known yet of the payee on its date",
    Reason.NO_QUOTA: "there is no quota for its window",
    Reason.NO_BAND: "the total is in no band that pays",
    Reason.ZERO: "its pay comes to nothing",
    Reason.GOAL_NOT_REACHED: "it counts towards a goal or rank and pays nothing by itself",
    Reason.OTHER_ROW_REACHED: "another row reached the goal or entered the band",
    Reason.NOTHING_UNDONE: "what it undoes is taken back already",
    Reason.WAITS_FOR_UNDONE: "the row that it undoes earned nothing",
}


def trace(line: Line) -> str:
    """Return how the line's amount came about: `20,000.00 × 12 %`."""
    if line.part is Part.FORFEITED:
        return _forfeited(line)
    if line.whole is not None:
        return _cut(line)
    rounded = f" = {_money(line, line.exact)}, rounded" if line.exact != line.amount else ""
    return f"{_award(line)}{rounded}{_movement(line)}"


def redo(line: Line) -> Exact | None:
    """Return `exact` worked out again from the numbers that the trace shows.

    None where the line states its amount outright (`500 USD once`, a prize, a rival's pay) or is
    a cut that depends on its neighbours (a budget shared in proportion).
    """
    if line.whole is not None and line.part is not Part.FORFEITED:
        return divide(line.whole, _cuts(line)) if _cuts(line) else None
    return _redo_award(line)


# --- the award, before any cut -------------------------------------------------------------------


def _award(line: Line) -> str:
    match line.part:
        case Part.BASE | Part.FORFEITED:
            return _product(line)
        case Part.INSTALMENT if line.band_from is None:
            return _product(line)
        case Part.BAND | Part.INSTALMENT:
            return f"band from {_bound(line)}: {_product(line)}"
        case Part.TRUE_UP:
            return f"true-up: {_true_up(line)}"
        case Part.ONCE:
            verb, pay = _taken(line, "entered", "left")
            if line.base is not None and line.rate is None and line.base != line.exact:
                # Moves with the total between two bands: what it is worth now, less what it was.
                paid = subtract(line.base, line.exact)
                verb, pay = "", f"{_money(line, line.base)} less {_money(line, paid)} paid before"
            band = "" if line.band_from is None else f"band from {_bound(line)} {verb}".rstrip() + ": "
            return f"{band}{pay}"
        case Part.GOAL:
            verb, pay = _taken(line, "reached", "no longer reached")
            return f"{_goal(line, verb)}: {pay}"
        case Part.PLACE:
            return f"{_place(line)}: {_product(line)}"
        case Part.PRIZE:
            return f'prize "{line.prize}"{_for_what(line)}'
        case Part.TIMES:
            if line.rate is None and line.base is not None and line.times is not None:
                became = multiply(line.base, line.times)
                return f"times {percent(line.times)}: {_money(line, line.base)} → {_money(line, became)}"
            return _product(line)
        case Part.CAP | Part.FLOOR | Part.BUDGET:
            return _limit(line)
        case Part.CHOSEN_OTHER:
            return line.scope or "another rule pays instead"
        case _:
            assert_never(line.part)


def _product(line: Line) -> str:
    """Return `base × share × rate × times` or `units × rate × times`, as far as they are given."""
    factors = []
    if line.base is not None:
        if line.share is not None and line.share not in (ZERO, ONE):
            factors += [_money(line, divide(line.base, line.share)), f"{percent(line.share)} share"]
        else:
            factors.append(_money(line, line.base))
        if line.rate is not None:
            factors.append(percent(line.rate))
    elif line.units is not None:
        factors.append(number(line.units))
        if line.rate is not None:
            factors.append(_money(line, line.rate))
    else:
        factors.append(_money(line, line.rate if line.rate is not None else line.exact))
    if line.times is not None and line.times != ONE:
        factors.append(percent(line.times))
    return " × ".join(factors)


def _true_up(line: Line) -> str:
    if line.rate is None and line.base is not None:
        # Earlier rows at rates of their own: what they are worth now, less what they were paid.
        paid = subtract(line.base, line.exact)
        band = f" at the band from {_bound(line)}" if line.band_from is not None else ""
        return f"earlier rows{band} come to {_money(line, line.base)}, paid {_money(line, paid)} before"
    if line.rate is None:
        return _product(line)
    if line.rate_before is None:
        return f"{_product(line)} for earlier rows"
    times = f" × {percent(line.times)}" if line.times is not None and line.times != ONE else ""
    if line.base is not None:
        rates = f"{percent(line.rate)} instead of {percent(line.rate_before)}"
        return f"{rates} on {_money(line, line.base)} of earlier rows{times}"
    rates = f"{_money(line, line.rate)} instead of {_money(line, line.rate_before)}"
    return f"{rates} on {number(line.units or ZERO)} of earlier rows{times}"


def _taken(line: Line, given: str, taken: str) -> tuple[str, str]:
    if line.exact < 0:
        return taken, f"takes back {_money(line, negate(line.exact))}"
    return given, _product(line)


def _limit(line: Line) -> str:
    """A cap, floor or budget: the running total and what it is held at.

    The totals are shown only where the line is their difference; a budget that takes from an
    earlier award what a later one has a better claim to states its amount alone.
    """
    word = f"{line.part.value}{_amount_of_target(line)}{_where(line)}"
    before, after = line.measure_before or ZERO, line.measure_after
    if line.target is None and after is not None and line.part is Part.BUDGET:
        return f"{word}: what is undone was paid {_money(line, after)} of {_money(line, before)}"
    if line.target is not None and after and line.part is Part.BUDGET and line.base is not None:
        return f"{word} in proportion: {_in_proportion(line, line.base, line.target, after)}"
    if line.target is None or after is None or _redo_award(line) != line.exact:
        return f"{word}: {_money(line, line.exact)}"
    held = _held(line.part, after, line.target)
    if before == 0 or _lifts_a_window(line):
        return f"{word}: {_money(line, after)} → {_money(line, held)}"
    held_before = _held(line.part, before, line.target)
    totals = f"{_money(line, before)} → {_money(line, after)}"
    return f"{word}: total {totals}, held at {_money(line, held_before)} → {_money(line, held)}"


def _in_proportion(line: Line, award: Exact, most: Exact, all_awards: Exact) -> str:
    """What is kept of an award under a budget that is shared, cut like instalments are."""
    kept = divide(multiply(award, most), all_awards)
    paid = add(award, line.exact)
    cut_to = "" if kept == paid else f" = {_money(line, kept)}, cut to {_money(line, paid)},"
    sides = f"{_money(line, award)} × {_money(line, most)} ÷ {_money(line, all_awards)}"
    return f"{sides}{cut_to} instead of {_money(line, award)}"


def _lifts_a_window(line: Line) -> bool:
    """Whether the line lifts what a whole window came to: no row moved the total."""
    return line.part is Part.FLOOR and line.measure_before == line.measure_after


def _held(part: Part, value: Exact, bound: Exact) -> Exact:
    """Return a running total after the limit; it acts on the magnitude."""
    if part is Part.FLOOR:
        if value == 0:
            return ZERO
        size = max(absolute(value), bound)
    else:
        size = min(absolute(value), bound)
    return negate(size) if value < 0 else size


def _redo_award(line: Line) -> Exact | None:
    match line.part:
        case Part.CAP | Part.FLOOR | Part.BUDGET:
            is_shared = line.part is Part.BUDGET and line.base is not None
            if line.target is None or line.measure_after is None or is_shared:
                return None
            before = ZERO if _lifts_a_window(line) else line.measure_before or ZERO
            moved = subtract(line.measure_after, before)
            after = _held(line.part, line.measure_after, line.target)
            return subtract(subtract(after, _held(line.part, before, line.target)), moved)
        case Part.TIMES if line.rate is None and line.times is not None and line.base is not None:
            return multiply(line.base, subtract(line.times, ONE))
        case Part.CHOSEN_OTHER | Part.PRIZE | Part.FORFEITED:
            return None
        case _:
            quantity = line.base if line.base is not None else line.units
            is_outright = line.part is Part.ONCE and line.rate is None
            if quantity is None or is_outright or (line.part is Part.TRUE_UP and line.rate is None):
                return None
            rate = line.rate if line.rate is not None else ONE
            if line.rate_before is not None:
                rate = subtract(rate, line.rate_before)
            value = multiply(quantity, rate)
            return value if line.times is None else multiply(value, line.times)


# --- cuts: instalments and equal shares ----------------------------------------------------------


def _cut(line: Line) -> str:
    """One part of a rounded whole: which, of what, how the whole came about, what was left over."""
    assert line.whole is not None
    value = _redo_award(line)
    # The words of the award are about the whole, as if nothing had been cut yet.
    words, made = _award(replace(line, exact=line.whole)), _money(line, line.whole)
    if words != made:
        if value is not None and value != line.whole:
            words += f" = {_money(line, value)}, rounded"
        made = f"{made} ({words}{_movement(line)})"
    count = _cuts(line)
    if line.part_number and line.part_count:
        name = f"instalment {line.part_number} of {line.part_count} of {made}"
    elif count:
        name = f"one of {number(count)} equal shares of {made}"
    else:
        name = f"a share of {made}"
    if line.exact == line.amount:
        return name
    even = cut_down(line.exact, line.currency)
    if even == line.amount:
        return f"{name}: cut to {_money(line, even)}"
    left_over = subtract(line.amount, even)
    return f"{name}: {_money(line, even)} and {_money(line, left_over)} left over"


def _forfeited(line: Line) -> str:
    first = f" from instalment {line.part_number} of {line.part_count} on" if line.part_count else ""
    of = f" of {_money(line, line.whole)}" if line.whole is not None else ""
    return f"forfeited{first}: {_money(line, line.exact)}{of}"


def _cuts(line: Line) -> Exact:
    """Return how many equal parts the whole was cut into, 0 where the parts are not equal."""
    if line.part_count:
        return add(ZERO, line.part_count + ZERO)
    if line.whole is None or line.exact == 0:
        return ZERO
    count = divide(line.whole, line.exact)
    return count if count == int(count) else ZERO


# --- the measure ---------------------------------------------------------------------------------


def _bound(line: Line) -> str:
    """The lower end of the band: a percentage of the target, or in the measure's unit."""
    if line.band_from is None:
        return ""
    return percent(line.band_from) if line.target is not None else _measured(line, line.band_from)


def _movement(line: Line) -> str:
    """How the row moved the total that its band was found by; other parts say it themselves."""
    if line.measure_after is None or line.band_from is None or line.part is Part.PRIZE:
        return ""
    return _total(line)


def _total(line: Line) -> str:
    if line.measure_after is None:
        return ""
    before = "" if line.measure_before is None else f"{_measured(line, line.measure_before)} → "
    against = "" if line.target is None else f" against {_measured(line, line.target)}"
    return f"; total {before}{_measured(line, line.measure_after)}{against}{_where(line)}"


def _where(line: Line) -> str:
    """The window and keys that a total runs over: ` in 2026-Q1, team=north`."""
    window = {"plan": "over the plan", "lifetime": "over all time"}.get(line.window)
    window = window or (f"in {line.window}" if line.window else "")
    words = ", ".join(word for word in (window, line.scope) if word)
    return f" {words}" if words else ""


def _goal(line: Line, verb: str) -> str:
    of = f" of {_measured(line, line.target)}" if line.target is not None else ""
    who = f" by {line.scope}" if line.scope else ""
    moved = ""
    if line.measure_after is not None:
        before = "" if line.measure_before is None else f"{_measured(line, line.measure_before)} → "
        moved = f" ({before}{_measured(line, line.measure_after)})"
    return f"goal{of} {verb}{who}{moved}"


def _place(line: Line) -> str:
    total = f" with {_measured(line, line.measure_after)}" if line.measure_after is not None else ""
    who = f" of {line.scope}" if line.scope else ""
    return f"place {line.part_number}{who}{total}"


def _for_what(line: Line) -> str:
    back = " taken back" if line.corrects else ""
    if line.band_from is not None:
        return f"{back} for the band from {_bound(line)}{_total(line)}"
    if line.part_number:
        return f"{back} for {_place(line)}"
    if line.measure_after is not None:
        return f"{back} for {_goal(line, 'reached')}"
    return back


def _measured(line: Line, value: Exact) -> str:
    return money(value, line.measure_unit) if line.measure_unit else number(value)


def _amount_of_target(line: Line) -> str:
    return "" if line.target is None else f" {_money(line, line.target)}"


def _money(line: Line, value: Exact) -> str:
    return money(value, line.currency)
