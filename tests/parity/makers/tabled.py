"""Plans about named measures and what is read of them, and on tables with several lower ends."""

from __future__ import annotations

from tests.chance import Chance
from tests.parity.makers.values import size

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
MONEY = ("any", "any", "from 5 USD", "above 5 USD", "from 12.34 USD", "above 12.34 USD", "from 300 USD")
PRODUCTS = ("any", "any", '"a"', '"b"')
CELLS = {"size": NUMBERS, "seats": NUMBERS, "seat": MONEY, "product": PRODUCTS}


def tables(chance: Chance) -> str:
    """A plan with a table that ends with a row for all else."""
    keys = chance.some(sorted(CELLS), least=2, most=3)
    found = {tuple(chance.one_of(CELLS[key]) for key in keys): None for _ in range(chance.number(1, 6))}
    last = ("any",) * len(keys)
    # A row with more cells for all else would keep those behind it from being reached.
    rows = [*sorted((row for row in found if row != last), key=lambda row: row.count("any")), last]
    gives = [f"  row {', '.join(row)} gives {index + 1}%" for index, row in enumerate(rows)]
    return TABLE.format(keys=", ".join(keys), rows="\n".join(gives))


def sized(chance: Chance) -> dict[str, list[dict[str, str]]]:
    """Deals at the ends of the rows, and beside them."""
    deals = [
        {
            "id": f"D-{number}",
            "rep": "ana",
            "product": chance.one_of(["a", "b", "c"]),
            "size": chance.one_of(["", "0", "5", "5.001", "7.5", "12", "12.5", "20", "99"]),
            "seats": chance.one_of(["1", "3", "5", "7.5", "12", "20.5"]),
            "amount": chance.one_of(["5.00", "12.34", "15.00", "37.02", "100.00", "-37.02", "900.01"]),
            "closed": "2026-03-31",
        }
        for number in range(size(chance, 130))
    ]
    return {"rep": [{"id": "ana"}], "deal": deals}
