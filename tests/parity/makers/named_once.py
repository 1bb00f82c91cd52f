"""Plans about named totals that rows move which are none of the rule's: paid once, and awarded."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.awarded import SHARED

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


def plans(chance: Chance) -> str:
    """A rule whose bands pay once, on a total of rows with other conditions and another credit."""
    counted, credit = chance.one_of(COUNTED), chance.one_of(["", SHARED])
    share = chance.one_of(["credited", "full"]) if counted == SHARED else ""
    is_count = chance.number(0, 3) == 0
    bound = "2" if is_count else "120 USD"
    key = chance.one_of(["payee", "payee.team", "product", "all"])
    award = chance.one_of(AWARDS) if key != "payee" and chance.flip() else ""
    high = chance.one_of(["100 USD once plus 20 USD", '33 USD once plus prize "cup"'])
    return PLAN.format(
        place=chance.one_of(["line", "fact"]),
        counted=counted,
        taken="count" if is_count else f"sum {share} amount",
        window=chance.one_of(["month", "quarter", "lifetime"]),
        key=key,
        award=award,
        effective=chance.one_of(["", "  effective from 2026-02-01 through 2026-04-10"]),
        credit=credit,
        where=chance.one_of(WHERES),
        method=chance.one_of(["marginal", "from_crossing", "from_next"]),
        unit="" if is_count else "USD",
        low="5 USD per deal" if is_count else "3%",
        bound=bound,
        high=f"{high} once" if not award else "7.77 USD per deal",
        amended=chance.one_of(
            [
                "",
                f"amend from 2026-03-01 {{\n    tier from 0 {'' if is_count else 'USD'} pay nothing\n"
                f"    tier above {bound} pay {'55 USD once' if not award else '9 USD per deal'}\n  }}",
            ]
        ),
    )
