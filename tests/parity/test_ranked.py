"""Both engines agree on who takes which place of a rank, and on what the places pay, over random facts."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_awarded import MEMBERS, ON_POOL, PLAN, SHARED, awards, facts
from tests.parity.test_generated import EXAMPLES

RANK = """
spiff pool {{
  on deal
{credit}
  window from 2026-01-10 through 2026-03-31
{where}
  rank {taken} by {key} ties {ties}
  place 1 pay {first}
{places}
{remainder}
{behind}
{award}
}}
"""
FIRST = (
    "100.01 USD once",
    "payee.bonus once",
    '100 USD once plus prize "cup" once',
    '33.33 USD once plus prize "cup" once plus 10% of payee.bonus once',
)
PLACES = (
    "",
    "  place 2 pay 50.02 USD once",
    '  place 2 pay prize "mug" once\n  place 3 pay 7.77 USD once plus prize "pin" once',
    "  place 2 pay 20% of payee.bonus once\n  place 3 pay 0 USD once\n  place 4 pay 1 USD once",
)
BEHIND = (
    "",
    "",
    "  budget 60 USD then prorate",
    "  hold until 1 month after closed",
    "  for first 2 by opener",
)
WHERES = ("", "  where amount > 2 USD", '  where payee.team is "north"')


@st.composite
def plans(draw) -> str:
    """A rank, perhaps one whose places go to teams."""
    credit = draw(st.sampled_from(["", SHARED]))
    share = draw(st.sampled_from(["credited", "full"])) if credit else ""
    taken = draw(st.sampled_from([f"sum {share} amount", "count", "max amount", "count distinct product"]))
    key = draw(st.sampled_from(["payee", "payee", "payee.team", "payee.desk", "product"]))
    ties = draw(st.sampled_from(["share", "all", "first"]))
    award = ""
    if key != "payee":
        whom = draw(st.sampled_from(["contributors", *(name for name in MEMBERS if name == key)]))
        award = draw(awards(whom, own="sum" in taken or taken == "count"))
    behind = draw(st.sampled_from(BEHIND))
    is_cut = ties == "share" or "budget" in behind or "remainder" in award
    rule = RANK.format(
        credit=credit,
        where=draw(st.sampled_from(WHERES)),
        taken=taken,
        key=key,
        ties=ties,
        first=draw(st.sampled_from(FIRST)),
        places=draw(st.sampled_from(PLACES)),
        remainder=f"  remainder to {draw(st.sampled_from(['first', 'last', 'nobody']))}" if is_cut else "",
        behind=behind,
        award=award.split("\n")[0],
    )
    text = PLAN.format(
        mode=draw(st.sampled_from(["half_up", "half_even", "down"])),
        step=draw(st.sampled_from(["0.01", "0.05"])),
        place=draw(st.sampled_from(["line", "fact"])),
        counted="",
        taken="count",
        window="per quarter",
        rule=rule + draw(st.sampled_from(["", ON_POOL])),
    )
    return text.replace("  field joined date\n", "  field joined date\n  field bonus money\n", 1)


@st.composite
def facts_with_ties(draw):
    """Deals of which many bring the same, and payees with a bonus."""
    found = draw(facts())
    for deal in found["deal"]:
        if not deal["undoes"] and draw(st.booleans()):
            deal["amount"] = draw(st.sampled_from(["0.00", "10.00", "20.00", "-10.00"]))
    bonus = {rep["id"]: draw(st.sampled_from(["0.00", "99.99", "10.01"])) for rep in found["rep"]}
    for rep in found["rep"]:
        rep["bonus"] = bonus[rep["id"]]
    return found


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(
    text=plans(),
    given_facts=facts_with_ties(),
    through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]),
)
def test_ranks_are_the_same_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
