"""How amounts are rounded."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from rulesengine.letter.words import money
from rulesengine.model.rounding import Rounding, RoundingMode, RoundingPlace


def rounding(node: Rounding, currency: str) -> str:
    """Return how amounts are rounded: `each line of a statement is rounded to the nearest 0.01 USD, …`."""
    return f"{_what(node.place)} is rounded {how_rounded(node.mode, node.step, currency)}"


def _what(place: RoundingPlace) -> str:
    match place:
        case RoundingPlace.LINE:
            return "each line of a statement"
        case RoundingPlace.BAND:
            return "the sum of what a rule pays you in one band of its total"
        case RoundingPlace.WINDOW:
            return "the sum of what a rule pays you while its total runs, before it starts anew,"
        case RoundingPlace.FACT:
            return "what a rule pays you on one deal or other event, all its lines together,"
        case _:
            assert_never(place)


def how_rounded(mode: RoundingMode, step: Decimal | None, currency: str) -> str:
    """Return how an amount is rounded to a step: `to the nearest 0.01 USD, a half up`.

    Without a step it is the smallest unit of whatever currency it is in.
    """
    to = "smallest unit that is paid" if step is None else money(step, currency)
    match mode:
        case RoundingMode.HALF_UP:
            return f"to the nearest {to}, a half up"
        case RoundingMode.HALF_DOWN:
            return f"to the nearest {to}, a half down"
        case RoundingMode.HALF_EVEN:
            return f"to the nearest {to}, a half to the even neighbour"
        case RoundingMode.UP:
            return f"up to a whole {to}"
        case RoundingMode.DOWN:
            return f"down to a whole {to}"
        case _:
            assert_never(mode)
