"""How many lines a row may have, as the text of a plan says."""

from __future__ import annotations

import pytest

from rulesengine.plan.lines_of_rows import most_lines_of_a_row
from tests.properties.road import checked

PLAN = """plan p {{ currency USD  effective from 2026-01-01  rounding half_up to 0.01 per line }}
payee rep {{ field id text key  field boss rep optional }}
fact deal {{
  field id text key  field rep rep credited  field amount money  field months number
  field closed date event  field paid date optional
}}
{}
statement {{ per month }}
"""


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("flat a { on deal  pay 1 USD per deal }", 1),
        ("installments a { on deal  pay 1% of amount  split into 36 months starting closed"
         "  remainder to first }", 36),
        ("installments a { on deal  pay 1% of amount  split into months months starting closed"
         "  remainder to first }", 1200),
        ("revenue_share a { on deal  pay 1% of amount  release 40% split into 3 months starting closed"
         "  release rest at paid  remainder to first }", 5),
        ("revenue_share a { on deal  credit each level of rep.boss through 7  pay 1% of amount }", 7),
    ],
)  # fmt: skip
def test_parts_and_levels_are_lines(rule: str, most: int) -> None:
    assert most_lines_of_a_row(checked(PLAN.format(rule))) == most
