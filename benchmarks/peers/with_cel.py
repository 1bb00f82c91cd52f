"""cel-python: three expressions, compiled by its transpiler, on doubles."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import celpy
from celpy import celtypes

from benchmarks.peers.judge import SHARES, Answer, Clock, Deal, measure


def _share() -> str:
    text = "0.0"
    for (segment, level), rate in SHARES.items():
        text = f'(segment == "{segment}" && level == "{level}") ? {rate / 10_000} : ({text})'
    return f"amount * ({text})"


EXPRESSIONS = (
    _share(),
    'customer == "new" ? 500.0 : 0.0',
    "amount * (amount >= 25000.0 ? 0.0075 : (amount >= 10000.0 ? 0.005 : 0.0025))",
)


def evaluate(deals: Sequence[Deal]) -> tuple[Clock, list[Answer]]:
    """Evaluate each expression for each row."""
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    programs = [environment.program(environment.compile(text)).evaluate for text in EXPRESSIONS]
    rows = [
        {
            "segment": celtypes.StringType(deal.segment),
            "level": celtypes.StringType(deal.level),
            "customer": celtypes.StringType(deal.customer),
            "amount": celtypes.DoubleType(deal.amount),
        }
        for deal in deals
    ]
    share, fee, size = programs
    with Clock() as clock:
        answers = [(share(row), fee(row), size(row)) for row in rows]
    return clock, answers


if __name__ == "__main__":
    measure(f"cel-python {version('cel-python')}, compiled runner", evaluate)
