"""Every condition can hold for some row."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

RULE = """flat fee {
  on deal
  %s
  pay 5 USD per deal
}"""


def test_ranges_that_do_not_meet(report: Report) -> None:
    assert report("R0603", RULE % "where amount > 5 USD and amount < 5 USD") == [
        "3: `amount < 5 USD` can never hold beside `amount > 5 USD`"
    ]
    assert report("R0603", RULE % "where amount >= 5 USD and amount <= 5 USD") == []
    assert report("R0603", RULE % "where closed >= 2026-07-01 where closed < 2026-06-01") == [
        "3: `closed < 2026-06-01` can never hold beside `closed >= 2026-07-01`"
    ]


def test_what_the_fact_keeps_counts(report: Report) -> None:
    assert report("R0603", RULE % 'where stage is "lost"') == [
        '3: `stage is "lost"` can never hold beside `stage is "won"`'
    ]


def test_what_a_segment_requires_counts(report: Report) -> None:
    segment = 'segment gold of partner { where tier is "gold" }\n'
    assert report("R0603", segment + RULE % 'where payee in gold and payee.tier is "silver"') == [
        '4: `payee.tier is "silver"` can never hold beside `payee in gold`'
    ]


def test_a_list_that_is_used_up(report: Report) -> None:
    assert report("R0603", RULE % 'where type is not "new" where type is not "renewal"') == [
        '3: `type is not "renewal"` can never hold beside `type is not "new"`'
    ]


def test_an_alternative_of_its_own(report: Report) -> None:
    condition = 'where type is "new" and (amount > 5 USD or (type is "renewal" and amount > 1 USD))'
    assert report("R0603", RULE % condition) == [
        '3: `type is "renewal"` can never hold beside `type is "new"`'
    ]


def test_tags(report: Report) -> None:
    rule = RULE % 'where payee.tags has all of "a", "b" where payee.tags has none of "b", "c"'
    assert report("R0603", rule) == [
        '3: `payee.tags has none of "b", "c"` can never hold beside `payee.tags has all of "a", "b"`'
    ]
    assert (
        report("R0603", RULE % 'where payee.tags has any of "a", "b" where payee.tags has none of "b"') == []
    )


def test_present_and_missing(report: Report) -> None:
    assert report("R0603", RULE % "where cancelled is missing and cancelled is present") == [
        "3: `cancelled is present` can never hold beside `cancelled is missing`"
    ]


def test_times(report: Report) -> None:
    rule = RULE % 'where type is "new"\n  times 150% when type is "renewal"'
    assert report("R0603", rule) == ['4: `type is "renewal"` can never hold beside `type is "new"`']
