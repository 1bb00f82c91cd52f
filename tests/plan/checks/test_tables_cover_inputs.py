"""A table has an answer for every input."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, str], list[str]]

TABLE = """fact deal {
  field id text key  field partner partner credited  field product text  field seats number
  field type text one of "new", "renewal"  field amount money  field net money signed
  field margin percent  field swing percent signed
  field closed date event
}
table rate on deal by %s {
  %s
}
revenue_share share { on deal pay rate of amount }"""


def rows(keys: str, *lines: str) -> str:
    return TABLE % (keys, "\n  ".join(lines))


def gap(where: str) -> list[str]:
    return [f"7: table `rate` must have a row for every input, found none where {where}"]


def test_any_other_text(report: Report) -> None:
    assert report("R0210", rows("product", 'row "crm" gives 1%')) == gap("`product` is anything else")


def test_a_value_of_a_list_beside_another_key(report: Report) -> None:
    text = rows("product, type", 'row any, "new" gives 1%', 'row "crm", "renewal" gives 2%')
    assert report("R0210", text) == gap('`product` is anything else and `type` is "renewal"')


def test_every_value_of_a_list_covers(report: Report) -> None:
    assert report("R0210", rows("type", 'row "new" gives 1%', 'row "renewal" gives 2%')) == []


def test_money_begins_at_zero_unless_it_is_signed(report: Report) -> None:
    assert report("R0210", rows("amount", "row from 0 USD gives 1%")) == []
    assert report("R0210", rows("amount", "row above 0 USD gives 1%")) == gap("`amount` is 0 or less")
    assert report("R0210", rows("net", "row from 0 USD gives 1%")) == gap("`net` is below 0")
    assert report("R0210", rows("net", "row any gives 0%", "row from 0 USD gives 1%")) == []


def test_unsigned_numbers_and_percentages_begin_at_zero(report: Report) -> None:
    assert report("R0210", rows("seats", "row from 0 gives 1%")) == []
    assert report("R0210", rows("seats", "row from 1 gives 1%")) == gap("`seats` is below 1")
    assert report("R0210", rows("margin", "row from 0% gives 1%")) == []
    assert report("R0210", rows("swing", "row from 0% gives 1%")) == gap("`swing` is below 0")


def test_a_payees_own_unsigned_fields_begin_at_zero(report: Report) -> None:
    text = rows("payee.size", "row from 0 gives 1%")
    size = "payee rep { field id text key  field size number %s }\n"
    seller = "payee seller { field id text key  field size number }\n"
    text = text.replace("partner partner credited", "rep rep credited")
    assert report("R0210", seller + size % "" + text) == []
    found = report("R0210", seller + size % "signed" + text)
    assert [line.split(": ", 1)[1] for line in found] == [gap("`payee.size` is below 0")[0].split(": ", 1)[1]]


def test_what_a_row_refers_to_may_undo_and_be_below_zero(report: Report) -> None:
    text = rows("old.seats", "row from 0 gives 1%")
    undoing = text.replace("closed date", "undoes deal optional reverses  field old deal  field closed date")
    assert report("R0210", undoing) == gap("`old.seats` is below 0")


def test_a_count_begins_at_zero_where_no_row_undoes_another(report: Report) -> None:
    text = rows("deals so far", "row from 0 gives 1%", "row from 5 gives 2%")
    text += "\nmeasure deals { on deal take count per month by payee }"
    assert report("R0210", text) == []
    undoing = text.replace("closed date", "undoes deal optional reverses  field closed date")
    assert report("R0210", undoing) == gap("`deals so far` is below 0")


def test_numbers_named_alone_leave_the_rest(report: Report) -> None:
    assert report("R0210", rows("seats", "row 1 gives 1%", "row 2 gives 2%")) == gap(
        "`seats` is anything else"
    )
