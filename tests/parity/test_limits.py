"""Both engines agree on limits: amendments that put one in the place of another, amounts that move, windows
from an anniversary, and rows that undo others under all of them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
  field team text
  field most money
  field joined date
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field ceiling money
  field closed date event
  field undoes deal optional reverses
}}

revenue_share sales {{
  on deal
{clauses}
}}
"""
CREDITS = ("", "  credit 60% to opener\n  credit 40% to closer")
PAYS = ("  pay 10% of amount", "  pay 33.33% of amount plus 3.33 USD per deal")
LIMITS = (
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 40 USD per quarter by product",
    "  cap payee.most per month by payee",
    "  cap payee.most per plan by all",
    "  cap payee.most per month by payee.team",
    "  cap payee.most per quarter by all",
    "  cap 15 USD per deal by payee",
    "  cap ceiling per deal by all",
    "  cap 45 USD per year from payee.joined by payee",
    "  cap payee.most per month from payee.joined by payee.team",
    "  floor 5 USD per deal by payee",
    "  floor 0 USD per deal by all",
    "  times 1.15",
    '  times 0.5 where product is "a"',
)
LAST = ("", "", "  floor 30 USD per month by payee", "  floor 25 USD per quarter from payee.joined by payee")


@st.composite
def plans(draw) -> str:
    """A rule with limits, and often an amendment with others."""

    def limits(most: int) -> list[str]:
        return draw(st.lists(st.sampled_from(LIMITS), min_size=1, max_size=most, unique=True))

    lines = [
        draw(st.sampled_from(CREDITS)),
        draw(st.sampled_from(PAYS)),
        *limits(3),
        draw(st.sampled_from(LAST)),
    ]
    for start in ("2026-01-20", "2026-02-15")[: draw(st.integers(0, 2))]:
        lines += [f"  amend from {start} {{", *(f"  {line}" for line in limits(2)), "  }"]
    return PLAN.format(
        mode=draw(st.sampled_from(["half_up", "half_even", "down", "up"])),
        step=draw(st.sampled_from(["0.01", "0.05", "1"])),
        place=draw(st.sampled_from(["line", "fact"])),
        clauses="\n".join(line for line in lines if line),
    )


DAYS = st.integers(0, 80).map(lambda days: (date(2026, 1, 1) + timedelta(days)).isoformat())
JOINED = st.sampled_from(["2025-01-31", "2025-03-15", "2026-01-01", "2026-01-10", "2024-02-29"])
AMOUNTS = st.integers(-5_000, 40_000).map(lambda cents: f"{cents / 100:.2f}")
CEILINGS = st.integers(0, 6_000).map(lambda cents: f"{cents / 100:.2f}")
REPS = ("ana", "bob", "cem")


@st.composite
def facts(draw):
    """Deals, some of which undo others, and reps with amounts and dates of their own."""
    deals = []
    for number in range(draw(st.integers(1, 9))):
        originals = [deal for deal in deals if not deal["undoes"]]
        undone = draw(st.sampled_from(originals)) if originals and draw(st.integers(0, 2)) == 0 else None
        deals.append(
            {
                "id": f"D-{number}" if draw(st.booleans()) else f"A-{number}",
                "opener": undone["opener"] if undone else draw(st.sampled_from(REPS)),
                "closer": undone["closer"] if undone else draw(st.sampled_from(REPS)),
                "product": draw(st.sampled_from(["a", "b"])),
                "amount": draw(AMOUNTS) if undone is None or draw(st.booleans()) else undone["amount"],
                "ceiling": draw(CEILINGS),
                "closed": draw(DAYS) if undone is None or draw(st.booleans()) else undone["closed"],
                "undoes": undone["id"] if undone else "",
            }
        )
    reps = [
        {"id": name, "team": team, "most": draw(CEILINGS), "joined": draw(JOINED)}
        for name, team in zip(REPS, ("north", "north", "south"), strict=True)
    ]
    return {"rep": reps, "deal": deals}


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 28), date(2026, 12, 31)]))
def test_limits_hold_the_same_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
