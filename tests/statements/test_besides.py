"""What a payee is told besides the statements: in the text, on the page, and by `explain`."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from rulesengine.engines.results import Part, Reason
from rulesengine.statements.besides import Besides, besides
from rulesengine.statements.render_html import render_html
from rulesengine.statements.render_text import render_besides
from rulesengine.statements.run_folder import read_run
from tests.statements.build import TERMS, every_sort, line, statements
from tests.statements.small_run import small_run

ANA, BOB = ("partner", "ana"), ("partner", "bob")


def some() -> Besides:
    lines = [
        (line("shadow", Part.BASE, "D-1", "7"), "later"),
        (line("new_logo", Part.BASE, "D-1", "1000.50"), "later"),
        (line("new_logo", Part.BASE, "D-2", "200"), "later"),
        (line("new_logo", Part.BASE, "D-3", "1"), "earlier"),
        (line("new_logo", Part.BASE, "D-4", "1", payee="bob"), "earlier"),
    ]
    rows = [(ANA, "growth", Reason.NO_BAND)] * 1200 + [(ANA, "new_logo", Reason.CONDITION)]
    nobody = (("", ""), "new_logo", Reason.NOBODY_CREDITED)
    found = besides(TERMS, lines, [*rows, nobody])
    assert list(found) == [ANA, BOB]
    return found[ANA]


TEXT = """Payable at other times
  new_logo  earlier   1 line      1.00
  new_logo  later    2 lines  1,200.50
  shadow    later     1 line      7.00  memo, not paid

Rows that earned nothing under a rule, and why
  new_logo       1 row  a condition of the rule does not hold
  growth    1,200 rows  the total is in no band that pays
"""


def test_text_counts_by_rule_in_the_order_of_the_plan() -> None:
    assert render_besides(some(), "USD") == TEXT
    assert render_besides(some(), "USD", "Ask.") == f"{TEXT}Ask.\n"
    assert render_besides(Besides(), "USD") == ""


def test_a_page_of_one_statement_holds_it_below_the_total() -> None:
    page = render_html(statements(every_sort()), some())
    assert page.count("<article") == 1 and "<nav>" not in page
    assert page.index("Total USD") < page.index("Payable at other times")
    for text in ("1,200.50", "memo, not paid", "1,200 rows", "the total is in no band that pays"):
        assert text in page


def test_a_page_of_several_statements_leads_from_each_to_each() -> None:
    given = every_sort()
    given += [replace(each, payable_on=date(2026, 2, 3)) for each in given[:2]]
    page = render_html(statements(given), some())
    assert page.count("<article") == page.count("<nav>") == page.count('href="#besides"') == 3
    assert page.count('href="#2026-02"') == 3
    assert page.count('aria-current="page"') == 3
    assert page.count("Payable at other times") == 1
    assert render_html(statements(given)).count("<article") == 2


def test_the_texts_of_a_run_folder_say_what_explain_says(tmp_path: Path) -> None:
    run = small_run(tmp_path / "in")
    run.write(tmp_path / "out")
    text = (tmp_path / "out" / "statements" / "partner" / "ana.txt").read_text(encoding="utf-8")
    page = (tmp_path / "out" / "statements" / "partner" / "ana.html").read_text(encoding="utf-8")
    folder = read_run(tmp_path / "out")
    told = {payee: folder.besides_of(payee) for payee in folder.payees}
    assert {payee: rest for payee, rest in told.items() if rest.is_something} == run.besides
    assert "Payable at other times\n  launch  later  4 lines  933.33\n" in text
    assert "Payable at other times" in page and "933.33" in page
    assert run.besides[ANA].other_pay[0].amount == Decimal("933.33")
