"""Awards cut into dated parts, as the schedule of a rule says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulesengine.engines.results import Line, Part
from rulesengine.model.change import replace
from rulesengine.model.exact import ONE, ZERO, Exact, divide, multiply, total
from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder


class DatedPart(NamedTuple):
    """A part of an award: its share, what its release is called, and the day it is payable on."""

    share: Exact
    how: str
    payable_on: date | None


def due(day: date | None, held: date | None, dated: date) -> date | None:
    """Return when a part is payable: on its day, but not before it is released or earned."""
    return None if day is None or held is None else max(day, held, dated)


def cut_award(
    award: Sequence[Line],
    parts: Sequence[DatedPart],
    step: Decimal,
    zero: Decimal,
    remainder: Remainder,
    *,
    is_release: bool,
) -> list[Line]:
    """Return the lines of an award part by part, so that they add up to the parts of the whole award."""
    before: tuple[Decimal, ...] = (ZERO,) * len(parts)
    so_far = left_before = ZERO
    shares = tuple(part.share for part in parts)
    count = ONE * len(parts)
    seen: dict[Part, int] = {}
    lines = []
    for line in award:
        so_far += line.amount
        made = cut(so_far, shares, step, remainder)
        part_of = Part.INSTALMENT if line.part in (Part.BASE, Part.BAND) else line.part
        sequence = seen.get(part_of, 0)
        seen[part_of] = sequence + 1
        # The amount that was rounded, without the decimals that every line is shown with.
        whole = line.amount
        for index, part in enumerate(parts):
            lines.append(
                replace(
                    line,
                    part=part_of,
                    part_number=index + 1,
                    part_count=len(parts),
                    sequence=sequence,
                    whole=whole,
                    amount=made.amounts[index] - before[index] + zero,
                    payable_on=part.payable_on,
                    left_over=made.left_over - left_before,
                    exact=multiply(whole, part.share) if is_release else divide(whole, count),
                    part_share=part.share if is_release else None,
                    part_how=part.how if is_release else "",
                )
            )
        before, left_before = made.amounts, made.left_over
    return lines


def payable(award: Sequence[Line], day: date | None) -> list[Line]:
    """Return the lines of an award, all payable on a day."""
    return [replace(line, payable_on=day) for line in award]


def count_of(part: Part, award: Sequence[Line]) -> int:
    """Return how many lines of an award are of a part already."""
    return sum(line.part is part for line in award)


def sum_of(award: Sequence[Line]) -> Exact:
    """Return what an award comes to before rounding and limits."""
    return total([line.exact for line in award if line.part not in (Part.CAP, Part.FLOOR, Part.TIMES)])


def number_of(rule: str, payee: str, lines: Sequence[Line], award: Sequence[Line]) -> int:
    """Return how many lines a payee has under a rule on the row already."""
    found = [*lines, *award] if award is not lines else lines
    return sum(line.rule == rule and line.payee == payee for line in found)
