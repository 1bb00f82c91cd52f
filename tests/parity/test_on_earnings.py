"""Both engines agree on rules whose rows are the lines of another rule, over random facts."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES
from tests.parity.test_shared import AMOUNTS, DAYS, REPS

REMAINDERS = ("first", "last", "largest_share", "largest_fraction", "nobody")
SHARES = """fact deal_share {
  field id text key
  field deal deal
  field rep rep credited
  field weight number
}
"""
PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding {mode} to {step} per {place}
}}

payee rep {{
  field id text key
  field lead rep
  field team text history
}}

fact deal {{
  field id text key
  field opener rep credited
  field closer rep
  field product text
  field amount money signed
  field closed date event
  field paid date optional
  field back date optional
  field undoes deal optional reverses
{derived}
}}

{shares}
{base_kind} base {{
  on {source}
{base}
}}
{between}
{kind} extra {{
  {memo}
  on earnings of {of}
{clauses}
}}
"""
BASES = (
    ("revenue_share", "deal", "  pay 10% of amount"),
    ("revenue_share", "deal", "  pay 10% of amount\n  cap 30 USD per month by payee\n  floor 2 USD per deal"),
    ("revenue_share", "deal", "  credit 60% to opener\n  credit 40% to closer\n  pay 9% of amount"),
    ("revenue_share", "deal", "  credit each deal_share by weight\n  pay 9% of amount\n  remainder to {to}"),
    ("revenue_share", "deal at paid", "  pay 10% of amount plus 3.33 USD per deal"),
    ("revenue_share", "deal", "  pay 10% of amount\n  floor 25 USD per month by payee"),
    ("revenue_share", "deal", "  pay 12% of amount\n  budget 60 USD then first_come on closed"),
    (
        "installments",
        "deal",
        "  pay 12% of amount\n  split into 3 months starting closed\n  remainder to last\n"
        "  stop on paid then forfeit",
    ),
    (
        "tiered",
        "deal",
        "  measure sum amount per month by payee\n  apply marginal\n  tier from 0 USD pay 10%\n"
        "  tier from 150 USD pay 20% plus 5% of amount\n  tier above 300 USD pay 3.33%",
    ),
    ("flat", "rep per month", "  credit rep\n  pay 100 USD per month"),
    ("revenue_share", "deal", "  pay 10% of amount\n  clawback 50% on paid then restore on back"),
    (
        "revenue_share",
        "deal",
        "  credit 60% to opener\n  credit 40% to closer\n  pay 9% of amount plus 1 USD per deal\n"
        "  clawback 30% on paid within 80 days of closed\n  clawback 100% on back",
    ),
    (
        "revenue_share",
        "deal",
        "  pay 10% of amount\n  award each member of payee.team\n  clawback 50% on back",
    ),
)
CREDITS = (
    "",
    "  credit payee.lead",
    "  credit closer",
    "  credit 55% to closer\n  credit 45% to payee.lead",
    "  credit each deal_share equally\n  remainder to {to}",
    "  credit each level of closer.lead through 2",
)
WHERES = (
    "",
    "  where earning > 8 USD",
    '  where product is "a"',
    '  where payee.team is "north"',
    "  where earned >= 2026-02-05",
)
PAYS = (
    "  pay 50% of earning",
    "  pay 7.77% of earning",
    "  pay 33.33% of earning plus 2% of amount",
    "  pay 5% of amount",
    "  pay 11% of net",
)
LIMITS = (
    "  cap 6 USD per month by payee",
    "  cap 20 USD per quarter by all",
    "  cap 2 USD per deal by payee",
    "  floor 1 USD per deal by payee",
    "  times 1.15",
    "  floor 12 USD per month by payee",
    "  for first 2 by payee",
)
DATES = ("", "", "  hold until paid", "  hold until 1 month after earned")
BETWEEN = """
revenue_share middle {
  memo
  on earnings of base
  pay 60% of earning
}
"""


@st.composite
def plans(draw) -> str:
    """A rule on earnings of another, or on earnings of one on earnings of it."""
    base_kind, source, base = draw(st.sampled_from(BASES))
    to = draw(st.sampled_from(REMAINDERS))
    credit = draw(st.sampled_from(CREDITS)).format(to=draw(st.sampled_from(REMAINDERS)))
    lines = [credit, draw(st.sampled_from(WHERES)), draw(st.sampled_from(PAYS))]
    lines += draw(st.lists(st.sampled_from(LIMITS), max_size=2, unique=True))
    lines.append(draw(st.sampled_from(DATES)))
    if draw(st.integers(0, 4)) == 0:
        lines.append("  amend from 2026-02-10 {\n    pay 20% of earning\n  }")
    between = draw(st.sampled_from(["", "", BETWEEN]))
    text = PLAN.format(
        mode=draw(st.sampled_from(["half_up", "half_even", "down", "up"])),
        step=draw(st.sampled_from(["0.01", "0.05"])),
        place=draw(st.sampled_from(["line", "fact"])),
        derived="  derive net = amount - 1.11 USD",
        shares="",
        base_kind=base_kind,
        source=source,
        base=base.format(to=to),
        between=between,
        kind="revenue_share",
        memo=draw(st.sampled_from(["", "memo"])),
        of="middle" if between else "base",
        clauses="\n".join(line for line in lines if line),
    )
    return text.replace("payee rep {", f"{SHARES}payee rep {{", 1) if "deal_share" in text else text


@st.composite
def facts(draw):
    """Deals, some of which undo others, their shares, and payees who change teams."""
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
                "paid": draw(DAYS) if draw(st.booleans()) else "",
                "back": draw(DAYS) if draw(st.booleans()) else "",
                "undoes": undone["id"] if undone else "",
            }
        )
    shares = [
        {
            "id": f"S-{number}",
            "deal": draw(st.sampled_from(deals))["id"],
            "rep": draw(st.sampled_from(REPS)),
            "weight": str(draw(st.integers(0, 7))),
        }
        for number in range(draw(st.integers(0, 9)))
    ]
    reps = [
        {"id": name, "lead": draw(st.sampled_from(REPS)), "team": team, "from": since}
        for name in REPS
        for team, since in (("north", "2026-01-10"), ("south", draw(DAYS)))
    ]
    leads = {}
    for rep in reps:
        rep["lead"] = leads.setdefault(rep["id"], rep["lead"])
    return {"rep": reps, "deal": deals, "deal_share": shares}


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]))
def test_rules_on_earnings_are_the_same_under_both_engines(text, given_facts, through):
    known = {kind: rows for kind, rows in given_facts.items() if kind != "deal_share" or "deal_share" in text}
    found = attempt(text, known, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
