"""The words of a trace that are about a total: bands, how a row moved it, goals and places."""

from __future__ import annotations

from rulesengine.engines.results import Line
from rulesengine.model.exact import Exact
from rulesengine.statements.numbers import money, number, percent


def band(line: Line, entered: str = "") -> str:
    """Return the band of a line: `band from 95 %, 40 % of the way to the next`.

    Args:
        line: has a `band_from`.
        entered: what became of the band, `entered` or `left`, where that is said.
    """
    assert line.band_from is not None
    start = percent(line.band_from) if line.target is not None else measured(line, line.band_from)
    words = f"band {'above' if line.band_above else 'from'} {start}"
    if entered:
        words += f" {entered}"
    if line.towards_next is not None:
        words += f", {percent(line.towards_next)} of the way to the next"
    return words


def movement(line: Line) -> str:
    """Return how the row moved the total that its band was found by; empty without a band."""
    return total(line) if line.band_from is not None else ""


def total(line: Line) -> str:
    """Return the total before and after the row: `; total 80 → 120 against 100 in 2026-Q1`."""
    if line.measure_after is None:
        return ""
    against = "" if line.target is None else f" against {measured(line, line.target)}"
    return f"; total {_before_and_after(line)}{against}{where(line)}"


def where(line: Line) -> str:
    """Return the window and keys that a total runs over: ` in 2026-Q1, team=north`."""
    window = {"plan": "over the plan", "lifetime": "over all time"}.get(line.window)
    window = window or (f"in {line.window}" if line.window else "")
    words = ", ".join(word for word in (window, line.scope) if word)
    return f" {words}" if words else ""


def goal(line: Line, verb: str) -> str:
    """Return what became of a goal: `goal of 500 reached by team=north (499 → 500)`."""
    more = "more than " if line.band_above else ""
    of = f" of {more}{measured(line, line.target)}" if line.target is not None else ""
    who = f" by {line.scope}" if line.scope else ""
    moved = f" ({_before_and_after(line)})" if line.measure_after is not None else ""
    return f"goal{of} {verb}{who}{moved}"


def place(line: Line) -> str:
    """Return a place of a rank with what it was won by: `place 1 with 123,000.00`."""
    by = f" with {measured(line, line.measure_after)}" if line.measure_after is not None else ""
    who = f" of {line.scope}" if line.scope else ""
    # What is paid in parts has the number of the part there.
    name = "a place" if line.part_count > 1 else f"place {line.part_number}"
    return f"{name}{who}{by}"


def for_what(line: Line) -> str:
    """Return what a prize is for."""
    back = " taken back" if line.corrects else ""
    if line.band_from is not None:
        return f"{back} for the {band(line)}{total(line)}"
    if line.part_number:
        return f"{back} for {place(line)}"
    if line.measure_after is not None:
        return f"{back} for {goal(line, 'reached')}"
    return back


def measured(line: Line, value: Exact) -> str:
    """Return a number in the unit of the line's total."""
    if line.measure_unit == "%":
        return percent(value)
    return money(value, line.measure_unit) if line.measure_unit else number(value)


def _before_and_after(line: Line) -> str:
    before = "" if line.measure_before is None else f"{measured(line, line.measure_before)} → "
    return before + (measured(line, line.measure_after) if line.measure_after is not None else "")
