"""Rounding acts on magnitudes; parts of a whole add up to it and differ by at most a step."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.model.parts import cut
from rulesengine.model.rounding import Remainder, RoundingMode, round_fraction, round_to

CENT = Decimal("0.01")
amounts = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=5)
cents = st.integers(-(10**17), 10**17).map(lambda minor: Decimal(minor).scaleb(-2))


@pytest.mark.parametrize(
    ("value", "half_up", "half_down", "half_even", "up", "down"),
    [
        ("1.005", "1.01", "1.00", "1.00", "1.01", "1.00"),
        ("1.015", "1.02", "1.01", "1.02", "1.02", "1.01"),
        ("1.0149", "1.01", "1.01", "1.01", "1.02", "1.01"),
        ("1.0151", "1.02", "1.02", "1.02", "1.02", "1.01"),
        ("-1.005", "-1.01", "-1.00", "-1.00", "-1.01", "-1.00"),
        ("1.00", "1.00", "1.00", "1.00", "1.00", "1.00"),
        ("0", "0.00", "0.00", "0.00", "0.00", "0.00"),
    ],
)
def test_modes(value, half_up, half_down, half_even, up, down):
    found = {mode.value: str(round_to(Decimal(value), CENT, mode)) for mode in RoundingMode}
    assert found == {
        "half_up": half_up,
        "half_down": half_down,
        "half_even": half_even,
        "up": up,
        "down": down,
    }


def test_a_fraction_just_below_half_is_not_half():
    third = Fraction(1, 3)
    assert round_to(third, CENT, RoundingMode.HALF_UP) == Decimal("0.33")
    assert round_to(Fraction(5, 1000) - Fraction(1, 10**40), CENT, RoundingMode.HALF_UP) == 0
    assert round_to(Decimal("0.074"), Decimal("0.05"), RoundingMode.HALF_UP) == Decimal("0.05")


@given(value=amounts, mode=st.sampled_from(RoundingMode))
def test_minus_rounds_to_minus(value, mode):
    assert round_to(-value, CENT, mode) == -round_to(value, CENT, mode)
    assert abs(round_to(value, CENT, mode) - value) < CENT


@given(value=amounts, mode=st.sampled_from(RoundingMode), step=st.sampled_from(["0.01", "1", "0.001"]))
def test_decimals_round_as_fractions_do(value, mode, step):
    found = round_to(value, Decimal(step), mode)
    assert found == round_fraction(Fraction(value), Decimal(step), mode)
    assert found == 0 or found.as_tuple().exponent == Decimal(step).as_tuple().exponent


@given(whole=cents, count=st.integers(1, 48), to=st.sampled_from(Remainder))
def test_equal_parts_add_up_and_differ_by_at_most_a_step(whole, count, to):
    made = cut(whole, (Decimal(1),) * count, CENT, to)
    assert sum(made.amounts) + made.left_over == whole
    assert max(made.amounts) - min(made.amounts) <= CENT
    assert to is Remainder.NOBODY or made.left_over == 0
    magnitudes = [abs(part) for part in made.amounts]
    assert magnitudes == sorted(magnitudes, reverse=to is not Remainder.LAST)


@given(
    whole=cents,
    weights=st.lists(st.integers(0, 1000), min_size=1, max_size=9).filter(any),
    to=st.sampled_from(Remainder),
)
def test_weighted_parts_add_up(whole, weights, to):
    made = cut(whole, tuple(Decimal(weight) for weight in weights), CENT, to)
    assert sum(made.amounts) + made.left_over == whole
    for part, weight in zip(made.amounts, weights, strict=True):
        even = Fraction(whole) * weight / sum(weights)
        assert abs(Fraction(part) - even) < Fraction(CENT) * len(weights)


# Cut in this way by the money libraries brick/money, moneyphp/money and dinero.js.
@pytest.mark.parametrize(
    ("to", "whole", "weights", "step", "parts"),
    [
        ("first", "100.00", "1 1 1", "0.01", "33.34 33.33 33.33"),
        ("last", "100.00", "1 1 1", "0.01", "33.33 33.33 33.34"),
        ("first", "100", "30 20 40 40", "0.01", "23.08 15.39 30.77 30.76"),
        ("first", "-100", "30 20 40 40", "0.01", "-23.08 -15.39 -30.77 -30.76"),
        ("first", "100", "30 20 40 0 40 0", "0.01", "23.08 15.39 30.77 0.00 30.76 0.00"),
        ("first", "0.02", "1 1 3 1", "0.01", "0.01 0.00 0.01 0.00"),
        ("first", "100", "1 1 1 1 1 1 1", "0.05", "14.30 14.30 14.30 14.30 14.30 14.25 14.25"),
        ("largest_fraction", "100", "30 20 40", "0.01", "33.33 22.22 44.45"),
        ("largest_fraction", "100", "1 2", "0.01", "33.33 66.67"),
        ("largest_fraction", "5", "0 3 7", "1", "0 2 3"),
        ("largest_fraction", "101", "3 7", "1", "30 71"),
        ("largest_share", "1", "2 3 1", "0.01", "0.33 0.51 0.16"),
        ("largest_share", "0.09", "3 3 4", "0.01", "0.03 0.02 0.04"),
        ("largest_share", "1000000000000000025", "50 50", "1", "500000000000000013 500000000000000012"),
        ("nobody", "1", "2 3 1", "0.01", "0.33 0.50 0.16"),
        ("nobody", "0.02", "1 1 1 1", "0.01", "0.00 0.00 0.00 0.00"),
    ],
)
def test_where_left_over_steps_go(to, whole, weights, step, parts):
    of = tuple(Decimal(weight) for weight in weights.split())
    made = cut(Decimal(whole), of, Decimal(step), Remainder(to))
    assert [str(part) for part in made.amounts] == parts.split()
    assert made.left_over == Decimal(whole) - sum(made.amounts)


def test_left_over_steps_in_turn_go_to_those_who_are_due():
    made = cut(Decimal("100.00"), (Decimal(1),) * 3, CENT, Remainder.IN_TURN, (2, 0, 1))
    assert [str(part) for part in made.amounts] == ["33.33", "33.33", "33.34"]
    assert made.favoured == (2,)
