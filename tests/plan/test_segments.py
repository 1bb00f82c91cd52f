from __future__ import annotations

from tests.plan.helpers import mistakes, mistakes_of_condition, mistakes_of_rule, plan_of

GOLD = 'segment gold of partner { where tier is "gold" where tags has any of "a" }\n'


def test_a_segment_is_a_list_of_conditions() -> None:
    segment = plan_of(GOLD).segments["gold"]
    assert (segment.kind, [condition.text for condition in segment.conditions]) == (
        "partner",
        ['tier is "gold"', 'tags has any of "a"'],
    )


def test_records_of_its_kind_can_be_asked_for() -> None:
    large = "segment large of deal { where amount > 5 USD }\n"
    where = (
        "where payee in gold and partner in gold and deal in large and undoes is present and undoes in large"
    )
    assert mistakes_of_rule(f"on deal {where} pay 1% of amount", blocks=GOLD + large) == []


def test_records_of_another_kind_cannot() -> None:
    clauses = "on deal where partner.manager in gold pay 1% of amount"
    assert mistakes_of_rule(clauses, blocks=GOLD) == [
        "R0303 'partner.manager': segment `gold` is of `partner`, `partner.manager` is an `agent`"
    ]
    assert mistakes_of_condition("payee in deal") == [
        "R0303 'deal': `deal` is a fact kind, expected a segment"
    ]


def test_a_segment_reads_its_own_records() -> None:
    text = 'segment s of partner { where payee.tier is "gold" } segment u of nobody { where x }'
    assert mistakes(text) == [
        "R0303 'payee': `payee` has no meaning here: a segment names the fields of its own records",
        "R0301 'nobody': unknown payee kind or fact kind `nobody`",
    ]


def test_a_segment_may_use_another_but_never_itself() -> None:
    text = "segment best of partner { where partner in gold }\n"
    assert mistakes(GOLD + text) == []
    text = "segment s of partner { where partner in u } segment u of partner { where not partner in s }"
    assert mistakes(text) == [
        "R0221 's': segment `s` is chosen by itself",
        "R0221 'u': segment `u` is chosen by itself",
    ]
