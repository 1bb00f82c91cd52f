"""rule-engine: one compiled expression a rule, on decimals."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import rule_engine

from benchmarks.peers.judge import SHARES, Answer, Clock, Deal, measure


def _share() -> str:
    text = "0"
    for (segment, level), rate in SHARES.items():
        text = f'(segment == "{segment}" and level == "{level}") ? {rate} / 10000 : ({text})'
    return f"amount * ({text})"


RULES = (
    rule_engine.Rule(_share()),
    rule_engine.Rule('customer == "new" ? 500 : 0'),
    rule_engine.Rule("amount * (amount >= 25000 ? 0.0075 : (amount >= 10000 ? 0.005 : 0.0025))"),
)


def evaluate(deals: Sequence[Deal]) -> tuple[Clock, list[Answer]]:
    """Evaluate each rule for each row."""
    share, fee, size = (rule.evaluate for rule in RULES)
    rows = [
        {"segment": deal.segment, "level": deal.level, "customer": deal.customer, "amount": deal.amount}
        for deal in deals
    ]
    with Clock() as clock:
        answers = [(share(row), fee(row), size(row)) for row in rows]
    return clock, answers


if __name__ == "__main__":
    measure(f"rule-engine {version('rule-engine')}", evaluate)
