"""What a rule takes of another's earnings on a row is known on that row."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

BASE = 'revenue_share base { on deal where type is "new" pay 5% of amount }\n'
USES = "revenue_share total { on deal pay 10% of amount deduct earnings of base }"


def test_rows_of_one_kind_dated_alike_are_known(report: Report) -> None:
    assert report("R0225", BASE + USES) == []
    chain = (
        "flat first { on deal pay 9 USD per deal }\n"
        + "revenue_share base { on earnings of first pay 5% of earning }\n"
    )
    assert report("R0225", chain + USES) == []


def test_other_dates_are_not(report: Report) -> None:
    text = BASE.replace("on deal", "on deal at cancelled") + USES
    assert report("R0225", text) == [
        "2: what `base` earned on a row is not known here: "
        "its rows are dated by `cancelled`, those of this rule by `closed`"
    ]


def test_what_stands_on_no_row_is_not(report: Report) -> None:
    floor = BASE.replace("}", "floor 5 USD per month }")
    assert report("R0225", floor + USES) == [
        "2: what `base` earned on a row is not known here: its floor per month is paid for no single row"
    ]
    budget = BASE.replace("}", "budget 5 USD then prorate remainder to first }")
    assert report("R0225", budget + USES) == [
        "2: what `base` earned on a row is not known here: its budget is cut at its end"
    ]


def test_lines_of_another_rule_are_no_rows(report: Report) -> None:
    text = BASE + "revenue_share tax { on earnings of base pay 19% of earning less earnings of base }"
    assert report("R0225", text) == [
        "2: rows `on earnings of` a rule are lines, of which one deal may have several: "
        "what was earned on a deal cannot be told line by line"
    ]
    text = BASE + "revenue_share tax { on earnings of base pay 19% of earning above 5 USD }"
    assert report("R0225", text) == [
        "2: rows `on earnings of` a rule are lines, of which one deal may have several: "
        "what lies above a bound is found deal by deal"
    ]


def test_what_is_taken_back_before_a_budget_is_cut_is_not(report: Report) -> None:
    over = "revenue_share over { on earnings of base pay 10% of earning }"
    budget = BASE.replace("}", "budget 5 USD then prorate remainder to first clawback 100% on cancelled }")
    assert report("R0225", f"{budget}{over}") == [
        "2: what `base` takes back is not known here: its budget is cut at its end"
    ]
    assert report("R0225", budget.replace("clawback 100% on cancelled", "") + over) == []
    first_come = budget.replace("prorate remainder to first", "first_come on closed")
    assert report("R0225", first_come + over) == []
