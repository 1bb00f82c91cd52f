"""Generated plans over generated facts, each under both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from rulesengine.diagnostics import Rejected
from rulesengine.engines.reference import ReferenceEngine
from rulesengine.intake import read_book
from tests.parity.compare import Unsupported, differences
from tests.properties.generated import deal_rows, partner_rows, payment_rows, plans, quota_rows
from tests.properties.generated_totals import total_facts, total_plans
from tests.properties.road import checked

LATE = date(2027, 12, 31)
"""Behind the last instalments of nearly all plans; each statement until then costs milliseconds."""

Facts = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Tried:
    """What became of one plan."""

    fate: str
    """`same`, `different`, `refused` by the batch engine, or `no plan` where the checks refuse the text."""
    lines: int = 0
    why: str = ""


@st.composite
def tries(draw, most_rules: int = 3) -> tuple[str, Facts, date]:
    """A plan, facts and the last day that a run knows of."""
    through = draw(st.sampled_from([LATE, date(2026, 3, 31), date(2026, 12, 31)]))
    if draw(st.integers(0, 3)) == 0:
        return draw(total_plans(most_rules)), draw(total_facts()), through
    deals = draw(deal_rows(with_reversals=draw(st.booleans())))
    return draw(plans(most_rules)), _facts(deals), through


def _facts(deals: list[dict[str, str]]) -> Facts:
    return {
        "partner": partner_rows(),
        "deal": deals,
        "payment": payment_rows(deals),
        "goal_q": quota_rows(),
    }


def attempt(text: str, facts: Facts, through: date) -> Tried:
    """Return what both engines make of a plan."""
    try:
        plan = checked(text)
    except Rejected:
        return Tried("no plan")
    book = read_book(plan.schema, facts).book
    try:
        found = differences(plan, book, through)
    except Unsupported as problem:
        return Tried("refused", why=str(problem))
    if found:
        return Tried("different", why="\n".join(found))
    try:
        lines = ReferenceEngine().earn(plan, book, through).lines
    except Rejected:
        return Tried("same")  # both refuse to pay, with the same words
    return Tried("same", lines=len(lines))
