"""The rows that peers are given, and what each must come to: whole cents by whole numbers, nothing else.

Runs in the peers' environment, so it needs nothing but Python.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

SHARES = {
    ("public", "silver"): 425,
    ("public", "gold"): 425,
    ("public", "platinum"): 425,
    ("large", "silver"): 700,
    ("large", "gold"): 775,
    ("large", "platinum"): 850,
    ("mid", "silver"): 900,
    ("mid", "gold"): 975,
    ("mid", "platinum"): 1050,
    ("small", "silver"): 1000,
    ("small", "gold"): 1125,
    ("small", "platinum"): 1250,
}
"""Hundredths of a percent."""
SIZES = ((2_500_000, 75), (1_000_000, 50), (0, 25))
"""From so many cents on: hundredths of a percent."""
FEE = 50_000


@dataclass(frozen=True, slots=True)
class Deal:
    """A row, with the level that the partner has on its day."""

    segment: str
    level: str
    customer: str
    cents: int

    @property
    def amount(self) -> Decimal:
        """The amount in dollars."""
        return Decimal(self.cents).scaleb(-2)


class Clock:
    """Seconds that a block took, on the clock and on processors."""

    wall = cpu = 0.0

    def __enter__(self) -> Clock:
        self.wall, self.cpu = -time.perf_counter(), -time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.cpu += time.process_time()


Answer = tuple[object, object, object]
"""What a peer says the share, the fee and the size bonus are, in dollars, before they are rounded."""


def measure(name: str, evaluate: Callable[[Sequence[Deal]], tuple[Clock, list[Answer]]]) -> None:
    """Hand the rows of a file to a peer and write what came of it.

    Args:
        name: of the peer and its version.
        evaluate: returns how long its evaluation took, without what prepares rows or rounds answers,
            and the answers.
    """
    source, count, target = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    with source.open(newline="", encoding="utf-8") as file:
        rows = [
            Deal(row["segment"], row["level"], row["customer"], int(row["cents"]))
            for row, _ in zip(csv.DictReader(file), range(count), strict=False)
        ]
    clock, answers = evaluate(rows)
    wrong = sum(
        _cents(said) != right
        for row, answer in zip(rows, answers, strict=True)
        for said, right in zip(answer, _right(row), strict=True)
    )
    found = {"name": name, "deals": len(rows), "wall": clock.wall, "cpu": clock.cpu, "wrong": wrong}
    target.write_text(json.dumps(found | {"amounts": 3 * len(rows)}), encoding="utf-8")


def _right(row: Deal) -> tuple[int, int, int]:
    size = next(rate for start, rate in SIZES if row.cents >= start)
    fee = FEE if row.customer == "new" else 0
    return _half_even(row.cents * SHARES[row.segment, row.level]), fee, _half_even(row.cents * size)


def _half_even(product: int) -> int:
    quotient, rest = divmod(product, 10_000)
    return quotient + (rest > 5_000 or (rest == 5_000 and quotient % 2 == 1))


def _cents(said: object) -> int:
    """Round what a peer says as kindly as can be: the digits that it would print, halves to even."""
    return int(Decimal(str(said)).scaleb(2).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
