"""How a line came about, in one line of words and numbers.

Everything is made from the columns of the line and nothing else, so that both engines explain
alike. What is printed can be redone with a pocket calculator: `redo` does, and the tests hold it
against `exact`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.engines.results import STATEMENT, Line, Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, absolute, add, divide, multiply, negate, subtract
from rulesengine.statements.numbers import cut_down, money, number, percent
from rulesengine.statements.redo import cuts, held, lifts_a_window, redo_award
from rulesengine.statements.trace_exchange import exchanged, paid
from rulesengine.statements.trace_settling import settling
from rulesengine.statements.trace_total import band, for_what, goal, measured, movement, place, where

QUOTA = "quota"
"""`base_of` of units that are a share of the target."""


def trace(line: Line) -> str:
    """Return how the line's amount came about: `20,000.00 × 12 %`."""
    if line.part is Part.FORFEITED:
        return _forfeited(line)
    if line.part in (Part.CLAWBACK, Part.RESTORED):
        return f"{_taken_back(line)}{paid(line)}"
    if line.whole is not None:
        return f"{_cut(line)}{paid(line)}"
    if line.rule == STATEMENT:
        return settling(line)
    rounded = f" = {_money(line, line.exact)}, {_fitted(line, line.amount)}" * (line.exact != line.amount)
    left = _left(line, line.shared)
    return f"{_award(line)}{rounded}{paid(line)}{_movement(line)}{_readings(line)}{left}"


def _fitted(line: Line, amount: Decimal) -> str:
    """Return what became of an exact value: it was rounded, or cut as the part of a shared row."""
    if line.shared is None or line.shared == amount:
        return _rounded(line)
    size = "cut to" if absolute(amount) < absolute(line.exact) else "with what is left over"
    return f"{size} {_money(line, amount)}"


def _left(line: Line, of: Exact | None) -> str:
    """Return what was paid to nobody, if anything."""
    if not line.left_over or of is None:
        return ""
    return f"; {_money(line, line.left_over)} of {_money(line, of)} is paid to nobody"


def _rounded(line: Line) -> str:
    """Return how the amount was rounded: by itself, or with the sum that it belongs to."""
    if line.rounded_from is None:
        return "rounded"
    after = add(line.rounded_from, line.exact)
    return f"rounded in the sum {_money(line, line.rounded_from)} → {_money(line, after)}"


# --- the award, before any cut -------------------------------------------------------------------


def _award(line: Line) -> str:
    match line.part:
        case Part.BASE | Part.FORFEITED:
            return _product(line)
        case Part.BAND | Part.INSTALMENT:
            return f"{band(line)}: {_product(line)}" if line.band_from is not None else _product(line)
        case Part.TRUE_UP:
            return _true_up(line)
        case Part.ONCE:
            return _once(line)
        case Part.GOAL:
            verb, pay = _taken(line, "reached", "no longer reached")
            return f"{goal(line, verb)}: {pay}"
        case Part.PLACE:
            return f"{place(line)}: {_product(line)}"
        case Part.PRIZE:
            return f'prize "{line.prize}"{for_what(line)}'
        case Part.TIMES:
            if line.rate is None and line.base is not None and line.times is not None:
                became = multiply(line.base, line.times)
                return f"times {percent(line.times)}: {_money(line, line.base)} → {_money(line, became)}"
            return _product(line)
        case Part.DEDUCT:
            return f"less {' × '.join(_quantity(line))} earned by `{line.base_of}`"
        case Part.CAP | Part.FLOOR | Part.BUDGET:
            return _limit(line)
        case Part.CHOSEN_OTHER:
            return _chosen_other(line)
        case Part.CLAWBACK | Part.RESTORED:
            return f"{_taken_back(line)}{paid(line)}"
        case (
            Part.BROUGHT_FORWARD
            | Part.GUARANTEE
            | Part.DRAW
            | Part.RECOVERY
            | Part.STATEMENT_CAP
            | Part.FORGIVEN
            | Part.CARRIED_FORWARD
            | Part.ROUNDING
        ):
            return settling(line)
        case _:
            assert_never(line.part)


def _product(line: Line) -> str:
    """Return `base × share × rate × times` or `units × rate × times`, as far as they are given."""
    factors = [*_quantity(line)]
    if line.rate is not None and line.base is not None:
        factors.append(percent(line.rate))
    elif line.rate is not None or not factors:
        factors.append(_money(line, line.rate if line.rate is not None else line.exact))
    if line.days_of:
        factors.append(_days(line))
    if line.times is not None and line.times != ONE:
        factors.append(percent(line.times))
    level = f"level {line.level}: " if line.level else ""
    return level + " × ".join(factors)


def _days(line: Line) -> str:
    """Return the days that the pay is prorated by, as the two numbers that they come from."""
    return f"{line.days} of {line.days_of} days"


def _quantity(line: Line) -> list[str]:
    """Return what the rate is of: base or units before the payee's share, then the share."""
    quantity = line.base if line.base is not None else line.units
    if quantity is None:
        return []
    if _is_of_quota(line):
        return [_of_quota(line)]
    share = []
    if line.share is not None and line.share not in (ZERO, ONE):
        quantity = divide(quantity, line.share)
        share = [f"{percent(line.share)} share"]
    shown = _money(line, quantity) if line.base is not None else number(quantity)
    if line.counted_after is not None:
        return [_counted(line, shown, is_one=absolute(quantity) == 1), *share]
    how = exchanged(line, quantity) or line.base_how
    how = f" ({how})" if how else ""
    return [f"{shown}{how}", *share]


def _counted(line: Line, shown: str, *, is_one: bool) -> str:
    """Return what counts of a quantity: `5 started packages of 1,000 (4,500)`, `500 (1,500 above 1,000)`.

    Where others came before it, the quantity is shown without and with the row.
    """
    assert line.counted_after is not None

    def of(value: Exact) -> str:
        return money(value, line.counted_unit) if line.counted_unit else number(value)

    before = f"{of(line.counted_before)} → " if line.counted_before else ""
    above = "" if line.counted_above is None else f" above {of(line.counted_above)}"
    how = f", {line.base_how}" if line.base_how else ""
    if line.package is not None:
        word = "full" if line.package_full else "started"
        shown = f"{shown} {word} package{'' if is_one else 's'} of {of(line.package)}"
    return f"{shown} ({before}{of(line.counted_after)}{above}{how})"


def _is_of_quota(line: Line) -> bool:
    return line.units is not None and line.base_of == QUOTA and line.target is not None


def _of_quota(line: Line) -> str:
    """Return units that are a share of the target, as the two numbers that they come from."""
    assert line.units is not None and line.target is not None
    moved = measured(line, multiply(line.units, line.target))
    return f"{moved} of {measured(line, line.target)} ({QUOTA})"


def _true_up(line: Line) -> str:
    """Return what earlier rows gain: their sum at the new rate instead of the old one.

    Rows at rates of their own have no such sum; then what they earn now, less what they did before.
    """
    if line.rate is None and line.base is not None:
        at = f" at the {band(line)}" if line.band_from is not None else ""
        earned = f"less {_money(line, subtract(line.base, line.exact))} earned before"
        return f"true-up: earlier rows come to {_money(line, line.base)}{at}, {earned}"
    # How far it is to the next band is where the new rate comes from.
    name = "true-up" if line.towards_next is None else f"true-up, {band(line)}"
    if line.rate is None:
        return f"{name}: {_product(line)}"
    if line.rate_before is None:
        return f"{name}: {_product(line)} for earlier rows"
    times = f" × {_days(line)}" if line.days_of else ""
    times += f" × {percent(line.times)}" if line.times is not None and line.times != ONE else ""
    if line.base is not None:
        rates = f"{percent(line.rate)} instead of {percent(line.rate_before)}"
        return f"{name}: {rates} on {_money(line, line.base)} of earlier rows{times}"
    rates = f"{_money(line, line.rate)} instead of {_money(line, line.rate_before)}"
    rows = f"{_of_quota(line)} by" if _is_of_quota(line) else f"{number(line.units or ZERO)} of"
    return f"{name}: {rates} on {rows} earlier rows{times}"


def _once(line: Line) -> str:
    verb, pay = _taken(line, "entered", "left")
    moves = line.towards_next is not None or line.base != line.exact
    if line.base is not None and line.rate is None and moves:
        # Moves with the total between two bands: what it is worth now, less what it was.
        before = subtract(line.base, line.exact)
        verb, pay = "", f"{_money(line, line.base)} less {_money(line, before)} earned before"
    return f"{band(line, verb)}: {pay}" if line.band_from is not None else pay


def _taken(line: Line, given: str, taken: str) -> tuple[str, str]:
    if line.exact < 0:
        return taken, f"takes back {_money(line, negate(line.exact))}"
    return given, _product(line)


def _chosen_other(line: Line) -> str:
    """Return which rule pays instead; `scope` has it as `best: percent pays`."""
    choice, _, winner = line.scope.removesuffix(" pays").partition(": ")
    back = "taken back" if line.amount > 0 else "paid"
    pays = f"`{choice}` pays `{winner}`" if winner else "another rule pays"
    return f"not {back}: {pays} instead"


def _limit(line: Line) -> str:
    """A cap, floor or budget: the running total and what it is held at.

    The totals are shown only where the line is their difference; a budget that takes from an
    earlier award what a later one has a better claim to states its amount alone.
    """
    amount = "" if line.target is None else f" {_money(line, line.target)}"
    word = f"{line.part.value}{amount}{where(line)}"
    before, after = line.measure_before or ZERO, line.measure_after
    if line.target is None and after is not None and line.part is Part.BUDGET:
        return f"{word}: what is undone was paid {_money(line, after)} of {_money(line, before)}"
    if line.target is not None and after and line.part is Part.BUDGET and line.base is not None:
        return f"{word} in proportion: {_in_proportion(line, line.base, line.target, after)}"
    if line.target is None or after is None or redo_award(line) != line.exact:
        return f"{word}: {_money(line, line.exact)}"
    now = held(line.part, after, line.target)
    if before == 0 or lifts_a_window(line):
        return f"{word}: {_money(line, after)} → {_money(line, now)}"
    held_before = held(line.part, before, line.target)
    totals = f"{_money(line, before)} → {_money(line, after)}"
    return f"{word}: total {totals}, held at {_money(line, held_before)} → {_money(line, now)}"


def _in_proportion(line: Line, award: Exact, most: Exact, all_awards: Exact) -> str:
    """What is kept of an award under a budget that is shared, cut like instalments are."""
    kept = divide(multiply(award, most), all_awards)
    paid = add(award, line.exact)
    cut_to = "" if kept == paid else f" = {_money(line, kept)}, cut to {_money(line, paid)},"
    sides = f"{_money(line, award)} × {_money(line, most)} ÷ {_money(line, all_awards)}"
    return f"{sides}{cut_to} instead of {_money(line, award)}"


# --- cuts: instalments and equal shares ----------------------------------------------------------


def _cut(line: Line) -> str:
    """One part of a rounded whole: which, of what, how the whole came about, what was left over."""
    assert line.whole is not None
    value = redo_award(line)
    # The words of the award are about the whole, as if nothing had been cut yet.
    words, made = _award(replace(line, exact=line.whole)), _money(line, line.whole)
    is_again = line.part_number > 0 or line.part_share is not None
    if words != made and line.weight is not None and line.weights is not None and is_again:
        # What was shared out pro rata first is cut again.
        made = f"{made} ({number(line.weight)} of {number(line.weights)}, pro rata, of {words})"
    elif words != made:
        if value is not None and value != line.whole:
            words += f" = {_money(line, value)}, {_fitted(replace(line, exact=value), line.whole)}"
        made = f"{made} ({words}{_movement(line)}{_readings(line)})"
    count = cuts(line)
    if line.part_share is not None:
        share, _, brought = line.part_how.partition("; ")
        return (
            f"{share} of {made}{f', {brought}' if brought else ''}{_released(line)}{_left(line, line.whole)}"
        )
    if line.part_number and line.part_count:
        name = f"instalment {line.part_number} of {line.part_count} of {made}"
    elif line.weight is not None and line.weights is not None:
        name = f"{number(line.weight)} of {number(line.weights)}, pro rata, of {made}"
    elif count:
        name = f"one of {number(count)} equal shares of {made}"
    else:
        name = f"a share of {made}"
    # Of a shared row that is cut again, what nobody got is said where it is not this whole's.
    left = _left(line, line.whole)
    if line.exact == line.amount:
        return f"{name}{left}"
    if absolute(line.amount) < absolute(line.exact):
        return f"{name}: cut to {_money(line, line.amount)}{left}"
    if cut_down(line.amount, line.currency) != line.amount:
        # Where lines have fractions of the minor unit, such a fraction was left over.
        return f"{name}: with what is left over {_money(line, line.amount)}"
    even = cut_down(line.exact, line.currency)
    left_over = subtract(line.amount, even)
    return f"{name}: {_money(line, even)} and {_money(line, left_over)} left over"


def _released(line: Line) -> str:
    """How a released share comes to whole cents, where it is none."""
    if line.exact == line.amount:
        return ""
    even = cut_down(line.exact, line.currency)
    if even == line.amount:
        return f": cut to {_money(line, even)}"
    return f": {_money(line, line.exact)}, with what is left over {_money(line, line.amount)}"


def _taken_back(line: Line) -> str:
    """What a clawback takes or gives back of the award: `takes back 5 of 9 months of 612.00`."""
    assert line.whole is not None
    how, _, is_part = line.part_how.partition("; ")
    of = f"{how} of {_money(line, line.whole)}"
    if is_part:
        return f"clawback of {of}: {_money(line, negate(line.exact))} of it is cancelled of this part"
    verb = "takes back" if line.part is Part.CLAWBACK else "gives back"
    if line.whole < 0:
        verb = "taken back already," if line.part is Part.CLAWBACK else "given back already,"
    not_paid = f", of which {_money(line, line.base)} was not paid" if line.base is not None else ""
    rounded = f" = {_money(line, line.exact)}, rounded" if line.exact != line.amount else ""
    return f"{verb} {of}{not_paid}{rounded}"


def _forfeited(line: Line) -> str:
    first = f" from instalment {line.part_number} of {line.part_count} on" if line.part_count > 1 else ""
    of = f" of {_money(line, line.whole)}" if line.whole is not None else ""
    return f"forfeited{first}: {_money(line, line.exact)}{of}"


def _readings(line: Line) -> str:
    """Where the totals stood that decided on the line."""
    return f"; {line.readings}" if line.readings else ""


def _movement(line: Line) -> str:
    """How the row moved the total that its band was found by; prizes say it themselves."""
    return movement(line) if line.part is not Part.PRIZE else ""


def _money(line: Line, value: Exact) -> str:
    return money(value, line.currency)
