"""zen-engine: a decision table for the share, expressions for the rest, in its batch call."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import zen

from benchmarks.peers.judge import SHARES, Answer, Clock, Deal, measure

BATCH = 1_000
KEYS = ("share", "fee", "size")


def _graph() -> dict[str, Any]:
    fields = [{"id": name, "name": name, "field": name} for name in ("segment", "level")]
    rows = [
        {"_id": str(n), "segment": f'"{segment}"', "level": f'"{level}"', "rate": str(rate / 10_000)}
        for n, ((segment, level), rate) in enumerate(SHARES.items())
    ]
    table = {
        "hitPolicy": "first",
        "inputs": fields,
        "outputs": [{"id": "rate", "name": "rate", "field": "rate"}],
        "rules": rows,
        "passThrough": True,
    }
    size = "amount * (amount >= 25000 ? 0.0075 : (amount >= 10000 ? 0.005 : 0.0025))"
    values = ("amount * rate", "customer == 'new' ? 500 : 0", size)
    expressions = [{"id": key, "key": key, "value": value} for key, value in zip(KEYS, values, strict=True)]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "pay", "name": "pay", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    ids = [str(node["id"]) for node in nodes]
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in pairwise(ids)]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def evaluate(deals: Sequence[Deal]) -> tuple[Clock, list[Answer]]:
    """Evaluate the rows in batches; amounts are floats, for it takes no decimals."""
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"plan": _graph()}}})
    requests = [
        {
            "key": "plan",
            "context": {
                "segment": deal.segment,
                "level": deal.level,
                "customer": deal.customer,
                "amount": float(deal.amount),
            },
        }
        for deal in deals
    ]
    said: list[Any] = []
    with Clock() as clock:
        for first in range(0, len(requests), BATCH):
            said += engine.evaluate_batch(requests[first : first + BATCH])
    answers = [each["data"]["result"] for each in said]
    return clock, [(each["share"], each["fee"], each["size"]) for each in answers]


if __name__ == "__main__":
    measure(f"zen-engine {version('zen-engine')}, evaluate_batch", evaluate)
