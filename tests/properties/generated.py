"""Plans and facts of the makers of tests/parity as hypothesis draws them, which makes what fails smaller."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.chance import Drawn
from tests.parity.makers import mixed, partners, settled, totals


@st.composite
def plans(draw, most_rules: int = 3) -> str:
    """A whole plan as text."""
    return mixed.plan(Drawn(draw), most_rules)


@st.composite
def statements(draw) -> str:
    """A statement block: often one that settles."""
    return settled.statement(Drawn(draw), one_in=3)


@st.composite
def deal_rows(draw, most: int = 12, with_reversals: bool = True) -> list[dict[str, str]]:
    """Deals of the partners of `plans`."""
    return partners.deal_rows(Drawn(draw), most, with_reversals)


@st.composite
def total_plans(draw, most_rules: int = 3) -> str:
    """A whole plan that asks for totals."""
    return totals.plan(Drawn(draw), most_rules)


@st.composite
def total_facts(draw, most: int = 9, refunds: str = "some") -> dict[str, list[dict[str, str]]]:
    """Facts of `total_plans`."""
    return totals.facts(Drawn(draw), most, refunds)
