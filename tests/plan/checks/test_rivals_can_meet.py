"""Rivals of a choice can earn on the same row."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULES = """flat one {{ on deal {} pay 300 USD per deal }}
revenue_share two {{ on deal {} pay 2.5% of amount }}
choose better {{ take {} per deal among one among two {} }}
"""


def test_conditions_that_exclude_each_other(report: Report) -> None:
    new, renewal = 'where type is "new"', 'where type is "renewal"'
    assert report("R0611", RULES.format(new, renewal, "highest", "")) == [
        "3: `one` never earns on a row on which another of these rules does",
        "3: `two` never earns on a row on which another of these rules does",
    ]
    assert report("R0611", RULES.format(new, renewal, "all", "")) == []
    assert report("R0611", RULES.format(new, "", "highest", "")) == []
    assert report("R0611", RULES.format(new, 'where product is "crm"', "first", "")) == []


def test_one_of_three(report: Report) -> None:
    three = "revenue_share three { on deal pay 1% of amount }"
    rules = RULES.format('where type is "new"', 'where type is "renewal"', "highest", "among three")
    assert report("R0611", rules + three) == []


def test_dates_apart(report: Report) -> None:
    early = "effective from 2026-01-01 through 2026-06-30"
    late = "effective from 2026-07-01 through 2026-12-31"
    assert len(report("R0611", RULES.format(early, late, "highest", ""))) == 2
    assert report("R0611", RULES.format(early, "", "highest", "")) == []


def test_versions_may_meet(report: Report) -> None:
    amended = 'where type is "new" amend from 2026-07-01 { where product is "crm" }'
    assert report("R0611", RULES.format('where type is "renewal"', amended, "highest", "")) == []
