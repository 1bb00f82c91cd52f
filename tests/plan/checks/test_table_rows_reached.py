"""Every row of a table can be reached."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

TABLE = """table rate on deal by %s {
  %s
}
revenue_share share { on deal pay rate of amount }"""


def rows(keys: str, *lines: str) -> str:
    return TABLE % (keys, "\n  ".join(lines))


def test_a_repeated_row(report: Report) -> None:
    text = rows("product", 'row "crm" gives 1%', 'row "crm" gives 2%', "row any gives 3%")
    assert report("R0209", text) == ["3: row of `rate` is never reached, rows before it answer first"]


def test_any_after_every_value_of_a_list(report: Report) -> None:
    text = rows("type", 'row "new" gives 1%', 'row "renewal" gives 2%', "row any gives 3%")
    assert report("R0209", text) == ["4: row of `rate` is never reached, rows before it answer first"]


def test_rows_that_only_together_cover_another(report: Report) -> None:
    text = rows(
        "type, product",
        'row "new", any gives 1%',
        'row "renewal", any gives 2%',
        'row any, "crm" gives 3%',
    )
    assert report("R0209", text) == ["4: row of `rate` is never reached, rows before it answer first"]


def test_lower_ends_are_reached_in_any_order(report: Report) -> None:
    text = rows("amount", "row any gives 1%", "row from 500 USD gives 2%", "row from 100 USD gives 3%")
    assert report("R0209", text) == []


def test_a_nearer_lower_end_answers_before_a_text(report: Report) -> None:
    text = rows(
        "product, amount",
        'row "crm", any gives 1%',
        "row any, from 100 USD gives 2%",
        "row any, any gives 3%",
    )
    assert report("R0209", text) == []
