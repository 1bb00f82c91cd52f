from __future__ import annotations

from datetime import date

from rulesengine.plan import nodes
from tests.plan.helpers import mistakes_of_rule, rule_of


def texts(version: nodes.Version) -> list[str]:
    return [adjuster.text for adjuster in version.adjusters]


def test_a_word_in_an_amendment_replaces_all_its_lines() -> None:
    rule = rule_of(
        """on deal measure sum amount per quarter apply marginal
        where renewed where type is "new"
        tier from 0 USD pay 1% tier from 5 USD pay 2%
        amend from 2026-04-01 { tier from 0 USD pay 3% }
        amend from 2026-07-01 { where type is "renewal" }""",
        "tiered",
    )
    assert [version.start for version in rule.versions] == [None, date(2026, 4, 1), date(2026, 7, 1)]
    rates = [version.rate for version in rule.versions]
    assert [len(rate.bands) for rate in rates if isinstance(rate, nodes.Bands)] == [2, 1, 1]
    assert [len(version.conditions) for version in rule.versions] == [2, 2, 1]


def test_adjusters_keep_the_place_of_the_first_that_they_replace() -> None:
    rule = rule_of(
        """on deal pay 5% of amount
        times 150% cap 9 USD per deal times 120%
        amend from 2026-04-01 { cap 8 USD per deal }
        amend from 2026-05-01 { times 110% floor 1 USD per deal }"""
    )
    assert [texts(version) for version in rule.versions] == [
        ["times 150%", "cap 9 USD per deal", "times 120%"],
        ["times 150%", "cap 8 USD per deal", "times 120%"],
        ["times 110%", "cap 8 USD per deal", "floor 1 USD per deal"],
    ]


def test_what_an_amendment_cannot_change() -> None:
    found = mistakes_of_rule(
        """on deal pay 5% of amount
        amend from 2026-04-01 {
          on lead memo effective from 2026-05-01 goal count > 5 split into 2 months starting closed }"""
    )
    assert [message.split(": ")[1] for message in found] == [
        "`on` cannot be amended",
        "`memo` cannot be amended",
        "`effective` cannot be amended",
        "`goal` cannot be amended",
        "`revenue_share` has no `split`; an `installments` does",
    ]


def test_each_version_has_the_payees_of_its_own_credit() -> None:
    amend = "amend from 2026-04-01 { credit partner.manager %s }"
    clauses = 'on deal pay payee.rate of amount where payee.tier is "gold" '
    assert mistakes_of_rule(clauses + amend % "where renewed") == []
    assert mistakes_of_rule(clauses + amend % "") == ["R0301 'tier': `agent` has no field `tier`"]


def test_the_same_mistake_in_two_versions_is_reported_once() -> None:
    clauses = "on deal pay 5% of amuont amend from 2026-04-01 { where renewed }"
    assert mistakes_of_rule(clauses) == ["R0301 'amuont': unknown name `amuont`; `deal` has no such field"]


def test_a_guard_must_hold_in_every_version_that_relies_on_it() -> None:
    clauses = "on deal where mrr is present pay 5% of mrr amend from 2026-04-01 { where renewed }"
    assert mistakes_of_rule(clauses) == ["R0501 'mrr': `mrr` may be missing here"]


def test_instalments_may_change_from_a_day_on() -> None:
    rule = rule_of(
        """on deal pay 5% of amount split into 2 months starting closed remainder to first
        amend from 2026-04-01 { split into 3 months starting closed remainder to last }""",
        "installments",
    )
    splits = [version.split for version in rule.versions]
    assert [split.remainder for split in splits if split is not None] == ["first", "last"]
