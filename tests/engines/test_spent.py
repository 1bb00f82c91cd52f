"""What a line tells of a limit that payees share: less of its total, and all that the amount is made of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.engines.results import Part
from rulesengine.engines.spent import told
from rulesengine.statements.redo import held

CENTS = st.integers(-500, 500).map(lambda cents: Decimal(cents) / 100)


@given(before=CENTS, after=CENTS, most=st.integers(0, 200).map(lambda cents: Decimal(cents) / 100))
def test_what_is_held_and_what_is_asked_stay(before: Decimal, after: Decimal, most: Decimal) -> None:
    first, last = told(before, after, most)
    assert last - first == after - before
    for shown, total in ((first, before), (last, after)):
        assert held(Part.CAP, shown, most) == held(Part.CAP, total, most)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (90, 120, (90, 120)),  # it crosses the limit: what is left is a matter of the total
        (100, 103, (100, 103)),
        (2700, 2703, (100, 103)),
        (2703, 2700, (103, 100)),  # a refund uses up what lay above
        (103, 99, (103, 99)),
        (-2700, -2703, (-100, -103)),
        (-2700, 2700, (-2700, 2700)),
    ],
)
def test_what_others_asked_in_vain_is_left_out(before: int, after: int, shown: tuple[int, int]) -> None:
    assert told(Decimal(before), Decimal(after), Decimal(100)) == shown
