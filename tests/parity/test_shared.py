"""Both engines agree on what several share: credit, caps and floors, budgets and rivals over random facts."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import Tried, attempt
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
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field asked date
  field undoes deal optional reverses
  field minutes number
  field hours number
  derive opening = minutes / 7
  derive closing = hours / (minutes + 3)
}}

{shares}
revenue_share sales {{
  on deal
{clauses}
}}
{others}
"""
CREDITS = (
    "",
    "  credit 60% to opener\n  credit 40% to closer",
    "  credit 2 to opener\n  credit 1 to closer",
    "  credit each deal_share by weight",
    "  credit each deal_share equally",
    "  credit each deal_share by portion",
    "  credit opening to opener\n  credit closing to closer",
)
PAYS = (
    "  pay 10% of amount",
    "  pay 10% of amount plus 3.33 USD per deal",
    "  pay 7.77% of amount",
    "  pay 33.33% of amount",
)
SHARES = """fact deal_share {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
  field of number
  derive portion = weight / of
}
"""
LIMITS = (
    "  cap 20 USD per month by payee",
    "  cap 33.33 USD per month by all",
    "  cap 15 USD per deal by payee",
    "  cap 40 USD per quarter by product",
    "  cap 50 USD per plan by payee.team",
    "  cap 8% of amount per deal by payee",
    "  floor 5 USD per deal by payee",
    "  floor 0 USD per deal by payee",
    "  times 1.15",
    '  times 0.5 where product is "a"',
)
FLOORS = ("  floor 30 USD per month by payee", "  floor 45.55 USD per quarter by payee")
REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody")
BUDGETS = (
    "  budget 60 USD then first_come on closed",
    "  budget 60 USD then first_come on asked",
    "  budget 35 USD by product then first_come on asked",
    "  budget 60 USD then prorate\n  remainder to {to}",
)
AMENDED = (
    "  amend from 2026-02-10 {\n    cap 12 USD per month by payee\n  }",
    "  amend from 2026-02-10 {\n    cap 27.77 USD per month by payee\n    times 0.9\n  }",
    "  amend from 2026-02-10 {\n    cap 55 USD per quarter by product\n  }",
)
RIVAL = """
flat rival {{
  on deal
  pay 12 USD per deal
}}

choose better {{
  take {take} per deal
  among sales
  among rival
}}
"""


@st.composite
def plans(draw) -> str:
    """A rule with credit, limits and perhaps a rival."""
    lines = [draw(st.sampled_from(CREDITS)), draw(st.sampled_from(PAYS))]
    is_shared = bool(lines[0])
    lines += draw(st.lists(st.sampled_from(LIMITS), max_size=3, unique=True))
    if draw(st.integers(0, 3)) == 0:
        lines.append(draw(st.sampled_from(FLOORS)))
    # Shares that the plan cannot tell to come out even need somebody who gets what is left over.
    if "each" in lines[0] or " 2 to" in lines[0] or "opening" in lines[0]:
        lines.append(f"  remainder to {draw(st.sampled_from((*REMAINDERS, 'in_turn', 'in_turn')))}")
    if draw(st.integers(0, 2)) == 0 and "remainder" not in lines[-1]:
        lines.append(draw(st.sampled_from(BUDGETS)).format(to=draw(st.sampled_from(REMAINDERS))))
    if "remainder" not in lines[-1] and draw(st.integers(0, 3)) == 0:
        lines.append(draw(st.sampled_from(AMENDED)))
    others = ""
    if not is_shared and draw(st.integers(0, 3)) == 0:
        others = RIVAL.format(take=draw(st.sampled_from(["highest", "first"])))
    return PLAN.format(
        mode=draw(st.sampled_from(["half_up", "half_even", "down", "up"])),
        step=draw(st.sampled_from(["0.01", "0.05", "1"])),
        place=draw(st.sampled_from(["line", "fact"])),
        clauses="\n".join(line for line in lines if line),
        others=others,
        shares=SHARES if "each" in lines[0] else "",
    )


DAYS = st.integers(0, 120).map(lambda days: (date(2026, 1, 1) + timedelta(days)).isoformat())
AMOUNTS = st.integers(-5_000, 40_000).map(lambda cents: f"{cents / 100:.2f}")
REPS = ("ana", "bob", "cem")


@st.composite
def facts(draw):
    """Deals, some of which undo others, and the shares of them."""
    deals = []
    for number in range(draw(st.integers(1, 9))):
        originals = [deal for deal in deals if not deal["undoes"]]
        undone = draw(st.sampled_from(originals)) if originals and draw(st.integers(0, 3)) == 0 else None
        deals.append(
            {
                "id": f"D-{number}" if draw(st.booleans()) else f"A-{number}",
                "opener": draw(st.sampled_from(REPS)),
                "closer": draw(st.sampled_from(REPS)),
                "product": draw(st.sampled_from(["a", "b"])),
                "amount": draw(AMOUNTS) if undone is None or draw(st.booleans()) else undone["amount"],
                "closed": draw(DAYS) if undone is None or draw(st.booleans()) else undone["closed"],
                "asked": draw(DAYS),
                "minutes": str(draw(st.integers(0, 4))),
                "hours": str(draw(st.integers(0, 2))),
                "undoes": undone["id"] if undone else "",
            }
        )
    shares = [
        {
            "id": f"S-{number}",
            "deal": draw(st.sampled_from(deals))["id"],
            "rep": draw(st.sampled_from(REPS)),
            "weight": str(draw(st.integers(0, 7))),
            "of": draw(st.sampled_from(["1", "3", "7", "12"])),
        }
        for number in range(draw(st.integers(0, 9)))
    ]
    reps = [{"id": name, "team": team} for name, team in zip(REPS, ("north", "north", "south"), strict=True)]
    return {"rep": reps, "deal": deals, "deal_share": shares}


def tried(text: str, given_facts: dict, through: date) -> Tried:
    """Return what both engines make of a plan; the facts may have kinds that it lacks."""
    known = {kind: rows for kind, rows in given_facts.items() if kind != "deal_share" or SHARES in text}
    return attempt(text, known, through)


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]))
def test_what_several_share_is_the_same_under_both_engines(text, given_facts, through):
    found = tried(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
