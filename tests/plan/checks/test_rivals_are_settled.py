"""Rivals have settled pay, on the same rows."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

PLAIN = "revenue_share plain { on deal pay 3% of amount }\n"
CHOOSE = "\nchoose best { take highest per deal among plain among other }"


def test_pay_that_a_later_row_may_change(report: Report) -> None:
    tiers = "measure sum amount per year apply %s tier from 0 USD pay 2%%"
    for method in ("whole", "interpolated"):
        text = PLAIN + f"tiered other {{ on deal {tiers % method} }}" + CHOOSE
        assert report("R0214", text) == [
            f"3: `other` cannot be chosen among others: its `{method}` tiers may change pay later"
        ]
    text = PLAIN + f"tiered other {{ on deal {tiers % 'marginal'} }}" + CHOOSE
    assert report("R0214", text) == []


def test_what_rows_of_a_measure_bring_later(report: Report) -> None:
    measure = "measure paid { on deal at cancelled take count per plan by payee }\n"
    tiered = "tiered other { on deal measure %s apply marginal tier from 0 pay %s }"
    text = measure + PLAIN + tiered % ("paid", "25 USD once") + CHOOSE
    assert report("R0214", text) == [
        "4: `other` cannot be chosen among others: its pay `once` by the measure `paid` may change pay later"
    ]
    text = measure + PLAIN + tiered % ("paid", "5 USD per deal") + CHOOSE
    assert report("R0214", text) == []
    text = PLAIN + tiered % ("count per plan by payee", "25 USD once") + CHOOSE
    assert report("R0214", text) == []


def test_goals_and_floors_of_a_window(report: Report) -> None:
    spiff = (
        "spiff other { on deal window from 2026-07-01 through 2026-09-30 goal count >= 5 pay 50 USD once }"
    )
    assert report("R0214", PLAIN + spiff + CHOOSE) == [
        "3: `other` cannot be chosen among others: its `goal` may change pay later"
    ]
    flat = 'revenue_share other { on deal where type is "new" pay 5%% of amount floor 50 USD per %s }'
    assert report("R0214", PLAIN + flat % "month" + CHOOSE) == [
        "3: `other` cannot be chosen among others: its floor `per month` may change pay later"
    ]
    assert report("R0214", PLAIN + flat % "deal" + CHOOSE) == []


def test_a_memo_pays_nothing(report: Report) -> None:
    memo = PLAIN + "revenue_share other { on deal memo pay 5% of amount }"
    assert report("R0214", memo + CHOOSE) == [
        "3: `other` cannot be chosen among others: a memo rule pays nothing"
    ]
    assert report("R0214", memo + CHOOSE.replace("highest", "all")) == []


def test_a_budget_in_order_of_another_date(report: Report) -> None:
    flat = (
        "flat other { on deal where cancelled is present pay 5 USD per deal "
        "budget 50 USD then first_come on %s }"
    )
    assert report("R0214", PLAIN + flat % "closed" + CHOOSE) == []
    assert report("R0214", PLAIN + flat % "cancelled" + CHOOSE) == [
        "3: `other` cannot be chosen among others: its budget in order of `cancelled` may change pay later"
    ]


def test_rivals_stand_on_the_same_rows(report: Report) -> None:
    flat = "flat other { on deal at cancelled pay 5 USD per deal }"
    assert report("R0214", PLAIN + flat + CHOOSE) == [
        "3: `other` cannot be chosen among others: it stands on other rows than `plain`"
    ]
