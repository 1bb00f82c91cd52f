"""Amounts that are shared out to the last cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.vectors.registry import CannotSay, kind
from tests.vectors.rows import Row
from tests.vectors.scenario import Column, Look, Scenario
from tests.vectors.writing import DAY, UNITS, USD, block, money, payee, plan

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


class _Tree:
    """Writes the rules of a distribution: shares, and lists of takers with what each takes at most."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.accounts: list[str] = []
        self.derived: list[str] = []
        self.rules: list[str] = []
        self._nodes = 0
        self._write(tree, "")

    def _write(self, node: Mapping[str, Any], part: str) -> None:
        """Write the rules that share out the pot or, where it is named, a part of it."""
        self._nodes += 1
        base = "amount"
        if part:
            base = f"nothing_else with earnings of {part}"
            if "derive nothing_else = amount - amount" not in self.derived:
                self.derived.append("derive nothing_else = amount - amount")
        if "shares" in node:
            self._write_shares(node["shares"], base, self._nodes)
        else:
            self._write_takers(node["ordered"], base, self._nodes)

    def _write_shares(self, shares: Sequence[Mapping[str, Any]], base: str, number: int) -> None:
        credits, nested = [], []
        known = [one["share"] for one in shares if one["share"] != "remaining"]
        for place, one in enumerate(shares, start=1):
            share = one["share"]
            if share == "remaining":
                share = f"rest_{number}"
                self.derived.append(f"derive {share} = {' - '.join(['100%', *known])}")
            name = one["to"]
            if not isinstance(name, str):
                name = f"part_{number}_{place}"
                nested.append((name, one["to"]))
            credits.append(f"credit {share} to {self._account(name)}")
        rule = f"shares_{number}"
        self.rules.append(
            block(f"revenue_share {rule}", "on pot", credits, f"pay 100% of {base}", "remainder to first")
        )
        for name, node in nested:
            only = f'where payee.id is "{name}"'
            self.rules.append(
                block(
                    f"revenue_share {name}",
                    f"on earnings of {rule}",
                    only,
                    "pay 100% of earning",
                    "memo",
                )
            )
            self._write(node, name)

    def _write_takers(self, takers: Sequence[Mapping[str, Any]], base: str, number: int) -> None:
        for taker in takers:
            name = f"to_{taker['to']}_{number}"
            cap = [] if taker["max"] is None else [f"cap {money(taker['max'], UNITS)} per pot"]
            self.rules.append(
                block(
                    f"revenue_share {name}",
                    "on pot",
                    f"credit {self._account(taker['to'])}",
                    f"pay 100% of {base}",
                    cap,
                )
            )
            base += f" less earnings of {name}"

    def _account(self, name: str) -> str:
        if name not in self.accounts:
            self.accounts.append(name)
        return f"account_{name}"


@kind("distribute")
def distribute(row: Row) -> Scenario:
    """An amount over accounts by shares and in order, the parts of which are shared out again."""
    tree = _Tree(row.terms["tree"])
    return Scenario(
        plan=plan(
            payee("account"),
            block(
                "fact pot",
                "field id text key",
                "field filled date event",
                "field amount money",
                [f"field account_{name} account" for name in tree.accounts],
                tree.derived,
            ),
            tree.rules,
            currency=UNITS,
            rounding="half_up to 1 per line",
        ),
        facts={
            "account": [{"id": name} for name in tree.accounts],
            "pot": [
                {
                    "id": "1",
                    "filled": DAY,
                    "amount": row.fact["amount"],
                    **{f"account_{name}": name for name in tree.accounts},
                }
            ],
        },
        looks={name: Look(payee=name) for name in row.expected},
    )
