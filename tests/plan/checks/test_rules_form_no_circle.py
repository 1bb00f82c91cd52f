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


def built_on(name: str, *others: str) -> str:
    uses = " ".join(f"less earnings of {other}" for other in others)
    return f"revenue_share {name} {{ on deal pay 10% of amount {uses} }}\n"


def test_a_circle_of_bases_and_deductions(report: Report) -> None:
    text = "revenue_share b { on deal pay 10% of amount deduct earnings of a }\n" + built_on("a", "x", "b")
    text += "revenue_share x { on deal pay 9% of amount }"
    assert report("R0211", text) == ["1: `b` waits for its own earnings: `b` uses `a` uses `b`"]
    amended = "amend from 2026-03-01 { deduct earnings of a }"
    text = f"revenue_share a {{ on deal pay 10% of amount {amended} }}"
    assert report("R0211", text) == ["1: `a` waits for its own earnings: `a` uses `a`"]


def test_rules_may_use_several_others(report: Report) -> None:
    text = built_on("d", "c", "b", "a") + built_on("c", "b", "a") + built_on("b", "a") + built_on("a")
    assert report("R0211", text) == []


def test_who_uses_a_rival_waits_for_all(report: Report) -> None:
    text = "flat a { on deal pay 5 USD per deal }\n" + built_on("b", "c")
    text += rule("c", "earnings of a") + "choose best { take highest per deal among a among b }"
    assert report("R0211", text) == [
        "2: `b` waits for its own earnings: `b` uses `c` uses `a`, a rival of `b`, which"
    ]
    assert report("R0211", text.replace("highest", "all")) == []
