"""Exact arithmetic never rounds, and says every value in one way."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.model import exact

decimals = st.decimals(
    min_value=Decimal("-1e18"), max_value=Decimal("1e18"), allow_nan=False, allow_infinity=False, places=9
)
values = decimals | st.fractions(max_denominator=10_000)


@given(left=values, right=values)
def test_every_operation_agrees_with_fractions(left, right):
    assert Fraction(exact.add(left, right)) == Fraction(left) + Fraction(right)
    assert Fraction(exact.subtract(left, right)) == Fraction(left) - Fraction(right)
    assert Fraction(exact.multiply(left, right)) == Fraction(left) * Fraction(right)
    if right != 0:
        assert Fraction(exact.divide(left, right)) == Fraction(left) / Fraction(right)


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=30))
def test_signs_do_not_round(value):
    assert Fraction(exact.negate(value)) == -Fraction(value)
    assert Fraction(exact.absolute(value)) == abs(Fraction(value))


@given(one=decimals, two=decimals, three=decimals, four=decimals)
def test_four_of_the_widest_values_still_multiply(one, two, three, four):
    product = exact.multiply(exact.multiply(one, two), exact.multiply(three, four))
    assert Fraction(product) == Fraction(one) * Fraction(two) * Fraction(three) * Fraction(four)


@given(value=values)
def test_a_text_is_read_back(value):
    text = exact.as_text(value)
    assert Fraction(exact.from_text(text)) == Fraction(value)
    assert exact.as_text(exact.from_text(text)) == text
    assert "E" not in text


def test_equal_values_have_one_text():
    assert [exact.as_text(Decimal(text)) for text in ("1", "1.0", "1.000", "1E+0")] == ["1"] * 4
    assert exact.as_text(Decimal("-0.00")) == "0"
    assert exact.as_text(Decimal("1E+3")) == "1000"
    assert exact.as_text(exact.divide(Decimal(1), Decimal(3))) == "1/3"
    assert exact.as_text(exact.divide(Decimal(1), Decimal(8))) == "0.125"
    assert exact.grouped(Decimal("1234567.50")) == "1,234,567.5"


def test_division_by_zero_is_an_error():
    with pytest.raises(ZeroDivisionError):
        exact.divide(Decimal(1), Decimal(0))
