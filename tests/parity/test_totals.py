"""Both engines agree on named measures and what is read of them, and on tables with several lower ends."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES
from tests.properties.generated_totals import total_facts, total_plans

TABLE = """
plan generated {{
  currency USD
  effective from 2026-01-01 through 2026-12-31
  rounding half_up to 0.01 per line
}}

payee rep {{
  field id text key
}}

fact deal {{
  field id text key
  field rep rep credited
  field product text
  field size number optional
  field seats number
  field amount money signed
  field closed date event
  derive seat = amount / seats
}}

table rates on deal by {keys} {{
{rows}
}}

revenue_share sales {{
  on deal
  pay rates of amount
}}
"""
NUMBERS = ("any", "any", "from 5", "above 5", "5", "from 7.5", "12", "above 12", "from 20")
MONEY = ("any", "any", "from 5 USD", "above 5 USD", "from 12.34 USD", "12.34 USD", "from 300 USD")
PRODUCTS = ("any", "any", '"a"', '"b"')
CELLS = {"size": NUMBERS, "seats": NUMBERS, "seat": MONEY, "product": PRODUCTS}


@st.composite
def tables(draw) -> str:
    """A plan with a table that ends with a row for all else."""
    keys = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=3, unique=True))
    found = draw(
        st.lists(
            st.tuples(*(st.sampled_from(CELLS[key]) for key in keys)), min_size=1, max_size=6, unique=True
        )
    )
    last = ("any",) * len(keys)
    rows = [row for row in found if row != last] + [last]
    gives = [f"  row {', '.join(row)} gives {index + 1}%" for index, row in enumerate(rows)]
    return TABLE.format(keys=", ".join(keys), rows="\n".join(gives))


@st.composite
def sized(draw) -> dict[str, list[dict[str, str]]]:
    """Deals at the ends of the rows, and beside them."""
    deals = [
        {
            "id": f"D-{number}",
            "rep": "ana",
            "product": draw(st.sampled_from(["a", "b", "c"])),
            "size": draw(st.sampled_from(["", "0", "5", "5.001", "7.5", "12", "12.5", "20", "99"])),
            "seats": draw(st.sampled_from(["1", "3", "5", "7.5", "12", "20.5"])),
            "amount": draw(
                st.sampled_from(["5.00", "12.34", "15.00", "37.02", "100.00", "-37.02", "900.01"])
            ),
            "closed": "2026-03-31",
        }
        for number in range(draw(st.integers(1, 6)))
    ]
    return {"rep": [{"id": "ana"}], "deal": deals}


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(
    text=total_plans(2),
    given_facts=total_facts(),
    through=st.sampled_from([date(2026, 3, 31), date(2026, 12, 31)]),
)
def test_totals_are_the_same_under_both_engines(text, given_facts, through):
    found = attempt(text, given_facts, through)
    assert found.fate != "different", f"{text}\n{given_facts}\nthrough {through}\n{found.fate}: {found.why}"


@settings(max_examples=max(EXAMPLES // 2, 10), deadline=None)
@given(text=tables(), given_facts=sized())
def test_tables_give_the_same_under_both_engines(text, given_facts):
    found = attempt(text, given_facts, date(2026, 12, 31))
    assert found.fate != "different", f"{text}\n{given_facts}\n{found.fate}: {found.why}"
