"""Arrow tables: stated schemas, one order, and back again."""

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest

from rulesengine.diagnostics import InternalError, Rejected
from rulesengine.engines.results import Outcome, Part, Reason
from rulesengine.statements.assemble import entry_of
from rulesengine.statements.fractions import read_fractions
from rulesengine.statements.names import statement_file
from rulesengine.statements.tables import (
    LINES,
    NOT_EARNING,
    entries_of,
    lines_table,
    not_earning_table,
    rejects_table,
    statements_table,
)
from tests.statements.build import TERMS, every_sort, line, statements


def test_empty_tables_have_their_schemas() -> None:
    assert lines_table([], TERMS).schema == LINES
    assert not_earning_table([], TERMS).schema == NOT_EARNING
    assert rejects_table([]).num_rows == 0
    assert statements_table([]).num_rows == 0


def test_lines_come_in_one_order() -> None:
    entries = [entry_of(each) for each in every_sort()]
    assert lines_table(entries, TERMS).equals(lines_table(entries[::-1], TERMS))


def test_a_number_that_does_not_end_is_rounded_in_its_column_and_in_full_beside() -> None:
    given = line("shadow", Part.BASE, "D", "33.33", base=Fraction(1000, 3), exact=Fraction(100, 3))
    table = lines_table([entry_of(given)], TERMS)
    assert table.column("base").to_pylist() == [Decimal("333.333333333333")]
    assert table.column("exact").to_pylist() == [Decimal("33.333333333333")]
    assert table.column("fractions").to_pylist() == ["base=1000/3 exact=100/3"]


def test_a_number_that_ends_needs_no_fraction() -> None:
    given = line("new_logo", Part.BASE, "D", "5", base=Decimal("5.00000000000000000"), rate=Fraction(1))
    assert lines_table([entry_of(given)], TERMS).column("fractions").to_pylist() == [""]


def test_a_number_that_ends_behind_the_column_comes_back_as_it_was() -> None:
    given = line("new_logo", Part.BASE, "D", "0", base=Decimal(-1), rate=Decimal("-0.0000000000025"))
    table = lines_table([entry_of(given)], TERMS)
    assert table.column("fractions").to_pylist() == ["rate=-1/400000000000"]
    assert entries_of(table) == [entry_of(given)]


def test_a_column_of_fractions_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        read_fractions("share=a third")


def test_bands_come_back_with_their_side_and_the_way_to_the_next() -> None:
    given = line(
        "growth",
        Part.BAND,
        "D",
        "5",
        base=Decimal(100),
        base_how="120 − 20",
        rate=Decimal("0.05"),
        band_from=Decimal(10),
        band_above=True,
        towards_next=Decimal("0.25"),
    )
    (entry,) = entries_of(lines_table([entry_of(given)], TERMS))
    assert entry.line == given


def test_halves_beyond_twelve_decimals_go_to_even() -> None:
    given = line("new_logo", Part.BASE, "D", "0", rate=Decimal("0.0000000000025"))
    assert lines_table([entry_of(given)], TERMS).column("rate").to_pylist() == [Decimal("0.000000000002")]


def test_lines_come_back_as_they_went() -> None:
    entries = [entry_of(each) for each in every_sort()]
    assert sorted(entries_of(lines_table(entries, TERMS)), key=lambda e: e.line_id) == sorted(
        entries, key=lambda e: e.line_id
    )


def test_amounts_of_the_finest_rounding_fit() -> None:
    given = line("new_logo", Part.BASE, "D", "0.123456789")
    assert lines_table([entry_of(given)], TERMS).column("amount").to_pylist() == [Decimal("0.123456789")]


def test_amounts_that_only_the_statement_rounds_fit() -> None:
    given = line("new_logo", Part.BASE, "D", "0.387096774194")
    assert lines_table([entry_of(given)], TERMS).column("amount").to_pylist() == [Decimal("0.387096774194")]


def test_what_does_not_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(InternalError):
        lines_table([entry_of(line("new_logo", Part.BASE, "D", "0.0000000000001"))], TERMS)
    with pytest.raises(Rejected) as caught:
        lines_table([entry_of(line("new_logo", Part.BASE, "D", "0", base=Decimal(10) ** 30))], TERMS)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.place) == ("R1205", "deal D")
    assert problem.message == "rule `new_logo`, payee `ana`: `base` has 31 digits before the point"
    # With more decimals than are shown besides.
    with pytest.raises(Rejected, match="R1205"):
        odd = Decimal("1" * 60 + "." + "1" * 20)
        lines_table([entry_of(line("new_logo", Part.BASE, "D", "0", base=odd))], TERMS)


def test_nothing_is_a_binary_float() -> None:
    for table in (lines_table([], TERMS), statements_table(statements(every_sort()))):
        assert not any(pa.types.is_floating(field.type) for field in table.schema)


def test_rows_that_earned_nothing_follow_the_plan() -> None:
    given = [
        Outcome(rule=rule, fact="deal", fact_id=key, dated=None, reason=Reason.CONDITION)
        for rule, key in (("push", "D-1"), ("new_logo", "D-2"), ("new_logo", "D-1"))
    ]
    table = not_earning_table(given, TERMS)
    assert table.column("fact_id").to_pylist() == ["D-1", "D-2", "D-1"]
    assert table.column("rule").to_pylist() == ["new_logo", "new_logo", "push"]


@pytest.mark.parametrize(
    "key",
    ["ana", "Ana", "ANA", "a/../../etc", "北京", "con", "", " ", "a" * 300, "ana.", "a\0b", "Müller GmbH"],
)
def test_file_names_are_safe(key: str) -> None:
    name = statement_file("partner", key).removeprefix("statements/partner/")
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert not name.startswith(".") and len(name) < 100
    assert name != "con"


def test_no_two_payees_share_a_file() -> None:
    keys = ["ana", "Ana", "ana ", "a/na", "a-na", "äna", "北", "京"]
    assert len({statement_file("partner", key).lower() for key in keys}) == len(keys)
