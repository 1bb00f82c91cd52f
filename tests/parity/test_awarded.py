"""Both engines agree on awards to members and contributors, in full and in parts, over random facts."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES
from tests.parity.test_shared import AMOUNTS, DAYS, REPS

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee team {{
  field id text key
}}

payee rep {{
  field id text key
  field joined date
  field desk text
  field team team history
  field active flag history
}}

segment active_reps of rep {{
  where active
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field undoes deal optional reverses
}}

fact profit {{
  field id text key
  field amount money signed
  field closed date event
  field undoes profit optional reverses
}}

measure bookings {{
  on deal
{counted}
  take {taken} {window} by payee
}}

{rule}
"""
POOL = """
revenue_share pool {{
  on {source}
{credit}
  pay {pay}
{limits}
{award}
}}
"""
TIERS = """
tiered pool {{
  on deal
{credit}
  measure sum {share} amount per {window} by {key}
  apply {method}
  tier from 0 USD pay 3%
  tier above 120 USD pay {pay}
{limits}
{award}
}}
"""
GOAL = """
spiff pool {{
  on deal
{credit}
  window from 2026-01-01 through 2026-03-31
  goal sum {share} amount {sign} 150 USD by {key}
  pay {pay}
{limits}
{award}
}}
"""
ON_POOL = """
revenue_share tax {
  on earnings of pool
  pay 19% of earning
}
"""
GOAL_PAYS = ("100 USD once", '50 USD once plus 33.33 USD once plus prize "cup" once')
TIER_PAYS = (
    "7.77% plus 1% of amount",
    "7.77% plus 50 USD once",
    '9% plus 33.33 USD once plus prize "cup" once',
)
SHARED = "  credit 60% to opener\n  credit 40% to closer"
MEMBERS = ("active_reps", "payee.team", "payee.desk")
REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody", "in_turn", "in_turn")
EVEN = ("first", "last", "nobody", "in_turn", "in_turn")
LIMITS = ("", "", "  cap 9 USD per month by payee", "  floor 5 USD per month by payee", "  times 1.15")
BEHIND = ("", "", "  budget 30 USD then first_come on closed", "  hold until 1 month after closed")


@st.composite
def awards(draw, whom: str, *, own: bool) -> str:
    """An award clause; `own` where the rule has a measure of its own."""
    how = draw(st.sampled_from(["each", "equally", "by", "own"] if own else ["each", "equally", "by"]))
    one = f"member of {whom}" if whom != "contributors" else "contributor"
    all_ = f"members of {whom}" if whom != "contributors" else "contributors"
    match how:
        case "each":
            return f"  award each {one}"
        case "equally":
            return f"  award {all_} equally\n  remainder to {draw(st.sampled_from(EVEN))}"
        case "by":
            return f"  award {all_} pro_rata to bookings\n  remainder to {draw(st.sampled_from(REMAINDERS))}"
        case _:
            return f"  award {all_} pro_rata\n  remainder to {draw(st.sampled_from(REMAINDERS))}"


@st.composite
def plans(draw) -> str:
    """A rule whose pay goes to others."""
    limits = "\n".join([draw(st.sampled_from(LIMITS)), draw(st.sampled_from(BEHIND))])
    which = draw(st.integers(0, 4))
    if which == 0:
        award = draw(awards("active_reps", own=False))
        rule = POOL.format(
            source="profit",
            credit="",
            pay="5.5% of amount",
            limits=limits.replace(" by payee", " by all").replace("floor 5", "cap 5"),
            award=award,
        )
    elif which == 1:
        credit = draw(st.sampled_from(["", SHARED]))
        award = draw(awards(draw(st.sampled_from(MEMBERS)), own=False))
        pay = draw(st.sampled_from(["10% of amount", "1% of amount plus 3.33 USD per deal"]))
        rule = POOL.format(source="deal", credit=credit, pay=pay, limits=limits, award=award)
    else:
        key = draw(st.sampled_from(["payee.team", "payee.desk", "all", "payee.team, product"]))
        members = [name for name in ("payee.team", "payee.desk") if name in key]
        whom = draw(st.sampled_from(["contributors", *members]))
        credit = draw(st.sampled_from(["", SHARED]))
        method = draw(
            st.sampled_from(["marginal", "whole", "whole", "from_crossing", "from_next", "interpolated"])
        )
        rule = (GOAL if which == 4 else TIERS).format(
            credit=credit,
            share=draw(st.sampled_from(["credited", "full"])) if credit else "",
            method=method,
            sign=draw(st.sampled_from([">=", ">"])),
            pay=draw(st.sampled_from(GOAL_PAYS if which == 4 else TIER_PAYS)),
            window=draw(st.sampled_from(["month", "quarter", "lifetime"])),
            key=key,
            limits="\n".join(line for line in limits.split("\n") if "budget" not in line),
            award=draw(awards(whom, own=True)),
        )
    counted = draw(st.sampled_from(["", SHARED, '  where product is "a"']))
    return PLAN.format(
        mode=draw(st.sampled_from(["half_up", "half_even", "down"])),
        step=draw(st.sampled_from(["0.01", "0.05", "1"])),
        place=draw(st.sampled_from(["line", "fact"])),
        counted=counted,
        taken=draw(
            st.sampled_from(["sum {share} amount", "count", "max amount", "count distinct product"])
        ).format(share=draw(st.sampled_from(["credited", "full"])) if counted == SHARED else ""),
        window=draw(
            st.sampled_from(["per quarter", "per lifetime", "per month", "per year from payee.joined"])
        ),
        rule=rule + draw(st.sampled_from(["", "", ON_POOL])),
    )


@st.composite
def facts(draw):
    """Deals and profits, some of which undo others, and payees who change teams."""
    deals = _rows(draw, "D")
    for deal in deals:
        deal["opener"], deal["closer"] = draw(st.sampled_from(REPS)), draw(st.sampled_from(REPS))
        deal["product"] = draw(st.sampled_from(["a", "b"]))
    reps = []
    for name in REPS:
        joined, desk = draw(DAYS), draw(st.sampled_from(["x", "y"]))
        for since in {"2026-01-01" if draw(st.booleans()) else draw(DAYS), draw(DAYS)}:
            reps.append(
                {
                    "id": name,
                    "joined": joined,
                    "desk": desk,
                    "from": since,
                    "team": draw(st.sampled_from(["north", "south"])),
                    "active": draw(st.sampled_from(["yes", "no"])),
                }
            )
    teams = [{"id": "north"}, {"id": "south"}]
    return {"team": teams, "rep": reps, "deal": deals, "profit": _rows(draw, "P")}


def _rows(draw, letter: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for number in range(draw(st.integers(1, 7))):
        originals = [row for row in rows if not row["undoes"]]
        undone = draw(st.sampled_from(originals)) if originals and draw(st.integers(0, 3)) == 0 else None
        rows.append(
            {
                "id": f"{letter}-{number}" if draw(st.booleans()) else f"A-{number}",
                "amount": draw(AMOUNTS) if undone is None or draw(st.booleans()) else undone["amount"],
                "closed": draw(DAYS) if undone is None or draw(st.booleans()) else undone["closed"],
                "undoes": undone["id"] if undone else "",
            }
        )
    return rows


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]))
def test_awards_are_the_same_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
