"""The words of lines that settle a statement: draws, recoveries, what is carried and what is rounded."""

from __future__ import annotations

from rulesengine.engines.results import Line, Part
from rulesengine.engines.settle import CAP, MINIMUM
from rulesengine.model.exact import ZERO, Exact, add, multiply, negate
from rulesengine.statements.numbers import money, number, percent


def settling(line: Line) -> str:
    """Return how such a line came about: `draw of 2,000.00: 1,500.00 → 2,000.00; owed 0.00 → 500.00`."""
    match line.part:
        case Part.BROUGHT_FORWARD:
            return f"brought forward from {line.scope}"
        case Part.GUARANTEE:
            return f"guarantee: earnings {_became(line)}"
        case Part.DRAW:
            return f"draw of {_money(line, line.target)}: {_became(line)}{_owed(line)}"
        case Part.RECOVERY:
            return _recovery(line)
        case Part.STATEMENT_CAP:
            return f"cap of the statement {_money(line, line.target)}: {_became(line)}, the rest is forfeited"
        case Part.FORGIVEN:
            return f"below zero: {_money(line, line.base)} is forgiven"
        case Part.ROUNDING:
            became = add(line.base or ZERO, line.exact)
            how = f"rounded {line.base_of.replace('_', ' ')} to {number(line.target or ZERO)}"
            return f"{how}: {_money(line, line.base)} → {_money(line, became)}"
        case _:
            return _carried(line)


def target_of(line: Line) -> str:
    """Return what the `target` of such a line is."""
    match line.part:
        case Part.GUARANTEE | Part.DRAW:
            return line.part.value
        case Part.RECOVERY:
            return "above"
        case Part.ROUNDING:
            return "step"
        case _:
            return "minimum" if line.base_of == MINIMUM else "cap"


def _recovery(line: Line) -> str:
    above = "" if line.target is None else f" above {_money(line, line.target)}"
    asked = f"{percent(line.rate or ZERO)} of {_money(line, line.base)}{above}"
    if multiply(line.rate or ZERO, line.base or ZERO) > (line.measure_before or ZERO):
        asked += ", no more than is owed"
    rounded = f" = {_money(line, negate(line.exact))}, rounded" if line.exact != line.amount else ""
    return f"recovery: {asked}{rounded}{_owed(line)}"


def _carried(line: Line) -> str:
    what = _money(line, line.base)
    if line.base_of == CAP:
        cap = f"cap of the statement {_money(line, line.target)}"
        return f"{cap}: {_became(line)}, the rest is carried forward"
    if line.base_of == MINIMUM:
        least = _money(line, line.target)
        return f"below the minimum of {least}: {what} is carried forward"
    return f"below zero: {what} is carried forward"


def _became(line: Line) -> str:
    return f"{_money(line, line.base)} → {_money(line, add(line.base or ZERO, line.exact))}"


def _owed(line: Line) -> str:
    if line.measure_after is None:
        return ""
    return f"; owed {_money(line, line.measure_before)} → {_money(line, line.measure_after)}"


def _money(line: Line, value: Exact | None) -> str:
    return money(value if value is not None else ZERO, line.currency)
