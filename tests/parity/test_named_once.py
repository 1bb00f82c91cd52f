"""Both engines agree on named totals that rows move which are none of the rule's: paid once, and awarded."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_awarded import SHARED, facts
from tests.parity.test_generated import EXAMPLES

PLAN = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per {place}
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

measure booked {{
  on deal
{counted}
  take {taken} per {window} by {key}
}}

tiered pool {{
  on deal
{effective}
{credit}
{where}
  measure booked
  apply {method}
  tier from 0 {unit} pay {low}
  tier above {bound} pay {high}
  {amended}
{award}
}}
"""
AWARDS = (
    "  award each contributor",
    "  award contributors pro_rata\n  remainder to first",
    "  award contributors equally\n  remainder to last",
)
COUNTED = ("", SHARED, '  where product is "a"', "  where amount > 50 USD")
WHERES = ("", '  where product is "a"', '  where product is "b"', "  where amount < 100 USD")


@st.composite
def plans(draw) -> str:
    """A rule whose bands pay once, on a total of rows with other conditions and another credit."""
    counted, credit = draw(st.sampled_from(COUNTED)), draw(st.sampled_from(["", SHARED]))
    share = draw(st.sampled_from(["credited", "full"])) if counted == SHARED else ""
    is_count = draw(st.integers(0, 3)) == 0
    bound = "2" if is_count else "120 USD"
    key = draw(st.sampled_from(["payee", "payee.team", "product", "all"]))
    award = draw(st.sampled_from(AWARDS)) if key != "payee" and draw(st.booleans()) else ""
    high = draw(st.sampled_from(["100 USD once plus 20 USD", '33 USD once plus prize "cup"']))
    return PLAN.format(
        place=draw(st.sampled_from(["line", "fact"])),
        counted=counted,
        taken="count" if is_count else f"sum {share} amount",
        window=draw(st.sampled_from(["month", "quarter", "lifetime"])),
        key=key,
        award=award,
        effective=draw(st.sampled_from(["", "  effective from 2026-02-01 through 2026-04-10"])),
        credit=credit,
        where=draw(st.sampled_from(WHERES)),
        method=draw(st.sampled_from(["marginal", "from_crossing", "from_next"])),
        unit="" if is_count else "USD",
        low="5 USD per deal" if is_count else "3%",
        bound=bound,
        high=f"{high} once" if not award else "7.77 USD per deal",
        amended=draw(
            st.sampled_from(
                [
                    "",
                    f"amend from 2026-03-01 {{\n    tier from 0 {'' if is_count else 'USD'} pay nothing\n"
                    f"    tier above {bound} pay {'55 USD once' if not award else '9 USD per deal'}\n  }}",
                ]
            )
        ),
    )


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(text=plans(), given_facts=facts(), through=st.sampled_from([date(2026, 2, 10), date(2026, 12, 31)]))
def test_named_totals_pay_once_alike_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"
