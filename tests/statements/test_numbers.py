"""Numbers as people read them: in full where they end, cut off and marked where they do not."""

from decimal import Decimal
from fractions import Fraction

import pytest

from rulesengine.statements.numbers import cut_down, money, number, percent


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("1234.50"), "1,234.5"),
        (Decimal("-0.0"), "0"),
        (Decimal("0.123456789012345"), "0.123456789012345"),
        (Fraction(1000, 3), "333.3333333333…"),
        (Fraction(-2, 3), "-0.6666666666…"),
        (Fraction(1, 3 * 10**11), "0.0000000000…"),
        (Fraction(7 * 10**6, 3), "2,333,333.3333333333…"),
    ],
)
def test_a_number_that_does_not_end_is_cut_and_never_rounded(value: Decimal, expected: str) -> None:
    assert number(value) == expected


def test_percentages_and_money_are_cut_alike() -> None:
    assert percent(Fraction(9778, 7000)) == "139.6857142857… %"
    assert percent(Fraction(1, 4)) == "25 %"
    assert money(Fraction(100, 3), "JPY") == "33.3333333333…"


def test_cut_down_keeps_the_sign() -> None:
    assert cut_down(Fraction(-100, 3), "USD") == Decimal("-33.33")
