from __future__ import annotations

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes, plan_of

RIVALS = """
flat a { on deal pay 5 USD per deal }
revenue_share b { on deal pay 5% of amount }
flat c { on lead credit agent pay 5 USD per lead }
"""


def test_a_choice_names_its_rivals_in_order() -> None:
    (choose,) = plan_of(RIVALS + "choose x { take first per deal among b among a }").chooses
    assert (choose.take, choose.kind, choose.among) == (nodes.Take.FIRST, "deal", ("b", "a"))


def test_a_choice_that_cannot_be() -> None:
    text = "choose x { take highest per deal among a among c among d among a among b }"
    assert mistakes(RIVALS + text) == [
        "R0303 'c': `c` pays on `lead`, this choice is per `deal`",
        "R0301 'd': unknown rule `d`",
        "R0302 'a': `a` is a rival already",
    ]
    assert mistakes(RIVALS + "choose x { take highest per dael among a }") == [
        "R0301 'dael': unknown fact kind `dael`"
    ]
    assert mistakes(RIVALS + "choose x { take highest per deal among a }") == [
        "R0202 'x': `x` has one rival only, so there is nothing to choose"
    ]


def test_a_rule_is_a_rival_once() -> None:
    text = """flat e { on deal pay 5 USD per deal }
    choose x { take highest per deal among a among b }
    choose y { take highest per deal among a among e }"""
    assert mistakes(RIVALS + text) == ["R0302 'a': `a` is a rival already"]


def test_a_choice_among_mistaken_rules_is_not_reported_again() -> None:
    text = RIVALS.replace("amount", "amuont") + "choose x { take highest per deal among a among b }"
    assert [message.split(" ")[0] for message in mistakes(text)] == ["R0301"]
