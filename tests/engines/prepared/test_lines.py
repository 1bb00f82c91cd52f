"""Lines of a clause, which hold only what varies, behave as lines that hold every column."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulesengine.engines.prepared.lines import line_maker
from rulesengine.engines.prepared.tiers import Ends, cuts_of, marginal_cuts
from rulesengine.engines.results import Line, Part
from rulesengine.model.change import replace
from rulesengine.model.rounding import Rounding, RoundingMode, RoundingPlace, minor_zero, quantizer, rounder
from rulesengine.plan.nodes import Method

DAY, ONE = date(2026, 3, 2), Decimal(1)
FIXED = {"payee_kind": "partner", "rule": "r", "kind": "flat", "part": Part.BASE, "fact": "deal"}
FIXED |= {"earned_on": DAY, "payable_on": DAY, "currency": "USD", "memo": False, "span": "a:1:1"}
VARYING = {"payee": "ana", "fact_id": "D-1", "exact": ONE, "amount": ONE}
WHOLE = Line(**FIXED, **VARYING)  # type: ignore[arg-type]


@pytest.fixture
def line() -> Line:
    return line_maker(tuple(VARYING), FIXED)(*VARYING.values())


def test_it_is_a_line(line: Line) -> None:
    assert isinstance(line, Line)
    assert line == WHOLE and line == WHOLE and hash(line) == hash(WHOLE)
    assert line != replace(WHOLE, payee="ben") and replace(WHOLE, rule="s") != line
    assert repr(line) == repr(WHOLE)
    assert (line.line_id, line.settles, line.settles_in) == (WHOLE.line_id, WHOLE.settles, WHOLE.settles_in)
    assert dataclasses.asdict(line) == dataclasses.asdict(WHOLE)


def test_it_cannot_be_changed(line: Line) -> None:
    for name in ("payee", "rule", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(line, name, "x")


def test_copies_hold_every_column(line: Line) -> None:
    for made in (copy.copy(line), copy.deepcopy(line), pickle.loads(pickle.dumps(line)), replace(line)):
        assert type(made) is Line and made == WHOLE
    assert replace(line, rule="s").rule == dataclasses.replace(line, rule="s").rule == "s"


cents = st.integers(-500, 500).map(lambda number: Decimal(number).scaleb(-1))


@given(before=cents, moved=cents, starts=st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True))
def test_marginal_cuts_are_those_of_all_methods(before: Decimal, moved: Decimal, starts: list[int]) -> None:
    """The same bands and parts, and the same totals of the bands before and after."""
    ends = Ends([(Decimal(start), True) for start in sorted(starts)])
    quick = marginal_cuts(ends, before, before + moved)
    plain = cuts_of(Method.MARGINAL, ends, before, before + moved)
    assert [(band, part, low - at, high - at) for band, part, low, high, at in quick] == [
        (band, part, low - at, high - at) for band, part, low, high, at in plain
    ]


@given(value=cents, mode=st.sampled_from(RoundingMode), step=st.sampled_from(["1", "0.1", "10"]))
def test_code_rounds_as_rules_do(value: Decimal, mode: RoundingMode, step: str) -> None:
    """With the same decimals, and without a sign where nothing is left."""
    unit = Decimal(step).normalize()
    rounding = Rounding(mode=mode, step=unit, place=RoundingPlace.LINE)
    assert str(quantizer(mode)(value, unit) or minor_zero(unit)) == str(rounder(rounding)(value))
