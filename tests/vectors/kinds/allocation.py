"""Amounts that are shared out to the last cent."""

from __future__ import annotations

from collections.abc import Mapping

from tests.vectors.registry import CannotSay, kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Column, Look, Scenario
from tests.vectors.writing import DAY, UNITS, USD, block, payee, plan

_REMAINDER = {
    "floor_to_first": "first",
    "floor_to_largest_remainder": "largest_fraction",
    "floor_to_largest_weight": "largest_share",
    "floor_separate": "nobody",
}


def _weight(text: str) -> dict[str, str]:
    """Return a weight as two numbers of which it is the quotient: `2/7`, or `30` of 1."""
    above, _, below = text.partition("/")
    return {"parts": above, "of": below or "1"}


@kind("allocate")
def allocate(row: Row) -> Scenario:
    """An amount in parts by weight, with a rule for the steps that are left over."""
    terms = row.terms
    if terms["method"] not in _REMAINDER or "negative" in terms:
        raise CannotSay
    weights = [_weight(text) for text in terms["weights"]]
    fractions = any(weight["of"] != "1" for weight in weights)
    names = [f"holder_{place}" for place in range(1, len(weights) + 1)]
    holds_back = terms["method"] == "floor_separate"
    looks = [Look(payee=name) for name in names]
    return Scenario(
        plan=plan(
            payee("holder"),
            block(
                "fact pot",
                "field id text key",
                "field filled date event",
                "field amount money signed",
            ),
            block(
                "fact share",
                "field id text key",
                "field pot pot",
                "field holder holder credited",
                "field place number",
                ["field parts number", "field of number", "derive weight = parts / of"]
                if fractions
                else "field weight number",
                "order by place",
            ),
            block(
                "revenue_share allocation",
                "on pot",
                "credit each share by weight",
                "pay 100% of amount",
                f"remainder to {_REMAINDER[terms['method']]}",
            ),
            currency=UNITS if terms["step"] == "1" else USD,
            rounding=f"half_up to {terms['step']} per line",
        ),
        facts={
            "holder": [{"id": name} for name in names],
            "pot": [{"id": "1", "filled": DAY, "amount": row.fact["amount"]}],
            "share": [
                {"id": name, "pot": "1", "holder": name, "place": str(place), **_shown(weight, fractions)}
                for place, (name, weight) in enumerate(zip(names, weights, strict=True), start=1)
            ],
        },
        looks={"parts": [*looks, Column(rule="allocation", column="left_over")] if holds_back else looks},
    )


def _shown(weight: Mapping[str, str], fractions: bool) -> dict[str, str]:
    return dict(weight) if fractions else {"weight": weight["parts"]}
