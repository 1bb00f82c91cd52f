"""Rules that use the earnings of others form no circle."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]


def rule(name: str, source: str) -> str:
    base = "amount" if source == "deal" else "earning"
    return f"revenue_share {name} {{ on {source} pay 10% of {base} }}\n"


def test_a_rule_on_itself(report: Report) -> None:
    assert report("R0211", rule("a", "earnings of a")) == ["1: `a` waits for its own earnings: `a` uses `a`"]


def test_a_circle_is_told_once_whatever_leads_into_it(report: Report) -> None:
    text = (
        rule("tail", "earnings of b")
        + rule("b", "earnings of c")
        + rule("c", "earnings of b")
        + rule("d", "earnings of tail")
    )
    assert report("R0211", text) == ["2: `b` waits for its own earnings: `b` uses `c` uses `b`"]


def test_a_chain_is_no_circle(report: Report) -> None:
    assert report("R0211", rule("c", "earnings of b") + rule("b", "earnings of a") + rule("a", "deal")) == []
