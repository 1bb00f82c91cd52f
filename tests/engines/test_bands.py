"""Bands cut a running total without loss, in any order, and mirror below zero."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.engines.bands import Bound, band_at, slices
from rulesengine.plan.nodes import Method

amounts = st.decimals(min_value=-2000, max_value=2000, places=2, allow_nan=False, allow_infinity=False)
THREE = [Bound(Decimal(0), True), Bound(Decimal(500), True), Bound(Decimal(1000), False)]


@given(before=amounts, after=amounts, method=st.sampled_from(["marginal", "from_crossing", "from_next"]))
def test_the_parts_add_up_to_the_row(before, after, method):
    parts = slices(Method(method), THREE, before, after, is_count=False)
    assert sum(part for _, part in parts) == after - before


@given(before=amounts, after=amounts, method=st.sampled_from(["marginal", "from_crossing", "from_next"]))
def test_going_back_undoes_the_row(before, after, method):
    there = slices(Method(method), THREE, before, after, is_count=False)
    back = slices(Method(method), THREE, after, before, is_count=False)
    assert back == [(index, -part) for index, part in there]


@given(before=amounts, after=amounts, method=st.sampled_from(["marginal", "from_crossing", "from_next"]))
def test_below_zero_mirrors(before, after, method):
    above = slices(Method(method), THREE, before, after, is_count=False)
    below = slices(Method(method), THREE, -before, -after, is_count=False)
    assert below == [(index, -part) for index, part in above]


@pytest.mark.parametrize(
    ("total", "band"),
    [("0", 0), ("499.99", 0), ("500", 1), ("1000", 1), ("1000.01", 2), ("-500", 1), ("-1000.01", 2)],
)
def test_which_end_lies_in_a_band(total, band):
    assert band_at(THREE, Decimal(total)) == band


@pytest.mark.parametrize(("is_included", "row_in_second_band"), [(True, 10), (False, 11)])
def test_a_counted_row_is_in_the_band_of_its_number(is_included, row_in_second_band):
    bounds = [Bound(Decimal(0), True), Bound(Decimal(10), is_included)]
    for number in range(1, 15):
        before, after = Decimal(number - 1), Decimal(number)
        parts = slices(Method.MARGINAL, bounds, before, after, is_count=True)
        assert parts == [(int(number >= row_in_second_band), Decimal(1))]
