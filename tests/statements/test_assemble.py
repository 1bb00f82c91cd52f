"""Statements: a total is the sum of its lines, whatever order they came in."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.diagnostics import InternalError
from rulesengine.engines.results import Line, Part
from rulesengine.model.dates import WindowKind
from rulesengine.statements.assemble import assemble, entry_of
from rulesengine.statements.render_compact import compact_statement
from rulesengine.statements.terms import terms_as_json, terms_from_json
from tests.statements.build import TERMS, THROUGH, every_sort, line, statements


@given(st.permutations(every_sort()))
def test_the_order_of_lines_does_not_show(lines: list[Line]) -> None:
    assert statements(lines) == statements(every_sort())


@given(st.lists(st.decimals(-10000, 10000, places=2), max_size=20))
def test_a_total_is_the_sum_of_its_lines(amounts: list[Decimal]) -> None:
    lines = [line("new_logo", Part.BASE, f"D-{at}", str(amount)) for at, amount in enumerate(amounts)]
    for statement in statements(lines):
        assert statement.total == sum(amounts)
        assert statement.total == sum(group.subtotal for group in statement.groups)


def test_memo_lines_are_shown_apart_and_in_no_total() -> None:
    paid = line("new_logo", Part.BASE, "D-1", "500")
    (statement,) = statements([paid, line("shadow", Part.BASE, "D-1", "70")])
    assert statement.total == 500
    assert [group.rule.name for group in statement.groups] == ["new_logo"]
    assert [group.subtotal for group in statement.memos] == [Decimal(70)]


def test_a_statement_of_prizes_alone_comes_to_zero() -> None:
    (statement,) = statements([line("push", Part.PRIZE, "D-1", "0", prize="Trip to Rome", part_number=1)])
    assert statement.total == 0
    assert statement.groups == ()
    assert [entry.line.prize for entry in statement.entries] == ["Trip to Rome"]


def test_a_total_may_be_negative() -> None:
    (statement,) = statements(
        [line("new_logo", Part.BASE, "D-1", "-500", units=Decimal(-1), rate=Decimal(500))]
    )
    assert compact_statement(statement).endswith("total -500.00 USD\n")


def test_one_statement_for_each_payee_and_period() -> None:
    given = [
        line("new_logo", Part.BASE, "D-1", "1", payable_on=date(2026, 2, 1)),
        line("new_logo", Part.BASE, "D-2", "1", payable_on=date(2026, 1, 31)),
        line("new_logo", Part.BASE, "D-3", "1", payee_kind="agent"),
        line("new_logo", Part.BASE, "D-4", "1", payee="bob"),
    ]
    found = [(s.payee_kind, s.payee, s.period) for s in statements(given)]
    assert found == [
        ("agent", "ana", "2026-01"),
        ("partner", "ana", "2026-01"),
        ("partner", "ana", "2026-02"),
        ("partner", "bob", "2026-01"),
    ]


def test_groups_follow_the_order_of_the_plan() -> None:
    (statement,) = statements(list(reversed(every_sort())))
    assert [group.rule.name for group in statement.groups] == ["new_logo", "growth", "launch"]


def test_a_waiting_line_and_another_currency_are_bugs_of_ours() -> None:
    with pytest.raises(InternalError):
        statements([line("new_logo", Part.BASE, "D-1", "1", payable_on=None)])
    with pytest.raises(InternalError):
        statements([line("new_logo", Part.BASE, "D-1", "1", currency="EUR")])


def test_no_lines_make_no_statement() -> None:
    assert assemble([], TERMS, THROUGH) == ()


def test_terms_survive_being_written() -> None:
    assert terms_from_json(terms_as_json(TERMS)) == TERMS
    assert TERMS.per is WindowKind.MONTH


def test_an_entry_keeps_the_id_of_its_line() -> None:
    given = line("new_logo", Part.BASE, "D-1", "1")
    assert entry_of(given).line_id == given.line_id
