"""Both engines settle statements alike, whatever the statement block says."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parity.generated import attempt
from tests.parity.test_generated import EXAMPLES
from tests.properties.generated import deal_rows, statements
from tests.properties.test_laws import facts
from tests.properties.test_settling import FINE, PLAIN, RULE


@settings(max_examples=max(EXAMPLES // 4, 5), deadline=None)
@given(
    block=statements(),
    deals=deal_rows(),
    header=st.sampled_from([PLAIN, FINE]),
    through=st.sampled_from([date(2026, 2, 28), date(2027, 3, 31)]),
)
def test_statements_are_settled_alike_under_both_engines(block, deals, header, through):
    text = header.replace("statement { per month }", block) + RULE
    found = attempt(text, facts(deals), through)
    assert found.fate in ("same", "refused", "no plan"), f"{text}\n{deals}\nthrough {through}\n{found.why}"
